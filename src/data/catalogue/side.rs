//! On which side of the split a row falls, by its name alone.

use crate::random::derive;

/// `test` for about `percent` of all groups, else `train`: a function of the two names and nothing else, so that a
/// row keeps its side whatever else a source holds.
pub fn side(set: &str, group: &str, percent: u64) -> &'static str {
    if derive(0, 0, &format!("split/{set}/{group}")) % 100 < percent { "test" } else { "train" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_the_asked_share_is_tested_and_no_group_ever_moves() {
        let tested = (0..10_000).filter(|group| side("x", &group.to_string(), 20) == "test").count();
        assert!((1_850..2_150).contains(&tested), "{tested}");
        let sides = ["a", "b", "c", "d", "e", "f"].map(|group| side("x", group, 50));
        assert_eq!(sides, ["test", "train", "train", "train", "test", "test"]);
    }
}
