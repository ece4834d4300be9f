//! The files that a source names: beside its table, inside the program or on the disk.
//!
//! Owns opening and bounds. It must not know what a file holds.

use super::builtin::{builtin_file, builtin_files};
use super::error::DataError;
use crate::config::DataPath;
use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The largest file of one row, in bytes.
const MOST_BYTES: u64 = 1 << 28;
/// Folders below a folder of pictures that are looked into.
const MOST_DEPTH: usize = 4;
/// Files of a folder at most.
const MOST_FILES: usize = 1_000_000;

/// Where the files of a source lie.
#[derive(Clone, Debug)]
pub enum Folder {
    /// Inside the program, below this path of its data.
    Builtin(String),
    /// On the disk.
    Disk(PathBuf),
}

/// Opens a source's table, and says where its other files lie.
///
/// # Errors
/// Where it is not there, is a directory or may not be read.
pub(super) fn open(path: &DataPath) -> Result<(Box<dyn Read>, Folder), DataError> {
    match path {
        DataPath::Builtin(file) => {
            let missing = || DataError::file(&path.to_string(), "no such built-in data set");
            let file = if file.contains('/') { file.clone() } else { format!("{file}/{file}.csv") };
            let bytes = builtin_file(&file).ok_or_else(missing)?;
            let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
            Ok((Box::new(bytes), Folder::Builtin(folder.to_owned())))
        }
        DataPath::File(file) => {
            let folder = file.parent().unwrap_or(Path::new("")).to_owned();
            Ok((Box::new(open_table(file)?), Folder::Disk(folder)))
        }
    }
}

/// Opens a file of rows.
///
/// # Errors
/// Where it is not there, is a directory or may not be read.
pub fn open_table(path: &Path) -> Result<File, DataError> {
    let file = path.display().to_string();
    if path.is_dir() {
        return Err(DataError::file(&file, "a directory, not a CSV file"));
    }
    File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => DataError::file(&file, "no such file"),
        _ => DataError::file(&file, error.to_string()),
    })
}

impl Folder {
    /// The folder that a source itself is, where it is one.
    pub(super) fn of(path: &DataPath) -> Option<Self> {
        match path {
            DataPath::Builtin(name) => builtin_files(name).map(|_| Self::Builtin(name.clone())),
            DataPath::File(path) => path.is_dir().then(|| Self::Disk(path.clone())),
        }
    }

    /// The bytes of a file, by its path from here.
    ///
    /// # Errors
    /// A sentence: there is none, it may not be read, or it is too large.
    pub fn read(&self, file: &str) -> Result<Cow<'static, [u8]>, String> {
        match self {
            Self::Builtin(folder) => {
                let path = format!("{folder}/{file}");
                builtin_file(&path).map(Cow::Borrowed).ok_or_else(|| "no such file in the program".to_owned())
            }
            Self::Disk(folder) => read(&folder.join(file)).map(Cow::Owned),
        }
    }

    /// Paths of all files below it, in order.
    ///
    /// # Errors
    /// A sentence: it cannot be listed, or holds too many.
    pub(super) fn files(&self) -> Result<Vec<String>, String> {
        match self {
            Self::Builtin(folder) => builtin_files(folder).ok_or_else(|| "no such folder".to_owned()),
            Self::Disk(folder) => {
                let mut files = Vec::new();
                collect(folder, "", MOST_DEPTH, &mut files)?;
                files.sort();
                Ok(files)
            }
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    if path.is_dir() {
        return Err("a directory, not a file".to_owned());
    }
    let file = File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        _ => error.to_string(),
    })?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(format!("larger than {} MiB", MOST_BYTES >> 20));
    }
    Ok(bytes)
}

fn collect(folder: &Path, before: &str, depth: usize, out: &mut Vec<String>) -> Result<(), String> {
    for entry in std::fs::read_dir(folder).map_err(|error| error.to_string())? {
        let entry = entry.map_err(|error| error.to_string())?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { return Err("a file whose name is not UTF-8".to_owned()) };
        let path = if before.is_empty() { name.to_owned() } else { format!("{before}/{name}") };
        if entry.path().is_dir() {
            if depth > 0 && !name.starts_with('.') {
                collect(&entry.path(), &path, depth - 1, out)?;
            }
        } else if out.len() >= MOST_FILES {
            return Err(format!("more than {MOST_FILES} files"));
        } else {
            out.push(path);
        }
    }
    Ok(())
}
