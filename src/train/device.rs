//! Where tensors live.

use burn::prelude::Device;
use thiserror::Error;

/// Devices of this build.
pub const DEVICES: [&str; 2] = ["flex", "ndarray"];

/// A device that is not there.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("unknown device '{name}' (this build has: {})", DEVICES.join(", "))]
pub struct UnknownDevice {
    /// The name given.
    pub name: String,
}

/// The device of this name, ready for automatic differentiation.
///
/// # Errors
/// [`UnknownDevice`] with the list of those that are there.
pub fn open_device(name: &str) -> Result<Device, UnknownDevice> {
    match name {
        "flex" => Ok(Device::flex().autodiff()),
        #[expect(deprecated, reason = "offered for comparison as long as Burn has it")]
        "ndarray" => Ok(Device::ndarray().autodiff()),
        _ => Err(UnknownDevice { name: crate::text::sanitise(name) }),
    }
}
