//! `trimtab predict` for texts, recordings and pictures, and `trimtab talk`, through the program.
#![cfg(feature = "train")]
#![allow(clippy::unwrap_used, reason = "a test fails where a value is missing")]

mod support;

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use support::{Finished, Folder};

/// A WAV file of a tone: mono, 16 bits, 8000 samples a second.
fn tone(frequency: f64, samples: u32) -> Vec<u8> {
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + 2 * samples).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend(8000_u32.to_le_bytes());
    bytes.extend(16_000_u32.to_le_bytes());
    bytes.extend(b"\x02\0\x10\0data");
    bytes.extend((2 * samples).to_le_bytes());
    for sample in 0..samples {
        let value = (std::f64::consts::TAU * frequency * f64::from(sample) / 8000.0).sin();
        // Fades in and out, so that something changes over the clip.
        let loud = (f64::from(sample.min(samples - sample)) / 400.0).min(1.0);
        bytes.extend(((value * loud * 12_000.0) as i16).to_le_bytes());
    }
    bytes
}

/// Tones that say "low" or "high", texts with a mood and a number, and a dialogue whose reply depends on what was said
/// before.
fn small(folder: &Folder) {
    let mut speech = "path,said,split\n".to_owned();
    for place in 0..12_u32 {
        let (frequency, said) = [(300.0, "low"), (2000.0, "high")][place as usize % 2];
        let name = format!("tone{place}.wav");
        folder.write(&name, tone(frequency + f64::from(place), 3000 + 100 * place));
        let split = if place < 10 { "train" } else { "valid" };
        writeln!(speech, "{name},{said},{split}").unwrap();
    }
    folder.write("speech.csv", speech);
    let (mut texts, mut turns) = ("text,mood,length,split\n".to_owned(), "history,reply,split\n".to_owned());
    for row in 0..60 {
        let split = if row % 5 == 4 { "valid" } else { "train" };
        let (text, mood, length) = [("so nice", "good", 2), ("quite awful indeed", "bad", 3)][row % 2];
        writeln!(texts, "{text},{mood},{length},{split}").unwrap();
        let (history, reply) = [("hello", "welcome"), ("hello | welcome | hello", "again you")][row % 2];
        writeln!(turns, "{history},{reply},{split}").unwrap();
    }
    folder.write("texts.csv", texts);
    folder.write("turns.csv", turns);
    let config = "[data.ear]\nkind = \"speech\"\npath = \"speech.csv\"\nsplit = \"split\"\n\n\
        [data.eye]\nkind = \"text\"\npath = \"texts.csv\"\nsplit = \"split\"\n\n\
        [data.chat]\nkind = \"dialogue\"\npath = \"turns.csv\"\nsplit = \"split\"\n\n\
        [encoder]\nkind = \"conv\"\nwidth = 24\nlayers = 1\n\n\
        [task.said]\nsource = \"ear\"\ntarget = \"said\"\nloss = \"ctc\"\n\n\
        [task.mood]\nsource = \"eye\"\ntarget = \"mood\"\nloss = \"cross_entropy\"\n\n\
        [task.length]\nsource = \"eye\"\ntarget = \"length\"\nloss = \"mse\"\n\n\
        [task.reply]\nsource = \"chat\"\ntarget = \"reply\"\nloss = \"next_token\"\nlongest = 4\n\n\
        [train]\nsteps = 120\nbatch = 12\nevaluate_every = 120\noptimizer = { kind = \"adam\", lr = 0.01 }\n";
    folder.write("x.toml", config);
}

/// Trained for a moment; the tests only read it.
static SMALL: LazyLock<Folder> = LazyLock::new(|| {
    let folder = Folder::new();
    small(&folder);
    folder.run(&["train", "x.toml", "--headless"]).expect(0);
    folder
});

/// Runs the program with bytes on its stdin.
fn given(folder: &Folder, arguments: &[&str], stdin: impl AsRef<[u8]>) -> Finished {
    let mut child = Command::new(env!("CARGO_BIN_EXE_trimtab"))
        .args(arguments)
        .current_dir(folder.path())
        .env_clear()
        .envs(folder.environment())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let bytes = stdin.as_ref().to_vec();
    // A program that stops at a fault does not read the rest.
    let writer = std::thread::spawn(move || drop(pipe.write_all(&bytes)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Finished { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

fn predict(source: &str, stdin: impl AsRef<[u8]>) -> Finished {
    given(&SMALL, &["predict", "latest", "--input", "-", "--source", source], stdin)
}

/// The fields of simple CSV.
fn fields(text: &str) -> Vec<Vec<&str>> {
    text.lines().map(|line| line.split(',').collect()).collect()
}

#[test]
fn lines_of_text_are_answered_as_a_column_of_texts_is() {
    let lines = predict("eye", "so nice\nquite awful indeed\n\nso nice").expect(0).plain();
    let rows = fields(&lines.stdout);
    assert_eq!(rows[0], ["input", "mood", "mood_probability", "length"]);
    assert_eq!(rows.len(), 5);
    assert_eq!((rows[1][1], rows[2][1]), ("good", "bad"));
    assert!(rows[1..].iter().all(|row| (0.5..=1.0).contains(&row[2].parse::<f64>().unwrap())));
    assert!(rows[1][3].parse::<f64>().unwrap() < rows[2][3].parse::<f64>().unwrap());
    assert_eq!(rows[4], rows[1]);
    SMALL.write("new.csv", "id,text,mood\n7,so nice,?\n8,quite awful indeed,?\n9,,?\n");
    let table = SMALL.run(&["predict", "latest", "--input", "new.csv", "--source", "eye"]).expect(0);
    let cells = fields(&table.stdout);
    assert_eq!(cells[0], ["id", "text", "mood", "predicted_mood", "mood_probability", "length"]);
    for (line, cell) in rows[1..4].iter().zip(&cells[1..]) {
        assert_eq!((line[0], &line[1..]), (cell[1], &cell[3..]));
    }
    SMALL.write("new.tsv", "text\tid\nso nice\t7\n");
    let table = SMALL.run(&["predict", "latest", "--input", "new.tsv", "--source", "eye"]).expect(0);
    assert!(
        table.stdout.starts_with("text\tid\tmood\tmood_probability\tlength\nso nice\t7\tgood\t"),
        "{}",
        table.stdout
    );
}

#[test]
fn lines_are_answered_in_the_order_they_came() {
    // Several chunks, and more than a pipe holds.
    let text = "so nice\nquite awful indeed\n".repeat(5_000);
    let out = predict("eye", &text).expect(0).stdout;
    let rows = fields(&out);
    assert_eq!(rows.len(), 10_001);
    let moods = rows[1..].iter().map(|row| row[1]);
    assert!(moods.eq(["good", "bad"].into_iter().cycle().take(10_000)));
}

#[test]
fn a_recording_is_answered_by_its_path() {
    // The only source of recordings need not be named.
    let one = SMALL.run(&["predict", "latest", "--input", "tone10.wav"]).expect(0).plain();
    let rows = fields(&one.stdout);
    assert_eq!(rows[0], ["input", "said", "said_word_list"]);
    assert_eq!((rows[1][0], rows[1][2], rows.len()), ("tone10.wav", "low", 2));
    let names = "tone10.wav\ntone11.wav\n";
    let lines = predict("ear", names).expect(0).stdout;
    let lines = fields(&lines);
    assert_eq!((lines[1][2], lines[2][2]), ("low", "high"));
    assert_eq!(lines[1], rows[1], "a longer neighbour changes nothing");
    // Paths in a file begin at its folder.
    std::fs::create_dir_all(SMALL.path().join("below")).unwrap();
    SMALL.write("below/new.csv", "path,id\n../tone11.wav,4\n");
    let table = SMALL.run(&["predict", "latest", "--input", "below/new.csv", "--source", "ear"]).expect(0).stdout;
    assert!(table.starts_with("path,id,said,said_word_list\n../tone11.wav,4,"), "{table}");
    assert_eq!(fields(&table)[1][3], "high");
}

/// A grey PNG file, dark to the left or to the right.
fn picture(right: bool, side: u32) -> Vec<u8> {
    let pixels: Vec<u8> =
        (0..side * side).map(|pixel| if (pixel % side < side / 2) == right { 230 } else { 20 }).collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    bytes
}

#[test]
fn a_picture_is_answered_by_its_path() {
    let folder = Folder::new();
    let mut table = "path,dark,split\n".to_owned();
    for right in [false, true] {
        let name = format!("{right}.png");
        folder.write(&name, picture(right, 8));
        let side = if right { "right" } else { "left" };
        (0..10).for_each(|row| writeln!(table, "{name},{side},{}", ["train", "valid"][row / 8]).unwrap());
    }
    folder.write("pictures.csv", table);
    let config = "[data]\nkind = \"image\"\npath = \"pictures.csv\"\nsplit = \"split\"\nchannels = [4]\n\n\
        [encoder]\nhidden = [8]\n\n[task.dark]\ntarget = \"dark\"\nloss = \"cross_entropy\"\n\n\
        [train]\nsteps = 80\nbatch = 8\noptimizer = { kind = \"adam\", lr = 0.01 }\n";
    folder.write("x.toml", config);
    folder.run(&["train", "x.toml", "--headless"]).expect(0);
    let one = folder.run(&["predict", "latest", "--input", "true.png"]).expect(0).stdout;
    assert!(one.starts_with("input,dark,dark_probability\ntrue.png,right,"), "{one}");
    folder.write("new.csv", "path\nfalse.png\ntrue.png\nlarge.png\n");
    folder.write("large.png", picture(true, 16));
    let several = folder.run(&["predict", "latest", "--input", "new.csv"]).expect(2).plain();
    let rows = fields(&several.stdout);
    assert_eq!((rows[1][1], rows[2][1], rows.len()), ("left", "right", 3));
    several.says(&["new.csv: row 3 (line 4), column 'path': large.png: is 16 x 16 pixels"]);
    folder.write("broken.png", &picture(true, 8)[..40]);
    folder.run(&["predict", "latest", "--input", "broken.png"]).expect(2).plain().says(&["broken.png"]);
    given(&folder, &["talk", "latest"], "").expect(2).says(&["text, dialogue or speech"]);
}

#[test]
fn what_does_not_fit_is_told_with_its_place_after_the_rows_before_it() {
    let long = "so nice\n".to_owned() + &"x".repeat((1 << 20) + 1) + "\n";
    for (source, stdin, words) in [
        ("eye", b"so nice\n\xff\xfe\n".as_slice(), "stdin: row 2 (line 2): not UTF-8"),
        ("eye", long.as_bytes(), "stdin: row 2 (line 2): longer than 1 MiB"),
        ("eye", b"so nice\na\0b\n", "stdin: row 2 (line 2): a NUL byte"),
        ("ear", b"tone0.wav\nnone.wav\n", "stdin: row 2 (line 2): none.wav: no such file"),
        ("ear", b"tone0.wav\n\n", "stdin: row 2 (line 2): empty: expected the path of a WAV file"),
        ("ear", b"tone0.wav\nx.toml\n", "stdin: row 2 (line 2): x.toml: this is not a WAV file"),
    ] {
        let finished = predict(source, stdin).expect(2).plain().says(&[words]);
        assert_eq!(finished.stdout.lines().count(), 2, "{}", finished.stdout);
    }
    SMALL.write("cut.wav", &tone(300.0, 3000)[..2000]);
    let cut = "cut.wav: the file is cut off: its header says 3000 samples";
    SMALL.run(&["predict", "latest", "--input", "cut.wav"]).expect(2).plain().says(&[cut]);
    SMALL.write("cut.csv", "path\ntone0.wav\ncut.wav\n");
    let place = "cut.csv: row 2 (line 3), column 'path': cut.wav: the file is cut off";
    SMALL.run(&["predict", "latest", "--input", "cut.csv", "--source", "ear"]).expect(2).says(&[place]);
    for (input, source, words) in [
        ("none.wav", "ear", "none.wav: no such file"),
        ("none.csv", "ear", "none.csv: no such file"),
        ("speech.csv", "eye", "speech.csv: no column 'text'"),
        ("tone0.wav", "eye", "does not fit source 'eye', which takes texts"),
    ] {
        SMALL.run(&["predict", "latest", "--input", input, "--source", source]).expect(2).plain().says(&[words]);
    }
    let ask = "the run has several sources: say --source with one of ear, eye, chat";
    given(&SMALL, &["predict", "latest", "--input", "-"], "so nice\n").expect(2).says(&[ask]);
    SMALL.run(&["predict", "latest", "--input", "a.png"]).expect(2).says(&["no source of the run takes PNG files"]);
}

#[test]
fn talk_answers_texts_and_recordings() {
    let talked = given(&SMALL, &["talk", "latest"], "so nice\n\n  quite awful indeed \ntone10.wav\n").expect(0).plain();
    assert_eq!(talked.stderr, "");
    let lines: Vec<&str> = talked.stdout.lines().collect();
    let about: Vec<&str> = lines.iter().map(|line| line.split_once(": ").unwrap().0).collect();
    let text = ["mood", "length", "reply"];
    let recording = ["said", "said_word_list", "heard", "mood", "length", "reply"];
    assert_eq!(about, [&text[..], &text, &recording].concat());
    assert!(lines[0].starts_with("mood: good (") && lines[3].starts_with("mood: bad ("), "{lines:?}");
    assert_eq!(lines[7..9], ["said_word_list: low", "heard: low"]);
}

#[test]
fn a_dialogue_remembers_its_turns() {
    let talked = given(&SMALL, &["talk", "latest"], "hello\nhello\n").expect(0);
    let replies: Vec<&str> = talked.stdout.lines().filter_map(|line| line.strip_prefix("reply: ")).collect();
    assert_eq!(replies, ["welcome", "again you"]);
    let rows = predict("chat", "hello\nhello | welcome | hello\n").expect(0).stdout;
    assert_eq!(rows, "input,reply\nhello,welcome\nhello | welcome | hello,again you\n");
}

#[test]
fn drawn_replies_depend_on_the_seed_alone() {
    let said = |seed: &str| {
        let arguments = ["talk", "latest", "--temperature", "50", "--seed", seed];
        given(&SMALL, &arguments, "hello\nso nice\nhello\nhello\n").expect(0).stdout
    };
    assert_eq!(said("1"), said("1"));
    assert_ne!(said("1"), said("2"));
    given(&SMALL, &["talk", "latest", "--temperature", "-1"], "").expect(2).says(&["expected a number of at least 0"]);
}

#[test]
fn talk_goes_on_after_what_it_cannot_answer() {
    SMALL.write("short.wav", &tone(300.0, 3000)[..2000]);
    let talked = given(&SMALL, &["talk", "latest"], "none.wav\nshort.wav\nso nice\n").expect(0).plain();
    let talked = talked.says(&["none.wav: no such file", "short.wav: the file is cut off"]);
    assert!(talked.stdout.starts_with("mood: good ("), "{}", talked.stdout);
    given(&SMALL, &["talk", "latest"], b"so nice\n\xff\n").expect(2).says(&["stdin: row 2 (line 2): not UTF-8"]);
}

#[cfg(unix)]
#[test]
fn a_person_at_a_terminal_is_prompted() {
    let mut terminal = support::terminal::Terminal::start(&SMALL, (80, 24), &["talk", "latest"], &[]);
    terminal.wait_until("a prompt", |screen| screen.contents().starts_with('>'));
    terminal.press("so nice\r");
    terminal.wait_until("an answer and a prompt", |screen| {
        screen.contents().contains("mood: good (") && screen.contents().matches('>').count() == 2
    });
    terminal.press("\u{4}");
    assert_eq!(terminal.finish(), 0);
}
