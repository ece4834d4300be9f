//! Scalars, the run's facts, pairs, update norms and trade-offs as reviewed text.

use crate::dashboard::State;
use crate::dashboard::testing::{eval, hear, line, press, started, state, step, text};
use crate::protocol::{Event, ParameterCounts, PartNorm, Real, Rows, Scalars, SourceInfo, System};

const SIZES: [(u16, u16); 4] = [(200, 60), (120, 40), (80, 24), (40, 12)];

/// A run that tells all there is to tell.
fn told(tasks: usize, steps: u64) -> State {
    let names: Vec<String> = (1..=tasks).map(|place| format!("task-{place}")).collect();
    let mut state = state();
    let Event::Run(mut run) = started(&names.iter().map(String::as_str).collect::<Vec<_>>(), 3000) else {
        unreachable!()
    };
    run.program = "trimtab 0.1.0".to_owned();
    run.started = "2026-11-25T12:56:59+01:00".to_owned();
    run.host = "rig-4".to_owned();
    (run.device, run.pid, run.threads, run.seed) = ("flex".to_owned(), Some(4711), Some(8), 7);
    run.parameters = ParameterCounts { shared: 22_784, own: vec![129; tasks] };
    run.sources = vec![SourceInfo {
        name: "data".to_owned(),
        kind: "table".to_owned(),
        rows: Rows { train: 1221, valid: 216, test: 360 },
    }];
    run.knobs.insert("balance.every".to_owned(), 1.into());
    hear(&mut state, Event::Run(run));
    for number in 1..=steps {
        let at = number as f64;
        let mut step = step(number, tasks);
        let norm = |place: usize| 0.01 * (place + 1) as f64 + 0.3 / at.sqrt();
        let heads = (1..=tasks).map(|place| Some(Real(norm(place)))).collect();
        step.part_norm = Some(PartNorm { encoder: Some(Real(norm(0))), heads });
        hear(&mut state, Event::Step(Box::new(step)));
        if number % 50 == 0 {
            hear(&mut state, eval(number, tasks));
            let parts = [("forward", 61e-5), ("backward", 56e-5), ("data", 12e-5), ("rest", 3e-5)];
            let parts = parts.iter().map(|(name, time)| ((*name).to_owned(), Real(*time))).collect();
            let memory = Some(300_000_000 + number * 100_000);
            hear(&mut state, Event::System(System { time: Real(at / 412.0), memory, cpu: Some(Real(1.9)), parts }));
        }
        let values = [("aux/kl", 9.0 / at), ("aux/entropy", (at / 40.0).sin()), ("gate", f64::NAN)];
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), Real(*value))).collect();
        hear(&mut state, Event::Scalars(Scalars { step: number, values }));
    }
    state
}

fn snapshots(name: &str, state: &State) {
    for (width, height) in SIZES {
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), text(state, width, height));
        #[cfg(feature = "picture")]
        {
            let terminal = crate::dashboard::testing::screen(state, width, height);
            let mut missing = crate::picture::missing_glyphs(terminal.backend().buffer(), None).unwrap();
            missing.retain(|letter| crate::text::width(&letter.to_string()) < 2);
            assert!(missing.is_empty(), "{missing:?}");
        }
    }
}

fn pane(state: &mut State, name: &str) {
    let place = crate::dashboard::layout::Pane::ALL.iter().position(|pane| format!("{pane:?}") == name).unwrap();
    state.focus(crate::dashboard::layout::Pane::ALL[place]);
}

#[test]
fn scalars_with_a_filter() {
    let mut state = told(2, 400);
    pane(&mut state, "Scalars");
    press(&mut state, "/ a u x enter z");
    snapshots("scalars", &state);
}

#[test]
fn the_run_and_its_machine() {
    let mut state = told(3, 400);
    pane(&mut state, "Machine");
    press(&mut state, "z");
    snapshots("machine", &state);
}

#[test]
fn a_pair_over_time() {
    let mut state = told(3, 600);
    press(&mut state, "d d z");
    snapshots("pair", &state);
}

#[test]
fn update_norms_of_few_and_many() {
    let mut state = told(3, 400);
    pane(&mut state, "Gradients");
    press(&mut state, "g g z");
    snapshots("updates", &state);
    let mut state = told(40, 60);
    pane(&mut state, "Gradients");
    press(&mut state, "g g");
    let shown = text(&state, 120, 40);
    assert!(shown.contains("Update norms") && shown.contains("12"), "{shown}");
}

#[test]
fn two_tasks_against_each_other() {
    let mut state = told(2, 800);
    pane(&mut state, "Validation");
    press(&mut state, "z");
    snapshots("tradeoff", &state);
    let mut state = told(12, 300);
    pane(&mut state, "Validation");
    press(&mut state, "z 3");
    for (width, height) in SIZES {
        let shown = text(&state, width, height);
        assert!(height < 24 || shown.contains("3 task-3 loss ← better"), "{shown}");
    }
    press(&mut state, "d d");
    assert!(
        text(&state, 120, 40).contains("3 task-3 loss ← better")
            && text(&state, 120, 40).contains("5 task-5 loss ↓ better")
    );
}

#[test]
fn of_many_tasks_the_pair_is_one_of_the_selected_task_and_the_pane_says_so() {
    let mut state = told(40, 60);
    press(&mut state, "4 d d z");
    for (width, height) in [(200, 60), (120, 40), (80, 24)] {
        let shown = text(&state, width, height);
        assert!(shown.contains("4 task-4 × 6 task-6") && shown.contains("pairs of 4"), "{shown}");
    }
}

#[test]
fn a_trade_off_of_metrics_goes_their_way_and_leaves_out_what_is_not_finite() {
    let mut state = state();
    hear(&mut state, started(&["a", "b"], 100));
    for (number, accuracy, mae) in [(10, "0.5", "3.0"), (20, "0.7", "\"NaN\""), (30, "0.9", "1.0")] {
        let event = format!(
            r#"{{"event":"eval","step":{number},"split":"valid","loss":[null,null],"metric":[{{"accuracy":{accuracy}}},{{"mae":{mae}}}]}}"#
        );
        hear(&mut state, line(&event));
    }
    pane(&mut state, "Validation");
    press(&mut state, "z");
    let shown = text(&state, 120, 40);
    assert!(shown.contains("1 a accuracy → better") && shown.contains("2 b mae ↓ better"), "{shown}");
    let dots = |sign: char| shown.matches(sign).count();
    assert_eq!((dots('•'), dots('●'), dots('○')), (0, 2, 2), "the first, the last, and the line that names them");
}

#[test]
fn the_view_is_named_at_eighty_columns() {
    let mut state = told(2, 100);
    assert!(text(&state, 80, 24).contains("[live]") && text(&state, 120, 40).contains("[live]"));
    pane(&mut state, "Scalars");
    press(&mut state, "/ k l enter");
    for (width, height) in [(200, 60), (120, 40), (80, 24), (60, 16)] {
        assert!(text(&state, width, height).contains("[live, filter /kl/]"), "{}", text(&state, width, height));
    }
    assert!(text(&state, 40, 12).contains("[filter /kl/]"), "{}", text(&state, 40, 12));
    pane(&mut state, "Events");
    press(&mut state, "/ s a v e d enter");
    assert!(text(&state, 80, 24).contains("[live, 2 filters]"), "{}", text(&state, 80, 24));
}
