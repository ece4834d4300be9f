//! Words of the charts.

/// In one language.
#[derive(Debug)]
pub struct ChartWords {
    pub weighted: &'static str,
    pub share_of_total: &'static str,
    pub relative: &'static str,
    pub multiples: &'static str,
    pub frozen_view: &'static str,
    pub following: &'static str,
    pub log_across: &'static str,
    pub no_earlier: &'static str,
    pub no_later: &'static str,
    pub no_mark: &'static str,
    pub out_of_sight: &'static str,
    pub slopes: &'static str,
    pub evaluation: &'static str,
    pub checkpoint: &'static str,
    pub behind: &'static str,
}

/// English.
pub const ENGLISH: ChartWords = ChartWords {
    weighted: "times weight",
    share_of_total: "% of total",
    relative: "relative to start",
    multiples: "side by side",
    frozen_view: "FROZEN {}–{}",
    following: "last {} steps",
    log_across: "log x",
    no_earlier: "nothing earlier to show",
    no_later: "nothing later to show",
    no_mark: "no mark there",
    out_of_sight: "out of sight",
    slopes: "% a 100 steps",
    evaluation: "evaluation",
    checkpoint: "checkpoint",
    behind: "run {}, others behind",
};
