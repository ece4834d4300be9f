//! `trimtab screenshot`: the real view of a run, as a picture.

use super::exit::{Exit, Failure};
use super::watched::Place;
use super::{ScreenshotArguments, log};
use crate::dashboard::{self, Capabilities, ColourDepth, Effect, Message, Origin, Player, Record, State, keys};
use crate::picture::{self, PictureError, Theme};
use anyhow::anyhow;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::KeyEvent;
use ratatui::layout::Rect;

/// Reads the record, presses the keys, draws.
pub fn run(arguments: &ScreenshotArguments) -> Result<Exit, Failure> {
    let pressed = pressed(&arguments.keys).map_err(Failure::usage)?;
    let mut runs = Vec::new();
    let mut live = arguments.live;
    for word in &arguments.runs {
        let place = Place::find(word, &arguments.out)?;
        if matches!(place, Place::Input) {
            return Err(Failure::usage(anyhow!("a picture is made of a record, not of standard input")));
        }
        // A run that goes on looks as it does to whoever watches it, unless a step is asked for.
        let goes_on = place.is_held();
        live |= goes_on && arguments.at.is_none();
        runs.push(if live || goes_on { place.record_so_far()? } else { place.record(false)? });
    }
    let (width, height) = arguments.size;
    let look = &arguments.look;
    let light = arguments.light || look.theme == dashboard::Theme::Light;
    let mut state = State::new(&dashboard::Options {
        origins: runs.iter().map(|record| if live { Origin::Watched } else { record.origin() }).collect(),
        capabilities: Capabilities { colours: ColourDepth::True, light },
        theme: look.theme,
        markers: look.markers().unwrap_or_default(),
        language: look.language().unwrap_or_default(),
        ..dashboard::Options::default()
    });
    tell(&mut state, &mut [], Message::Resize(width, height));
    let mut players: Vec<Player> = runs.iter().map(Record::player).collect();
    for (run, record) in runs.iter().enumerate() {
        let place = arguments.at.map_or(record.moments().last(), |step| record.moments().of_step(step));
        if !live {
            state.active = run;
            // Where that moves nothing, nothing is asked for.
            drop(arguments.at.map(|step| dashboard::jump_to_step(&mut state, step)));
        }
        show(&mut state, &mut players, run, place);
    }
    state.active = 0;
    for key in pressed {
        tell(&mut state, &mut players, Message::Key(key));
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

/// Passes a message on. Only moments of records are shown: a picture steers nothing.
fn tell(state: &mut State, players: &mut [Player], message: Message) {
    for effect in dashboard::update(state, message) {
        if let Effect::Show { run, place } = effect {
            show(state, players, run, place);
        }
    }
}

/// Shows a place of a record.
fn show(state: &mut State, players: &mut [Player], run: usize, place: usize) {
    while let Some(message) = players.get_mut(run).and_then(|player| player.towards(place, run)) {
        drop(dashboard::update(state, message));
    }
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
