//! Each pair of size, theme and situation as a reviewed screen, letters and styles.

use crate::dashboard::replay::{Fate, Moments, Replay};
use crate::dashboard::testing::{balance, eval, hear, line, press, started, state, step};
use crate::dashboard::{Message, State, Theme, render, update};
use crate::protocol::{Event, Real};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use std::fmt::Write as _;

/// What a screen shows; what goes together is shown together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Situation {
    Empty,
    OnePoint,
    Nan,
    TwelveTasks,
    Paused,
    Pending,
    Help,
    Palette,
    Replay,
}

use Situation::{Empty, Help, Nan, OnePoint, Palette, Paused, Pending, TwelveTasks};

/// One screen: its size, its theme, what it shows, and the keys pressed before it is looked at.
struct Screen {
    size: (u16, u16),
    theme: Theme,
    situations: &'static [Situation],
    keys: &'static str,
}

const SIZES: [(u16, u16); 4] = [(200, 60), (120, 40), (80, 24), (40, 12)];
const THEMES: [Theme; 3] = [Theme::Dark, Theme::Light, Theme::Mono];
const SITUATIONS: [Situation; 9] =
    [Empty, OnePoint, Nan, TwelveTasks, Paused, Pending, Help, Palette, Situation::Replay];

const fn screen(size: usize, theme: Theme, situations: &'static [Situation], keys: &'static str) -> Screen {
    Screen { size: SIZES[size], theme, situations, keys }
}

const SCREENS: [Screen; 20] = {
    use Situation::Replay as Replayed;
    use Theme::{Dark, Light, Mono};
    [
        screen(0, Dark, &[Empty], ""),
        screen(0, Light, &[OnePoint, Palette], ": w e"),
        screen(0, Mono, &[Nan, TwelveTasks, Paused, Pending], "B j right m"),
        screen(0, Dark, &[Help], "?"),
        screen(0, Light, &[Replayed, TwelveTasks, Nan], "v v v v"),
        screen(1, Light, &[Empty, Palette], ": p a u"),
        screen(1, Mono, &[OnePoint, Paused], ""),
        screen(1, Dark, &[Nan, TwelveTasks, Paused, Pending], "3 right right"),
        screen(1, Light, &[Help], "? / w e i g h t"),
        screen(1, Mono, &[Replayed, Nan, Palette], "c [ [ : j u"),
        screen(2, Mono, &[Empty], "tab"),
        screen(2, Dark, &[OnePoint, Palette, Pending], "right : w e i g h t space a"),
        screen(2, Light, &[Nan, TwelveTasks, Paused, Pending], "j m <"),
        screen(2, Mono, &[Help], "?"),
        screen(2, Dark, &[Replayed, TwelveTasks], "v"),
        screen(3, Dark, &[Empty], ""),
        screen(3, Light, &[OnePoint, Paused, Pending], "right"),
        screen(3, Mono, &[Nan, TwelveTasks, Palette], "2 : s o"),
        screen(3, Dark, &[Help], "?"),
        screen(3, Light, &[Replayed, Nan], "2"),
    ]
};

const FOUR: [&str; 4] = ["heating", "cooling", "class", "情感分析"];
const TWELVE: [&str; 12] = [
    "heating",
    "cooling",
    "occupancy",
    "air quality",
    "fault",
    "price",
    "weather",
    "solar yield",
    "demand",
    "humidity",
    "a task with quite a long name",
    "情感分析",
];

impl Screen {
    fn shows(&self, situation: Situation) -> bool {
        self.situations.contains(&situation)
    }

    fn name(&self) -> String {
        let (width, height) = self.size;
        let situations = self.situations.iter().fold(String::new(), |name, situation| format!("{name}_{situation:?}"));
        format!("matrix_{width}x{height}_{}{}", self.theme.name(), situations.to_lowercase())
    }

    fn state(&self) -> State {
        let mut state = state();
        state.look.theme = self.theme;
        state.look.capabilities.light = self.theme == Theme::Light;
        state.palette = state.look.palette();
        update(&mut state, Message::Resize(self.size.0, self.size.1));
        if !self.shows(Empty) {
            let tasks: &[&str] = if self.shows(TwelveTasks) { &TWELVE } else { &FOUR };
            hear(&mut state, started(tasks, 3000));
            let steps = if self.shows(OnePoint) { 1 } else { 800 };
            (1..=steps).for_each(|number| self.train(&mut state, number, tasks.len()));
            if self.shows(Nan) {
                let alert = r#"{"event":"alert","step":640,"code":"non_finite_loss","level":"error","task":"cooling","message":"the loss of 'cooling' is NaN"}"#;
                hear(&mut state, line(alert));
            }
            if self.shows(Paused) {
                let paused =
                    format!(r#"{{"event":"applied","step":{steps},"id":"x","from":"cli","command":{{"pause":{{}}}}}}"#);
                hear(&mut state, line(&paused));
            }
            if self.shows(Situation::Replay) {
                let moments = Moments::new((1..=2000).map(|step| (step, step as f64 / 9.0)), vec![300, 700, 1400]);
                let mut replay = Replay::new(moments, Fate::Ended);
                replay.go(800, state.now);
                update(&mut state, Message::Recorded { run: 0, replay: Box::new(replay) });
            }
        }
        if !self.keys.is_empty() {
            press(&mut state, self.keys);
        }
        state
    }

    /// One step of the run that is shown, with what is measured and told at it.
    fn train(&self, state: &mut State, number: u64, tasks: usize) {
        let mut step = step(number, tasks);
        if self.shows(Nan) && (640..660).contains(&number) {
            step.loss[1] = Some(Real(f64::NAN));
        }
        if number >= 300 {
            step.weight[0] = Real(2.0);
            step.coefficient[0] = Some(Real(2.0));
        }
        hear(state, Event::Step(Box::new(step)));
        if number.is_multiple_of(100) {
            hear(state, eval(number, tasks));
            hear(state, balance(number, tasks));
        }
        for (at, told) in [
            (
                300,
                r#"{"event":"applied","step":300,"id":"a","from":"cli","command":{"set_weight":{"task":"heating","value":2.0}},"old":1.0,"new":2.0}"#,
            ),
            (
                450,
                r#"{"event":"applied","step":450,"id":"b","from":"cli","command":{"set_lr":{"value":3e-4}},"old":1e-3,"new":3e-4}"#,
            ),
            (500, r#"{"event":"checkpoint","step":500,"path":"checkpoints/step-00000500"}"#),
        ] {
            if at == number {
                hear(state, line(told));
            }
        }
    }

    /// The screen, drawn inside a larger buffer; a cell around it that was touched fails the test.
    fn drawn(&self) -> Buffer {
        let (width, height) = self.size;
        let area = Rect::new(3, 2, width, height);
        let untouched = Cell::new("¤");
        let mut around = Buffer::filled(Rect::new(0, 0, width + 7, height + 5), untouched.clone());
        let mut inside = Buffer::empty(area);
        for position in area.positions() {
            around[position] = Cell::default();
        }
        render(&self.state(), area, &mut around);
        for position in around.area.positions() {
            if area.contains(position) {
                inside[position] = around[position].clone();
            } else {
                assert_eq!(around[position], untouched, "{} drew outside, at {position:?}", self.name());
            }
        }
        inside
    }
}

fn colour(colour: Color) -> String {
    match colour {
        Color::Rgb(red, green, blue) => format!("#{red:02X}{green:02X}{blue:02X}"),
        other => other.to_string(),
    }
}

/// What sets a cell apart from the ground: `fg=#E69F00 bold`.
fn style(cell: &Cell, ground: Option<Style>) -> String {
    let ground = ground.unwrap_or_default();
    let mut parts = Vec::new();
    if cell.symbol() != " " && cell.fg != ground.fg.unwrap_or(Color::Reset) {
        parts.push(format!("fg={}", colour(cell.fg)));
    }
    if cell.bg != ground.bg.unwrap_or(Color::Reset) {
        parts.push(format!("bg={}", colour(cell.bg)));
    }
    let modifiers = [
        (Modifier::BOLD, "bold"),
        (Modifier::DIM, "dim"),
        (Modifier::UNDERLINED, "underlined"),
        (Modifier::REVERSED, "reversed"),
        (Modifier::ITALIC, "italic"),
        (Modifier::CROSSED_OUT, "crossed"),
    ];
    let seen = cell.symbol() != " " || cell.modifier.intersects(Modifier::REVERSED | Modifier::UNDERLINED);
    parts.extend(modifiers.iter().filter(|(flag, _)| seen && cell.modifier.contains(*flag)).map(|m| m.1.to_owned()));
    parts.join(" ")
}

/// The letters, then each stretch of cells with a style: row, columns, style.
fn letters_and_styles(buffer: &Buffer, ground: Option<Style>) -> String {
    let mut out = crate::picture::text(buffer);
    let width = usize::from(buffer.area.width);
    for (row, cells) in buffer.content.chunks(width).enumerate() {
        let mut start = 0;
        for stretch in cells.chunk_by(|left, right| style(left, ground) == style(right, ground)) {
            let end = start + stretch.len();
            let style = style(&stretch[0], ground);
            if !style.is_empty() {
                writeln!(out, "{row}: {start}..{end} {style}").unwrap();
            }
            start = end;
        }
    }
    out
}

#[test]
fn every_pair_of_size_theme_and_situation_is_there() {
    let any = |wanted: &dyn Fn(&Screen) -> bool| SCREENS.iter().any(wanted);
    for size in SIZES {
        for theme in THEMES {
            assert!(any(&|screen| screen.size == size && screen.theme == theme), "{size:?} {theme:?}");
        }
        for situation in SITUATIONS {
            assert!(any(&|screen| screen.size == size && screen.shows(situation)), "{size:?} {situation:?}");
        }
    }
    for theme in THEMES {
        for situation in SITUATIONS {
            assert!(any(&|screen| screen.theme == theme && screen.shows(situation)), "{theme:?} {situation:?}");
        }
    }
}

#[test]
fn screens() {
    for screen in &SCREENS {
        let buffer = screen.drawn();
        let palette = screen.state().palette;
        insta::assert_snapshot!(screen.name(), letters_and_styles(&buffer, palette.ground));
        if screen.theme == Theme::Mono {
            let plain = |cell: &Cell| cell.fg == Color::Reset && cell.bg == Color::Reset;
            assert!(buffer.content().iter().all(plain), "{}", screen.name());
        }
        assert!(buffer.content().iter().all(|cell| !cell.symbol().chars().any(char::is_control)));
        #[cfg(feature = "picture")]
        {
            let mut missing = crate::picture::missing_glyphs(&buffer, None).unwrap();
            missing.retain(|letter| crate::text::width(&letter.to_string()) < 2);
            assert!(missing.is_empty(), "{}: {missing:?}", screen.name());
        }
    }
}

/// Writes each screen as a picture into the directory that `TRIMTAB_PICTURES` names.
#[cfg(feature = "picture")]
#[test]
#[ignore = "for the eye: run it with TRIMTAB_PICTURES=DIRECTORY"]
fn pictures() {
    use crate::picture::{Options, Theme as Ground, write};
    let directory = std::path::PathBuf::from(std::env::var_os("TRIMTAB_PICTURES").expect("a directory"));
    for screen in &SCREENS {
        let theme = if screen.theme == Theme::Light { Ground::light() } else { Ground::dark() };
        let path = directory.join(screen.name()).with_extension("png");
        write(&screen.drawn(), &path, &Options { theme, ..Options::default() }).unwrap();
    }
}
