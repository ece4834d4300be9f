//! Words of watching and replaying records.

/// In one language.
#[derive(Debug)]
pub struct WatchWords {
    pub replay: &'static str,
    pub playing: &'static str,
    pub held: &'static str,
    pub read_only: &'static str,
    pub is_record: &'static str,
    pub nobody_listens: &'static str,
    pub silent_for: &'static str,
    pub no_trainer: &'static str,
    pub resume: &'static str,
    pub compare: &'static str,
    pub one_run: &'static str,
    pub run: &'static str,
    pub state: &'static str,
    pub delta_to: &'static str,
    pub looked_at: &'static str,
}

/// English.
pub const ENGLISH: WatchWords = WatchWords {
    replay: "replay",
    playing: "playing",
    held: "held",
    read_only: "read-only",
    is_record: "this is a record: nothing can be changed in it",
    nobody_listens: "nobody takes requests here: these are events only",
    silent_for: "no trainer, last event {} ago",
    no_trainer: "no trainer",
    resume: "trimtab resume {}",
    compare: "Compare",
    one_run: "one run: nothing to compare",
    run: "run",
    state: "state",
    delta_to: "Δ to {}",
    looked_at: "looking at {}: {}",
};
