//! Beginning with another run's trained values: which of them fit where, and what is said about it.
//!
//! Owns the comparison: the encoder's parameters by path, heads by the names of their tasks. It must not train, and of
//! the other run it reads nothing but `run.json` and a model directory.

use super::checkpoint::{Array, CheckpointError, read_model_arrays};
use super::save::PREPROCESSING_FILE;
use super::trained::stored_preprocessing;
use crate::config::{Places, load_file};
use crate::data::{Encoding, Feature, InputEncoding, Preprocessing, TargetColumn};
use crate::model::{ParameterError, ParameterTable, values, with_values};
use crate::protocol::Part;
use crate::run::RunDirectory;
use burn::module::Module;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};

/// A trained network of another run.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    run: String,
    which: &'static str,
    tasks: Vec<String>,
    sources: Vec<Preprocessing>,
    /// Names of its sources in the order of its configuration.
    order: Vec<String>,
    parameters: BTreeMap<String, Array>,
}

/// Why a parameter that is there is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// Its shape is another.
    Shape,
    /// It reads the inputs, and those are others.
    Inputs,
    /// It answers a target of another kind or with other labels.
    Target,
}

/// A parameter that is there and not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Its path in this network.
    pub path: String,
    /// Its shape in this network.
    pub here: Vec<usize>,
    /// Its shape in the other one.
    pub there: Vec<usize>,
    /// Why.
    pub why: Misfit,
}

/// What a network takes over from another run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transfer {
    /// The other run's name.
    pub run: String,
    /// `best` or `final`.
    pub which: &'static str,
    /// Values taken over, by path in this network.
    pub parameters: BTreeMap<String, Vec<f32>>,
    /// Paths that the other network does not have.
    pub missing: Vec<String>,
    /// What is there and does not fit.
    pub mismatched: Vec<Mismatch>,
    /// Paths in the other network that this one has no use for.
    pub unused: Vec<String>,
    here: Vec<String>,
    there: Vec<String>,
}

impl Origin {
    /// Reads the network in `best/`, or in `final/` where there is no other.
    ///
    /// # Errors
    /// There is none, or a file is missing or damaged.
    pub fn read(run: &RunDirectory) -> Result<Self, CheckpointError> {
        let (best, last) = (run.best(), run.final_model());
        let (which, directory) = match (best.is_dir(), last.is_dir()) {
            (true, _) => ("best", best),
            (false, true) => ("final", last),
            (false, false) => return Err(CheckpointError::content(run.path(), "no trained network in it yet")),
        };
        Ok(Self {
            run: run.name(),
            which,
            tasks: run.read_json()?.tasks,
            sources: stored_preprocessing(&directory.join(PREPROCESSING_FILE))?.into_values().collect(),
            order: source_names(run),
            parameters: read_model_arrays(&directory)?,
        })
    }

    /// What of it fits a network with these parameters, tasks and sources.
    pub fn fit(&self, tasks: &[String], sources: &[&Preprocessing], table: &ParameterTable) -> Transfer {
        let mut transfer = Transfer {
            run: self.run.clone(),
            which: self.which,
            here: tasks.to_vec(),
            there: self.tasks.clone(),
            ..Transfer::default()
        };
        let same_inputs = |path: &str| {
            let same = |source: &&Preprocessing| self.sources.iter().any(|other| have_same_inputs(source, other));
            match input_place(path) {
                Some(place) => sources.get(place).is_some_and(same),
                None => sources.iter().all(same),
            }
        };
        let paths: BTreeSet<&str> = table.iter().map(|parameter| parameter.path.as_str()).collect();
        let there: BTreeSet<&str> = self.parameters.keys().map(String::as_str).collect();
        let mut used = BTreeSet::new();
        for parameter in table {
            let path = self.path_there(&parameter.path, parameter.part(), tasks, sources);
            let Some((path, array)) = path.and_then(|path| self.parameters.get_key_value(&path)) else {
                transfer.missing.push(parameter.path.clone());
                continue;
            };
            used.insert(path.as_str());
            let reads = (reads_inputs(&parameter.path, &paths), reads_inputs(path, &there));
            let why = if parameter.shape != array.shape {
                Misfit::Shape
            } else if reads.0 != reads.1 || (reads.0 && !same_inputs(&parameter.path)) {
                Misfit::Inputs
            } else if is_output(&parameter.path) && !self.has_same_target(parameter.part(), tasks, sources) {
                Misfit::Target
            } else {
                transfer.parameters.insert(parameter.path.clone(), array.values.clone());
                continue;
            };
            let (here, there) = (parameter.shape.clone(), array.shape.clone());
            transfer.mismatched.push(Mismatch { path: parameter.path.clone(), here, there, why });
        }
        transfer.unused = there.difference(&used).map(|path| (*path).to_owned()).collect();
        transfer
    }

    /// The place of a head's task in the other run.
    fn head_there(&self, part: Option<Part>, tasks: &[String]) -> Option<usize> {
        let Some(Part::Head(place)) = part else { return None };
        let name = tasks.get(place)?;
        self.tasks.iter().position(|task| task == name)
    }

    fn path_there(
        &self,
        path: &str,
        part: Option<Part>,
        tasks: &[String],
        sources: &[&Preprocessing],
    ) -> Option<String> {
        if let Some(place) = input_place(path) {
            // The part of the source of the same name, else of the only source.
            let name = &sources.get(place)?.source;
            let there = self.order.iter().position(|other| other == name);
            let there = there.or_else(|| (self.order.len() == 1 && sources.len() == 1).then_some(0))?;
            return Some(format!("inputs.{there}.{}", path.splitn(3, '.').nth(2)?));
        }
        if !matches!(part, Some(Part::Head(_))) {
            return Some(path.to_owned());
        }
        let rest = path.splitn(3, '.').nth(2)?;
        Some(format!("heads.{}.{rest}", self.head_there(part, tasks)?))
    }

    fn has_same_target(&self, part: Option<Part>, tasks: &[String], sources: &[&Preprocessing]) -> bool {
        let (Some(Part::Head(here)), Some(there)) = (part, self.head_there(part, tasks)) else { return false };
        let here = sources.iter().find_map(|source| source.target(here));
        let there = self.sources.iter().find_map(|source| source.target(there));
        match (here, there) {
            (Some(TargetColumn::Number(_)), Some(TargetColumn::Number(_))) => true,
            (Some(TargetColumn::Classes(here)), Some(TargetColumn::Classes(there))) => here.labels == there.labels,
            (Some(TargetColumn::Transcript(here)), Some(TargetColumn::Transcript(there))) => {
                here.letters == there.letters
            }
            (Some(TargetColumn::Text(here)), Some(TargetColumn::Text(there))) => here.vocabulary == there.vocabulary,
            _ => false,
        }
    }
}

impl Transfer {
    /// The network with the values that were taken over, all others as they are.
    ///
    /// # Errors
    /// [`ParameterError`]: it is not the network that was compared.
    pub fn apply<M: Module>(&self, model: M) -> Result<M, ParameterError> {
        let mut all: BTreeMap<String, Vec<f32>> =
            values(&model).into_iter().map(|(path, _, values)| (path, values)).collect();
        all.extend(self.parameters.clone());
        with_values(model, &all)
    }
}

/// Whether every input stands in the same place with the same meaning; scalings may differ.
fn have_same_inputs(a: &Preprocessing, b: &Preprocessing) -> bool {
    match (&a.input, &b.input) {
        (InputEncoding::Table { features: a }, InputEncoding::Table { features: b }) => have_same_features(a, b),
        (InputEncoding::Text(a), InputEncoding::Text(b)) => a.vocabulary == b.vocabulary,
        (InputEncoding::Speech(a), InputEncoding::Speech(b)) => a.log_mel() == b.log_mel(),
        (InputEncoding::Image(_), InputEncoding::Image(_)) => a.input.shape() == b.input.shape(),
        _ => false,
    }
}

fn have_same_features(a: &[Feature], b: &[Feature]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| {
            let same_encoding = match (&a.encoding, &b.encoding) {
                (Encoding::Number { .. }, Encoding::Number { .. }) => true,
                (Encoding::Labels(a), Encoding::Labels(b)) => a == b,
                _ => false,
            };
            a.name == b.name && a.indicator == b.indicator && same_encoding
        })
}

/// The sources of a run in the order of its configuration; none where that cannot be read.
fn source_names(run: &RunDirectory) -> Vec<String> {
    let config = load_file(&run.config(), &[], &Places::default());
    config.map(|config| config.sources.into_iter().map(|source| source.name).collect()).unwrap_or_default()
}

/// The place of the source whose input part a parameter belongs to.
fn input_place(path: &str) -> Option<usize> {
    path.strip_prefix("inputs.")?.split('.').next()?.parse().ok()
}

/// Whether a parameter belongs to the first layer, of the encoder or, where that has none, of a head.
fn reads_inputs(path: &str, all: &BTreeSet<&str>) -> bool {
    let any = |prefix: &str| all.iter().any(|path| path.starts_with(prefix));
    if input_place(path).is_some() {
        return true;
    }
    if any("inputs.") {
        return false;
    }
    if any("encoder.") {
        return path.starts_with("encoder.layers.0.");
    }
    match path.splitn(3, '.').collect::<Vec<_>>().as_slice() {
        [_, place, rest] if any(&format!("heads.{place}.body.")) => rest.starts_with("body.layers.0."),
        _ => true,
    }
}

/// Whether a parameter belongs to the last layer of a head.
fn is_output(path: &str) -> bool {
    path.splitn(3, '.').nth(2).is_some_and(|rest| path.starts_with("heads.") && rest.starts_with("output."))
}

impl Display for Transfer {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let all = self.parameters.len() + self.missing.len() + self.mismatched.len();
        write!(f, "values of {} parameters out of {all} from {} ({}/)", self.parameters.len(), self.run, self.which)?;
        let mut list = |title: &str, entries: Vec<String>| {
            if entries.is_empty() { Ok(()) } else { write!(f, "\n  {title}: {}", entries.join(", ")) }
        };
        let here = |path: &String| named(path, &self.here);
        list("loaded", self.parameters.keys().map(here).collect())?;
        list("missing there, left at their initial values", self.missing.iter().map(here).collect())?;
        let mismatched = self.mismatched.iter().map(|mismatch| {
            let why = match mismatch.why {
                Misfit::Shape => "",
                Misfit::Inputs => ", for other inputs",
                Misfit::Target => ", for another target or other labels",
            };
            let (mine, theirs) = (shape(&mismatch.here), shape(&mismatch.there));
            format!("{} ({mine} here, {theirs} there{why})", here(&mismatch.path))
        });
        list("mismatched, left at their initial values", mismatched.collect())?;
        list("left unused", self.unused.iter().map(|path| named(path, &self.there)).collect())
    }
}

/// A path with the task whose head it belongs to.
fn named(path: &str, tasks: &[String]) -> String {
    let place = path.strip_prefix("heads.").and_then(|rest| rest.split('.').next()?.parse::<usize>().ok());
    match place.and_then(|place| tasks.get(place)) {
        Some(task) => format!("{path} of {task}"),
        None => path.to_owned(),
    }
}

fn shape(shape: &[usize]) -> String {
    shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(" × ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Places, load_builtin};
    use crate::data::Source;
    use crate::train::{network, open_device};

    /// A configuration's network, as another run would find it, and what to compare it with.
    fn made(sets: &[&str]) -> (Origin, Vec<Source>, ParameterTable) {
        let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
        let config: Config = load_builtin("medical", &sets, &Places::default()).unwrap();
        let sources = vec![Source::load(0, &config.sources[0], &config.tasks).unwrap()];
        let device = open_device("flex").unwrap().without_autodiff();
        let model = network(&config, &sources).unwrap().init(config.seed, &device);
        let parameters =
            values(&model).into_iter().map(|(path, shape, values)| (path, Array { shape, values })).collect();
        let origin = Origin {
            run: "medical-1".into(),
            which: "best",
            tasks: config.tasks.iter().map(|task| task.name.clone()).collect(),
            sources: sources.iter().map(|source| source.preprocessing().clone()).collect(),
            order: vec!["data".to_owned()],
            parameters,
        };
        (origin, sources, ParameterTable::of(&model))
    }

    fn fit(from: &Origin, to: &(Origin, Vec<Source>, ParameterTable)) -> Transfer {
        from.fit(&to.0.tasks, &to.1.iter().map(Source::preprocessing).collect::<Vec<_>>(), &to.2)
    }

    #[test]
    fn a_network_fits_itself_whatever_the_order_of_its_tasks() {
        let here = made(&[]);
        let whole = fit(&here.0, &here);
        assert_eq!(whole.parameters.len(), here.2.len());
        assert!(whole.missing.is_empty() && whole.mismatched.is_empty() && whole.unused.is_empty());

        // The same heads under other numbers.
        let (mut other, ..) = made(&[]);
        other.tasks.reverse();
        let last = other.tasks.len() - 1;
        let turned = |path: &String| match path.splitn(3, '.').collect::<Vec<_>>().as_slice() {
            ["heads", place, rest] => format!("heads.{}.{rest}", last - place.parse::<usize>().unwrap()),
            _ => path.clone(),
        };
        other.parameters = other.parameters.iter().map(|(path, array)| (turned(path), array.clone())).collect();
        other.sources[0].targets.reverse();
        assert_eq!(fit(&other, &here).parameters, whole.parameters);
    }

    #[test]
    fn other_shapes_and_tasks_are_told() {
        let here = made(&[]);
        let there = made(&["encoder.hidden=[16]"]).0;
        let transfer = fit(&there, &here);
        assert!(transfer.mismatched.iter().all(|mismatch| mismatch.why == Misfit::Shape));
        assert!(transfer.mismatched.iter().any(|mismatch| mismatch.path == "encoder.layers.0.linear.weight"));
        assert!(transfer.parameters.keys().all(|path| path.ends_with("output.bias")));
        let text = transfer.to_string();
        assert!(text.contains("encoder.layers.0.linear.bias (32 here, 16 there)"), "{text}");

        let (mut there, ..) = made(&[]);
        there.tasks[1] = "another".into();
        let transfer = fit(&there, &here);
        assert_eq!(transfer.missing, ["heads.1.output.weight", "heads.1.output.bias"]);
        assert_eq!(transfer.unused, ["heads.1.output.bias", "heads.1.output.weight"]);
        assert!(transfer.to_string().contains("left unused: heads.1.output.bias of another"), "{transfer}");
    }

    /// Gives the first input another name.
    fn rename(origin: &mut Origin) {
        let InputEncoding::Table { features } = &mut origin.sources[0].input else { panic!("no table") };
        features[0].name.push('x');
    }

    #[test]
    fn equal_shapes_with_another_meaning_do_not_fit() {
        let here = made(&[]);
        let (mut there, ..) = made(&[]);
        rename(&mut there);
        let TargetColumn::Classes(classes) = there.sources[0].targets[0].as_mut().unwrap() else { panic!("no labels") };
        classes.labels.reverse();
        let transfer = fit(&there, &here);
        let why: Vec<(&str, Misfit)> = transfer.mismatched.iter().map(|m| (m.path.as_str(), m.why)).collect();
        assert_eq!(
            why,
            [
                ("encoder.layers.0.linear.weight", Misfit::Inputs),
                ("encoder.layers.0.linear.bias", Misfit::Inputs),
                ("heads.0.output.weight", Misfit::Target),
                ("heads.0.output.bias", Misfit::Target),
            ]
        );
        // Without an encoder a head reads the inputs.
        let (flat, mut other) = (made(&["encoder.hidden=[]"]), made(&["encoder.hidden=[]"]).0);
        rename(&mut other);
        assert!(fit(&other, &flat).parameters.is_empty());
        assert!(fit(&here.0, &flat).mismatched.iter().any(|m| m.why == Misfit::Inputs));
    }
}
