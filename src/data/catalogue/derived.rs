//! A data set that was made, still in memory: its files, its digest, the words that lie beside it.

use super::entry::Entry;
use super::error::CatalogueError;
use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

/// One file of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DerivedFile {
    /// Its path inside the set's folder. A name that ends in `.gz` is compressed when it is written.
    pub name: String,
    /// Its content, not compressed.
    pub bytes: Vec<u8>,
    /// Rows of a table or pictures; none for a file that is part of a row.
    pub rows: Option<usize>,
}

/// A set that was made from its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derived {
    /// Its files, in the order in which they are told.
    pub files: Vec<DerivedFile>,
    /// The licence text that came with the source.
    pub licence: Option<String>,
}

impl Derived {
    /// SHA-256 over names, lengths and contents, sorted by name and before compression, so that another compressor
    /// does not change it.
    pub fn digest(&self) -> String {
        let mut files: Vec<&DerivedFile> = self.files.iter().collect();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let mut hash = Sha256::new();
        for file in files {
            hash.update((file.name.len() as u64).to_le_bytes());
            hash.update(file.name.as_bytes());
            hash.update((file.bytes.len() as u64).to_le_bytes());
            hash.update(&file.bytes);
        }
        hash.finalize().iter().fold(String::from("sha256:"), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// Compares the digest with the catalogue's, where it knows one.
    ///
    /// # Errors
    /// [`CatalogueError::Changed`].
    pub fn check(&self, entry: &Entry) -> Result<(), CatalogueError> {
        let got = self.digest();
        match entry.digest {
            Some(expected) if expected != got => Err(CatalogueError::Changed { expected: expected.to_owned(), got }),
            _ => Ok(()),
        }
    }

    /// Writes the files, `README.md` and `LICENSE` into an empty folder.
    ///
    /// # Errors
    /// Where the operating system refuses.
    pub fn write(&self, entry: &Entry, folder: &Path) -> Result<(), CatalogueError> {
        let put = |name: &str, bytes: &[u8]| {
            let path = folder.join(name);
            let parent = path.parent().unwrap_or(folder);
            fs::create_dir_all(parent).map_err(CatalogueError::io("create", parent))?;
            fs::write(&path, bytes).map_err(CatalogueError::io("write", &path))
        };
        for file in &self.files {
            if Path::new(&file.name).extension().is_some_and(|ending| ending == "gz") {
                let path = folder.join(&file.name);
                put(&file.name, &compressed(&file.bytes).map_err(CatalogueError::io("compress", &path))?)?;
            } else {
                put(&file.name, &file.bytes)?;
            }
        }
        put("README.md", self.readme(entry).as_bytes())?;
        let own = || format!("{}\n{}\n", entry.licence, entry.attribution);
        put("LICENSE", self.licence.clone().unwrap_or_else(own).as_bytes())
    }

    fn readme(&self, entry: &Entry) -> String {
        let files = self.files.iter().filter_map(|file| Some(format!("{} ({} rows)", file.name, file.rows?)));
        format!(
            "{}\nMade by `trimtab data`; it may be made anew at any time.\n\nSource: {}\nLicence: {}\n{}\n\nChanges: {}\n\
             Files: {}\nTasks: {}\nDigest: {}\n",
            readme_head(entry),
            entry.origin,
            entry.licence,
            entry.attribution,
            entry.changes,
            files.collect::<Vec<_>>().join(", "),
            entry.tasks,
            self.digest()
        )
    }
}

/// The first line of the README of a set, by which a folder is known to be one.
pub(super) fn readme_head(entry: &Entry) -> String {
    format!("# {} - {}", entry.name, entry.what)
}

fn compressed(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    // Without a time in the header the same set is the same file.
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// A table being written: rows of text as CSV, or tab-separated.
pub(super) struct Table {
    writer: csv::Writer<Vec<u8>>,
    rows: usize,
}

impl Table {
    /// An empty table with this header.
    pub fn new(separator: u8, header: &[&str]) -> Self {
        let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
        // A write into memory does not fail; a row of another length would, and shows at the end.
        let _ = writer.write_record(header);
        Self { writer, rows: 0 }
    }

    /// Appends a row; it has as many fields as the header.
    pub fn row<S: AsRef<[u8]>>(&mut self, fields: &[S]) {
        self.rows += usize::from(self.writer.write_record(fields).is_ok());
    }

    /// The table as a file.
    ///
    /// # Errors
    /// Where it has no row.
    pub fn file(self, name: &str) -> Result<DerivedFile, CatalogueError> {
        if self.rows == 0 {
            return Err(CatalogueError::content(name, "not one row could be made from the source"));
        }
        let bytes = self.writer.into_inner().map_err(|error| CatalogueError::content(name, error.to_string()))?;
        Ok(DerivedFile { name: name.to_owned(), bytes, rows: Some(self.rows) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::CATALOGUE;
    use super::*;

    fn set(bytes: &[u8]) -> Derived {
        let file = |name: &str| DerivedFile { name: name.to_owned(), bytes: bytes.to_vec(), rows: Some(1) };
        Derived { files: vec![file("b.csv"), file("a/x.gz")], licence: None }
    }

    #[test]
    fn the_digest_knows_names_and_contents_and_no_order() {
        let mut turned = set(b"1");
        turned.files.reverse();
        assert_eq!(turned.digest(), set(b"1").digest());
        assert_ne!(set(b"2").digest(), set(b"1").digest());
        turned.files[0].name.push('c');
        assert_ne!(turned.digest(), set(b"1").digest());
    }

    #[test]
    fn licence_and_attribution_lie_beside_the_data() {
        let folder = tempfile::tempdir().unwrap();
        for entry in CATALOGUE {
            let folder = folder.path().join(entry.name);
            set(b"1,2\n").write(entry, &folder).unwrap();
            let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
            assert!(read("README.md").starts_with(&readme_head(entry)));
            assert!(read("README.md").contains(entry.licence) && read("README.md").contains(entry.attribution));
            assert!(read("LICENSE").contains(entry.attribution));
            assert_eq!(read("b.csv"), "1,2\n");
            let mut text = String::new();
            let packed = fs::File::open(folder.join("a/x.gz")).unwrap();
            std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(packed), &mut text).unwrap();
            assert_eq!(text, "1,2\n");
        }
    }

    #[test]
    fn another_digest_than_the_catalogue_s_is_a_changed_source() {
        let known = CATALOGUE.iter().find(|entry| entry.digest.is_some()).unwrap();
        let error = set(b"1").check(known).unwrap_err().to_string();
        assert!(error.starts_with("the source changed: expected digest sha256:"), "{error}");
    }
}
