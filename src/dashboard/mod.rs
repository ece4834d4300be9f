//! The live terminal screen: a state, a pure `update`, a pure `view`, and the runtime that feeds them.
//!
//! Owns what a person sees and presses. It reads events and writes requests; it must not know how training works, and
//! `update` and `view` must not read a clock, the environment or random numbers.

mod action;
mod advice;
mod charts;
mod chooser;
mod compose;
mod delta;
mod filter;
mod format;
mod input;
mod keymap;
pub mod keys;
mod layout;
mod message;
mod model;
mod panels;
mod panic;
mod prompt;
mod runtime;
mod state;
mod steering;
mod terminal;
#[cfg(test)]
mod testing;
mod theme;
mod update;
mod view;
mod widget;
mod words;
mod writer;

pub use action::{Action, BINDINGS, Binding, Context, Group};
pub use keymap::Keymap;
pub use message::{Effect, Message, Outcome, Signal};
pub use model::{Phase, Run, Task};
pub use panic::{PanicNote, install_panic_hook, take_panic};
pub use runtime::{Feed, Inputs, ScreenError, run};
pub use state::{Options, State};
pub use terminal::leave as leave_screen;
pub use theme::{Capabilities, ColourDepth, Palette};
pub use update::update;
pub use view::{render, view};
pub use words::Language;
