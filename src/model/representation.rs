//! z: what the encoder hands to a head.

use burn::prelude::*;
use burn::tensor::{Gradients, TensorData};

/// The encoder's output for one task.
#[derive(Clone, Debug)]
pub enum Representation {
    /// Rows × width.
    Rows(Tensor<2>),
    /// Rows × positions × width; row r has `lengths[r]` real positions.
    Positions {
        /// The values.
        values: Tensor<3>,
        /// Real positions of each row.
        lengths: Vec<usize>,
    },
}

impl Representation {
    /// A copy that is cut off from the encoder and collects its own gradient.
    #[must_use]
    pub fn leaf(&self) -> Self {
        match self {
            Self::Rows(values) => Self::Rows(values.clone().detach().require_grad()),
            Self::Positions { values, lengths } => {
                Self::Positions { values: values.clone().detach().require_grad(), lengths: lengths.clone() }
            }
        }
    }

    /// A copy without a graph, on the plain device.
    #[must_use]
    pub fn plain(&self) -> Self {
        match self {
            Self::Rows(values) => Self::Rows(values.clone().without_autodiff()),
            Self::Positions { values, lengths } => {
                Self::Positions { values: values.clone().without_autodiff(), lengths: lengths.clone() }
            }
        }
    }

    /// The gradient that a backward pass left at this leaf, row-major; `None` where it did not come by.
    pub fn take_gradient(&self, gradients: &mut Gradients) -> Option<Vec<f32>> {
        let data = match self {
            Self::Rows(values) => values.grad_remove(gradients)?.into_data(),
            Self::Positions { values, .. } => values.grad_remove(gradients)?.into_data(),
        };
        data.try_into_vec().ok()
    }

    /// ⟨z, cotangent⟩ as one number that can be differentiated; the cotangent is row-major and as long as z.
    pub fn inner_product(&self, cotangent: Vec<f32>) -> Tensor<1> {
        match self {
            Self::Rows(values) => {
                let data = TensorData::new(cotangent, values.dims());
                (values.clone() * Tensor::from_data(data, &values.device())).sum()
            }
            Self::Positions { values, .. } => {
                let data = TensorData::new(cotangent, values.dims());
                (values.clone() * Tensor::from_data(data, &values.device())).sum()
            }
        }
    }

    /// Values in z.
    pub fn elements(&self) -> usize {
        match self {
            Self::Rows(values) => values.shape().num_elements(),
            Self::Positions { values, .. } => values.shape().num_elements(),
        }
    }

    /// Whether a backward pass through z reaches a parameter.
    pub fn is_tracked(&self) -> bool {
        match self {
            Self::Rows(values) => values.is_tracked(),
            Self::Positions { values, .. } => values.is_tracked(),
        }
    }
}
