//! The live terminal screen: a state, a pure `update`, a pure `view`, and the runtime that feeds them.
//!
//! Owns what a person sees and presses. It reads events and writes requests; it must not know how training works, and
//! `update` and `view` must not read a clock, the environment or random numbers.

mod action;
mod advice;
mod ascii;
mod charts;
mod chooser;
mod compose;
mod delta;
pub mod environment;
mod filter;
mod format;
mod input;
mod keymap;
pub mod keys;
mod layout;
mod look;
mod message;
mod model;
mod palette;
mod panels;
mod panic;
mod pointer;
mod prompt;
mod replay;
mod reply;
mod runtime;
mod state;
mod steering;
mod terminal;
#[cfg(test)]
mod testing;
mod theme;
mod undo;
mod update;
mod view;
mod widget;
mod words;
mod writer;

pub use action::{Action, BINDINGS, Binding, Context, Group};
pub use keymap::{Clash, Keymap, PRESETS, Row, Unbound};
pub use look::{Look, Markers};
pub use message::{Effect, Message, Outcome, Signal};
pub use model::{Phase, Run, Task};
pub use panic::{PanicNote, install_panic_hook, take_panic};
pub use replay::{Fate, Moment, Moments, Origin, Replay};
pub use runtime::{Feed, Inputs, Player, Record, ScreenError, run};
pub use state::{Options, State};
pub use terminal::leave as leave_screen;
pub use theme::{Capabilities, ColourDepth, Palette, Theme};
pub use update::{jump_to_step, update};
pub use view::{render, view};
pub use words::Language;
