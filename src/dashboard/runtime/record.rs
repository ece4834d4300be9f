//! A record that is over: read once for its moments, then told as messages, forwards or from its start again.
//!
//! Owns the record's events. Up to [`IN_MEMORY`] bytes of lines they are kept, so that any moment is there at once; a
//! larger record is read from its file again.

use crate::dashboard::message::Message;
use crate::dashboard::replay::{Fate, Moments, Origin, Replay};
use crate::protocol::{Alert, Event};
use crate::run::{EventTail, ReadReport, RunError, read_events};
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Largest record in bytes whose events are kept: some 150,000 steps of four tasks.
const IN_MEMORY: u64 = 64 << 20;

/// A record that is over.
#[derive(Clone, Debug)]
pub struct Record {
    store: Store,
    moments: Moments,
    /// For each moment, how many events lead to it.
    ends: Arc<[usize]>,
    fate: Fate,
    last_words: Option<String>,
}

#[derive(Clone, Debug)]
enum Store {
    Memory(Arc<[Event]>),
    File(PathBuf),
}

impl Record {
    /// Reads an `events.jsonl`. `fate` says what became of a run without an `end`; `last_words` are then added to its
    /// events as an error.
    ///
    /// # Errors
    /// [`RunError::Io`].
    pub fn read(events: &Path, fate: Fate, last_words: Option<String>) -> Result<Self, RunError> {
        let length = std::fs::metadata(events).map_or(0, |file| file.len());
        Self::read_keeping(events, fate, last_words, length <= IN_MEMORY)
    }

    fn read_keeping(path: &Path, fate: Fate, last_words: Option<String>, keep: bool) -> Result<Self, RunError> {
        let (mut kept, mut index) = (Vec::new(), Index::default());
        let report = read_events(path, |event| {
            index.event(&event);
            if keep {
                kept.push(event);
            }
        })?;
        let ended = index.ended;
        let store = if keep { Store::Memory(kept.into()) } else { Store::File(path.to_owned()) };
        let last_words = (!ended).then_some(last_words).flatten().or_else(|| unreadable(report));
        let (moments, ends) = index.finish();
        Ok(Self { store, moments, ends, fate: if ended { Fate::Ended } else { fate }, last_words })
    }

    /// All places in it.
    pub fn moments(&self) -> &Moments {
        &self.moments
    }

    /// A replay of it, held at the end.
    pub fn replay(&self) -> Replay {
        Replay::new(self.moments.clone(), self.fate.clone())
    }

    /// What the state is told of it.
    pub fn origin(&self) -> Origin {
        Origin::Record(self.replay())
    }

    /// One that tells it.
    pub fn player(&self) -> Player {
        Player {
            record: self.clone(),
            told: 0,
            shown: None,
            restarts: false,
            closing: None,
            tail: None,
            read: VecDeque::new(),
        }
    }

    /// One that has told all of it.
    pub fn player_at_end(&self) -> Player {
        let (told, last) = (self.ends.last().copied().unwrap_or(0), self.moments.last());
        Player { told, shown: Some(last), closing: Some(VecDeque::new()), ..self.player() }
    }

    fn last_alert(&self) -> Option<Event> {
        let message = self.last_words.clone()?;
        let level = if matches!(self.fate, Fate::Died { .. }) { "error" } else { "warning" };
        let step = self.moments.at(self.moments.last()).step;
        Some(Event::Alert(Alert { step, code: "record".to_owned(), level: level.to_owned(), task: None, message }))
    }
}

/// What is said of lines that could not be read.
fn unreadable(report: ReadReport) -> Option<String> {
    let count = report.unreadable + report.too_long;
    (count > 0).then(|| format!("{count} lines of the record could not be read"))
}

/// What is found while a record is read.
#[derive(Default)]
struct Index {
    count: usize,
    steps: Vec<(u64, f64)>,
    ends: Vec<usize>,
    marks: Vec<usize>,
    ended: bool,
}

impl Index {
    fn event(&mut self, event: &Event) {
        match event {
            Event::Step(step) => {
                self.ends.push(self.count);
                self.steps.push((step.step, step.time.get()));
                self.ended = false;
            }
            // It acts in the step that follows.
            Event::Applied(_) => self.marks.push(self.ends.len() + 1),
            // A place of its own, so that what was before it can be looked at; the clock of training jumps here.
            Event::Rewind(rewind) => {
                self.ends.push(self.count);
                self.steps.push((rewind.to_step, f64::NAN));
                self.ended = false;
            }
            Event::End(_) => self.ended = true,
            _ => {}
        }
        self.count += 1;
    }

    fn finish(mut self) -> (Moments, Arc<[usize]>) {
        self.ends.push(self.count);
        self.marks.dedup();
        (Moments::new(self.steps.into_iter(), self.marks), self.ends.into())
    }
}

/// Tells a record, message by message, towards the place that is wanted.
pub struct Player {
    record: Record,
    /// Events told since the last start.
    told: usize,
    /// The place that is shown; none on the way to one.
    shown: Option<usize>,
    restarts: bool,
    /// What is said after the last event.
    closing: Option<VecDeque<Closing>>,
    tail: Option<EventTail>,
    read: VecDeque<Event>,
}

enum Closing {
    Alert(Box<Event>),
    Gone,
}

impl Player {
    /// The place that is shown; `None` on the way to one.
    pub fn shown(&self) -> Option<usize> {
        self.shown
    }

    /// The next message on the way to a place; `None` once it is shown.
    pub fn towards(&mut self, place: usize, run: usize) -> Option<Message> {
        if self.shown == Some(place) {
            return None;
        }
        self.shown = None;
        let place = place.min(self.record.moments.last());
        let end = self.record.ends.get(place).copied().unwrap_or(0);
        let is_last = place == self.record.moments.last();
        if self.told > end || (self.closing.is_some() && !is_last) {
            self.start_again();
        }
        if std::mem::take(&mut self.restarts) {
            return Some(Message::Restarted { run });
        }
        if self.told < end
            && let Some(event) = self.event()
        {
            self.told += 1;
            return Some(Message::Event { run, event });
        }
        if is_last && let Some(closing) = self.close() {
            return Some(match closing {
                Closing::Alert(event) => Message::Event { run, event: *event },
                Closing::Gone => Message::Disconnected { run },
            });
        }
        self.shown = Some(place);
        None
    }

    fn start_again(&mut self) {
        (self.told, self.restarts, self.closing, self.tail) = (0, true, None, None);
        self.read.clear();
    }

    fn close(&mut self) -> Option<Closing> {
        if self.closing.is_none() {
            let gone = matches!(self.record.fate, Fate::Died { .. }).then_some(Closing::Gone);
            self.closing =
                Some(self.record.last_alert().map(Box::new).map(Closing::Alert).into_iter().chain(gone).collect());
        }
        self.closing.as_mut()?.pop_front()
    }

    /// The event after those told; none where the file has become shorter.
    fn event(&mut self) -> Option<Event> {
        let path = match &self.record.store {
            Store::Memory(events) => return events.get(self.told).cloned(),
            Store::File(path) => path,
        };
        if self.read.is_empty() {
            let tail = self.tail.get_or_insert_with(|| EventTail::new(path));
            // What cannot be read any more is as good as not there.
            self.read = tail.poll().unwrap_or_default().into();
        }
        self.read.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboard::state::{Options, State};
    use crate::dashboard::testing::{end, eval, line, press, started, step, text, tick};
    use crate::dashboard::{Effect, update};
    use crate::protocol::EndReason;
    use proptest::prelude::*;
    use std::fs;

    fn events(steps: u64) -> Vec<Event> {
        let mut events = vec![started(&["a", "b"], steps), eval(0, 2)];
        for number in 1..=steps {
            if number == 20 {
                events.push(line(r#"{"event":"applied","step":20,"id":"x","from":"cli","command":{"set_weight":{"task":"a","value":2.0}},"old":1.0,"new":2.0}"#));
            }
            events.push(Event::Step(Box::new(step(number, 2))));
            if number == 30 {
                events.push(line(r#"{"event":"rewind","to_step":25,"why":"restore"}"#));
                events.extend((26..=30).map(|number| Event::Step(Box::new(step(number, 2)))));
            }
        }
        events
    }

    fn written(events: &[Event], keep: bool) -> (tempfile::TempDir, Record) {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("events.jsonl");
        let lines: String = events.iter().map(|event| event.to_line().unwrap() + "\n").collect();
        fs::write(&path, lines).unwrap();
        let fate = Fate::Died { silent: Some(std::time::Duration::from_hours(2)), resume: Some("a".to_owned()) };
        let record = Record::read_keeping(&path, fate, Some("nobody trains it".to_owned()), keep).unwrap();
        (base, record)
    }

    fn state(record: &Record) -> State {
        State::new(&Options { origins: vec![record.origin()], ..Options::default() })
    }

    fn tell(state: &mut State, player: &mut Player, place: usize) {
        while let Some(message) = player.towards(place, 0) {
            update(state, message);
        }
        assert_eq!(player.shown(), Some(place));
    }

    fn follow(state: &mut State, player: &mut Player, effects: Vec<Effect>) {
        for effect in effects {
            let Effect::Show { place, .. } = effect else { panic!("{effect:?}") };
            tell(state, player, place);
        }
    }

    #[test]
    fn a_record_told_in_any_order_is_the_one_told_at_once() {
        for (keep, finished) in [(true, true), (false, true), (true, false)] {
            let mut all = events(60);
            if finished {
                all.push(end(60, EndReason::Finished));
            }
            let (_base, record) = written(&all, keep);
            let mut direct = state(&record);
            let (mut player, last) = (record.player(), record.moments().last());
            tell(&mut direct, &mut player, last);
            let whole = text(&direct, 120, 40);
            assert!(whole.contains(if finished { "FINISHED" } else { "LOST" }), "{whole}");
            for (width, height) in [(120, 40), (80, 24), (40, 12), (60, 6), (40, 4)] {
                let screen = text(&direct, width, height);
                assert!(screen.contains("[replay]"), "{screen}");
            }
            let (mut walked, mut player) = (state(&record), record.player());
            tell(&mut walked, &mut player, last);
            for keys in ["home", ". . . right right", "left , ,", "right right right , end home end"] {
                for key in keys.split(' ') {
                    let effects = press(&mut walked, key);
                    follow(&mut walked, &mut player, effects);
                }
            }
            assert_eq!(text(&walked, 120, 40), whole);
        }
    }

    #[test]
    fn it_plays_by_the_clock_and_a_record_takes_no_weights() {
        let mut all = events(60);
        all.push(end(60, EndReason::Finished));
        let (_base, record) = written(&all, true);
        let (mut state, mut player) = (state(&record), record.player());
        tell(&mut state, &mut player, record.moments().last());
        let before = state.runs[0].tasks[0].weight;
        assert!(press(&mut state, "m").is_empty() && press(&mut state, "+ E =").is_empty());
        assert_eq!((state.runs[0].tasks[0].weight, &state.mode), (before, &crate::dashboard::state::Mode::Main));
        assert!(state.notice().unwrap().contains("record"), "{:?}", state.notice());
        // 60 steps took 60 / 412 s; at quarter speed that is over half a second.
        let effects = press(&mut state, "< < space");
        follow(&mut state, &mut player, effects);
        assert_eq!(state.runs[0].timeline.last_step(), 0);
        assert!(text(&state, 120, 40).contains("playing"));
        tick(&mut state, 0);
        let effects = update(&mut state, Message::Tick { now: std::time::Duration::from_millis(300) });
        follow(&mut state, &mut player, effects);
        let step = state.runs[0].timeline.last_step();
        assert!((20..60).contains(&step), "{step}");
        let effects = update(&mut state, Message::Tick { now: std::time::Duration::from_mins(5) });
        follow(&mut state, &mut player, effects);
        assert!(state.replay().unwrap().is_at_end() && !state.is_moving());
        assert_eq!(state.runs[0].timeline.last_step(), 60);
        assert!(!state.is_stale());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn no_keys_steer_a_record_or_lead_out_of_it(
            keys in proptest::collection::vec((0_usize..10_000, 0_u64..4), 1..60),
            (width, height) in (1_u16..150, 1_u16..50),
        ) {
            let mut all = events(60);
            all.push(end(60, EndReason::Finished));
            let (_base, record) = written(&all, true);
            let origins = vec![record.origin(), record.origin()];
            let mut state = State::new(&Options { origins, ..Options::default() });
            let mut players = [record.player(), record.player()];
            let last = record.moments().last();
            let names: Vec<&str> = crate::dashboard::BINDINGS.iter().flat_map(|row| row.keys).copied().collect();
            let mut now = 0;
            for (key, later) in keys {
                now += later;
                let mut effects = update(&mut state, Message::Tick { now: std::time::Duration::from_millis(now * 40) });
                effects.extend(press(&mut state, names[key % names.len()]));
                for effect in effects {
                    prop_assert!(!matches!(effect, Effect::Send { .. }), "{effect:?}");
                    if let Effect::Show { run, place } = effect {
                        prop_assert!(place <= last);
                        while let Some(message) = players[run].towards(place, run) {
                            update(&mut state, message);
                        }
                    }
                }
                drop(text(&state, width, height));
            }
            for (run, origin) in state.origins.iter().enumerate() {
                let moment = origin.replay().unwrap().moment();
                prop_assert!(players[run].shown().is_none() || state.runs[run].timeline.last_step() == moment.step);
            }
        }

        #[test]
        fn any_way_shows_the_step_that_is_named(places in proptest::collection::vec(0_usize..70, 1..8), keep: bool) {
            let (_base, record) = written(&events(60), keep);
            let (mut state, mut player) = (state(&record), record.player());
            for place in places {
                let place = place.min(record.moments().last());
                tell(&mut state, &mut player, place);
                prop_assert_eq!(state.runs[0].timeline.last_step(), record.moments().at(place).step);
            }
        }
    }
}
