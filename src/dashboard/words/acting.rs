//! Words of typed commands, undo, lock.

/// In one language.
#[derive(Debug)]
pub struct ActingWords {
    pub palette_title: &'static str,
    pub locked: &'static str,
    pub nothing_to_undo: &'static str,
    pub nothing_to_redo: &'static str,
}

/// English.
pub const ENGLISH: ActingWords = ActingWords {
    palette_title: "Command",
    locked: "locked",
    nothing_to_undo: "nothing to take back",
    nothing_to_redo: "nothing to make again",
};
