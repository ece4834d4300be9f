//! What the tests of the whole program share: a scratch folder, the program with an environment of its own, and waits
//! that have a limit and say what they saw.
#![allow(dead_code, reason = "each test file uses a part of it")]

#[cfg(unix)]
pub mod terminal;

use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long anything may take before a test gives up; far more than it needs.
pub const LIMIT: Duration = Duration::from_mins(1);

/// Waits until `look` finds something; fails with what was waited for and what `seen` tells.
pub fn until<T>(what: &str, seen: impl Fn() -> String, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + LIMIT;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain for: {what}\n{}", seen());
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A folder that vanishes, where the program runs.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file and returns its name.
    pub fn write<'a>(&self, name: &'a str, content: impl AsRef<[u8]>) -> &'a str {
        fs::write(self.path().join(name), content).unwrap();
        name
    }

    /// What the program sees of the environment; nothing of the tests' own gets in.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let path = std::env::var("PATH").unwrap_or_default();
        vec![("PATH", path), ("HOME", self.path().display().to_string()), ("TERM", "xterm-256color".to_owned())]
    }

    /// Starts the program without a terminal.
    pub fn start(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Process {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trimtab"));
        command.args(arguments).current_dir(self.path()).env_clear().envs(self.environment());
        command.envs(environment.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (stdout, stderr) = (collect(child.stdout.take().unwrap()), collect(child.stderr.take().unwrap()));
        Process { child, stdout: Some(stdout), stderr: Some(stderr) }
    }

    /// Runs the program without a terminal to its end.
    pub fn run(&self, arguments: &[&str]) -> Finished {
        self.run_with(arguments, &[])
    }

    /// The same with more in the environment.
    pub fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Finished {
        self.start(arguments, environment).finish()
    }

    /// The run directories under `runs`, the oldest name first.
    pub fn runs(&self) -> Vec<RunFiles> {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(self.path().join("runs")).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths.into_iter().map(RunFiles).collect()
    }

    /// The one run, as soon as there is one.
    pub fn only_run(&self) -> RunFiles {
        until("a run directory", String::new, || self.runs().pop())
    }
}

/// Collects what comes out of a pipe, so that it never fills.
fn collect(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

/// The program under way; killed where a test fails before its end.
pub struct Process {
    pub child: Child,
    stdout: Option<JoinHandle<Vec<u8>>>,
    stderr: Option<JoinHandle<Vec<u8>>>,
}

impl Process {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by its name, as `kill` knows it.
    pub fn signal(&self, name: &str) {
        signal(self.id(), name);
    }

    /// Waits for the end.
    pub fn finish(mut self) -> Finished {
        let id = self.id();
        let status = until("the program's end", || format!("process {id} goes on"), || self.child.try_wait().unwrap());
        let stdout = self.stdout.take().unwrap().join().unwrap();
        let stderr = self.stderr.take().unwrap().join().unwrap();
        Finished { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // An error means that it has ended, as it should have.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// Sends a signal by its name, as `kill` knows it.
pub fn signal(id: u32, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &id.to_string()]).status().unwrap();
    assert!(sent.success(), "kill -{name} {id}");
}

/// What the program left behind.
#[derive(Debug)]
pub struct Finished {
    /// The exit code; none after a signal.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Finished {
    /// Fails unless the program ended with this code.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Fails unless each of these stands in stderr.
    #[track_caller]
    pub fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.stderr.contains(word), "'{word}' is missing in stderr:\n{}", self.stderr);
        }
        self
    }

    /// Fails where a byte could move a cursor or change a terminal.
    #[track_caller]
    pub fn plain(self) -> Self {
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            let bad = text.chars().find(|c| c.is_control() && *c != '\n');
            assert_eq!(bad, None, "{name} holds a control character: {text:?}");
        }
        self
    }
}

/// A run directory.
#[derive(Clone, Debug)]
pub struct RunFiles(pub PathBuf);

impl RunFiles {
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn name(&self) -> String {
        self.0.file_name().unwrap().to_string_lossy().into_owned()
    }

    /// The whole lines of the record.
    pub fn events(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path("events.jsonl")).unwrap_or_default();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The events of one kind.
    pub fn events_of(&self, kind: &str) -> Vec<Value> {
        self.events().into_iter().filter(|event| event["event"] == kind).collect()
    }

    /// The highest step on record.
    pub fn step(&self) -> u64 {
        self.events_of("step").iter().filter_map(|event| event["step"].as_u64()).max().unwrap_or(0)
    }

    /// The last line's `reason`; empty where the run has not ended.
    pub fn reason(&self) -> String {
        let last = self.events().pop().unwrap_or_default();
        if last["event"] == "end" { last["reason"].as_str().unwrap().to_owned() } else { String::new() }
    }

    /// Waits until the record holds an event for which `wanted` holds.
    pub fn wait_for(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        until(what, || self.tell(), || self.events().into_iter().find(|event| wanted(event)))
    }

    /// Waits until a step is on record.
    pub fn wait_for_step(&self, step: u64) {
        until(&format!("step {step}"), || self.tell(), || (self.step() >= step).then_some(()));
    }

    /// The end of the record, for messages.
    pub fn tell(&self) -> String {
        self.events().iter().rev().take(12).fold(String::new(), |mut text, event| {
            let _ = writeln!(text, "{event}");
            text
        })
    }

    /// Appends bytes to the mailbox as any foreign program may.
    pub fn append(&self, bytes: impl AsRef<[u8]>) {
        let mut mailbox = File::options().append(true).create(true).open(self.path("requests.jsonl")).unwrap();
        mailbox.write_all(bytes.as_ref()).unwrap();
    }

    /// Puts requests into the mailbox at once: command and the step at which it acts.
    pub fn request(&self, requests: &[(Value, Option<u64>)]) {
        let before = fs::metadata(self.path("requests.jsonl")).map_or(0, |data| data.len());
        let lines = requests.iter().enumerate().fold(String::new(), |mut lines, (place, (command, at_step))| {
            let id = format!("test-{before}-{place}");
            let request = json!({"id": id, "from": "test", "at_step": at_step, "command": command});
            let _ = write!(lines, "\n{request}\n");
            lines
        });
        self.append(lines);
    }

    /// The parameters in a directory such as `final`, as they lie on the disk.
    pub fn parameters(&self, directory: &str) -> Vec<u8> {
        fs::read(self.path(directory).join("model.safetensors")).unwrap()
    }
}
