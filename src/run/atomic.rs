//! Files and directories that are there whole or not at all: written aside, synced, renamed.

use super::RunError;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Writes a file so that a reader sees the old content or the new one, never a part, whatever happens.
///
/// # Errors
/// [`RunError::Io`]; the old file is then untouched.
pub fn write_file_atomically(path: &Path, content: &[u8]) -> Result<(), RunError> {
    let aside = aside(path, "new");
    let written = File::create(&aside).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()
    });
    if let Err(error) = written {
        let _ = fs::remove_file(&aside);
        return Err(RunError::io("write", path)(error));
    }
    fs::rename(&aside, path).map_err(RunError::io("write", path))?;
    sync_parent(path)
}

/// Fills a directory aside by `fill`, syncs it, and puts it in place of `target`, whose older version is then removed.
/// Only one process may do this to one target at a time (the holder of the run's lock).
///
/// # Errors
/// What `fill` returns, or [`RunError::Io`]; the old directory is then untouched.
pub fn write_directory_atomically<E: From<RunError>>(
    target: &Path,
    fill: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    recover_directory(target)?;
    let (new, old) = (aside(target, "new"), aside(target, "old"));
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent).map_err(RunError::io("create", parent))?;
    }
    fs::create_dir(&new).map_err(RunError::io("create", &new))?;
    let filled = fill(&new).and_then(|()| sync_tree(&new).map_err(E::from));
    if let Err(error) = filled {
        let _ = fs::remove_dir_all(&new);
        return Err(error);
    }
    let replaces = target.exists();
    if replaces {
        fs::rename(target, &old).map_err(RunError::io("replace", target))?;
    }
    fs::rename(&new, target).map_err(RunError::io("rename to", target))?;
    sync_parent(target)?;
    if replaces {
        fs::remove_dir_all(&old).map_err(RunError::io("remove", &old))?;
    }
    Ok(())
}

/// Clears what an interrupted [`write_directory_atomically`] left: the older version comes back where the new one was
/// not yet in place, half-written ones go.
pub(super) fn recover_directory(target: &Path) -> Result<(), RunError> {
    let (new, old) = (aside(target, "new"), aside(target, "old"));
    if !target.exists() && old.exists() {
        fs::rename(&old, target).map_err(RunError::io("bring back", target))?;
    }
    for left in [new, old] {
        match fs::remove_dir_all(&left) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(RunError::io("remove", &left)(error)),
            _ => {}
        }
    }
    Ok(())
}

/// The sibling `.name.suffix`.
fn aside(path: &Path, suffix: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{suffix}"))
}

/// Syncs every file and directory below, so that a rename cannot come to disk before the content.
fn sync_tree(directory: &Path) -> Result<(), RunError> {
    for entry in fs::read_dir(directory).map_err(RunError::io("read", directory))? {
        let entry = entry.map_err(RunError::io("read", directory))?;
        let path = entry.path();
        if entry.file_type().map_err(RunError::io("read", &path))?.is_dir() {
            sync_tree(&path)?;
        } else {
            // Windows syncs only files opened for writing.
            let file = File::options().write(true).open(&path).map_err(RunError::io("sync", &path))?;
            file.sync_all().map_err(RunError::io("sync", &path))?;
        }
    }
    sync_directory(directory)
}

fn sync_parent(path: &Path) -> Result<(), RunError> {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => sync_directory(Path::new(".")),
        Some(parent) => sync_directory(parent),
        None => Ok(()),
    }
}

#[cfg(unix)]
fn sync_directory(directory: &Path) -> Result<(), RunError> {
    File::open(directory).and_then(|file| file.sync_all()).map_err(RunError::io("sync", directory))
}

/// Directories cannot be opened as files here; their entries are journalled by the file system.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the form of the other platforms")]
fn sync_directory(_directory: &Path) -> Result<(), RunError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(directory: &Path) -> String {
        fs::read_to_string(directory.join("f")).unwrap()
    }

    #[test]
    fn a_directory_is_replaced_whole_or_not_at_all() {
        let base = tempfile::tempdir().unwrap();
        let target = base.path().join("deep/best");
        let write = |text: &'static str| {
            write_directory_atomically(&target, |dir| {
                fs::create_dir(dir.join("sub")).map_err(RunError::io("create", dir))?;
                fs::write(dir.join("f"), text).map_err(RunError::io("write", dir))
            })
        };
        write("one").unwrap();
        write("two").unwrap();
        assert_eq!(content(&target), "two");
        let failed: Result<(), RunError> = write_directory_atomically(&target, |dir| {
            fs::write(dir.join("f"), "half").map_err(RunError::io("write", dir))?;
            Err(RunError::Recording { message: "full".into() })
        });
        assert!(failed.is_err());
        assert_eq!(content(&target), "two");
        assert_eq!(fs::read_dir(target.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn an_interrupted_replacement_is_undone() {
        let base = tempfile::tempdir().unwrap();
        let target = base.path().join("best");
        fs::create_dir_all(base.path().join(".best.new")).unwrap();
        fs::create_dir_all(base.path().join(".best.old")).unwrap();
        fs::write(base.path().join(".best.old/f"), "old").unwrap();
        recover_directory(&target).unwrap();
        assert_eq!(content(&target), "old");
        assert_eq!(fs::read_dir(base.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_aside() {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("run.json");
        write_file_atomically(&path, b"one").unwrap();
        write_file_atomically(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(base.path()).unwrap().count(), 1);
        let nowhere = base.path().join("no/run.json");
        assert!(write_file_atomically(&nowhere, b"x").unwrap_err().to_string().contains("no/run.json"));
    }
}
