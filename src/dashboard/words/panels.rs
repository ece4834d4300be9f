//! Words of scalars, the run, filters.

/// In one language.
#[derive(Debug)]
pub struct PanelWords {
    pub scalars: &'static str,
    pub machine: &'static str,
    pub no_scalars: &'static str,
    pub filter: &'static str,
}

/// English.
pub const ENGLISH: PanelWords =
    PanelWords { scalars: "Scalars", machine: "Run", no_scalars: "no other numbers were logged", filter: "filter" };
