//! What a trainer does with requests: task weights, mutes, ramps, frozen parts, pause, the queue of open requests, answered ids.
//!
//! Owns a pure state machine, [`Steer`], that any training loop can drive. It must not know Burn, a clock, a file, a
//! channel or a random number: the same requests at the same steps always give the same weights.
//!
//! A loop around it, for the update `step`:
//!
//! ```
//! use trimtab::protocol::{Command, Event, Request};
//! use trimtab::steer::{Mode, Setup, Steer};
//!
//! let setup = Setup {
//!     tasks: vec!["heating".into(), "cooling".into()],
//!     weights: vec![1.0, 1.0],
//!     clip: None,
//!     gradient_every: 20,
//!     pace: None,
//!     frozen: vec![],
//!     accepts: vec!["set_weight", "stop"],
//! };
//! let mut steer = Steer::new(setup)?;
//! let command = Command::SetWeight { task: "heating".into(), value: 2.0, over_steps: None };
//! let request = Request { id: "a-1".into(), from: "cli".into(), at_step: None, command };
//! let (step, scheduled_lr) = (1, 1e-3);
//! let mut record: Vec<Event> = steer.receive(Ok(request), step);
//! while let Some(answer) = steer.next_due(step, scheduled_lr) {
//!     // Carry out `answer.order`, if any, before asking for the next answer.
//!     record.extend(answer.event);
//! }
//! if *steer.mode() == Mode::Running {
//!     steer.begin_step(step);
//!     // … one update with steer.weights(), steer.muted(), steer.frozen(), … steer.learning_rate(scheduled_lr) …
//!     steer.measured(&[Some(0.8), Some(0.4)]);
//!     steer.step_done();
//! }
//! record.extend(steer.finish(step + 1));
//! assert_eq!(steer.weights(), [2.0, 1.0]);
//! # Ok::<(), trimtab::steer::SteerError>(())
//! ```

mod answer;
mod change;
mod machine;
mod state;

pub use answer::{Answer, Mode, Order};
pub use machine::{Setup, Steer};
pub use state::{STATE_VERSION, SteerError, SteerState};
