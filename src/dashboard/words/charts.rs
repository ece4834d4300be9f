//! Words of the charts.

/// In one language.
#[derive(Debug)]
pub struct ChartWords {
    pub share_of_total: &'static str,
    pub relative: &'static str,
    pub multiples: &'static str,
    pub frozen_view: &'static str,
    pub following: &'static str,
}

/// English.
pub const ENGLISH: ChartWords = ChartWords {
    share_of_total: "Share of total",
    relative: "Relative to start",
    multiples: "Losses side by side",
    frozen_view: "view frozen",
    following: "following",
};
