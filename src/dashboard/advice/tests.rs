//! Each rule from a recorded situation in which it must speak, and from one in which it must stay silent.

use super::{Advice, MOST};
use crate::dashboard::State;
use crate::dashboard::testing::{hear, line, started, state, step};
use crate::protocol::{Balance, Event, GradientView, Real};
use serde_json::json;

const TASKS: [&str; 3] = ["heating", "cooling", "band"];

/// Numbers of one step of three tasks; everything is well.
#[derive(Clone)]
struct Situation {
    loss: [f64; 3],
    factor: [f64; 3],
    norm: f64,
    cosine: [f64; 3],
    share: [f64; 3],
    update_cosine: [f64; 3],
    noise: [f64; 3],
    gap: f64,
}

const WELL: Situation = Situation {
    loss: [1.0; 3],
    factor: [1.0; 3],
    norm: 1.0,
    cosine: [0.3; 3],
    share: [0.4, 0.3, 0.3],
    update_cosine: [0.5; 3],
    noise: [0.6; 3],
    gap: 0.5,
};

fn some(values: [f64; 3]) -> Vec<Option<Real>> {
    values.iter().map(|value| Some(Real(*value))).collect()
}

fn beginning(weighting: &str, aggregation: &str) -> State {
    let mut state = state();
    let Event::Run(mut run) = started(&TASKS, 9000) else { unreachable!() };
    (run.weighting, run.aggregation) = (weighting.to_owned(), aggregation.to_owned());
    hear(&mut state, Event::Run(run));
    state
}

/// Steps `from..=to`, each as `at` says.
fn live(state: &mut State, from: u64, to: u64, at: impl Fn(u64) -> Situation) {
    for number in from..=to {
        let now = at(number);
        let mut step = step(number, 3);
        (step.loss, step.factor) = (some(now.loss), some(now.factor));
        step.update_norm = Some(Real(now.norm));
        step.gradient.shared = Some(GradientView { norm: some([1.0; 3]), cosine: some(now.cosine) });
        hear(state, Event::Step(Box::new(step)));
        let balance = Balance {
            step: number,
            gap: Some(Real(now.gap)),
            update_cosine: some(now.update_cosine),
            share: some(now.share),
            noise: some(now.noise),
            shadow: [("pcgrad".to_owned(), some([1.0; 3])), ("upgrad".to_owned(), some([1.0; 3]))].into(),
            ..Balance::default()
        };
        hear(state, Event::Balance(Box::new(balance)));
    }
}

fn switch(state: &mut State, step: u64, old: &str, new: &str) {
    let command = json!({"set_aggregation": {"name": new}});
    let event =
        json!({"event": "applied", "step": step, "id": "x", "from": "cli", "command": command, "old": old, "new": new});
    hear(state, line(&event.to_string()));
}

fn knob(state: &mut State, step: u64, name: &str) {
    let command = json!({"set": {"parameter": name, "value": true}});
    let event = json!({"event": "applied", "step": step, "id": "y", "from": "cli", "command": command, "new": true});
    hear(state, line(&event.to_string()));
}

/// The lines with their keys.
fn said(state: &State) -> Vec<String> {
    let run = state.run().unwrap();
    let one = |advice: &Advice| match advice.text(run, state.words, &state.keymap) {
        (line, Some((key, what))) => format!("{line}; {key} {what}"),
        (line, None) => line,
    };
    run.advice.iter().map(one).collect()
}

/// What is said after forty steps that are all as given.
fn after(weighting: &str, aggregation: &str, at: impl Fn(u64) -> Situation) -> Vec<String> {
    let mut state = beginning(weighting, aggregation);
    live(&mut state, 1, 40, at);
    said(&state)
}

#[test]
fn nothing_is_said_while_all_is_well_and_before_there_is_evidence() {
    assert_eq!(after("manual", "sum", |_| WELL), Vec::<String>::new());
    let mut early = beginning("manual", "sum");
    live(&mut early, 1, 3, |_| Situation { share: [0.98, 0.01, 0.01], cosine: [-0.9; 3], gap: 0.0, ..WELL });
    assert_eq!(said(&early), Vec::<String>::new());
}

#[test]
fn a_task_that_holds_the_update() {
    let of = |share| after("manual", "sum", move |_| Situation { share, ..WELL });
    assert_eq!(of([0.05, 0.91, 0.04]), ["cooling holds 91 % of the shared update; E equalizes"]);
    assert_eq!(of([0.1, 0.75, 0.15]), Vec::<String>::new());
}

#[test]
fn a_line_stays_until_its_number_is_clearly_on_the_other_side() {
    let mut state = beginning("manual", "sum");
    let with = |first: f64| move |_| Situation { share: [first, 1.0 - first, 0.0], ..WELL };
    live(&mut state, 1, 40, with(0.85));
    assert_eq!(said(&state).len(), 1);
    live(&mut state, 41, 90, with(0.75));
    assert_eq!(said(&state), ["heating holds 75 % of the shared update; E equalizes"]);
    live(&mut state, 91, 140, with(0.6));
    assert_eq!(said(&state), Vec::<String>::new());
    live(&mut state, 141, 190, with(0.75));
    assert_eq!(said(&state), Vec::<String>::new());
}

#[test]
fn two_tasks_that_disagree_while_gradients_are_summed() {
    // Every second step the last two disagree.
    let at = |number: u64| Situation { cosine: [0.3, 0.3, if number.is_multiple_of(2) { -0.4 } else { 0.2 }], ..WELL };
    let want = "cooling and band disagree in 50 % of the last 40 steps; t tries pcgrad";
    assert_eq!(after("manual", "sum", at), [want]);
    assert_eq!(after("manual", "pcgrad", at), Vec::<String>::new());
    // A cosine that is hardly below 0 is no disagreement.
    assert_eq!(after("manual", "sum", |_| Situation { cosine: [-0.01; 3], ..WELL }), Vec::<String>::new());
}

#[test]
fn a_disagreement_within_noise_is_called_that() {
    let at = |_| Situation { cosine: [0.3, -0.4, 0.3], noise: [0.6, 0.5, 0.04], ..WELL };
    let said = after("manual", "sum", at);
    let want = "no conflict beyond noise: heating and band disagree in 100 % of steps, half-batches agree +.04";
    assert_eq!(said, [want]);
    let noise_alone = after("manual", "sum", |_| Situation { noise: [0.04; 3], ..WELL });
    assert_eq!(noise_alone, Vec::<String>::new());
}

#[test]
fn a_task_that_the_update_goes_against_again_and_again() {
    let hurt = Situation { update_cosine: [0.5, -0.2, 0.5], ..WELL };
    let (always, now_and_then) = (hurt.clone(), hurt);
    let said = after("manual", "mgda", move |_| always.clone());
    assert_eq!(said, ["cooling was hurt 40 measured steps in a row (cosine -.20); t tries pcgrad"]);
    let at = move |number: u64| if number.is_multiple_of(3) { WELL } else { now_and_then.clone() };
    assert_eq!(after("manual", "mgda", at), Vec::<String>::new());
}

#[test]
fn a_method_that_needs_positive_losses() {
    let below = |_| Situation { loss: [1.0, -0.5, 1.0], ..WELL };
    let want = "cooling has a loss of -0.500; famo needs losses above 0; b chooses a method";
    assert_eq!(after("famo", "sum", below), [want]);
    assert_eq!(after("manual", "sum", below), Vec::<String>::new());
    assert_eq!(after("famo", "sum", |_| WELL), Vec::<String>::new());
}

#[test]
fn a_weighting_that_leaves_a_task_out() {
    let low = |_| Situation { factor: [1.6, 1.39, 0.004], ..WELL };
    assert_eq!(after("gradnorm", "sum", low), ["gradnorm keeps band at 0.4 % of the mean factor; → raises a weight"]);
    // A person who weighs by hand meant it.
    assert_eq!(after("manual", "sum", low), Vec::<String>::new());
    assert_eq!(after("gradnorm", "sum", |_| Situation { factor: [2.0, 0.9, 0.1], ..WELL }), Vec::<String>::new());
}

#[test]
fn where_only_trade_offs_are_left() {
    let said = after("manual", "sum", |_| Situation { gap: 0.012, ..WELL });
    assert_eq!(said, ["the gap is 1.2 % of the mean norm: only trade-offs are left; = sets a weight"]);
    assert_eq!(after("manual", "sum", |_| Situation { gap: 0.06, ..WELL }), Vec::<String>::new());
}

#[test]
fn steps_that_are_measured_but_not_told_of_do_not_push_out_what_was_told() {
    // A method that works on gradients measures every step; every fiftieth is told of.
    let mut state = beginning("manual", "mgda");
    for number in 1..=420 {
        let mut step = step(number, 3);
        step.gradient.shared = Some(GradientView { norm: some([1.0; 3]), cosine: some([0.3; 3]) });
        hear(&mut state, Event::Step(Box::new(step)));
        if number % 50 == 0 {
            let told = Balance {
                step: number,
                gap: Some(Real(0.012)),
                update_cosine: some([0.5, -0.2, 0.5]),
                ..Balance::default()
            };
            hear(&mut state, Event::Balance(Box::new(told)));
        }
    }
    let want = [
        "cooling was hurt 8 measured steps in a row (cosine -.20); → raises a weight",
        "the gap is 1.2 % of the mean norm: only trade-offs are left; = sets a weight",
    ];
    assert_eq!(said(&state), want);
}

#[test]
fn a_switch_that_changed_the_size_of_the_updates() {
    let after_switch = |norm: f64| {
        let mut state = beginning("manual", "sum");
        live(&mut state, 1, 40, |_| WELL);
        switch(&mut state, 41, "sum", "nash_mtl");
        knob(&mut state, 41, "balance.reset_moments");
        live(&mut state, 41, 80, |_| Situation { norm, ..WELL });
        state
    };
    assert_eq!(said(&after_switch(12.0)), ["update norm ×12 since the switch to nash_mtl; N matches norms"]);
    assert_eq!(said(&after_switch(0.1)), ["update norm ×0.10 since the switch to nash_mtl; N matches norms"]);
    assert_eq!(said(&after_switch(1.5)), Vec::<String>::new());
    let mut matched = after_switch(12.0);
    knob(&mut matched, 81, "balance.match_norm");
    live(&mut matched, 81, 100, |_| WELL);
    assert_eq!(said(&matched), Vec::<String>::new());
}

#[test]
fn moments_that_are_still_those_of_the_method_before() {
    let mut state = beginning("manual", "sum");
    live(&mut state, 1, 40, |_| WELL);
    switch(&mut state, 41, "sum", "mgda");
    live(&mut state, 41, 71, |_| WELL);
    assert_eq!(said(&state), ["29 steps since sum: with Adam, moments lag about 1000; R clears them at a switch"]);
    live(&mut state, 72, 1060, |_| WELL);
    assert_eq!(said(&state), Vec::<String>::new());
}

#[test]
fn a_rewind_takes_advice_back_and_never_are_there_more_lines_than_three() {
    let mut state = beginning("famo", "sum");
    let bad = Situation {
        loss: [-1.0; 3],
        factor: [1.0, 1.0, 0.0001],
        cosine: [-0.5; 3],
        share: [0.95, 0.05, 0.0],
        update_cosine: [-0.5; 3],
        gap: 0.0,
        ..WELL
    };
    live(&mut state, 1, 60, |_| bad.clone());
    assert_eq!(said(&state).len(), MOST);
    hear(&mut state, line(r#"{"event":"rewind","to_step":10,"why":"restore"}"#));
    assert_eq!(said(&state), Vec::<String>::new());
}

#[test]
fn a_key_is_named_only_where_the_run_takes_what_it_sends() {
    let mut state = state();
    let Event::Run(mut run) = started(&TASKS, 9000) else { unreachable!() };
    run.accepts = vec!["set_weight".to_owned()];
    hear(&mut state, Event::Run(run));
    live(&mut state, 1, 40, |_| Situation { share: [0.95, 0.03, 0.02], ..WELL });
    assert_eq!(said(&state), ["heating holds 95 % of the shared update"]);
}
