//! The rules of the contract, one by one, and any sequence of requests.

use super::*;
use crate::protocol::COMMAND_NAMES;
use crate::steer::Order;
use proptest::prelude::*;
use serde_json::json;

fn setup() -> Setup {
    Setup {
        tasks: ["heating", "cooling", "class"].map(String::from).to_vec(),
        weights: vec![1.0, 2.0, 0.5],
        clip: Some(1.0),
        gradient_every: 20,
        pace: None,
        frozen: Vec::new(),
        accepts: COMMAND_NAMES.iter().copied().filter(|name| *name != "set_weighting").collect(),
    }
}

fn steer() -> Steer {
    Steer::new(setup()).unwrap()
}

fn request(id: &str, command: Command) -> Request {
    Request { id: id.into(), from: "test".into(), at_step: None, command }
}

fn read(command: &serde_json::Value) -> Command {
    Command::from_value(command).unwrap()
}

/// Sends one command before update 5 and gives all that comes back.
#[expect(clippy::needless_pass_by_value, reason = "json! makes values")]
fn ask(steer: &mut Steer, id: &str, command: serde_json::Value) -> Vec<Event> {
    let mut events = steer.receive(Ok(request(id, read(&command))), 5);
    events.extend(answers(steer, 5));
    events
}

fn answers(steer: &mut Steer, step: u64) -> Vec<Event> {
    std::iter::from_fn(|| steer.next_due(step, 0.01)).filter_map(|answer| answer.event).collect()
}

#[track_caller]
fn applied(events: &[Event]) -> Applied {
    match events {
        [Event::Applied(applied)] => applied.clone(),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn reason(events: &[Event]) -> String {
    match events {
        [Event::Rejected(rejected)] => rejected.reason.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn values_change_with_old_and_new() {
    let mut steer = steer();
    for (command, old, new) in [
        (json!({"set_weight":{"task":"cooling","value":3.0}}), json!(2.0), json!(3.0)),
        (json!({"set_weights":{"weights":[1.0,1.0,0.0]}}), json!([1.0, 3.0, 0.5]), json!([1.0, 1.0, 0.0])),
        (json!({"set_muted":{"tasks":["class","heating"]}}), json!([]), json!(["heating", "class"])),
        (json!({"set_lr":{"value":0.02}}), json!(0.01), json!(0.02)),
        (json!({"set_clip":{"value":null}}), json!(1.0), json!(null)),
        (json!({"set_gradient_every":{"steps":0}}), json!(20), json!(0)),
        (json!({"set_pace":{"steps_per_second":50.0}}), json!(null), json!(50.0)),
    ] {
        let answer = applied(&ask(&mut steer, &command.to_string(), command.clone()));
        assert_eq!((answer.step, answer.old, answer.new), (5, Some(old), Some(new)), "{command}");
        assert_eq!(answer.command, command);
    }
    assert_eq!(steer.weights(), [1.0, 1.0, 0.0]);
    assert_eq!(steer.muted(), [true, false, true]);
    assert_eq!((steer.clip(), steer.gradient_every(), steer.pace()), (None, 0, Some(50.0)));
    assert_eq!(steer.learning_rate(0.005), 0.01);
    for (id, command) in [("m", json!({"mute":{"task":"cooling"}})), ("u", json!({"unmute":{"task":"class"}}))] {
        let answer = applied(&ask(&mut steer, id, command));
        assert_eq!((answer.old, answer.new), (None, None));
    }
    assert_eq!(steer.muted(), [true, true, false]);
}

#[test]
fn parts_are_frozen_and_unfrozen_and_come_back_from_a_saved_state() {
    let mut steer = Steer::new(Setup { frozen: vec!["class".into(), "class".into()], ..setup() }).unwrap();
    assert_eq!(steer.frozen(), BTreeSet::from([Part::Head(2)]));
    for (place, (command, old, new)) in [
        (json!({"freeze":{"part":"encoder"}}), json!(["class"]), json!(["encoder", "class"])),
        // Once more changes nothing and is no error, as with mute.
        (json!({"freeze":{"part":"encoder"}}), json!(["encoder", "class"]), json!(["encoder", "class"])),
        (
            json!({"freeze":{"part":"task.heating"}}),
            json!(["encoder", "class"]),
            json!(["encoder", "heating", "class"]),
        ),
        (json!({"unfreeze":{"part":"class"}}), json!(["encoder", "heating", "class"]), json!(["encoder", "heating"])),
        (json!({"unfreeze":{"part":"cooling"}}), json!(["encoder", "heating"]), json!(["encoder", "heating"])),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = applied(&ask(&mut steer, &place.to_string(), command.clone()));
        assert_eq!((answer.old, answer.new), (Some(old), Some(new)), "{command}");
    }
    let text = serde_json::to_string(steer.state()).unwrap();
    let again = |text: &str| {
        let state: SteerState = serde_json::from_str(text).unwrap();
        Steer::from_state(&setup().tasks, setup().accepts, state)
    };
    assert_eq!(again(&text).unwrap().frozen(), BTreeSet::from([Part::Encoder, Part::Head(0)]));
    let without = text.replace(r#""frozen":["encoder","heating"],"#, "");
    assert_eq!(again(&without).unwrap().frozen(), BTreeSet::new(), "a state from before there were frozen parts");
    let wrong = again(&text.replace(r#"["encoder","heating"]"#, r#"["nobody"]"#)).unwrap_err().to_string();
    assert!(wrong.contains("no part named 'nobody'"), "{wrong}");
    assert!(Steer::new(Setup { frozen: vec!["nobody".into()], ..setup() }).is_err());
}

#[test]
fn a_recorded_freeze_acts_again_after_a_resume() {
    let mut steer = steer();
    let command = json!({"freeze":{"part":"encoder"}});
    let recorded =
        Applied { step: 7, id: "r".into(), from: "test".into(), command, old: Some(json!([])), new: Some(json!([])) };
    steer.replay(vec![recorded], ["r".to_owned()], 9);
    assert!(answers(&mut steer, 6).is_empty() && steer.frozen().is_empty());
    assert!(answers(&mut steer, 7).is_empty());
    assert_eq!(steer.frozen(), BTreeSet::from([Part::Encoder]));
}

#[test]
fn what_cannot_be_done_is_rejected_with_the_reason() {
    let mut steer = steer();
    let before = steer.clone();
    for (command, part) in [
        (
            json!({"set_weight":{"task":"heatin","value":1.0}}),
            "no task named 'heatin' (tasks: heating, cooling, class)",
        ),
        (json!({"set_weight":{"task":"class","value":-1.0}}), "at least 0, got -1"),
        (json!({"set_weight":{"task":"class","value":1.0,"over_steps":0}}), "over_steps"),
        (json!({"set_weights":{"weights":[1.0]}}), "1 weights for 3 tasks"),
        (json!({"set_weights":{"weights":[1.0,1.0,-0.5]}}), "got -0.5"),
        (json!({"set_muted":{"tasks":["class","x"]}}), "'x'"),
        (json!({"mute":{"task":"\u{1b}[2J"}}), "'␛[2J'"),
        (json!({"equalize":{}}), "measured"),
        (json!({"set_lr":{"value":0.0}}), "above 0"),
        (json!({"set_clip":{"value":0.0}}), "above 0"),
        (json!({"set_pace":{"steps_per_second":-1.0}}), "above 0"),
        (json!({"resume":{}}), "not paused"),
        (json!({"advance":{"steps":1}}), "only while paused"),
        (json!({"advance":{"steps":0}}), "at least 1"),
        (json!({"set_weighting":{"name":"x"}}), "does not take set_weighting (it takes: set_weight,"),
        (
            json!({"freeze":{"part":"encodr"}}),
            "no part named 'encodr', did you mean 'encoder'? (parts: encoder, heating, cooling, class)",
        ),
        (json!({"unfreeze":{"part":"\u{1b}[2J"}}), "no part named '␛[2J' (parts: encoder, heating, cooling, class)"),
        (json!({"note":{"text":"x".repeat(70_000)}}), "longer than"),
    ] {
        let reason =
            reason(&ask(&mut steer, &command.to_string().chars().take(50).collect::<String>(), command.clone()));
        assert!(reason.contains(part), "{reason}");
    }
    for value in [f64::NAN, f64::INFINITY] {
        let command = Command::SetWeight { task: "class".into(), value, over_steps: None };
        assert!(reason(&steer.receive(Ok(request(&value.to_string(), command)), 5)).contains("finite"));
    }
    steer.receive(Ok(request("lr", Command::SetLr { value: 1.0 })), 5);
    let answer = steer.next_due(5, 0.0).unwrap();
    assert!(reason(&[answer.event.unwrap()]).contains("schedule is at 0"));
    steer.state.answered.clear();
    assert_eq!(steer, before);
}

#[test]
fn an_id_is_answered_once_and_unreadable_lines_are_counted() {
    let mut steer = steer();
    let note = |id: &str| Ok(request(id, Command::Note { text: "hi".into() }));
    assert!(steer.receive(note("a"), 1).is_empty());
    assert!(steer.receive(note("a"), 1).is_empty());
    assert_eq!(answers(&mut steer, 1).len(), 1);
    assert!(steer.receive(note("a"), 2).is_empty());
    let unknown = || RejectedLine::WithId { id: "b".into(), from: "x".into(), reason: "unknown".into() };
    assert_eq!(reason(&steer.receive(Err(unknown()), 2)), "unknown");
    assert!(steer.receive(Err(unknown()), 2).is_empty());
    assert!(answers(&mut steer, 2).is_empty());

    let mut alerts = Vec::new();
    for _ in 0..5 {
        alerts.extend(steer.receive(Err(RejectedLine::Unreadable { reason: "torn".into() }), 3));
    }
    alerts.extend(steer.receive(note(&"i".repeat(300)), 3));
    let messages: Vec<_> = alerts
        .iter()
        .map(|event| match event {
            Event::Alert(alert) if alert.code == "unreadable_request" => alert.message.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(messages.len(), 3);
    assert!(messages[2].starts_with("4 requests"), "{messages:?}");
}

#[test]
fn at_step_waits_and_the_past_is_rejected() {
    let mut steer = steer();
    let at = |id: &str, at_step, value| Request {
        at_step: Some(at_step),
        ..request(id, Command::SetWeight { task: "class".into(), value, over_steps: None })
    };
    assert!(reason(&steer.receive(Ok(at("past", 4, 1.0)), 5)).contains("in the past"));
    assert!(steer.receive(Ok(at("later", 7, 7.0)), 5).is_empty());
    assert!(steer.receive(Ok(at("now", 5, 5.0)), 5).is_empty());
    assert_eq!(applied(&answers(&mut steer, 5)).id, "now");
    assert!(answers(&mut steer, 6).is_empty());
    let answer = applied(&answers(&mut steer, 7));
    assert_eq!((answer.id.as_str(), answer.step, answer.old), ("later", 7, Some(json!(5.0))));
    steer.receive(Ok(at("skipped", 9, 9.0)), 8);
    assert!(reason(&answers(&mut steer, 11)).contains("in the past"));
    assert_eq!(steer.weights()[2], 7.0);
}

#[test]
fn a_ramp_reaches_its_value_and_a_new_weight_ends_it() {
    let mut steer = steer();
    let ramp = json!({"set_weight":{"task":"heating","value":3.0,"over_steps":4}});
    let answer = applied(&ask(&mut steer, "r", ramp.clone()));
    assert_eq!((answer.old, answer.new), (Some(json!(1.0)), Some(json!(3.0))));
    let mut seen = Vec::new();
    for step in 5..10 {
        steer.begin_step(step);
        seen.push(steer.weights()[0]);
    }
    assert_eq!(seen, [1.5, 2.0, 2.5, 3.0, 3.0]);

    for end in [json!({"set_weight":{"task":"heating","value":0.0}}), json!({"set_weights":{"weights":[0.0,1.0,1.0]}})]
    {
        ask(&mut steer, &format!("again{end}"), ramp.clone());
        steer.begin_step(5);
        ask(&mut steer, &format!("end{end}"), end);
        steer.begin_step(6);
        assert_eq!(steer.weights()[0], 0.0);
    }
    ask(&mut steer, "other", json!({"set_weight":{"task":"heating","value":4.0,"over_steps":2}}));
    ask(&mut steer, "not this task", json!({"set_weight":{"task":"class","value":0.0}}));
    steer.begin_step(5);
    assert_eq!(steer.weights()[0], 2.0);
}

#[test]
fn equalize_keeps_the_sum_of_the_tasks_concerned() {
    let mut steer = steer();
    for _ in 0..20 {
        steer.measured(&[Some(100.0), Some(100.0), Some(100.0)]);
    }
    for i in 0..10 {
        steer.measured(&[Some(3.0 + 2.0 * f64::from(i % 2)), Some(1.0), Some(f64::NAN)]);
    }
    let answer = applied(&ask(&mut steer, "e", json!({"equalize":{}})));
    assert_eq!(answer.old, Some(json!([1.0, 2.0, 0.5])));
    let weights = steer.weights();
    assert_eq!(answer.new, Some(json!(weights)));
    assert!((weights[0] - 0.6).abs() < 1e-12 && (weights[1] - 2.4).abs() < 1e-12, "{weights:?}");
    assert_eq!(weights[2], 0.5);

    ask(&mut steer, "w", json!({"set_weights":{"weights":[0.0,2.0,1.0]}}));
    ask(&mut steer, "m", json!({"mute":{"task":"class"}}));
    applied(&ask(&mut steer, "only cooling", json!({"equalize":{}})));
    assert_eq!(steer.weights(), [0.0, 2.0, 1.0]);
    ask(&mut steer, "z", json!({"set_weights":{"weights":[0.0,0.0,1.0]}}));
    assert!(reason(&ask(&mut steer, "none", json!({"equalize":{}}))).contains("no unmuted task"));
}

#[test]
fn pause_advance_resume_stop() {
    let mut steer = steer();
    applied(&ask(&mut steer, "p", json!({"pause":{}})));
    assert_eq!(*steer.mode(), Mode::Paused);
    assert!(reason(&ask(&mut steer, "p2", json!({"pause":{}}))).contains("already paused"));
    applied(&ask(&mut steer, "a", json!({"advance":{"steps":1}})));
    applied(&ask(&mut steer, "a2", json!({"advance":{"steps":1}})));
    assert_eq!(*steer.mode(), Mode::Advancing { left: 2 });
    steer.step_done();
    assert_eq!(*steer.mode(), Mode::Advancing { left: 1 });
    steer.step_done();
    assert_eq!(*steer.mode(), Mode::Paused);
    applied(&ask(&mut steer, "r", json!({"resume":{}})));
    assert_eq!(*steer.mode(), Mode::Running);

    for (id, command) in [("s", Command::Stop {}), ("late", Command::Note { text: "x".into() })] {
        steer.receive(Ok(request(id, command)), 6);
    }
    assert_eq!(applied(&answers(&mut steer, 6)).id, "s");
    assert_eq!(*steer.mode(), Mode::Stopping);
    assert_eq!(reason(&steer.finish(6)), "run ended");
    assert_eq!(reason(&steer.receive(Ok(request("later", Command::Stop {})), 6)), "run ended");
}

#[test]
fn orders_come_one_at_a_time_and_may_be_refused() {
    let mut steer = steer();
    let saved = steer.state().clone();
    for (id, command) in [
        ("w", json!({"set_weight":{"task":"class","value":9.0}})),
        ("r", json!({"restore":{"step":2}})),
        ("after", json!({"set_weight":{"task":"heating","value":7.0}})),
        ("k", json!({"set":{"parameter":"x","value":1}})),
    ] {
        steer.receive(Ok(request(id, read(&command))), 5);
    }
    assert_eq!(steer.next_due(5, 0.01).unwrap().order, None);
    let answer = steer.next_due(5, 0.01).unwrap();
    assert_eq!(answer.order, Some(Order::Restore { step: 2 }));
    assert_eq!(steer.weights(), [1.0, 2.0, 9.0]);
    steer.restore(saved).unwrap();
    let after = steer.next_due(3, 0.01).unwrap().event.unwrap();
    assert_eq!(applied(&[after]).step, 3);
    assert_eq!(steer.weights(), [7.0, 2.0, 0.5]);
    let knob = steer.next_due(3, 0.01).unwrap();
    let done = knob.clone().done(Some(json!(0)), Some(json!(1))).unwrap();
    assert_eq!(applied(&[done]).new, Some(json!(1)));
    assert_eq!(reason(&[knob.refused("no knob named 'x'").unwrap()]), "no knob named 'x'");
    assert!(steer.receive(Ok(request("w", Command::Stop {})), 3).is_empty(), "answered ids survive a restore");
}

#[test]
fn a_resumed_run_repeats_exactly_what_was_applied() {
    let mut first = steer();
    let mut log = Vec::new();
    let mut run = |steer: &mut Steer, step: u64, sent: &[(&str, serde_json::Value)]| {
        for (id, command) in sent {
            log.extend(steer.receive(Ok(request(id, read(command))), step));
        }
        log.extend(answers(steer, step));
        steer.begin_step(step);
        steer.measured(&[Some(step as f64), Some(1.0), Some(2.0)]);
        steer.step_done();
    };
    run(&mut first, 1, &[("a", json!({"set_weight":{"task":"class","value":2.0,"over_steps":5}}))]);
    run(&mut first, 2, &[("b", json!({"pause":{}})), ("c", json!({"resume":{}})), ("d", json!({"mute":{"task":"x"}}))]);
    let checkpoint = serde_json::to_string(first.state()).unwrap();
    run(&mut first, 3, &[("e", json!({"equalize":{}})), ("f", json!({"set_lr":{"value":0.5}}))]);
    run(&mut first, 4, &[("g", json!({"pause":{}}))]);

    let state = serde_json::from_str(&checkpoint).unwrap();
    let mut again = Steer::from_state(&setup().tasks, setup().accepts, state).unwrap();
    let recorded = log.iter().filter_map(|event| match event {
        Event::Applied(applied) => Some(applied.clone()),
        _ => None,
    });
    let ids = ["a", "b", "c", "d", "e", "f", "g"].map(String::from);
    again.replay(recorded.collect(), ids, 4);
    assert!(again.receive(Ok(request("live", Command::Pause {})), 3).is_empty());
    let late = Request { at_step: Some(4), ..request("inside", Command::Pause {}) };
    assert!(reason(&again.receive(Ok(late), 3)).contains("next update is 5"));
    assert!(reason(&again.receive_unattended(Ok(request("dead", Command::Pause {})), 3)).contains("not alive"));
    let future = Request { at_step: Some(9), ..request("future", Command::Pause {}) };
    assert!(again.receive_unattended(Ok(future), 3).is_empty());
    for step in 3..=4 {
        assert!(again.is_replaying(step));
        assert!(answers(&mut again, step).is_empty());
        again.begin_step(step);
        again.measured(&[Some(step as f64), Some(1.0), Some(2.0)]);
        again.step_done();
    }
    assert_eq!(again.weights(), first.weights());
    assert_eq!(again.learning_rate(0.3), first.learning_rate(0.3));
    assert_eq!(*again.mode(), Mode::Running);
    assert_eq!(applied(&answers(&mut again, 5)).id, "live");
    assert_eq!(again.open_requests(), 1);
}

#[test]
fn a_resumed_run_that_is_cut_before_a_request_acted_again_repeats_it_in_the_next_resume() {
    let command = json!({"set_weight":{"task":"class","value":4.0}});
    let applied = Applied { step: 8, id: "a".into(), from: String::new(), command, old: None, new: None };
    let resumed = |state: &SteerState| {
        let mut steer = Steer::from_state(&setup().tasks, setup().accepts, state.clone()).unwrap();
        steer.replay(vec![applied.clone()], ["a".to_owned()], 9);
        assert!(steer.receive(Ok(request("a", Command::Stop {})), 6).is_empty(), "answered once, ever");
        steer
    };
    let mut once = resumed(steer().state());
    assert!(answers(&mut once, 6).is_empty());
    let mut twice = resumed(once.state());
    for step in 7..=8 {
        assert!(answers(&mut twice, step).is_empty());
    }
    assert_eq!(twice.weights()[2], 4.0);
    // A checkpoint made from here on contains it.
    twice.restore(SteerState { weights: vec![1.0; 3], ..twice.state().clone() }).unwrap();
    assert!(answers(&mut resumed(twice.state()), 8).is_empty());
    assert_eq!(resumed(twice.state()).weights()[2], 1.0);
}

#[test]
fn so_many_requests_wait_and_no_more() {
    let mut steer = steer();
    let waiting = |id: usize| Request { at_step: Some(9), ..request(&id.to_string(), Command::Equalize {}) };
    for id in 0..MOST_OPEN {
        assert!(steer.receive(Ok(waiting(id)), 1).is_empty());
    }
    assert!(reason(&steer.receive(Ok(waiting(MOST_OPEN)), 1)).contains("wait already"));
    assert_eq!((steer.open_requests(), steer.finish(2).len()), (MOST_OPEN, MOST_OPEN));
}

#[test]
fn states_that_do_not_fit_are_refused() {
    assert!(matches!(Steer::new(Setup { weights: vec![1.0], ..setup() }), Err(SteerError::Count { .. })));
    assert!(matches!(Steer::new(Setup { weights: vec![-1.0; 3], ..setup() }), Err(SteerError::Value { .. })));
    assert!(matches!(Steer::new(Setup { clip: Some(0.0), ..setup() }), Err(SteerError::Value { .. })));
    let mut state = steer().state().clone();
    assert!(matches!(Steer::from_state(&[], vec![], state.clone()), Err(SteerError::Tasks { .. })));
    state.version = 99;
    assert!(matches!(steer().restore(state), Err(SteerError::Version { found: 99 })));
}

fn any_value() -> impl Strategy<Value = f64> {
    prop_oneof![
        0.0..10.0_f64,
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(-1.0),
        Just(0.0),
        Just(f64::MAX),
        Just(f64::MIN_POSITIVE)
    ]
}

fn any_command() -> impl Strategy<Value = Command> {
    let task = prop_oneof![Just("heating"), Just("cooling"), Just("class"), Just("no")].prop_map(String::from);
    prop_oneof![
        (task.clone(), any_value(), proptest::option::of(0..5_u64))
            .prop_map(|(task, value, over_steps)| Command::SetWeight { task, value, over_steps }),
        proptest::collection::vec(any_value(), 2..4).prop_map(|weights| Command::SetWeights { weights }),
        task.clone().prop_map(|task| Command::Mute { task }),
        task.clone().prop_map(|task| Command::Unmute { task }),
        proptest::collection::vec(task, 0..3).prop_map(|tasks| Command::SetMuted { tasks }),
        Just(Command::Equalize {}),
        any_value().prop_map(|value| Command::SetLr { value }),
        proptest::option::of(any_value()).prop_map(|value| Command::SetClip { value }),
        proptest::option::of(any_value()).prop_map(|steps_per_second| Command::SetPace { steps_per_second }),
        Just(Command::Pause {}),
        Just(Command::Resume {}),
        (0..3_u64).prop_map(|steps| Command::Advance { steps }),
        Just(Command::Evaluate {}),
        Just(Command::Freeze { part: "encoder".into() }),
        Just(Command::Unfreeze { part: "encoder".into() }),
        Just(Command::Freeze { part: "class".into() }),
        Just(Command::SetWeighting { name: "x".into(), options: serde_json::Map::new() }),
    ]
}

proptest! {
    #[test]
    fn any_sequence_gives_one_answer_an_id_and_finite_weights(
        moves in proptest::collection::vec(
            (any_command(), 0..12_u8, proptest::option::of(0..12_u64), any_value(), any::<bool>()), 0..40),
        rates in proptest::collection::vec(prop_oneof![Just(0.0), 1e-6..1.0_f64, Just(1e-320)], 40),
    ) {
        let mut steer = steer();
        let mut counts = std::collections::BTreeMap::new();
        let mut sent = BTreeSet::new();
        let mut step = 1;
        for ((command, id, at_step, norm, go_on), rate) in moves.into_iter().zip(rates) {
            let id = id.to_string();
            sent.insert(id.clone());
            let mut events = steer.receive(Ok(Request { id, from: String::new(), at_step, command }), step);
            // A twin that went through JSON must go on exactly alike.
            let text = serde_json::to_string(steer.state()).unwrap();
            let state: SteerState = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(&state, steer.state());
            let mut twin = Steer::from_state(&setup().tasks, setup().accepts, state).unwrap();
            twin.mode = steer.mode;
            while let Some(answer) = steer.next_due(step, rate) {
                let expected = twin.next_due(step, rate);
                prop_assert_eq!(Some(&answer), expected.as_ref());
                events.extend(answer.event);
            }
            prop_assert_eq!(&steer, &twin);
            for event in events {
                let id = match event {
                    Event::Applied(applied) => applied.id,
                    Event::Rejected(rejected) => rejected.id,
                    other => panic!("{other:?}"),
                };
                *counts.entry(id).or_insert(0) += 1;
            }
            if go_on {
                steer.begin_step(step);
                steer.measured(&[Some(norm), Some(1.0), None]);
                steer.step_done();
                step += 1;
            }
            prop_assert!(steer.weights().iter().all(|weight| weight.is_finite() && *weight >= 0.0));
            prop_assert!(steer.learning_rate(rate).is_finite());
        }
        for event in steer.finish(step) {
            let Event::Rejected(rejected) = event else { panic!("{event:?}") };
            *counts.entry(rejected.id).or_insert(0) += 1;
        }
        prop_assert!(counts.values().all(|count| *count == 1), "{counts:?}");
        prop_assert_eq!(counts.keys().cloned().collect::<BTreeSet<_>>(), sent);
    }
}
