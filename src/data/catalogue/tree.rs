//! The files of a source, from a folder or a `.tar.gz`, in memory.
//!
//! Owns reading and its limits. Only files that the set asks for are kept; nothing is ever unpacked onto the disk, so
//! no name in an archive can lead anywhere.

use super::error::CatalogueError;
use flate2::read::GzDecoder;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::Path;

/// Bytes that the kept files of a source may have together.
const MOST_BYTES: u64 = 512 << 20;
/// Bytes that an archive may unpack to, kept or not.
const MOST_UNPACKED: u64 = 4 << 30;
/// Folders below folders.
const DEEPEST: usize = 12;

/// The files of a source by their path inside it, with `/` between the parts.
#[derive(Clone, Debug, Default)]
pub struct SourceTree {
    files: BTreeMap<String, Vec<u8>>,
    bytes: u64,
}

impl SourceTree {
    /// Reads a folder or a `.tar.gz`/`.tgz`, keeping the files that `wanted` says by their path.
    ///
    /// # Errors
    /// Where the path cannot be read, is neither, or holds too much.
    pub fn read(path: &Path, wanted: fn(&str) -> bool) -> Result<Self, CatalogueError> {
        let mut tree = Self::default();
        let kind = fs::metadata(path).map_err(CatalogueError::io("read", path))?;
        if kind.is_dir() {
            tree.add_folder(path, "", 0, wanted)?;
        } else {
            let file = File::open(path).map_err(CatalogueError::io("read", path))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.extension().is_some_and(|ending| ending == "whl" || ending == "zip") {
                return Err(CatalogueError::content(&name, "a zip archive: unpack it and name the folder"));
            }
            tree.add_archive(&name, BufReader::new(file), wanted)?;
        }
        Ok(tree)
    }

    /// A tree of these files.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &[u8])]) -> Self {
        let files = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
        Self { files, bytes: 0 }
    }

    /// The file whose path ends with these parts; also where the source begins inside them, as when a person names
    /// the innermost folder.
    pub(super) fn find(&self, path: &str) -> Option<(&str, &[u8])> {
        let ends = |whole: &str, end: &str| {
            whole.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('/'))
        };
        let found = self.files.iter().find(|(name, _)| ends(name, path));
        let found = found.or_else(|| self.files.iter().find(|(name, _)| ends(path, name)));
        found.map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }

    /// The same as UTF-8 text without a byte order mark.
    ///
    /// # Errors
    /// Where there is no such file or it is not UTF-8.
    pub(super) fn text(&self, path: &str, expected: &str) -> Result<(&str, &str), CatalogueError> {
        let missing = || CatalogueError::Missing { what: path.to_owned(), expected: expected.to_owned() };
        let (name, bytes) = self.find(path).ok_or_else(missing)?;
        let text = std::str::from_utf8(bytes)
            .map_err(|error| CatalogueError::content(name, format!("not UTF-8 after byte {}", error.valid_up_to())))?;
        Ok((name, text.strip_prefix('\u{feff}').unwrap_or(text)))
    }

    /// All files in the order of their paths.
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }

    /// Adds the wanted files of a `.tar.gz`.
    pub(super) fn add_archive(
        &mut self,
        name: &str,
        bytes: impl Read,
        wanted: fn(&str) -> bool,
    ) -> Result<(), CatalogueError> {
        let fault = |error: std::io::Error| {
            CatalogueError::content(name, format!("{error}; expected a folder or a whole .tar.gz"))
        };
        let mut archive = tar::Archive::new(GzDecoder::new(bytes).take(MOST_UNPACKED));
        for entry in archive.entries().map_err(fault)? {
            let entry = entry.map_err(fault)?;
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let path = path.trim_start_matches("./").to_owned();
            if entry.header().entry_type().is_file() && wanted(&path) {
                self.add(path, entry).map_err(fault)?;
            }
        }
        Ok(())
    }

    fn add_folder(
        &mut self,
        folder: &Path,
        inside: &str,
        depth: usize,
        wanted: fn(&str) -> bool,
    ) -> Result<(), CatalogueError> {
        for entry in fs::read_dir(folder).map_err(CatalogueError::io("read", folder))? {
            let entry = entry.map_err(CatalogueError::io("read", folder))?;
            let kind = entry.file_type().map_err(CatalogueError::io("read", folder))?;
            // What is not UTF-8 is none of the files that are looked for.
            let Ok(name) = entry.file_name().into_string() else { continue };
            let path = if inside.is_empty() { name } else { format!("{inside}/{name}") };
            if kind.is_dir() && depth < DEEPEST {
                self.add_folder(&entry.path(), &path, depth + 1, wanted)?;
            } else if kind.is_file() && wanted(&path) {
                let file = File::open(entry.path()).map_err(CatalogueError::io("read", &entry.path()))?;
                self.add(path, file).map_err(CatalogueError::io("read", &entry.path()))?;
            }
        }
        Ok(())
    }

    fn add(&mut self, path: String, content: impl Read) -> std::io::Result<()> {
        let left = MOST_BYTES.saturating_sub(self.bytes);
        let mut bytes = Vec::new();
        let read = content.take(left + 1).read_to_end(&mut bytes)? as u64;
        if read > left {
            return Err(std::io::Error::other(format!("the source holds more than {MOST_BYTES} bytes")));
        }
        self.bytes += read;
        self.files.insert(path, bytes);
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::io::Write;

    /// A `.tar.gz` of these files.
    pub fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
        for (name, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, name, *bytes).unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap()
    }

    #[test]
    fn a_folder_and_an_archive_give_the_same_files() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("tree/a/b")).unwrap();
        fs::write(root.path().join("tree/a/b/x.txt"), "x").unwrap();
        fs::write(root.path().join("tree/a/y.bin"), "y").unwrap();
        fs::write(root.path().join("t.tgz"), archive(&[("a/b/x.txt", b"x"), ("a/y.bin", b"y")])).unwrap();
        let wanted: fn(&str) -> bool = |path| path.contains(".txt");
        for source in ["tree", "t.tgz"] {
            let tree = SourceTree::read(&root.path().join(source), wanted).unwrap();
            assert_eq!(tree.files().collect::<Vec<_>>(), [("a/b/x.txt", &b"x"[..])], "{source}");
            assert!(tree.find("b/x.txt").is_some() && tree.find("z/a/b/x.txt").is_some());
            assert!(tree.find("xx.txt").is_none() && tree.find("c/x.txt").is_none());
        }
    }

    #[test]
    fn what_is_no_whole_archive_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let whole = archive(&[("a/x.txt", &[7; 5000])]);
        for (name, bytes) in
            [("cut.tgz", &whole[..whole.len() / 2]), ("text.tgz", b"no archive"), ("none.tgz", b""), ("x.whl", b"PK")]
        {
            let path = root.path().join(name);
            File::create(&path).unwrap().write_all(bytes).unwrap();
            let error = SourceTree::read(&path, |_| true).unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
        assert!(SourceTree::read(&root.path().join("nowhere"), |_| true).is_err());
    }
}
