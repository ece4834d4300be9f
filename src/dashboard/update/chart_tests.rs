//! Views, windows and the cursor of the charts.

use super::charts::{select, zoom_at};
use super::cursor::put;
use crate::dashboard::charts::{LossView, Window};
use crate::dashboard::layout::Pane;
use crate::dashboard::model::Derived;
use crate::dashboard::testing::{hear, line, press, running, started, state, step, text};
use crate::dashboard::view::{chart_at, chart_field};
use crate::dashboard::{Context, Message, State, render, update};
use crate::protocol::{Event, Real};
use crate::series::XAxis;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

const TASKS: [&str; 3] = ["a", "b", "c"];

fn sized(steps: u64) -> State {
    let mut state = running(&TASKS, steps);
    update(&mut state, Message::Resize(120, 40));
    state
}

fn shown(state: &State) -> (u64, u64) {
    state.charts.steps(&state.run().unwrap().timeline)
}

#[test]
fn zooming_follows_the_run_until_it_is_frozen_and_the_screen_says_so() {
    let mut state = sized(800);
    assert_eq!(shown(&state), (1, 800));
    press(&mut state, "i");
    assert_eq!(state.charts.window, Window::Following { span: 400 });
    assert!(text(&state, 120, 40).matches("last 400 steps").count() >= 2);
    hear(&mut state, Event::Step(Box::new(step(801, 3))));
    assert_eq!(shown(&state), (401, 801));
    press(&mut state, "f");
    hear(&mut state, Event::Step(Box::new(step(802, 3))));
    assert_eq!(shown(&state), (401, 801));
    for (width, height) in [(120, 40), (80, 24), (40, 12)] {
        assert!(text(&state, width, height).contains("FROZEN 401–801"), "{}", text(&state, width, height));
    }
    press(&mut state, "f");
    assert_eq!(shown(&state), (402, 802));
    press(&mut state, "0");
    assert_eq!(state.charts.window, Window::Whole);
    press(&mut state, "f");
    assert_eq!(state.charts.window, Window::Frozen { from: 1, to: 802 });
    press(&mut state, "f");
    assert_eq!(state.charts.window, Window::Whole);
}

#[test]
fn panning_stops_at_the_ends_and_says_so() {
    let mut state = sized(800);
    press(&mut state, "{");
    assert!(state.notice().is_some_and(|notice| notice.contains("earlier")));
    press(&mut state, "i i {");
    assert_eq!(shown(&state), (550, 750));
    press(&mut state, "} } }");
    assert_eq!(shown(&state), (600, 800));
    assert!(state.notice().is_some_and(|notice| notice.contains("later")));
}

#[test]
fn what_lies_under_the_pointer_stays_there_on_every_axis() {
    for axis in ["", "x", "x x"] {
        let mut state = sized(800);
        if !axis.is_empty() {
            press(&mut state, axis);
        }
        let place = |state: &State, step: u64| {
            let timeline = &state.run().unwrap().timeline;
            let stretch = state.charts.stretch(timeline);
            stretch.fraction(timeline.value(stretch.axis(), step)).unwrap()
        };
        let before = place(&state, 200);
        zoom_at(&mut state, before, 0.5);
        assert!((place(&state, 200) - before).abs() < 0.01, "{axis}");
        let (from, to) = shown(&state);
        assert!((to - from).abs_diff(400) <= 2);
        zoom_at(&mut state, before, 2.0);
        assert!((place(&state, 200) - before).abs() < 0.01, "{axis}");
    }
}

#[test]
fn a_stretch_picked_with_the_mouse_is_shown_and_the_field_says_where_steps_are() {
    let mut state = sized(800);
    let (pane, field) = chart_at(&state, 30, 5).unwrap();
    assert_eq!(pane, Pane::Loss);
    let column = field.column(300).unwrap();
    assert!(field.step(column) <= 300 && field.step(column + 1) > 300);
    assert!(chart_at(&state, 119, 5).is_none());
    assert_eq!(chart_at(&state, 30, 25).unwrap().0, Pane::Gradients);
    select(&mut state, 400, 300);
    assert_eq!(shown(&state), (300, 400));
    select(&mut state, 700, 700);
    assert_eq!(shown(&state), (700, 704));
    select(&mut state, 5000, 6000);
    assert_eq!(shown(&state), (796, 800));
}

#[test]
fn with_a_cursor_arrows_move_it_and_not_the_weight() {
    let mut state = sized(800);
    assert_eq!(state.contexts(), [Context::Main]);
    press(&mut state, "c");
    assert_eq!(state.contexts(), [Context::Cursor, Context::Main]);
    assert_eq!(state.charts.cursor, Some(800));
    let effects = press(&mut state, "left left H");
    assert!(effects.is_empty());
    assert!(state.charts.cursor.is_some_and(|step| (600..790).contains(&step)), "{:?}", state.charts.cursor);
    let far = state.charts.cursor;
    press(&mut state, "right left");
    assert_eq!(state.charts.cursor, far);
    press(&mut state, "home");
    assert_eq!(state.charts.cursor, Some(1));
    assert!(text(&state, 120, 40).contains("step 1 "), "{}", text(&state, 120, 40));
    press(&mut state, "end c");
    assert_eq!((state.charts.cursor, state.contexts()), (None, vec![Context::Main]));
}

#[test]
fn the_cursor_goes_from_step_to_step_where_columns_are_narrower_and_leads_the_window_along() {
    let mut state = sized(800);
    select(&mut state, 400, 410);
    press(&mut state, "c");
    assert_eq!(state.charts.cursor, Some(410));
    press(&mut state, "left");
    assert_eq!(state.charts.cursor, Some(409));
    press(&mut state, "home left");
    assert_eq!(state.charts.cursor, Some(399));
    assert!(shown(&state).0 <= 399 && shown(&state).1 - shown(&state).0 == 10);
    put(&mut state, 700);
    assert!((shown(&state).0..=shown(&state).1).contains(&700));
}

#[test]
fn on_a_mark_the_cursor_says_what_was_done_and_how_the_losses_ran() {
    let mut state = sized(800);
    press(&mut state, "c [");
    assert_eq!(state.charts.cursor, Some(700));
    let shown = text(&state, 120, 40);
    assert!(shown.contains("weight a 1.00 → 2.00") && shown.contains("% a 100 steps"), "{shown}");
    press(&mut state, "[");
    assert_eq!(state.charts.cursor, Some(400));
    press(&mut state, "]");
    assert_eq!(state.charts.cursor, Some(700));
    press(&mut state, "]");
    assert!(state.notice().is_some_and(|notice| notice.contains("mark")));
    let slopes = state.run().unwrap().slopes(700);
    assert!(slopes.iter().all(|slopes| slopes.before.is_some_and(|slope| slope.abs() < 0.5)));
}

#[test]
fn the_cursor_survives_a_rewind() {
    let mut state = sized(800);
    press(&mut state, "c");
    hear(&mut state, line(r#"{"event":"rewind","to_step":500,"why":"restore"}"#));
    let timeline = &state.run().unwrap().timeline;
    assert_eq!(state.charts.cursor_step(timeline), Some(500));
    press(&mut state, "left");
    assert!(state.charts.cursor.is_some_and(|step| step < 500));
}

#[test]
fn views_go_round_and_back_and_only_some_keep_series_of_their_own() {
    let mut state = sized(50);
    for view in LossView::ALL {
        assert_eq!(state.charts.view, view);
        let kept = state.run().unwrap().tasks.iter().all(|task| task.derived.is_some());
        assert_eq!(kept, view.derived() != Derived::None);
        press(&mut state, "v");
    }
    assert_eq!(state.charts.view, LossView::Raw);
    press(&mut state, "V");
    assert_eq!(state.charts.view, LossView::Multiples);
    assert!(text(&state, 120, 40).contains("side by side"));
}

#[test]
fn shares_sum_to_one_and_are_the_same_live_and_from_the_history() {
    let events = |state: &mut State| {
        for number in 1..=60 {
            let mut step = step(number, 3);
            step.weight[1] = Real(number as f64 / 10.0);
            if number % 3 == 0 {
                step.loss[2] = None;
            }
            if number == 40 {
                step.loss[0] = Some(Real(f64::NAN));
            }
            hear(state, Event::Step(Box::new(step)));
        }
    };
    let (mut live, mut later) = (state(), state());
    for state in [&mut live, &mut later] {
        hear(state, started(&TASKS, 100));
    }
    press(&mut live, "v v");
    events(&mut live);
    events(&mut later);
    press(&mut later, "v v");
    let values = |state: &State, task: usize| {
        let track = state.run().unwrap().tasks[task].shown().track();
        track.steps().iter().copied().zip(track.raw().values().iter().copied()).collect::<Vec<_>>()
    };
    for task in 0..3 {
        let (one, other) = (values(&live, task), values(&later, task));
        assert_eq!(one.len(), other.len());
        for (one, other) in one.iter().zip(&other) {
            assert!(one.0 == other.0 && (one.1 == other.1 || one.1.is_nan() && other.1.is_nan()));
        }
    }
    let at = |task: usize| values(&live, task).into_iter().find(|(step, _)| *step == 50).unwrap().1;
    assert!((at(0) + at(1) + at(2) - 1.0).abs() < 1e-12);
}

#[test]
fn losses_relative_to_their_start_begin_at_one() {
    let mut state = sized(5);
    press(&mut state, "S S S v v v c home");
    let shown = text(&state, 120, 40);
    assert!(TASKS.iter().all(|name| shown.contains(&format!("{name}      1.000"))), "{shown}");
}

#[test]
fn the_axis_ends_stay_while_the_run_goes_on_between_them() {
    let mut state = sized(700);
    let labels = |state: &State| -> Vec<String> {
        text(state, 120, 40).lines().take(20).map(|line| line.chars().skip(2).take(6).collect()).collect()
    };
    let before = labels(&state);
    for number in 701..=760 {
        hear(&mut state, Event::Step(Box::new(step(number, 3))));
        assert_eq!(labels(&state), before, "{number}");
    }
}

#[test]
fn another_runs_line_lies_behind_with_its_letter() {
    let mut state = State::new(&crate::dashboard::Options {
        origins: vec![crate::dashboard::Origin::Own; 2],
        ..crate::dashboard::Options::default()
    });
    for run in 0..2 {
        update(&mut state, Message::Event { run, event: started(&TASKS, 100) });
        for number in 1..=80 {
            let mut step = step(number, 3);
            step.loss[0] = Some(Real(if run == 0 { 3.0 } else { 9.0 }));
            update(&mut state, Message::Event { run, event: Event::Step(Box::new(step)) });
        }
    }
    let shown = text(&state, 120, 40);
    let end = |line: &str| line.chars().take(74).collect::<String>().contains(" B│");
    assert!(shown.contains("run A") && shown.lines().any(end), "{shown}");
}

const KEYS: &str = "c left right H L home end ] [ i I { } f 0 x X y s S v V z tab down up esc enter";

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]
    #[test]
    fn no_keys_of_the_charts_change_the_run_panic_or_lose_the_window(
        steps in 0_u64..60, keys in prop::collection::vec(0_usize..28, 0..60),
        sizes in prop::collection::vec((0_u16..160, 0_u16..60), 1..4), rewind in prop::option::of(0_u64..60),
    ) {
        let names: Vec<&str> = KEYS.split(' ').collect();
        let mut state = running(&TASKS, steps);
        for (place, key) in keys.iter().enumerate() {
            let size = sizes[place % sizes.len()];
            update(&mut state, Message::Resize(size.0, size.1));
            let had = state.charts.cursor.is_some();
            let name = names[*key % names.len()];
            if had || !["left", "right", "H", "L", "[", "]"].contains(&name) {
                let effects = press(&mut state, name);
                prop_assert!(effects.is_empty(), "{name}: {effects:?}");
            }
            if place == 20 && let Some(to) = rewind {
                hear(&mut state, line(&format!(r#"{{"event":"rewind","to_step":{to},"why":"restore"}}"#)));
            }
            let timeline = &state.run().unwrap().timeline;
            let (from, to) = state.charts.steps(timeline);
            prop_assert!(from <= to);
            let stretch = state.charts.stretch(timeline);
            prop_assert!(stretch.axis() != XAxis::Step || stretch.fraction(from as f64).is_none_or(f64::is_finite));
            if let Some(field) = chart_field(&state) {
                prop_assert!(field.edges.is_sorted());
            }
            let area = Rect::new(0, 0, size.0, size.1);
            render(&state, area, &mut Buffer::empty(area));
        }
    }
}

/// Six losses of a million points, drawn at 200x60. Run with `--ignored --nocapture`; says the median of a frame.
#[test]
#[ignore = "takes long and prints a time, for a person to read"]
fn time_of_a_frame_over_a_million_points() {
    let names = ["a", "b", "c", "d", "e", "f"];
    let mut state = state();
    hear(&mut state, started(&names, 1_000_000));
    for number in 1..=1_000_000_u64 {
        let mut event = step(number, 6);
        event.gradient = crate::protocol::Gradient::default();
        hear(&mut state, Event::Step(Box::new(event)));
    }
    let area = Rect::new(0, 0, 200, 60);
    update(&mut state, Message::Resize(200, 60));
    let mut buf = Buffer::empty(area);
    let mut median = |state: &State, name: &str| {
        let mut times: Vec<_> = (0..200)
            .map(|_| {
                let start = std::time::Instant::now();
                render(state, area, &mut buf);
                start.elapsed()
            })
            .collect();
        times.sort();
        println!("{name}: best {:?}, median {:?}, worst {:?}", times[0], times[100], times[199]);
    };
    let memory = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{}", memory.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default());
    median(&state, "raw");
    for (keys, name) in [
        ("x", "by epoch"),
        ("x", "by time"),
        ("x X", "log x"),
        ("X c", "with a cursor"),
        ("c i i i", "zoomed"),
        ("0 v v v", "relative"),
        ("v", "side by side"),
        ("v s", "smoother"),
        ("v v", "share"),
    ] {
        let start = std::time::Instant::now();
        press(&mut state, keys);
        println!("  keys {keys}: {:?}", start.elapsed());
        median(&state, name);
    }
}
