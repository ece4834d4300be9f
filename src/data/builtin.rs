//! The data sets inside the program.

use include_dir::{Dir, include_dir};

static SETS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/data");

/// A file of the built-in data sets, by its path below `data/`, e.g. `heart/heart.csv`.
pub fn builtin_file(path: &str) -> Option<&'static [u8]> {
    SETS.get_file(path).map(include_dir::File::contents)
}

/// Files of a built-in data set, by their paths below its folder, in order; `None` where there is no such set.
pub fn builtin_files(set: &str) -> Option<Vec<String>> {
    fn collect(folder: &Dir<'_>, root: &std::path::Path, out: &mut Vec<String>) {
        let below = |file: &include_dir::File<'_>| Some(file.path().strip_prefix(root).ok()?.to_str()?.to_owned());
        out.extend(folder.files().filter_map(below));
        folder.dirs().for_each(|inner| collect(inner, root, out));
    }
    let folder = SETS.get_dir(set)?;
    let mut files = Vec::new();
    collect(folder, folder.path(), &mut files);
    files.sort();
    Some(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_that_a_configuration_knows_is_there() {
        for set in crate::config::BUILTIN_DATA {
            assert!(builtin_files(set).is_some_and(|files| files.contains(&"README.md".to_owned())), "{set}");
        }
        assert!(builtin_file("heart/heart.csv").is_some() && builtin_file("heart/none.csv").is_none());
        assert_eq!(builtin_files("none"), None);
    }
}
