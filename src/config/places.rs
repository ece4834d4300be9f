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

    fn named(&self, name: &str, base: &Path) -> Result<DataPath, String> {
        if let Some(file) = builtin(name) {
            return Ok(file);
        }
        if !super::check::is_name(name) {
            return Err(format!("'{name}' is no name of a data set: expected data:NAME"));
        }
        let base = self.here.join(base);
        let project = [base.join("data"), base.join("../data"), self.here.join("data")];
        let folders = self.data.iter().cloned().chain(project).chain(self.user_data.iter().cloned());
        for folder in folders.map(|folder| folder.join(name)) {
            if folder.is_dir() {
                let file = folder.join(format!("{name}.csv"));
                return if file.is_file() {
                    absolute(&file).map(DataPath::File)
                } else {
                    Err(format!("the folder {} holds no {name}.csv", folder.display()))
                };
            }
        }
        let near = nearest(name, BUILTIN_DATA.iter().copied());
        let near = near.map_or(String::new(), |near| format!(" (did you mean 'data:{near}'?)"));
        let place = format!("put it at data/{name}/{name}.csv or under $TRIMTAB_DATA");
        let get = format!("`trimtab data get {name}` will fetch known ones in a later version");
        Err(format!("no data set named '{name}' here{near}; {place}; {get}"))
    }
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
        assert!(missing.contains("trimtab data get x"), "{missing}");
        for file in ["user/x/x.csv", "work/data/x/x.csv", "work/configs/data/x/x.csv", "env/x/x.csv"] {
            let file = made(&root, file);
            assert_eq!(find(), Ok(DataPath::File(file)));
        }
        assert_eq!(places.resolve("data:heart", Path::new(".")), Ok(DataPath::Builtin("heart".into())));
        std::fs::create_dir_all(root.join("env/empty")).unwrap();
        assert!(places.resolve("data:empty", Path::new(".")).unwrap_err().contains("holds no empty.csv"));
    }

    #[test]
    fn names_that_leave_the_folder_are_refused() {
        let places = Places { here: "/nowhere".into(), ..Places::default() };
        for name in ["data:../x", "data:", "data:a/b", "data:."] {
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
