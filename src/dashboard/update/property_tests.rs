//! Whatever happens in whatever order: nothing panics, nothing is drawn outside or as a control character, and no weight
//! changes by what does not say so.

use crate::dashboard::pointer::Held;
use crate::dashboard::prompt::Purpose;
use crate::dashboard::replay::{Fate, Moments, Origin, Replay};
use crate::dashboard::state::Mode;
use crate::dashboard::testing::{balance, end, eval, hear, line, started, state, step};
use crate::dashboard::{Action, BINDINGS, Effect, Message, Options, State, keys, render, update};
use crate::protocol::{COMMAND_NAMES, Command, EndReason, Event, Real, Sample, Scalars};
use proptest::prelude::*;
use ratatui::buffer::{Buffer, Cell};
use ratatui::crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Rect;
use serde_json::json;
use std::time::Duration;

const TASKS: [&str; 3] = ["a", "b", "c"];

fn number() -> impl Strategy<Value = Option<Real>> {
    prop_oneof![1 => Just(None), 5 => any::<f64>().prop_map(|value| Some(Real(value))), 1 => (0.0..10.0).prop_map(|v| Some(Real(v)))]
}

fn numbers() -> impl Strategy<Value = Vec<Option<Real>>> {
    prop::collection::vec(number(), 0..6)
}

fn answer_text() -> impl Strategy<Value = String> {
    prop_oneof![".{0,60}", "[ab情e\u{301}\u{1b}\r\n ]{0,90}", any::<f64>().prop_map(|value| value.to_string())]
}

fn event() -> impl Strategy<Value = Event> {
    let name = prop_oneof![Just("a".to_owned()), Just("情感".to_owned()), ".{0,12}"];
    let names = prop::collection::vec(name.clone(), 0..6);
    let steps = 0_u64..60;
    prop_oneof![
        2 => (names, any::<u64>()).prop_map(|(names, steps)| {
            started(&names.iter().map(String::as_str).collect::<Vec<_>>(), steps)
        }),
        1 => (1_usize..45).prop_map(|count| {
            let names: Vec<String> = (1..=count).map(|place| format!("task-{place}")).collect();
            started(&names.iter().map(String::as_str).collect::<Vec<_>>(), 3000)
        }),
        1 => (steps.clone(), ".{0,6}", number()).prop_map(|(step, name, value)| {
            let values = [("aux/kl".to_owned(), value), (name, Some(Real(1.0)))];
            let values = values.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
            Event::Scalars(Scalars { step, values })
        }),
        9 => (prop_oneof![9 => 0_u64..60, 1 => any::<u64>()], numbers(), numbers(), numbers(), numbers(), any::<f64>()).prop_map(|(number, loss, weight, norm, cosine, time)| {
            let mut step = step(number % (u64::MAX - 1), loss.len());
            step.gradient.shared = Some(crate::protocol::GradientView { norm, cosine });
            (step.loss, step.time) = (loss, Real(time));
            step.weight = weight.into_iter().flatten().collect();
            Event::Step(Box::new(step))
        }),
        2 => (steps.clone(), 0_usize..6).prop_map(|(step, count)| eval(step, count)),
        1 => (steps.clone(), any::<bool>()).prop_map(|(step, restore)| {
            line(&json!({"event": "rewind", "to_step": step, "why": if restore { "restore" } else { "resume" }}).to_string())
        }),
        2 => (steps.clone(), name, 0..COMMAND_NAMES.len(), any::<f64>()).prop_map(|(step, task, place, value)| {
            let body = json!({"task": task, "value": value, "tasks": [task], "weights": [value], "name": task, "part": task, "parameter": task, "steps": step, "step": step, "text": task});
            let command = json!({COMMAND_NAMES[place]: body});
            line(&json!({"event": "applied", "step": step, "id": "t-1", "from": task, "command": command, "old": value, "new": [value, null]}).to_string())
        }),
        3 => (steps.clone(), 0_usize..6, numbers(), numbers(), prop_oneof![Just("sum".to_owned()), ".{0,6}"]).prop_map(|(step, count, cosine, other, name)| {
            let Event::Balance(mut event) = balance(step, count) else { unreachable!() };
            (event.affinity, event.probe) = (vec![cosine.clone(), other.clone()], vec![other.clone()]);
            event.update_cosine = cosine;
            event.shadow.insert(name, other);
            Event::Balance(event)
        }),
        1 => (steps.clone(), ".{0,30}").prop_map(|(step, text)| {
            line(&json!({"event": "alert", "step": step, "code": text, "level": "error", "message": text}).to_string())
        }),
        1 => prop_oneof![Just("paused"), Just("running"), Just("evaluating"), Just("?")].prop_map(|state| {
            line(&json!({"event": "heartbeat", "time": 1, "state": state, "step": 3, "step_age": 99}).to_string())
        }),
        5 => (steps.clone(), prop_oneof![3 => Just("a".to_owned()), 1 => ".{0,4}"], answer_text(), answer_text(), answer_text()).prop_map(|(step, task, input, want, got)| {
            Event::Sample(Sample { step, task, input, want, got })
        }),
        1 => steps.prop_map(|step| end(step, EndReason::Failed)),
    ]
}

fn key(name: &str) -> Message {
    Message::Key(keys::parse(name).unwrap())
}

fn mouse(kind: MouseEventKind, (column, row): (u16, u16)) -> Message {
    Message::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })
}

/// A line of commands: of those there are, of actions by their names, and of anything.
fn command_line() -> impl Strategy<Value = String> {
    let actions: Vec<String> = BINDINGS.iter().map(|row| row.action.name()).collect();
    let commands = [
        "weight a 2",
        "weight b 3 over 20",
        "weights 1 2 3",
        "equalize",
        "mute b",
        "unmute b",
        "solo a",
        "undo",
        "redo",
        "lr 1e-3",
        "clip 2",
        "clip off",
        "freeze a",
        "unfreeze a",
        "freeze encoder",
        "pause",
        "resume",
        "advance 3",
        "evaluate",
        "checkpoint",
        "restore",
        "restore 5",
        "aggregation pcgrad",
        "weighting manual",
        "note x",
        "pace 9",
        "set balance.every 3",
        "stop",
        "lock",
        "weight a",
        "weight zz 1",
        "weight a -1",
        "weights 1",
    ];
    prop_oneof![
        4 => prop::sample::select(commands.to_vec()).prop_map(str::to_owned),
        2 => prop::sample::select(actions),
        1 => (prop::sample::select(COMMAND_NAMES.to_vec()), ".{0,9}").prop_map(|(name, rest)| format!("{name} {rest}")),
        1 => ".{0,30}",
    ]
}

/// What a person does in one go, or what comes from outside.
fn deed() -> impl Strategy<Value = Vec<Message>> {
    let names: Vec<&'static str> = BINDINGS.iter().flat_map(|row| row.keys.iter().copied()).collect();
    let place = || (0_u16..240, 0_u16..80);
    let left = MouseButton::Left;
    let kinds = [
        MouseEventKind::Down(left),
        MouseEventKind::Up(left),
        MouseEventKind::Drag(left),
        MouseEventKind::ScrollDown,
        MouseEventKind::ScrollUp,
        MouseEventKind::Down(MouseButton::Middle),
        MouseEventKind::Moved,
    ];
    let one = |message: Message| vec![message];
    prop_oneof![
        12 => (0_usize..3, event()).prop_map(move |(run, event)| one(Message::Event { run, event })),
        18 => prop::sample::select(names).prop_map(move |name| one(key(name))),
        4 => (prop::sample::select(kinds.to_vec()), place()).prop_map(move |(kind, at)| one(mouse(kind, at))),
        2 => (place(), 0_u16..240).prop_map(move |(at, to)| {
            vec![
                mouse(MouseEventKind::Down(left), at),
                mouse(MouseEventKind::Drag(left), (to, at.1)),
                mouse(MouseEventKind::Up(left), (to, at.1)),
            ]
        }),
        4 => (command_line(), any::<bool>()).prop_map(|(text, complete)| {
            let mut messages = vec![key(":"), Message::Paste(text)];
            messages.extend(complete.then(|| key("tab")));
            messages.push(key("enter"));
            messages
        }),
        2 => prop_oneof!["[a-z0-9.]{0,3}", ".{0,6}", Just("[".to_owned()), Just("(?i)weight|w1".to_owned())]
            .prop_map(|text| vec![key("/"), Message::Paste(text), key("enter")]),
        1 => "[0-9.]{0,4}|.{0,20}".prop_map(move |text| one(Message::Paste(text))),
        1 => (0_u64..100).prop_map(move |seconds| one(Message::Tick { now: Duration::from_secs(seconds) })),
        1 => (0_usize..3, 0_u64..60, 0.0..2.0).prop_map(move |(run, steps, gap)| {
            let moments = Moments::new((1..=steps).map(|step| (step, step as f64 * gap)), vec![steps as usize / 2]);
            one(Message::Recorded { run, replay: Box::new(Replay::new(moments, Fate::Ended)) })
        }),
        1 => prop_oneof![
            any::<bool>().prop_map(|light| Message::Background { light }),
            (0_usize..3).prop_map(|run| Message::Disconnected { run }),
            (0_usize..3).prop_map(|run| Message::Restarted { run }),
            (0_usize..3).prop_map(|run| Message::SendFailed { run, id: "t-1".to_owned() }),
        ]
        .prop_map(one),
    ]
}

/// One run, or two beside each other of which the second is a record.
fn begun(several: bool) -> State {
    if !several {
        let mut state = state();
        hear(&mut state, started(&TASKS, 50));
        return state;
    }
    let moments = Moments::new((1..=40).map(|step| (step, step as f64)), vec![9]);
    let record = Origin::Record(Replay::new(moments, Fate::Ended));
    let options = Options { id_prefix: "t".to_owned(), origins: vec![Origin::Watched, record], ..Options::default() };
    let mut state = State::new(&options);
    for run in 0..2 {
        update(&mut state, Message::Event { run, event: started(&TASKS, 50) });
        for number in 1..=9 {
            let event = Event::Step(Box::new(step(number, TASKS.len())));
            update(&mut state, Message::Event { run, event });
        }
    }
    state
}

/// Whether a message may change weights, by what is said of it: the help of a key, the words typed, a drag along a
/// slider, a change to be taken back as soon as it is answered.
fn may_weigh(state: &State, message: &Message, undo_waits: bool) -> bool {
    match (message, &state.mode) {
        (Message::Key(key), Mode::Main | Mode::Leaving) => {
            state.keymap.lookup(&state.contexts(), *key).is_some_and(|row| {
                row.command.is_some() && state.words.action(row.action).help.contains("weight")
                    || matches!(row.action, Action::Undo | Action::Redo)
            })
        }
        (Message::Key(_), Mode::Prompt(prompt)) => matches!(prompt.purpose, Purpose::Weight(_)),
        (Message::Key(_), Mode::Palette(line)) => {
            ["weight", "equalize", "undo", "redo"].iter().any(|word| line.prompt.text.contains(word))
        }
        (Message::Mouse(event), Mode::Main) => {
            event.kind == MouseEventKind::Up(MouseButton::Left)
                && matches!(state.pointer.held, Held::Slider { wanted: Some(_), .. })
        }
        (Message::Event { .. }, _) => undo_waits,
        _ => false,
    }
}

/// Draws inside a larger buffer, none of whose other cells may be touched.
fn is_drawn_inside(state: &State, width: u16, height: u16) -> Result<(), TestCaseError> {
    let area = Rect::new(2, 1, width, height);
    let untouched = Cell::new("¤");
    let mut cells = Buffer::filled(Rect::new(0, 0, width + 5, height + 3), untouched.clone());
    area.positions().for_each(|place| cells[place] = Cell::default());
    render(state, area, &mut cells);
    for place in cells.area.positions() {
        let cell = &cells[place];
        if area.contains(place) {
            prop_assert!(!cell.symbol().chars().any(char::is_control), "{:?} at {:?}", cell, place);
        } else {
            prop_assert_eq!(cell, &untouched, "outside, at {:?}", place);
        }
    }
    Ok(())
}

proptest! {
    // About eight thousand messages; more by PROPTEST_CASES.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 4 * 3, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_nothing_panics_is_drawn_outside_or_weighs_unasked(
        several: bool,
        deeds in prop::collection::vec(deed(), 0..60),
        sizes in prop::collection::vec(prop_oneof![
            4 => (0_u16..240, 0_u16..80),
            1 => prop::sample::select(vec![(200, 60), (120, 40), (80, 24), (40, 12)]),
        ], 1..4),
    ) {
        let mut state = begun(several);
        let mut undo_waits = false;
        for (place, message) in deeds.into_iter().flatten().enumerate() {
            let may_weigh = may_weigh(&state, &message, undo_waits);
            let said = format!("{message:?} in {:?}", state.mode);
            undo_waits |= may_weigh;
            let locked = state.locked;
            for effect in update(&mut state, message) {
                let Effect::Send { run, request } = effect else { continue };
                let command = request.command;
                prop_assert!(state.origins.get(run).is_some_and(|origin| origin.replay().is_none()), "a record was told: {said}");
                prop_assert!(!locked || command == Command::Stop {}, "{command:?} while locked: {said}");
                let weighs = matches!(command, Command::SetWeight { .. } | Command::SetWeights { .. } | Command::Equalize {});
                prop_assert!(!weighs || may_weigh, "{command:?} by {said}");
            }
            let (width, height) = sizes[place % sizes.len()];
            update(&mut state, Message::Resize(width, height));
            is_drawn_inside(&state, width, height)?;
        }
    }
}
