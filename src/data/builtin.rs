//! The data sets inside the program.

const SETS: &[(&str, &[u8])] = &[
    ("digits8", include_bytes!("../../data/digits8/digits8.csv")),
    ("heart", include_bytes!("../../data/heart/heart.csv")),
];

/// The bytes of a built-in data set.
pub fn builtin(name: &str) -> Option<&'static [u8]> {
    SETS.iter().find(|(known, _)| *known == name).map(|(_, bytes)| *bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_that_a_configuration_knows_is_there() {
        assert!(crate::config::BUILTIN_DATA.iter().all(|name| builtin(name).is_some()));
        assert_eq!(SETS.len(), crate::config::BUILTIN_DATA.len());
    }
}
