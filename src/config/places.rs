//! Where data may lie: the program itself, `$TRIMTAB_DATA`, the project's `data/`, the user's data folder.
//!
//! Owns the search and the making of absolute paths. The environment comes in as a value; only
//! [`Places::from_environment`] reads it. It must not open data.

use super::types::DataPath;
use crate::text::nearest;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// Names of the data sets inside the program.
pub const BUILTIN_DATA: &[&str] = &["agent", "digits8", "factory", "heart", "road"];

/// Names of the data sets that `trimtab data get` knows.
pub const FETCHABLE_DATA: &[&str] = &["sentiment", "dialogue", "digit_pairs", "weather", "spoken_digits"];

/// The folders that matter to a configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The working directory; absolute.
    pub here: PathBuf,
    /// `$TRIMTAB_DATA`.
    pub data: Option<PathBuf>,
    /// The user's data folder, e.g. `~/.local/share/trimtab`.
    pub user_data: Option<PathBuf>,
}

impl Places {
    /// What this process's environment says.
    ///
    /// # Errors
    /// Where the working directory cannot be told.
    pub fn from_environment() -> std::io::Result<Self> {
        let here = std::env::current_dir()?;
        let folder =
            |name: &str| std::env::var_os(name).filter(|value: &OsString| !value.is_empty()).map(PathBuf::from);
        let user_data = folder("XDG_DATA_HOME")
            .filter(|path| path.is_absolute())
            .or_else(|| folder("HOME").map(|home| home.join(".local/share")))
            .map(|share| share.join("trimtab"));
        Ok(Self { data: folder("TRIMTAB_DATA").map(|data| here.join(data)), user_data, here })
    }

    /// The absolute place of a `path` written in a configuration that lies in `base`.
    ///
    /// # Errors
    /// A message where a named data set is nowhere.
    pub fn resolve(&self, path: &str, base: &Path) -> Result<DataPath, String> {
        if let Some(name) = path.strip_prefix("builtin:") {
            return if let Some(file) = builtin(name) {
                Ok(file)
            } else {
                let near = nearest(name, BUILTIN_DATA.iter().copied());
                let near = near.map_or(String::new(), |near| format!(" (did you mean '{near}'?)"));
                Err(format!("no built-in data set named '{name}'{near}; built in: {}", BUILTIN_DATA.join(", ")))
            };
        }
        if let Some(name) = path.strip_prefix("data:") {
            return self.named(name, base);
        }
        absolute(&self.here.join(base).join(path)).map(DataPath::File)
    }

    /// The absolute place of a directory written in a configuration that lies in `base`.
    ///
    /// # Errors
    /// A message where the path is not UTF-8.
    pub fn directory(&self, path: &str, base: &Path) -> Result<PathBuf, String> {
        absolute(&self.here.join(base).join(path))
    }

    /// The folder of the named set, the first that is there: under `$TRIMTAB_DATA`, in `data/` beside or above `base`,
    /// in `data/` of the working directory, in the user's data folder.
    pub fn folder(&self, name: &str, base: &Path) -> Option<PathBuf> {
        let base = self.here.join(base);
        let project = [base.join("data"), base.join("../data"), self.here.join("data")];
        let places = self.data.iter().cloned().chain(project).chain(self.user_data.iter().cloned());
        places.map(|place| place.join(name)).find(|folder| folder.is_dir())
    }

    /// `NAME`, or `NAME/FILE` for one file of a set that holds several.
    fn named(&self, text: &str, base: &Path) -> Result<DataPath, String> {
        let (name, file) = text.split_once('/').map_or((text, None), |(name, file)| (name, Some(file)));
        if let Some(file) = builtin(text) {
            return Ok(file);
        }
        if !super::check::is_name(name) || file.is_some_and(|file| !stays_inside(file)) {
            return Err(format!("'{text}' is no name of a data set: expected data:NAME or data:NAME/FILE"));
        }
        match (self.folder(name, base), file) {
            (Some(folder), None) => whole_set(&folder, name),
            (Some(folder), Some(file)) => file_of_set(&folder, name, file),
            (None, _) => Err(nowhere(name)),
        }
    }
}

/// Whether a file's name has only plain parts: no `..`, no root, no `.`.
fn stays_inside(file: &str) -> bool {
    let parts = || Path::new(file).components();
    parts().next().is_some()
        && parts().all(|part| matches!(part, Component::Normal(_)))
        && !file.chars().any(|c| c == '\\' || c.is_control())
}

/// The table named like the set, or the folder itself where it holds images.
fn whole_set(folder: &Path, name: &str) -> Result<DataPath, String> {
    for ending in ["csv", "tsv"] {
        let file = folder.join(format!("{name}.{ending}"));
        if file.is_file() {
            return absolute(&file).map(DataPath::File);
        }
    }
    let files = files(folder);
    if files.iter().any(|file| file.contains("-images-idx3-ubyte")) {
        return absolute(folder).map(DataPath::File);
    }
    let tables = files
        .iter()
        .filter(|file| Path::new(file).extension().is_some_and(|ending| ending == "csv" || ending == "tsv"));
    let tables = tables.take(8).map(|file| format!("data:{name}/{file}")).collect::<Vec<_>>().join(", ");
    let hint = if tables.is_empty() { String::new() } else { format!("; name one of its tables: {tables}") };
    Err(format!("the folder {} holds no {name}.csv, no {name}.tsv and no IDX images{hint}", folder.display()))
}

fn file_of_set(folder: &Path, name: &str, file: &str) -> Result<DataPath, String> {
    let path = absolute(&folder.join(file))?;
    let Ok(real) = path.canonicalize() else {
        let files = files(folder);
        let near = nearest(file, files.iter().map(String::as_str));
        let near = near.map_or(String::new(), |near| format!(" (did you mean 'data:{name}/{near}'?)"));
        return Err(format!("the folder {} holds no {file}{near}", folder.display()));
    };
    // A link may not lead out of the set either.
    if folder.canonicalize().is_ok_and(|folder| real.starts_with(folder)) {
        Ok(DataPath::File(path))
    } else {
        Err(format!("data:{name}/{file} leaves the folder {}", folder.display()))
    }
}

/// The names of the files that lie directly in a folder, sorted.
fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    names
}

fn nowhere(name: &str) -> String {
    if BUILTIN_DATA.contains(&name) {
        return format!("the data set '{name}' is inside the program and has no files to name: expected data:{name}");
    }
    let place = format!("put it at data/{name}/{name}.csv or under $TRIMTAB_DATA");
    if FETCHABLE_DATA.contains(&name) {
        return format!("the data set '{name}' is not here; `trimtab data get {name}` fetches it, or {place}");
    }
    let near = nearest(name, BUILTIN_DATA.iter().chain(FETCHABLE_DATA).copied());
    let near = near.map_or(String::new(), |near| format!(" (did you mean 'data:{near}'?)"));
    format!("no data set named '{name}' here{near}; {place}; `trimtab data list` names those that can be fetched")
}

/// A built-in set, or a file of one: `NAME` or `NAME/FILE`.
fn builtin(name: &str) -> Option<DataPath> {
    let (set, file) = name.split_once('/').unwrap_or((name, "file"));
    let plain = file.split('/').all(super::check::is_name);
    (plain && BUILTIN_DATA.contains(&set)).then(|| DataPath::Builtin(name.to_owned()))
}

/// The path without `.` and `..`; through the file system where its folder exists, so that links hold.
fn absolute(path: &Path) -> Result<PathBuf, String> {
    let real = match (path.parent().and_then(|parent| parent.canonicalize().ok()), path.file_name()) {
        (Some(parent), Some(name)) => parent.join(name),
        _ => path.components().fold(PathBuf::new(), |mut out, part| {
            match part {
                Component::CurDir => {}
                Component::ParentDir => {
                    out.pop();
                }
                part => out.push(part),
            }
            out
        }),
    };
    if real.to_str().is_none() {
        return Err(format!("the path {} is not UTF-8", real.display()));
    }
    Ok(real)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(root: &Path, path: &str) -> PathBuf {
        let file = root.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, "a\n1\n").unwrap();
        file
    }

    #[test]
    fn a_named_set_is_looked_for_in_order() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let places =
            Places { here: root.join("work"), data: Some(root.join("env")), user_data: Some(root.join("user")) };
        std::fs::create_dir_all(&places.here).unwrap();
        let find = || places.resolve("data:x", Path::new("configs"));
        let missing = find().unwrap_err();
        assert!(missing.contains("data/x/x.csv") && missing.contains("trimtab data list"), "{missing}");
        for file in ["user/x/x.csv", "work/data/x/x.csv", "work/configs/data/x/x.csv", "env/x/x.csv"] {
            let file = made(&root, file);
            assert_eq!(find(), Ok(DataPath::File(file)));
        }
        assert_eq!(places.resolve("data:heart", Path::new(".")), Ok(DataPath::Builtin("heart".into())));
        std::fs::create_dir_all(root.join("env/empty")).unwrap();
        assert!(places.resolve("data:empty", Path::new(".")).unwrap_err().contains("holds no empty.csv"));
    }

    #[test]
    fn a_set_that_can_be_fetched_says_how() {
        let places = Places { here: "/nowhere".into(), ..Places::default() };
        for name in FETCHABLE_DATA {
            let missing = places.resolve(&format!("data:{name}"), Path::new("")).unwrap_err();
            assert!(missing.contains(&format!("`trimtab data get {name}`")), "{missing}");
        }
        let missing = places.resolve("data:wether", Path::new("")).unwrap_err();
        assert!(missing.contains("did you mean 'data:weather'"), "{missing}");
    }

    #[test]
    fn a_set_may_be_another_table_one_of_several_or_a_folder_of_images() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let places = Places { here: root.join("work"), user_data: Some(root.join("user")), ..Places::default() };
        std::fs::create_dir_all(&places.here).unwrap();
        let find = |path: &str| places.resolve(path, Path::new(""));
        let tabbed = made(&root, "user/talk/talk.tsv");
        assert_eq!(find("data:talk"), Ok(DataPath::File(tabbed)));
        made(&root, "user/pairs/train-images-idx3-ubyte.gz");
        assert_eq!(find("data:pairs"), Ok(DataPath::File(root.join("user/pairs"))));
        let movies = made(&root, "user/feelings/movies.csv");
        assert_eq!(find("data:feelings/movies.csv"), Ok(DataPath::File(movies)));
        let deep = made(&root, "user/feelings/more/news.csv");
        assert_eq!(find("data:feelings/more/news.csv"), Ok(DataPath::File(deep)));
        assert!(find("data:feelings").unwrap_err().contains("data:feelings/movies.csv"));
        assert!(find("data:feelings/movie.csv").unwrap_err().contains("did you mean 'data:feelings/movies.csv'"));
        assert_eq!(find("data:heart/heart.csv"), Ok(DataPath::Builtin("heart/heart.csv".into())));
        assert!(find("data:heart/../heart.csv").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn no_file_leaves_its_set_through_a_link() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let places = Places { here: root.clone(), ..Places::default() };
        let outside = made(&root, "outside.csv");
        made(&root, "data/x/x.csv");
        std::os::unix::fs::symlink(outside, root.join("data/x/link.csv")).unwrap();
        assert!(places.resolve("data:x/link.csv", Path::new("")).unwrap_err().contains("leaves the folder"));
    }

    #[test]
    fn names_that_leave_the_folder_are_refused() {
        let places = Places { here: "/nowhere".into(), ..Places::default() };
        for name in
            ["data:../x", "data:", "data:.", "data:a/", "data:a/../x", "data:a//etc/passwd", "data:a/./b", "data:a\\b"]
        {
            assert!(places.resolve(name, Path::new("")).is_err(), "{name}");
        }
        assert!(places.resolve("builtin:hart", Path::new("")).unwrap_err().contains("did you mean 'heart'"));
    }

    #[test]
    fn files_are_relative_to_the_configuration_and_become_absolute() {
        let places = Places { here: "/nowhere/at".into(), ..Places::default() };
        let path = places.resolve("../x/./y.csv", Path::new("all")).unwrap();
        assert_eq!(path, DataPath::File("/nowhere/at/x/y.csv".into()));
    }
}
