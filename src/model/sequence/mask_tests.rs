//! Masks and means against values by hand.

use super::*;
use crate::train::open_device;

fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

#[test]
fn a_mask_has_ones_up_to_each_length() {
    let device = open_device("flex").unwrap().without_autodiff();
    let mask = mask(&[2, 0, 9], 3, &device);
    assert_eq!(mask.dims(), [3, 3, 1]);
    assert_eq!(host(mask), [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
}

#[test]
fn a_mean_is_over_real_positions_and_zeros_without_any() {
    let device = open_device("flex").unwrap().without_autodiff();
    let values: Vec<f32> = vec![1.0, 10.0, 3.0, 30.0, 99.0, 99.0];
    // The same positions in four rows, of which other numbers are real; a length beyond them counts as all.
    let values = Tensor::<3>::from_data(TensorData::new(values.repeat(4), [4, 3, 2]), &device);
    let means = masked_mean(values, &[2, 0, 1, 7]);
    assert_eq!(means.dims(), [4, 2]);
    let means = host(means);
    assert_eq!(means[..6], [2.0, 20.0, 0.0, 0.0, 1.0, 10.0]);
    assert!((means[6] - 103.0 / 3.0).abs() < 1e-4 && (means[7] - 139.0 / 3.0).abs() < 1e-4, "{means:?}");
}
