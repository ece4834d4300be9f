//! Scripted runs for tests: events from a few numbers, states after them, screens as text.

use super::message::{Effect, Message};
use super::state::{Options, State};
use super::theme::{Capabilities, ColourDepth};
use super::{keys, update, view};
use crate::protocol::{
    Balance, Better, COMMAND_NAMES, Checkpoint, End, EndReason, Eval, Event, Gradient, GradientView, MetricInfo, Real,
    RunStarted, Step, TaskInfo, pairs,
};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::time::Duration;

/// The first event of a run with these tasks; each has an accuracy and a loss-like metric.
pub fn started(names: &[&str], steps: u64) -> Event {
    let metric = |name: &str, better| MetricInfo { name: name.to_owned(), better };
    let tasks = names.iter().enumerate().map(|(place, name)| TaskInfo {
        name: (*name).to_owned(),
        source: "data".to_owned(),
        loss: "mse".to_owned(),
        weight: Real(1.0),
        baseline: std::collections::BTreeMap::new(),
        metrics: if place % 2 == 0 {
            vec![metric("accuracy", Better::Higher), metric("f1_macro", Better::Higher)]
        } else {
            vec![metric("mae", Better::Lower)]
        },
    });
    Event::Run(Box::new(RunStarted {
        schema: 1,
        run: "energy-20261124-231400".to_owned(),
        steps: Some(steps),
        tasks: tasks.collect(),
        weighting: "manual".to_owned(),
        aggregation: "sum".to_owned(),
        accepts: COMMAND_NAMES.map(str::to_owned).to_vec(),
        ..RunStarted::default()
    }))
}

/// Step `step` of `count` tasks: losses fall like 1/√step with a wave on them; shared gradients every 20 steps.
pub fn step(step: u64, count: usize) -> Step {
    let at = step as f64;
    let wave = |place: usize| 1.0 + 0.3 * (at * (0.9 + place as f64 * 0.37)).sin();
    let loss = |place: usize| (2.0 / (1.0 + place as f64)) * (0.02 + 3.0 / (9.0 + at).sqrt()) * wave(place);
    let view = || GradientView {
        norm: (0..count).map(|place| Some(Real(loss(place) * 0.7))).collect(),
        cosine: pairs(count).map(|(i, j)| Some(Real(((i * 7 + j * 3) as f64 + at / 900.0).sin()))).collect(),
    };
    let each = |value: f64| vec![Some(Real(value)); count];
    Step {
        step,
        epoch: vec![Real(at / 8.2)],
        time: Real(at / 412.0),
        loss: (0..count).map(|place| Some(Real(loss(place)))).collect(),
        weight: vec![Real(1.0); count],
        factor: each(1.0),
        coefficient: each(1.0),
        labelled: vec![64; count],
        total: Some(Real((0..count).map(loss).sum())),
        lr: Some(Real(3e-4)),
        update_norm: Some(Real(0.71)),
        clip: Some(Real(1.0)),
        clip_scale: Some(Real(1.0)),
        gradient: Gradient { representation: Some(view()), shared: step.is_multiple_of(20).then(view) },
        ..Step::default()
    }
}

/// What is measured at a step of `count` tasks: the second task is hurt, the third (where there is one) took no part.
pub fn balance(step: u64, count: usize) -> Event {
    let at = step as f64;
    let each = |value: &dyn Fn(usize) -> f64| -> Vec<Option<Real>> {
        (0..count).map(|place| (place != 2).then(|| Real(value(place)))).collect()
    };
    let cosine =
        |place: usize| 0.8 - place as f64 * 0.13 - if place == 1 { 0.9 } else { 0.0 } + (at / 50.0).sin() * 0.1;
    let affinity = (0..count).map(|row| each(&|column| ((row * 7 + column * 3) as f64).sin() * 0.02)).collect();
    let shadow = [("sum", 1.0), ("pcgrad", 1.3), ("mgda", 0.11)].map(|(name, size)| {
        (name.to_owned(), each(&|place| size * (1.0 + place as f64 * if name == "mgda" { 3.0 } else { 0.2 })))
    });
    Event::Balance(Box::new(Balance {
        step,
        gap: Some(Real(0.031)),
        update_cosine: each(&cosine),
        share: each(&|place| if place == 0 { 0.9 } else { 0.1 / (count - 1) as f64 }),
        relative_loss: each(&|place| 0.4 + place as f64 * 0.1),
        noise: each(&|place| 0.6 - place as f64 * 0.05),
        predicted: each(&|place| -3e-3 * (1.0 - place as f64)),
        observed: each(&|place| -2e-3 * (1.0 - place as f64 * 1.5)),
        shadow: shadow.into_iter().collect(),
        affinity,
        probe: Vec::new(),
    }))
}

/// The evaluation after a step.
pub fn eval(step: u64, count: usize) -> Event {
    let progress = 1.0 - 0.7 / (1.0 + step as f64 / 100.0) + (step as f64).sin() * 0.01;
    let metric = |place: usize| -> Vec<(&str, f64)> {
        if place.is_multiple_of(2) {
            vec![("accuracy", progress), ("f1_macro", progress - 0.02)]
        } else {
            vec![("mae", 3.0 - 2.0 * progress)]
        }
    };
    Event::Eval(Eval {
        step,
        split: "valid".to_owned(),
        loss: vec![Some(Real(1.0 - progress)); count],
        metric: (0..count)
            .map(|place| metric(place).into_iter().map(|(name, value)| (name.to_owned(), Real(value))).collect())
            .collect(),
        score: Some(Real(1.1 - progress)),
        best: true,
    })
}

/// An answer, from its JSON line.
pub fn line(text: &str) -> Event {
    Event::parse(text).unwrap()
}

/// A state that has heard nothing, in 24-bit colour.
pub fn state() -> State {
    let capabilities = Capabilities { colours: ColourDepth::True, light: false };
    State::new(&Options { id_prefix: "t".to_owned(), capabilities, pace: Some(200.0), ..Options::default() })
}

/// Tells the state that its first run said something.
pub fn hear(state: &mut State, event: Event) -> Vec<Effect> {
    update(state, Message::Event { run: 0, event })
}

/// Presses keys by their names.
pub fn press(state: &mut State, names: &str) -> Vec<Effect> {
    names.split(' ').flat_map(|name| update(state, Message::Key(keys::parse(name).unwrap()))).collect()
}

/// A run that has made `steps` of 3000 steps, with a changed weight and a checkpoint on the way.
pub fn running(names: &[&str], steps: u64) -> State {
    running_on(state(), names, steps)
}

/// The same, told to a state that has heard nothing.
pub fn running_on(mut state: State, names: &[&str], steps: u64) -> State {
    hear(&mut state, started(names, 3000));
    for number in 1..=steps {
        if number == 400 {
            hear(
                &mut state,
                line(
                    r#"{"event":"applied","step":400,"id":"a-1","from":"cli","command":{"set_lr":{"value":3e-4}},"old":1e-3,"new":3e-4}"#,
                ),
            );
        }
        let mut step = step(number, names.len());
        if number >= 700 {
            if number == 700 {
                let task = serde_json::to_string(names[0]).unwrap();
                hear(
                    &mut state,
                    line(&format!(
                        r#"{{"event":"applied","step":700,"id":"t-0","from":"dashboard","command":{{"set_weight":{{"task":{task},"value":2.0}}}},"old":1.0,"new":2.0}}"#
                    )),
                );
            }
            step.weight[0] = Real(2.0);
            step.coefficient[0] = Some(Real(2.0));
        }
        hear(&mut state, Event::Step(Box::new(step)));
        if number.is_multiple_of(100) {
            hear(&mut state, eval(number, names.len()));
        }
        if number == 1000 {
            hear(
                &mut state,
                Event::Checkpoint(Checkpoint { step: 1000, path: "checkpoints/step-00001000".to_owned() }),
            );
        }
    }
    state
}

/// The end of a run.
pub fn end(step: u64, reason: EndReason) -> Event {
    Event::End(End { step, reason, message: None })
}

/// The screen of a state as a terminal of this size would show it.
pub fn screen(state: &State, width: u16, height: u16) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view(state, frame)).unwrap();
    terminal
}

/// The same as lines of text.
pub fn text(state: &State, width: u16, height: u16) -> String {
    screen(state, width, height).backend().to_string()
}

/// Lets time pass.
pub fn tick(state: &mut State, seconds: u64) {
    update(state, Message::Tick { now: Duration::from_secs(seconds) });
}
