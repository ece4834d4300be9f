//! What filters, selections, pairs of tasks and the jump to an event do.

use crate::dashboard::layout::Pane;
use crate::dashboard::state::Mode;
use crate::dashboard::testing::{hear, line, press, running, started, state, step, text};
use crate::dashboard::{Message, State, keys, render, update};
use crate::protocol::{Event, PartNorm, Real, Rewind, RewindReason, Scalars, System};
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

const TASKS: [&str; 3] = ["a", "b", "c"];

fn scalars(step: u64, values: &[(&str, f64)]) -> Event {
    let values = values.iter().map(|(name, value)| ((*name).to_owned(), Real(*value))).collect();
    Event::Scalars(Scalars { step, values })
}

/// A run with three scalars and some events.
fn logged() -> State {
    let mut state = running(&TASKS, 100);
    for step in 101..=120 {
        let at = step as f64;
        hear(&mut state, scalars(step, &[("aux/kl", at), ("aux/LR", -at), ("gate", f64::NAN)]));
    }
    for (step, command) in [(101, r#"{"set_lr":{"value":0.1}}"#), (102, r#"{"note":{"text":"look at lr"}}"#)] {
        hear(
            &mut state,
            line(&format!(r#"{{"event":"applied","step":{step},"id":"{step}","from":"x","command":{command}}}"#)),
        );
    }
    hear(&mut state, line(r#"{"event":"checkpoint","step":103,"path":"c/103"}"#));
    state
}

fn typed(state: &mut State, text: &str) {
    update(state, Message::Paste(text.to_owned()));
}

fn go_to(state: &mut State, pane: Pane) {
    for _ in Pane::ALL {
        if state.pane != pane {
            press(state, "tab");
        }
    }
    assert_eq!(state.pane, pane);
}

fn names(state: &State) -> Vec<&str> {
    state.run().unwrap().scalars.listed().map(|scalar| scalar.label.as_str()).collect()
}

#[test]
fn the_pane_of_scalars_is_passed_over_until_there_is_one() {
    let mut state = running(&TASKS, 10);
    for _ in Pane::ALL {
        press(&mut state, "tab");
        assert_ne!(state.pane, Pane::Scalars);
    }
    hear(&mut state, scalars(11, &[("x", 1.0)]));
    go_to(&mut state, Pane::Scalars);
}

#[test]
fn a_filter_works_while_it_is_typed_and_escape_brings_the_one_before_back() {
    let mut state = logged();
    go_to(&mut state, Pane::Scalars);
    press(&mut state, "/ L R");
    assert_eq!(names(&state), ["aux/LR"]);
    press(&mut state, "backspace backspace");
    assert_eq!(names(&state).len(), 3);
    typed(&mut state, "aux");
    press(&mut state, "enter");
    assert_eq!((names(&state), &state.mode), (vec!["aux/LR", "aux/kl"], &Mode::Main));
    assert!(text(&state, 120, 40).contains("/aux/ 2 of 3") && text(&state, 80, 24).contains("filter /aux/"));
    press(&mut state, "/ k");
    assert!(names(&state).is_empty() && text(&state, 120, 40).contains("nothing fits the filter /auxk/"));
    press(&mut state, "esc");
    assert_eq!(names(&state).len(), 2);
    press(&mut state, "/ ctrl-u enter");
    assert_eq!((names(&state).len(), state.panels.scalars.is_set()), (3, false));
}

#[test]
fn a_broken_expression_says_why_where_it_is_typed_and_keeps_the_old_filter() {
    let mut state = logged();
    go_to(&mut state, Pane::Scalars);
    press(&mut state, "/ g a (");
    assert_eq!(names(&state), ["gate"]);
    let shown = text(&state, 80, 24);
    assert!(shown.contains("names that match: ga(") && shown.contains("no expression: "), "{shown}");
    press(&mut state, "enter");
    assert!(matches!(state.mode, Mode::Prompt(_)));
    press(&mut state, ") enter");
    assert_eq!((state.mode.clone(), names(&state)), (Mode::Main, vec!["gate"]));
}

#[test]
fn names_that_come_later_are_filtered_too_and_so_is_a_run_begun_anew() {
    let mut state = logged();
    go_to(&mut state, Pane::Scalars);
    press(&mut state, "/ ^ g enter");
    hear(&mut state, scalars(130, &[("gain", 1.0), ("other", 1.0)]));
    assert_eq!(names(&state), ["gain", "gate"]);
    state.runs[0] = crate::dashboard::Run::new(0.0, None);
    hear(&mut state, scalars(1, &[("gain", 1.0), ("other", 1.0)]));
    assert_eq!(names(&state), ["gain"]);
}

#[test]
fn the_selected_scalar_stays_selected_whatever_comes() {
    let mut state = logged();
    go_to(&mut state, Pane::Scalars);
    press(&mut state, "pagedown pagedown");
    let chosen = |state: &State| state.panels.selected_scalar(state.run().unwrap()).unwrap().1.label.clone();
    assert_eq!(chosen(&state), "gate");
    hear(&mut state, scalars(130, &[("a", 1.0), ("b", 1.0)]));
    assert_eq!(chosen(&state), "gate");
    press(&mut state, "pagedown pagedown pageup");
    assert_eq!(chosen(&state), "b");
}

#[test]
fn events_are_filtered_by_text_and_kind_and_the_title_says_so() {
    let mut state = logged();
    let shown = |state: &State| state.run().unwrap().log.listed().map(|entry| entry.step).collect::<Vec<_>>();
    press(&mut state, "/");
    assert_eq!(state.pane, Pane::Events);
    typed(&mut state, "kind:note");
    assert_eq!(shown(&state), [102]);
    typed(&mut state, " kind:appl LR");
    assert!(shown(&state).is_empty());
    press(&mut state, "backspace backspace l r enter");
    assert_eq!(shown(&state), [102, 101]);
    let screen = text(&state, 200, 60);
    assert!(screen.contains("/kind:note kind:appl lr/ 2 of 4"), "{screen}");
    press(&mut state, "/ ctrl-u");
    typed(&mut state, "kind:nope");
    assert!(text(&state, 120, 40).contains("no kind 'nope': note"), "{}", text(&state, 120, 40));
    press(&mut state, "esc");
    assert_eq!(shown(&state), [102, 101]);
}

#[test]
fn a_jump_puts_the_cursor_on_the_selected_event_which_new_ones_do_not_move() {
    let mut state = logged();
    for number in 101..=120 {
        hear(&mut state, Event::Step(Box::new(step(number, TASKS.len()))));
    }
    press(&mut state, "J");
    assert_eq!(state.charts.cursor, Some(103));
    press(&mut state, "pagedown");
    assert_eq!(state.pane, Pane::Events);
    hear(&mut state, line(r#"{"event":"alert","step":110,"code":"x","level":"warning","message":"new"}"#));
    let screen = text(&state, 120, 40);
    assert!(screen.lines().any(|line| line.contains(">102 \"")), "{screen}");
    press(&mut state, "J");
    assert_eq!(state.charts.cursor, Some(102));
    press(&mut state, "pageup pageup J");
    assert_eq!(state.charts.cursor, Some(110));
    let mut none = running(&TASKS, 3);
    press(&mut none, "J");
    assert_eq!((none.charts.cursor, none.notice()), (None, Some("no event to jump to")));
}

#[test]
fn pairs_come_in_turn_and_the_matrix_comes_back() {
    let mut state = running(&TASKS, 100);
    press(&mut state, "d");
    assert_eq!((state.pane, state.panels.pair), (Pane::Cosine, Some((0, 1))));
    assert!(text(&state, 120, 40).contains("1 a × 2 b, shared"), "{}", text(&state, 120, 40));
    press(&mut state, "d d");
    assert_eq!(state.panels.pair, Some((1, 2)));
    press(&mut state, "D");
    assert!(text(&state, 120, 40).contains("conflicts"));
    let mut one = running(&["a"], 10);
    press(&mut one, "d");
    assert_eq!(one.panels.pair, None);
}

#[test]
fn gradients_go_round_over_the_places_that_were_measured() {
    let mut state = running(&TASKS, 100);
    let title = |state: &State| {
        let shown = text(state, 120, 40);
        ["Gradient norms", "Update norms"].into_iter().find(|name| shown.contains(name))
    };
    press(&mut state, "g g");
    assert_eq!(title(&state), Some("Gradient norms"));
    let mut told = step(101, 3);
    told.part_norm =
        Some(PartNorm { encoder: Some(Real(0.1)), heads: vec![Some(Real(0.2)), None, Some(Real(f64::NAN))] });
    hear(&mut state, Event::Step(Box::new(told)));
    assert!(text(&state, 120, 40).contains(" shared, every 20 steps"));
    press(&mut state, "g");
    assert!(text(&state, 120, 40).contains(" at z, "));
    press(&mut state, "g");
    assert_eq!(title(&state), Some("Update norms"));
    press(&mut state, "g");
    assert_eq!(title(&state), Some("Gradient norms"));
    assert!(text(&state, 120, 40).contains(" shared, every 20 steps"));
}

#[test]
fn a_rewind_takes_later_values_back_and_dims_later_events() {
    let mut state = logged();
    hear(&mut state, Event::Rewind(Rewind { to_step: 102, why: RewindReason::Restore }));
    let run = state.run().unwrap();
    assert_eq!(run.scalars.listed().nth(1).unwrap().series.last(), Some((102, 102.0)));
    let left: Vec<_> = run.log.newest().map(|entry| (entry.step, entry.left_behind)).collect();
    assert_eq!(left[..3], [(102, false), (103, true), (102, false)]);
}

#[test]
fn the_facts_of_the_run_are_scrolled_to_the_end_and_back() {
    let mut state = running(&TASKS, 10);
    update(&mut state, Message::Resize(80, 24));
    go_to(&mut state, Pane::Machine);
    assert!(text(&state, 80, 24).contains("program") && text(&state, 80, 24).contains("not told by this trainer"));
    (0..60).for_each(|_| drop(press(&mut state, "pagedown")));
    assert!(text(&state, 80, 24).contains("data") && !text(&state, 80, 24).contains("program"));
    (0..60).for_each(|_| drop(press(&mut state, "pageup")));
    assert!(text(&state, 80, 24).contains("program"));
}

/// A value of any kind.
fn value() -> impl Strategy<Value = f64> {
    prop_oneof![4 => -10.0..10.0_f64, 1 => Just(f64::NAN), 1 => Just(f64::INFINITY), 1 => any::<f64>()]
}

fn event() -> impl Strategy<Value = Event> {
    let name = prop_oneof![Just("a".to_owned()), ".{0,9}", "[\\x00-\\x1f\u{202e}\u{9b}a-c/]{0,9}"];
    let values = || prop::collection::vec((name.clone(), value()), 0..6);
    let reals = |values: Vec<(String, f64)>| values.into_iter().map(|(name, value)| (name, Real(value))).collect();
    prop_oneof![
        3 => (0_u64..200, values()).prop_map(move |(step, values)| Event::Scalars(Scalars { step, values: reals(values) })),
        1 => (values(), any::<Option<u64>>(), value()).prop_map(move |(parts, memory, cpu)| {
            Event::System(System { time: Real(1.0), memory, cpu: Some(Real(cpu)), parts: reals(parts) })
        }),
        2 => (1_u64..200, prop::collection::vec(value(), 4)).prop_map(|(number, values)| {
            let mut step = step(number, 3);
            let real = |place: usize| values.get(place).copied().map(Real);
            step.part_norm = Some(PartNorm { encoder: real(0), heads: vec![real(1), None, real(2)] });
            if let Some(view) = &mut step.gradient.representation {
                view.cosine = vec![real(0), real(3), None];
            }
            Event::Step(Box::new(step))
        }),
        1 => (0_u64..200, prop::collection::vec(value(), 3)).prop_map(|(step, loss)| {
            let loss = loss.into_iter().map(|value| Some(Real(value))).collect();
            Event::Eval(crate::protocol::Eval { step, split: "valid".into(), loss, ..Default::default() })
        }),
        1 => (0_u64..200, any::<bool>()).prop_map(|(to_step, keep)| {
            let why = if keep { RewindReason::Restore } else { RewindReason::Resume };
            Event::Rewind(Rewind { to_step, why })
        }),
        1 => (0_u64..200, ".{0,20}").prop_map(|(step, path)| Event::Checkpoint(crate::protocol::Checkpoint { step, path })),
    ]
}

fn message() -> impl Strategy<Value = Message> {
    let keys = [
        "tab", "backtab", "/", "enter", "esc", "d", "D", "g", "J", "z", "pagedown", "pageup", "j", "s", "y", "x", "k",
        "(",
    ];
    prop_oneof![
        4 => event().prop_map(|event| Message::Event { run: 0, event }),
        4 => prop::sample::select(keys.to_vec()).prop_map(|name| Message::Key(keys::parse(name).unwrap())),
        1 => "[a-z\\[\\]()*+?\\\\:.{}0-9 ]{0,12}".prop_map(Message::Paste),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]
    #[test]
    fn no_names_values_or_filters_panic_or_let_a_control_character_through(
        messages in prop::collection::vec(message(), 0..80),
        sizes in prop::collection::vec((0_u16..210, 0_u16..62), 1..4),
    ) {
        let mut state = state();
        hear(&mut state, started(&TASKS, 50));
        for (place, message) in messages.into_iter().enumerate() {
            prop_assert!(update(&mut state, message).is_empty(), "nothing of this changes the run");
            let (width, height) = sizes[place % sizes.len()];
            let area = Rect::new(0, 0, width, height);
            let mut buf = Buffer::empty(area);
            render(&state, area, &mut buf);
            prop_assert!(buf.content().iter().all(|cell| !cell.symbol().chars().any(char::is_control)));
        }
    }
}
