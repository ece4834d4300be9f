//! A run directory: its layout, the lock, the recorder, the mailbox, and readers that follow it.
//!
//! Owns the files of `runs/<name>-<time>/` as the contract states them. It must not know what trains or what draws;
//! whoever can read the directory can watch, whoever can write it can steer.

mod atomic;
mod error;
mod layout;
mod lineage;
mod lines;
mod lock;
mod log;
mod mailbox;
mod reader;
mod recorder;
mod resolve;
mod run_json;
mod status;
mod stream;
mod verify;

pub use atomic::{write_directory_atomically, write_file_atomically};
pub use error::RunError;
pub use layout::{RunDirectory, safe_name};
pub use lineage::Lineage;
pub use lines::{LONGEST_LINE, ReadReport};
pub use lock::{LockState, RunLock};
pub use mailbox::{MailboxTail, append_request, new_id};
pub use reader::{EventTail, read_events};
pub use recorder::{Recorder, RecorderHandle, RecorderOptions};
pub use resolve::{RunEntry, list_runs, resolve};
pub use run_json::{RUN_SCHEMA, RunJson, RunStatus};
pub use status::{Liveness, RunSummary, summarise};
pub use stream::EventStream;
pub use verify::{Difference, Exactness, Verdict, verify};
