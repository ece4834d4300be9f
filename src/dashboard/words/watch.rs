//! Words of watching and replaying records.

/// In one language.
#[derive(Debug)]
pub struct WatchWords {
    pub replay: &'static str,
    pub compare: &'static str,
    pub one_run: &'static str,
}

/// English.
pub const ENGLISH: WatchWords =
    WatchWords { replay: "[replay]", compare: "Compare", one_run: "one run: nothing to compare" };
