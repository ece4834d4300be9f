//! The list of methods.

use super::errors::BalanceError;
use super::method::{Kind, Method};
use super::{aggregation, weighting};
use crate::text::{nearest, sanitise, truncate};

/// The weightings, in the order in which they are listed.
pub const WEIGHTINGS: &[&Method] = &[
    &weighting::manual::METHOD,
    &weighting::equal::METHOD,
    &weighting::random::METHOD,
    &weighting::uncertainty::METHOD,
    &weighting::dwa::METHOD,
    &weighting::gradnorm::METHOD,
    &weighting::gls::METHOD,
    &weighting::scale_invariant::METHOD,
    &weighting::famo::METHOD,
    &weighting::imtl_l::METHOD,
    &weighting::stch::METHOD,
];

/// The aggregations, in the order in which they are listed.
pub const AGGREGATIONS: &[&Method] = &[
    &aggregation::sum::METHOD,
    &aggregation::mgda::METHOD,
    &aggregation::pcgrad::METHOD,
    &aggregation::cagrad::METHOD,
    &aggregation::imtl_g::METHOD,
    &aggregation::nash_mtl::METHOD,
    &aggregation::fairgrad::METHOD,
    &aggregation::upgrad::METHOD,
    &aggregation::dualproj::METHOD,
    &aggregation::aligned_mtl::METHOD,
    &aggregation::config::METHOD,
    &aggregation::gradvac::METHOD,
    &aggregation::graddrop::METHOD,
    &aggregation::db_mtl::METHOD,
];

/// The method of a kind by its name or an alias; case, `_`, `-` and spaces do not matter.
///
/// # Errors
/// [`BalanceError::Unknown`] with the nearest name, or the word that the name is of the other kind.
pub fn find(kind: Kind, name: &str) -> Result<&'static Method, BalanceError> {
    let (methods, others) = match kind {
        Kind::Weighting => (WEIGHTINGS, AGGREGATIONS),
        Kind::Aggregation => (AGGREGATIONS, WEIGHTINGS),
    };
    let plain = plain(name);
    let has_name = |method: &&&'static Method| {
        self::plain(method.name) == plain || method.aliases.iter().any(|alias| *alias == plain)
    };
    if let Some(method) = methods.iter().find(has_name) {
        return Ok(method);
    }
    let names = || methods.iter().map(|method| method.name);
    let hint = if let Some(other) = others.iter().find(has_name) {
        format!(" ('{}' is {})", other.name, other.kind().with_article())
    } else {
        match nearest(name, names()) {
            Some(near) => format!(" (did you mean '{near}'?)"),
            None => format!(" (there is: {})", names().collect::<Vec<_>>().join(", ")),
        }
    };
    Err(BalanceError::Unknown { kind: kind.name(), name: truncate(&sanitise(name), 40), hint })
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_method_is_found_by_all_its_names_and_no_two_share_one() {
        for (kind, methods) in [(Kind::Weighting, WEIGHTINGS), (Kind::Aggregation, AGGREGATIONS)] {
            let mut seen = BTreeSet::new();
            for method in methods {
                assert_eq!(method.kind(), kind, "{}", method.name);
                let own = plain(method.name);
                let names = method.aliases.iter().map(|alias| (*alias).to_owned()).chain([own.clone()]);
                for name in names.collect::<BTreeSet<_>>() {
                    assert_eq!(name, plain(&name));
                    assert!(seen.insert(name.clone()), "two methods are called {name}");
                    assert_eq!(find(kind, &name).unwrap().name, method.name);
                }
                assert_eq!(method.what, method.what.trim());
                assert!(!method.what.is_empty() && !method.preference.is_empty(), "{}", method.name);
            }
        }
    }

    #[test]
    fn an_unknown_name_gets_the_nearest_or_the_kind_it_is_of() {
        let hint = |kind, name| find(kind, name).unwrap_err().to_string();
        assert!(hint(Kind::Weighting, "manul").contains("did you mean 'manual'"));
        assert!(hint(Kind::Weighting, "sum").contains("aggregation"));
        assert!(hint(Kind::Aggregation, "zzzzzz").contains("there is: sum"));
    }
}
