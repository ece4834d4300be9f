//! The program in a pseudo-terminal, and what a person would see there.

use super::{Folder, LIMIT, signal, until};
use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;

/// What a program did to the terminal besides writing on its screen.
#[derive(Debug, Default)]
pub struct Deeds(pub Vec<String>);

impl vt100::Callbacks for Deeds {
    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.0.push("bell".to_owned());
    }

    fn visual_bell(&mut self, _: &mut vt100::Screen) {
        self.0.push("visual bell".to_owned());
    }

    fn resize(&mut self, _: &mut vt100::Screen, request: (u16, u16)) {
        self.0.push(format!("resize to {request:?}"));
    }

    fn set_window_icon_name(&mut self, _: &mut vt100::Screen, name: &[u8]) {
        self.0.push(format!("icon {}", String::from_utf8_lossy(name)));
    }

    fn set_window_title(&mut self, _: &mut vt100::Screen, title: &[u8]) {
        self.0.push(format!("title {}", String::from_utf8_lossy(title)));
    }

    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8], _: &[u8]) {
        self.0.push("clipboard".to_owned());
    }

    fn unhandled_osc(&mut self, _: &mut vt100::Screen, parameters: &[&[u8]]) {
        // Asking for the background is no deed.
        if parameters != [&b"11"[..], &b"?"[..]] {
            self.0.push(format!("operating system command {parameters:?}"));
        }
    }
}

type Parser = vt100::Parser<Deeds>;

/// A terminal with the program in it; killed where a test fails before its end.
pub struct Terminal {
    parser: Arc<Mutex<Parser>>,
    raw: Arc<Mutex<Vec<u8>>>,
    reading: Arc<(Mutex<bool>, Condvar)>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    reader: Option<std::thread::JoinHandle<()>>,
    line_before: String,
}

fn size((columns, rows): (u16, u16)) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn sides((columns, rows): (u16, u16)) -> (NonZeroU16, NonZeroU16) {
    (NonZeroU16::new(rows).unwrap(), NonZeroU16::new(columns).unwrap())
}

/// Echo, line editing and the like.
fn line_settings(master: &(dyn MasterPty + Send)) -> String {
    format!("{:?}", master.get_termios())
}

impl Terminal {
    /// Starts the program in a terminal of so many columns and rows.
    pub fn start(folder: &Folder, columns_rows: (u16, u16), arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_trimtab"));
        command.args(arguments);
        Self::spawn(folder, columns_rows, command, environment)
    }

    /// Starts a line of shell there, in which `$TRIMTAB` is the program.
    pub fn shell(folder: &Folder, columns_rows: (u16, u16), line: &str) -> Self {
        let mut command = CommandBuilder::new("sh");
        command.args(["-c", line]);
        Self::spawn(folder, columns_rows, command, &[("TRIMTAB", env!("CARGO_BIN_EXE_trimtab"))])
    }

    fn spawn(
        folder: &Folder,
        columns_rows: (u16, u16),
        mut command: CommandBuilder,
        environment: &[(&str, &str)],
    ) -> Self {
        let pair = native_pty_system().openpty(size(columns_rows)).unwrap();
        command.cwd(folder.path());
        command.env_clear();
        folder.environment().iter().for_each(|(name, value)| command.env(name, value));
        for (name, value) in environment {
            command.env(name, value);
        }
        let line_before = line_settings(&*pair.master);
        let child = pair.slave.spawn_command(command).unwrap();
        // With this end closed, the reader sees the end when the program is gone.
        drop(pair.slave);
        let (rows, columns) = sides(columns_rows);
        let parser = Arc::new(Mutex::new(Parser::new_with_callbacks(rows, columns, 1000, Deeds::default())));
        let raw = Arc::new(Mutex::new(Vec::new()));
        let reading = Arc::new((Mutex::new(true), Condvar::new()));
        let mut source = pair.master.try_clone_reader().unwrap();
        let reader = {
            let (parser, raw, reading) = (parser.clone(), raw.clone(), reading.clone());
            std::thread::spawn(move || {
                let mut bytes = [0; 4096];
                loop {
                    let allowed = reading.0.lock().unwrap();
                    drop(reading.1.wait_while(allowed, |allowed| !*allowed).unwrap());
                    match source.read(&mut bytes) {
                        // Linux reports the far end's close as an error.
                        Ok(0) | Err(_) => return,
                        Ok(count) => {
                            raw.lock().unwrap().extend_from_slice(&bytes[..count]);
                            parser.lock().unwrap().process(&bytes[..count]);
                        }
                    }
                }
            })
        };
        let keys = pair.master.take_writer().unwrap();
        Self { parser, raw, reading, master: pair.master, keys, child, reader: Some(reader), line_before }
    }

    pub fn id(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    pub fn signal(&self, name: &str) {
        signal(self.id(), name);
    }

    /// Types keys, as the bytes that a terminal sends.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Looks at the screen.
    pub fn look<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.parser.lock().unwrap().screen())
    }

    /// What stands on the screen.
    pub fn text(&self) -> String {
        self.look(vt100::Screen::contents)
    }

    /// Everything that was sent to the terminal so far.
    pub fn raw(&self) -> Vec<u8> {
        self.raw.lock().unwrap().clone()
    }

    /// What was done to the terminal besides writing.
    pub fn deeds(&self) -> Vec<String> {
        self.parser.lock().unwrap().callbacks().0.clone()
    }

    /// Waits until the screen is as wanted.
    pub fn wait_until(&self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        until(what, || self.text(), || self.look(&wanted).then_some(()));
    }

    /// Waits until a text stands on the screen.
    pub fn wait_for(&self, text: &str) {
        self.wait_until(&format!("'{text}' on the screen"), |screen| screen.contents().contains(text));
    }

    /// Makes the window larger or smaller.
    pub fn resize(&self, columns_rows: (u16, u16)) {
        let (rows, columns) = sides(columns_rows);
        self.parser.lock().unwrap().set_size(rows, columns);
        self.master.resize(size(columns_rows)).unwrap();
    }

    /// Stops or goes on taking what the program writes, as flow control does.
    pub fn set_reading(&self, reading: bool) {
        *self.reading.0.lock().unwrap() = reading;
        self.reading.1.notify_all();
    }

    /// Whether the program has ended, whatever the terminal still holds.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for the program's end and for the rest of its output; the exit code.
    pub fn finish(&mut self) -> u32 {
        let end = Instant::now() + LIMIT;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < end, "the program goes on:\n{}", self.text());
            std::thread::sleep(std::time::Duration::from_millis(5));
        };
        self.set_reading(true);
        self.reader.take().unwrap().join().unwrap();
        assert_eq!(status.signal(), None, "{}", self.text());
        status.exit_code()
    }

    /// Fails unless the terminal is as it was before the program.
    #[track_caller]
    pub fn assert_restored(&self) {
        let modes = self.look(|screen| (screen.alternate_screen(), screen.hide_cursor(), screen.bracketed_paste()));
        assert_eq!(modes, (false, false, false), "alternate screen, hidden cursor, bracketed paste:\n{}", self.text());
        assert_eq!(self.look(vt100::Screen::mouse_protocol_mode), vt100::MouseProtocolMode::None);
        assert_eq!(line_settings(&*self.master), self.line_before);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.set_reading(true);
        // An error means that it has ended, as it should have.
        let _ = self.child.kill();
    }
}
