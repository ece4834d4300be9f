//! Running a registry's own client: found or not, its words kept, ended when a signal asks for the end.

use super::error::CatalogueError;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Lines of a tool's output that are told.
const LAST_LINES: usize = 6;
/// How often a running tool is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// A folder for what is fetched; it goes when this value goes.
pub struct Scratch(PathBuf);

impl Scratch {
    /// A new empty folder that only this user can enter.
    ///
    /// # Errors
    /// Where the system's folder for temporary files cannot be written.
    pub fn new() -> Result<Self, CatalogueError> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("trimtab-data-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        // A folder that is there already is not ours: an older one of the same process id, or somebody's trap.
        builder.create(&path).map_err(CatalogueError::io("create", &path))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nothing can be done about a folder that does not go; it is one for temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs the first of `programs` that is there in `folder` to its end; false where none is.
///
/// `interrupted` is asked again and again; once it says yes the tool is ended.
///
/// # Errors
/// Where the tool fails or cannot be run, or [`CatalogueError::Interrupted`].
pub fn run<S: AsRef<OsStr>>(
    programs: &[&[&str]],
    arguments: &[S],
    folder: &Path,
    interrupted: &dyn Fn() -> bool,
) -> Result<bool, CatalogueError> {
    let words = folder.join("output.log");
    for program in programs {
        let [name, first @ ..] = program else { continue };
        let log = File::create(&words).map_err(CatalogueError::io("create", &words))?;
        let other = log.try_clone().map_err(CatalogueError::io("write", &words))?;
        let mut command = Command::new(name);
        command.args(first).args(arguments).current_dir(folder);
        command.stdin(Stdio::null()).stdout(log).stderr(other);
        // No client shall wait for an answer that nobody can give.
        command.env("GIT_TERMINAL_PROMPT", "0").env("PIP_NO_INPUT", "1").env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
        let shown = || {
            let arguments = arguments.iter().map(|argument| argument.as_ref().to_string_lossy().into_owned());
            let all = program.iter().map(|&word| word.to_owned()).chain(arguments);
            all.collect::<Vec<_>>().join(" ")
        };
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => {
                return Err(CatalogueError::ToolFailed {
                    command: shown(),
                    status: error.to_string(),
                    last: Vec::new(),
                });
            }
        };
        let status = loop {
            if interrupted() {
                // An error means that it has ended by itself.
                let _ = child.kill();
                let _ = child.wait();
                return Err(CatalogueError::Interrupted);
            }
            match child.try_wait().map_err(CatalogueError::io("wait for", Path::new(name)))? {
                Some(status) => break status,
                None => std::thread::sleep(LOOK),
            }
        };
        if status.success() {
            return Ok(true);
        }
        // A signal from the keyboard reaches the tool too, perhaps first.
        if interrupted() {
            return Err(CatalogueError::Interrupted);
        }
        return Err(CatalogueError::ToolFailed { command: shown(), status: ended(status), last: last_lines(&words) });
    }
    Ok(false)
}

fn ended(status: ExitStatus) -> String {
    status.code().map_or_else(|| "ended by a signal".to_owned(), |code| format!("exit code {code}"))
}

fn last_lines(words: &Path) -> Vec<String> {
    let bytes = fs::read(words).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let from = lines.len().saturating_sub(LAST_LINES);
    lines.into_iter().skip(from).map(|line| crate::text::truncate(line, 200)).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str, interrupted: &dyn Fn() -> bool) -> (Result<bool, CatalogueError>, PathBuf) {
        let scratch = Scratch::new().expect("a temporary folder");
        let path = scratch.path().to_owned();
        (run(&[&["no-such-program-here"], &["sh"]], &["-c", script], scratch.path(), interrupted), path)
    }

    #[test]
    fn the_first_program_that_is_there_runs_and_nothing_is_left() {
        let (done, folder) = shell("echo x > made", &|| false);
        assert!(done.unwrap());
        assert!(!folder.exists());
        let scratch = Scratch::new().unwrap();
        assert!(!run(&[&["no-such-program-here"]], &["x"], scratch.path(), &|| false).unwrap());
    }

    #[test]
    fn a_failure_tells_the_last_lines() {
        let (done, folder) = shell("for n in 1 2 3 4 5 6 7 8; do echo line $n >&2; done; exit 3", &|| false);
        let error = done.unwrap_err().to_string();
        assert!(error.contains("exit code 3") && error.contains("line 8") && !error.contains("line 2\n"), "{error}");
        assert!(!folder.exists());
    }

    #[test]
    fn an_interrupted_tool_is_ended() {
        let (done, folder) = shell("sleep 1000", &|| true);
        assert!(matches!(done, Err(CatalogueError::Interrupted)));
        assert!(!folder.exists());
    }
}
