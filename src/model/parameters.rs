//! The parameters of a network by stable path name: shapes, who they serve, values to and from the host.

use super::{MultiTaskModel, TaskSet};
use crate::protocol::Part;
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::prelude::*;
use burn::tensor::TensorData;
use std::collections::BTreeMap;
use thiserror::Error;

/// One parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Names of the modules down to it, e.g. `encoder.layers.0.linear.weight`.
    pub path: String,
    /// Its dimensions.
    pub shape: Vec<usize>,
    /// The tasks it serves.
    pub reach: TaskSet,
}

impl Parameter {
    /// Number of values.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether it has no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The part it belongs to, by its path; `None` where it is in none that can be frozen.
    pub fn part(&self) -> Option<Part> {
        let mut names = self.path.split('.');
        match names.next()? {
            // What lies before the heads is one part: an encoder without its input would not stay as it is.
            "encoder" | "inputs" => Some(Part::Encoder),
            "heads" => names.next()?.parse().ok().map(Part::Head),
            _ => None,
        }
    }

    /// Whether two or more tasks use it.
    pub fn is_shared(&self) -> bool {
        self.reach.len() >= 2
    }
}

/// Values that do not fit a network.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ParameterError {
    /// A parameter has no values.
    #[error("no values for the parameter '{path}'")]
    Missing {
        /// Its path.
        path: String,
    },
    /// A parameter has another shape.
    #[error("the parameter '{path}' has {expected} values, got {got}")]
    Length {
        /// Its path.
        path: String,
        /// Values in the network.
        expected: usize,
        /// Values given.
        got: usize,
    },
}

/// All parameters, in the order in which the network's modules are visited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterTable {
    parameters: Vec<Parameter>,
}

impl ParameterTable {
    /// The parameters of `model`.
    pub fn of<M: MultiTaskModel>(model: &M) -> Self {
        let mut visitor = Collect::default();
        model.visit(&mut visitor);
        let parameters = visitor
            .found
            .into_iter()
            .map(|(path, shape, _)| {
                let reach = model.reach(&path);
                Parameter { path, shape, reach }
            })
            .collect();
        Self { parameters }
    }

    /// The parameters in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Parameter> {
        self.parameters.iter()
    }

    /// Number of parameter tensors.
    pub fn len(&self) -> usize {
        self.parameters.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.parameters.is_empty()
    }

    /// Whether two or more tasks share the parameter at `place`.
    pub fn is_shared(&self, place: usize) -> bool {
        self.parameters.get(place).is_some_and(Parameter::is_shared)
    }

    /// Whether two or more tasks share any parameter.
    pub fn any_shared(&self) -> bool {
        self.parameters.iter().any(Parameter::is_shared)
    }

    /// Values shared, and values that each of `tasks` tasks has alone.
    pub fn counts(&self, tasks: usize) -> crate::protocol::ParameterCounts {
        let shared = self.parameters.iter().filter(|p| p.is_shared()).map(Parameter::len).sum();
        let own = (0..tasks)
            .map(|task| {
                let alone = |p: &&Parameter| p.reach.len() == 1 && p.reach.contains(&task);
                self.parameters.iter().filter(alone).map(Parameter::len).sum()
            })
            .collect();
        crate::protocol::ParameterCounts { shared, own }
    }
}

impl<'a> IntoIterator for &'a ParameterTable {
    type Item = &'a Parameter;
    type IntoIter = std::slice::Iter<'a, Parameter>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// All values of a network by path, row-major.
pub fn values<M: Module>(model: &M) -> Vec<(String, Vec<usize>, Vec<f32>)> {
    let mut visitor = Collect { with_values: true, ..Collect::default() };
    model.visit(&mut visitor);
    visitor.found
}

/// The network with the values in `given`, which must name every parameter.
///
/// # Errors
/// [`ParameterError`]; the network is then lost, the caller keeps `given`.
pub fn with_values<M: Module>(model: M, given: &BTreeMap<String, Vec<f32>>) -> Result<M, ParameterError> {
    let mut mapper = Fill { given, path: Vec::new(), problem: None };
    let model = model.map(&mut mapper);
    mapper.problem.map_or(Ok(model), Err)
}

/// Joins module names into a path. An enum's variant is no part of it: it names a choice, not a place.
fn joined(path: &[(String, bool)]) -> String {
    path.iter().filter(|(_, shown)| *shown).map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(".")
}

#[derive(Default)]
struct Collect {
    path: Vec<(String, bool)>,
    with_values: bool,
    found: Vec<(String, Vec<usize>, Vec<f32>)>,
}

impl ModuleVisitor for Collect {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.push((name.to_owned(), !container.starts_with("Enum:")));
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        let values = if self.with_values {
            parameter.val().into_data().try_into_vec::<f32>().unwrap_or_default()
        } else {
            Vec::new()
        };
        self.found.push((joined(&self.path), parameter.lazy_shape().as_slice().to_vec(), values));
    }
}

struct Fill<'a> {
    given: &'a BTreeMap<String, Vec<f32>>,
    path: Vec<(String, bool)>,
    problem: Option<ParameterError>,
}

impl ModuleMapper for Fill<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.push((name.to_owned(), !container.starts_with("Enum:")));
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, parameter: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let path = joined(&self.path);
        let expected = parameter.lazy_shape().num_elements();
        match self.given.get(&path) {
            Some(values) if values.len() == expected => parameter.map(|tensor| {
                let data = TensorData::new(values.clone(), tensor.shape());
                let new = Tensor::from_data(data, &tensor.device());
                if tensor.is_require_grad() { new.require_grad() } else { new }
            }),
            Some(values) => {
                let got = values.len();
                self.problem.get_or_insert(ParameterError::Length { path, expected, got });
                parameter
            }
            None => {
                self.problem.get_or_insert(ParameterError::Missing { path });
                parameter
            }
        }
    }
}
