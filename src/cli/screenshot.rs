//! `trimtab screenshot`: the real view of a run, as a picture.

use super::exit::{Exit, Failure};
use super::{ScreenshotArguments, log};
use crate::dashboard::{self, Capabilities, ColourDepth, Message, State, keys};
use crate::picture::{self, PictureError, Theme};
use crate::run::{read_events, resolve};
use anyhow::anyhow;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::KeyEvent;
use ratatui::layout::Rect;

/// Reads the record, presses the keys, draws.
pub fn run(arguments: &ScreenshotArguments) -> Result<Exit, Failure> {
    let run = resolve(&arguments.run, &arguments.out).map_err(Failure::usage)?;
    let pressed = pressed(&arguments.keys).map_err(Failure::usage)?;
    let (width, height) = arguments.size;
    let look = &arguments.look;
    let light = arguments.light || look.theme == dashboard::Theme::Light;
    let mut state = State::new(&dashboard::Options {
        capabilities: Capabilities { colours: ColourDepth::True, light },
        theme: look.theme,
        markers: look.markers().unwrap_or_default(),
        language: look.language().unwrap_or_default(),
        ..dashboard::Options::default()
    });
    // Effects are dropped: a picture steers nothing.
    drop(dashboard::update(&mut state, Message::Resize(width, height)));
    let mut last = std::time::Duration::ZERO;
    read_events(&run.events(), |event| {
        if let crate::protocol::Event::Step(step) = &event {
            last = std::time::Duration::try_from_secs_f64(step.time.get()).unwrap_or(last);
            drop(dashboard::update(&mut state, Message::Tick { now: last }));
        }
        drop(dashboard::update(&mut state, Message::Event { run: 0, event }));
    })?;
    drop(dashboard::update(&mut state, Message::Tick { now: last }));
    for key in pressed {
        drop(dashboard::update(&mut state, Message::Key(key)));
    }
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    dashboard::render(&state, area, &mut buffer);
    let theme = if light { Theme::light() } else { Theme::dark() };
    let options = picture::Options { font: arguments.font.clone(), theme, ..picture::Options::default() };
    picture::write(&buffer, &arguments.to, &options).map_err(|error| match error {
        PictureError::UnknownKind(_) => Failure::usage(error),
        other => other.into(),
    })?;
    log::message("", &format!("wrote {}", arguments.to.display()));
    Ok(Exit::Done)
}

/// The keys of a list of names.
fn pressed(names: &str) -> anyhow::Result<Vec<KeyEvent>> {
    let key =
        |name| keys::parse(name).ok_or_else(|| anyhow!("--keys: '{name}' is no key (a, A, space, ctrl-c, f1, …)"));
    names.split_whitespace().map(key).collect()
}

/// `120x40`
pub fn parse_size(text: &str) -> Result<(u16, u16), String> {
    let sides = text.split_once(['x', 'X', '×']);
    let side = |word: &str| word.trim().parse::<u16>().ok().filter(|side| (1..=1000).contains(side));
    sides
        .and_then(|(width, height)| Some((side(width)?, side(height)?)))
        .ok_or_else(|| "expected columns and rows from 1 to 1000, like 120x40".to_owned())
}
