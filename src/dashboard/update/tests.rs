//! What keys ask of a run, and what answers do to the screen.

use crate::dashboard::layout::Pane;
use crate::dashboard::testing::{balance, end, eval, hear, line, press, running, started, state, step, text, tick};
use crate::dashboard::{Effect, Message, Outcome, Phase, Signal, State, update};
use crate::protocol::{Command, EndReason, Event, Real, Sample};
use serde_json::{Value, json};
use std::time::Duration;

const TASKS: [&str; 3] = ["a", "b", "c"];

fn fresh() -> State {
    running(&TASKS, 5)
}

/// The commands among the effects.
fn commands(effects: &[Effect]) -> Vec<Command> {
    let command = |effect: &Effect| match effect {
        Effect::Send { request, .. } => Some(request.command.clone()),
        _ => None,
    };
    effects.iter().filter_map(command).collect()
}

/// The trainer carries out all that was sent.
fn answer(state: &mut State, effects: &[Effect], new: &Value) {
    for effect in effects {
        let Effect::Send { request, .. } = effect else { continue };
        let (id, command) = (&request.id, request.command.to_value());
        let mut event = json!({"event": "applied", "step": 6, "id": id, "from": "dashboard", "command": command});
        if !new.is_null() {
            event["new"] = new.clone();
        }
        hear(state, line(&event.to_string()));
    }
}

fn weight(task: &str, value: f64) -> Command {
    Command::SetWeight { task: task.to_owned(), value, over_steps: None }
}

#[test]
fn a_weight_moves_by_a_tenth_from_what_was_asked_last_and_stays_pending_until_answered() {
    let mut state = fresh();
    let first = press(&mut state, "j right");
    let second = press(&mut state, "right");
    assert_eq!(commands(&first), [weight("b", 1.1)]);
    assert_eq!(commands(&second), [weight("b", 1.21)]);
    let run = state.run().unwrap();
    assert_eq!((run.tasks[1].weight, run.wanted_weight(1)), (1.0, Some(1.21)));
    assert!(text(&state, 120, 40).contains("→1.21"));
    answer(&mut state, &first, &json!(1.1));
    answer(&mut state, &second, &json!(1.21));
    let run = state.run().unwrap();
    assert_eq!((run.tasks[1].weight, run.wanted_weight(1)), (1.21, None));
    let marks: Vec<_> = run.marks.iter().map(|mark| (mark.step, mark.label.as_str())).collect();
    assert_eq!(marks, [(6, "w2"), (6, "w2")]);
    assert_eq!(commands(&press(&mut state, "shift-right")), [weight("b", 2.42)]);
    assert_eq!(commands(&press(&mut state, "shift-left")), [weight("b", 1.21)]);
}

#[test]
fn every_request_has_an_id_of_its_own() {
    let mut state = fresh();
    let mut ids: Vec<String> = press(&mut state, "right right m e C space E")
        .iter()
        .filter_map(|effect| if let Effect::Send { request, .. } = effect { Some(request.id.clone()) } else { None })
        .collect();
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!((count, ids.len()), (7, 7));
}

#[test]
fn a_refused_request_is_not_pending_any_more_and_the_reason_is_shown() {
    let mut state = fresh();
    press(&mut state, "right");
    hear(&mut state, line(r#"{"event":"rejected","step":6,"id":"t-1","from":"dashboard","reason":"no way"}"#));
    assert!(state.run().unwrap().pending.is_empty());
    let shown = text(&state, 120, 40);
    assert!(shown.contains("refused: no way"), "{shown}");
}

#[test]
fn a_weight_of_zero_can_be_raised_again() {
    let mut state = fresh();
    let effects = press(&mut state, "= 0 enter");
    assert_eq!(commands(&effects), [weight("a", 0.0)]);
    answer(&mut state, &effects, &json!(0.0));
    assert!(commands(&press(&mut state, "left")).is_empty());
    assert_eq!(commands(&press(&mut state, "right")), [weight("a", 0.01)]);
}

#[test]
fn an_exact_weight_is_typed_or_pasted_and_nonsense_is_not_sent() {
    let mut state = fresh();
    press(&mut state, "3 =");
    update(&mut state, Message::Paste("2\u{1b}[31m\n".to_owned()));
    assert!(press(&mut state, "enter").is_empty());
    assert!(text(&state, 80, 24).contains("a weight is a number"));
    let effects = press(&mut state, "ctrl-u 2 . 5 enter");
    assert_eq!(commands(&effects), [weight("c", 2.5)]);
    assert!(press(&mut state, "= 9 esc").is_empty());
    // Outside a line of input, pasted text is not taken as keys.
    assert!(update(&mut state, Message::Paste("q m m".to_owned())).is_empty());
    assert!(commands(&press(&mut state, "n")).is_empty());
    assert_eq!(commands(&press(&mut state, "q u i t space 1 enter")), [Command::Note { text: "quit 1".to_owned() }]);
}

#[test]
fn solo_mutes_the_others_and_brings_back_what_was() {
    let mut state = fresh();
    let effects = press(&mut state, "3 m");
    assert_eq!(commands(&effects), [Command::Mute { task: "c".to_owned() }]);
    answer(&mut state, &effects, &Value::Null);
    let muted = |tasks: &[&str]| Command::SetMuted { tasks: tasks.iter().map(|task| (*task).to_owned()).collect() };
    let effects = press(&mut state, "1 o");
    assert_eq!(commands(&effects), [muted(&["b", "c"])]);
    answer(&mut state, &effects, &Value::Null);
    let effects = press(&mut state, "o");
    assert_eq!(commands(&effects), [muted(&["c"])]);
    answer(&mut state, &effects, &Value::Null);
    assert_eq!(commands(&press(&mut state, "3 m")), [Command::Unmute { task: "c".to_owned() }]);
}

#[test]
fn space_pauses_and_resumes_and_a_single_step_pauses_first() {
    let mut state = fresh();
    let effects = press(&mut state, ".");
    assert_eq!(commands(&effects), [Command::Pause {}]);
    answer(&mut state, &effects, &Value::Null);
    assert_eq!(state.run().unwrap().phase, Phase::Paused);
    assert_eq!(commands(&press(&mut state, ".")), [Command::Advance { steps: 1 }]);
    hear(&mut state, Event::Step(Box::new(step(6, 3))));
    assert_eq!(state.run().unwrap().phase, Phase::Paused);
    let effects = press(&mut state, "space");
    assert_eq!(commands(&effects), [Command::Resume {}]);
    assert_eq!(commands(&press(&mut state, "space")), [Command::Pause {}]);
}

#[test]
fn the_pace_goes_by_round_numbers_up_to_free_and_back() {
    let mut state = fresh();
    let pace = |value| [Command::SetPace { steps_per_second: value }];
    assert_eq!(commands(&press(&mut state, "<")), pace(Some(100.0)));
    assert_eq!(commands(&press(&mut state, ">")), pace(Some(200.0)));
    press(&mut state, "> > > >");
    assert_eq!(commands(&press(&mut state, ">")), pace(None));
    assert!(press(&mut state, ">").is_empty());
    // From free, the next below the measured 412 steps a second.
    assert_eq!(commands(&press(&mut state, "<")), pace(Some(200.0)));
}

#[test]
fn a_command_that_the_trainer_does_not_take_is_not_sent() {
    let mut state = state();
    let Event::Run(mut run) = started(&TASKS, 10) else { unreachable!() };
    run.accepts = vec!["pause".to_owned()];
    hear(&mut state, Event::Run(run));
    assert!(press(&mut state, "right").is_empty());
    assert!(text(&state, 120, 40).contains("this trainer does not take 'set_weight'"));
    assert!(press(&mut state, "=").is_empty());
    assert_eq!(commands(&press(&mut state, "space")), [Command::Pause {}]);
    // What cannot be stopped can be left.
    assert_eq!(press(&mut state, "q"), [Effect::Quit(Outcome::Finished)]);
}

#[test]
fn quitting_asks_stops_waits_for_the_end_and_leaves() {
    let mut state = fresh();
    assert!(press(&mut state, "q").is_empty());
    assert!(text(&state, 80, 24).contains("Stop the run and save its state?"));
    assert!(press(&mut state, "esc").is_empty());
    let effects = press(&mut state, "q s");
    assert_eq!(commands(&effects), [Command::Stop {}]);
    assert!(text(&state, 80, 24).contains("STOPPING"));
    assert!(press(&mut state, "q").is_empty());
    answer(&mut state, &effects, &Value::Null);
    assert!(text(&state, 80, 24).contains("STOPPING"));
    assert_eq!(hear(&mut state, end(5, EndReason::Stopped)), [Effect::Quit(Outcome::Stopped)]);
}

#[test]
fn a_refused_stop_leaves_the_screen_on() {
    let mut state = fresh();
    press(&mut state, "q s");
    hear(&mut state, line(r#"{"event":"rejected","step":6,"id":"t-1","from":"dashboard","reason":"busy"}"#));
    assert!(hear(&mut state, end(5, EndReason::Finished)).is_empty());
    assert_eq!(press(&mut state, "q"), [Effect::Quit(Outcome::Finished)]);
}

#[test]
fn after_the_end_the_screen_stays_until_q_and_nothing_is_sent() {
    let mut state = fresh();
    assert!(hear(&mut state, end(5, EndReason::Finished)).is_empty());
    assert!(press(&mut state, "right m space e").is_empty());
    assert!(text(&state, 80, 24).contains("the run has ended"));
    tick(&mut state, 60);
    let footer = text(&state, 80, 24);
    assert!(footer.contains("q leave") && footer.contains("y linear") && !footer.contains("mute"), "{footer}");
    assert_eq!(press(&mut state, "q"), [Effect::Quit(Outcome::Finished)]);
}

#[test]
fn a_single_step_does_not_end_the_pause() {
    let mut state = fresh();
    hear(&mut state, line(r#"{"event":"applied","step":6,"id":"a","from":"cli","command":{"pause":{}}}"#));
    hear(&mut state, line(r#"{"event":"applied","step":6,"id":"b","from":"cli","command":{"advance":{"steps":1}}}"#));
    for step in [5, 6] {
        hear(
            &mut state,
            line(&format!(r#"{{"event":"heartbeat","time":5,"state":"running","step":{step},"step_age":1}}"#)),
        );
        assert!(text(&state, 80, 24).contains("PAUSED"));
    }
    hear(&mut state, line(r#"{"event":"heartbeat","time":9,"state":"running","step":9,"step_age":1}"#));
    assert!(text(&state, 80, 24).contains("RUNNING"));
}

#[test]
fn a_trainer_that_vanishes_is_said_to_be_lost() {
    let mut state = fresh();
    update(&mut state, Message::Disconnected { run: 0 });
    assert!(text(&state, 80, 24).contains("LOST"));
    assert_eq!(press(&mut state, "q"), [Effect::Quit(Outcome::Finished)]);
}

#[test]
fn control_keys_work_in_every_context() {
    for keys in ["esc", "?", "q", "="] {
        let mut state = fresh();
        press(&mut state, keys);
        assert_eq!(press(&mut state, "ctrl-z"), [Effect::Suspend]);
        assert_eq!(press(&mut state, "ctrl-c"), [Effect::Quit(Outcome::Signalled(Signal::Interrupt))]);
    }
}

#[test]
fn a_resume_drops_what_came_later_and_a_restore_keeps_it_aside() {
    let mut state = running(&TASKS, 900);
    hear(&mut state, line(r#"{"event":"rewind","to_step":500,"why":"restore"}"#));
    hear(&mut state, Event::Step(Box::new(step(501, 3))));
    let run = state.run().unwrap();
    assert_eq!(run.tasks[0].loss.last().unwrap().0, 501);
    assert_eq!(run.tasks[0].loss.abandoned()[0].steps().len(), 400);
    assert_eq!(run.marks.iter().map(|mark| mark.step).collect::<Vec<_>>(), [400, 500]);
    assert_eq!(run.best_score, None);
    hear(&mut state, line(r#"{"event":"rewind","to_step":100,"why":"resume"}"#));
    let run = state.run().unwrap();
    assert_eq!((run.timeline.last_step(), run.shared.measured), (100, None));
    assert_eq!(run.tasks[0].loss.abandoned().len(), 1);
}

#[test]
fn weighted_losses_follow_the_weights_of_their_steps() {
    let mut state = running(&TASKS, 800);
    press(&mut state, "v");
    let task = &state.run().unwrap().tasks[0];
    let weighted = task.derived.as_ref().unwrap();
    let (raw, times) = (task.loss.track().raw().values(), weighted.track().raw().values());
    assert_eq!((times[698], times[699]), (raw[698], 2.0 * raw[699]));
    let before = times.len();
    let mut next = step(801, 3);
    next.weight[0] = Real(3.0);
    next.loss[0] = Some(Real(1.0));
    hear(&mut state, Event::Step(Box::new(next)));
    let task = &state.run().unwrap().tasks[0];
    assert_eq!(task.derived.as_ref().unwrap().track().raw().values()[before], 3.0);
}

#[test]
fn a_muted_task_is_seen_in_the_steps_themselves() {
    let mut state = fresh();
    let mut muted = step(6, 3);
    muted.factor[1] = None;
    muted.coefficient[1] = None;
    hear(&mut state, Event::Step(Box::new(muted)));
    assert!(state.run().unwrap().tasks[1].muted);
    let mut unlabelled = step(7, 3);
    (unlabelled.factor[0], unlabelled.labelled[0], unlabelled.loss[0]) = (None, 0, None);
    hear(&mut state, Event::Step(Box::new(unlabelled)));
    let run = state.run().unwrap();
    assert!(!run.tasks[0].muted && !run.tasks[0].labelled && !run.tasks[1].muted);
}

fn aggregation(name: &str) -> Command {
    Command::SetAggregation { name: name.to_owned(), options: serde_json::Map::new() }
}

#[test]
fn one_key_opens_the_methods_and_enter_sends_the_selected_one() {
    let mut state = fresh();
    assert!(commands(&press(&mut state, "b enter")).is_empty());
    assert!(text(&state, 80, 24).contains("sum is in use"));
    assert!(press(&mut state, "b esc").is_empty());
    // Whatever else is on the list, the weightings begin with manual.
    hear(
        &mut state,
        line(
            r#"{"event":"applied","step":6,"id":"w","from":"cli","command":{"set_weighting":{"name":"x"}},"old":"manual","new":"x"}"#,
        ),
    );
    press(&mut state, "b");
    (0..60).for_each(|_| drop(press(&mut state, "up")));
    let manual = Command::SetWeighting { name: "manual".to_owned(), options: serde_json::Map::new() };
    assert_eq!(commands(&press(&mut state, "enter")), [manual]);
    assert!(text(&state, 120, 40).contains("x → manual + sum"));
}

#[test]
fn without_a_choice_the_list_does_not_open() {
    let mut state = state();
    let Event::Run(mut run) = started(&TASKS, 10) else { unreachable!() };
    run.accepts = vec!["pause".to_owned()];
    hear(&mut state, Event::Run(run));
    press(&mut state, "b");
    assert!(text(&state, 120, 40).contains("this trainer takes no other method"));
    assert!(press(&mut state, "t p N R").is_empty());
}

#[test]
fn one_key_tries_the_method_gone_to_and_again_brings_the_one_before_back() {
    let mut state = fresh();
    assert!(press(&mut state, "t").is_empty());
    assert!(text(&state, 120, 40).contains("no other method to try yet"));
    hear(&mut state, balance(5, 3));
    let effects = press(&mut state, "t");
    assert_eq!(commands(&effects), [aggregation("pcgrad")]);
    hear(&mut state, line(r#"{"event":"rejected","step":6,"id":"t-1","from":"dashboard","reason":"no"}"#));
    // Rows: mgda, pcgrad, sum.
    let effects = press(&mut state, "[ t");
    assert_eq!((commands(&effects), state.pane), (vec![aggregation("mgda")], Pane::Methods));
    let answer = json!({"event": "applied", "step": 6, "id": "t-2", "from": "dashboard", "command": {"set_aggregation": {"name": "mgda"}}, "old": "sum rate=1", "new": "mgda"});
    hear(&mut state, line(&answer.to_string()));
    let sent = commands(&press(&mut state, "t"));
    let options = json!({"set_aggregation": {"name": "sum", "rate": 1}});
    assert_eq!(sent.iter().map(Command::to_value).collect::<Vec<_>>(), [options]);
}

#[test]
fn one_key_goes_to_and_fro_without_a_method_gone_to_and_whatever_else_was_switched() {
    let mut state = fresh();
    hear(&mut state, balance(5, 3));
    let effects = press(&mut state, "t");
    assert_eq!(commands(&effects), [aggregation("pcgrad")]);
    // Before the answer as after it; and a switch of weighting between is no other method to go back to.
    assert_eq!(commands(&press(&mut state, "t")), [aggregation("sum")]);
    hear(&mut state, line(r#"{"event":"rejected","step":6,"id":"t-2","from":"dashboard","reason":"no"}"#));
    answer(&mut state, &effects, &json!("pcgrad"));
    hear(
        &mut state,
        line(
            r#"{"event":"applied","step":6,"id":"w","from":"cli","command":{"set_weighting":{"name":"dwa"}},"old":"manual","new":"dwa"}"#,
        ),
    );
    press(&mut state, "B B");
    assert!(text(&state, 120, 40).contains("t goes back to sum"), "{}", text(&state, 120, 40));
    let effects = press(&mut state, "t");
    assert_eq!(commands(&effects), [aggregation("sum")]);
    answer(&mut state, &effects, &json!("sum"));
    assert_eq!(commands(&press(&mut state, "t")), [aggregation("pcgrad")]);
}

#[test]
fn knobs_begin_as_the_run_says() {
    let mut state = state();
    let Event::Run(mut run) = started(&TASKS, 10) else { unreachable!() };
    run.knobs.insert("balance.match_norm".to_owned(), json!(true));
    hear(&mut state, Event::Run(run));
    let off = Command::Set { parameter: "balance.match_norm".to_owned(), value: json!(false) };
    assert_eq!(commands(&press(&mut state, "N")), [off]);
}

#[test]
fn knobs_turn_from_what_was_asked_last() {
    let mut state = fresh();
    let set = |name: &str, on: bool| Command::Set { parameter: name.to_owned(), value: json!(on) };
    assert_eq!(commands(&press(&mut state, "p")), [set("balance.probe", true)]);
    let effects = press(&mut state, "N");
    assert_eq!(commands(&effects), [set("balance.match_norm", true)]);
    assert_eq!(commands(&press(&mut state, "N")), [set("balance.match_norm", false)]);
    answer(&mut state, &effects, &json!(true));
    assert_eq!(commands(&press(&mut state, "R")), [set("balance.reset_moments", true)]);
}

#[test]
fn a_switch_of_method_is_told_marked_and_shown() {
    let mut state = fresh();
    hear(
        &mut state,
        line(
            r#"{"event":"applied","step":6,"id":"w","from":"cli","command":{"set_aggregation":{"name":"pcgrad","order":"ascending"}},"old":"sum","new":"pcgrad order=ascending"}"#,
        ),
    );
    let shown = text(&state, 120, 40);
    assert!(shown.contains("aggregation sum → pcgrad"), "{shown}");
    assert!(shown.contains("manual + pcgrad order=ascending"), "{shown}");
    assert_eq!(state.run().unwrap().marks.last().unwrap().label, "b");
    hear(&mut state, line(r#"{"event":"rewind","to_step":4,"why":"restore"}"#));
    assert!(text(&state, 120, 40).contains("manual + sum"));
}

fn sample(step: u64, task: &str, got: &str) -> Event {
    let [task, input, want, got] = [task, "in", "yes", got].map(str::to_owned);
    Event::Sample(Sample { step, task, input, want, got })
}

#[test]
fn samples_are_those_of_the_latest_evaluation_and_go_with_a_rewind() {
    let mut state = running(&TASKS, 150);
    let held =
        |state: &State| state.run().unwrap().tasks.iter().map(|task| task.samples.answers().len()).collect::<Vec<_>>();
    for (step, task) in [(100, "a"), (100, "a"), (100, "b"), (100, "unknown")] {
        hear(&mut state, sample(step, task, "no"));
    }
    assert_eq!(held(&state), [2, 1, 0]);
    hear(&mut state, eval(150, 3));
    hear(&mut state, sample(150, "a", "yes"));
    assert_eq!(held(&state), [1, 1, 0]);
    hear(&mut state, line(r#"{"event":"rewind","to_step":120,"why":"restore"}"#));
    assert_eq!(held(&state), [0, 1, 0]);
}

#[test]
fn one_key_shows_samples_large_and_brings_back_what_was_and_one_picks_out_the_wrong() {
    let mut state = fresh();
    for got in ["yes", "no", "perhaps"] {
        hear(&mut state, sample(5, "b", got));
    }
    press(&mut state, "tab 2 a");
    assert_eq!((state.pane, state.zoomed), (Pane::Samples, true));
    for (width, height) in [(140, 45), (120, 40), (80, 24), (40, 12), (20, 5)] {
        let shown = text(&state, width, height);
        assert!(height < 6 || shown.contains("b: 1 of 3 right, step 5"), "{shown}");
        assert!(shown.contains("= in"), "{shown}");
    }
    press(&mut state, "w");
    let shown = text(&state, 80, 24);
    assert!(shown.contains("b: 2 of 3 wrong, step 5") && !shown.contains("= in"), "{shown}");
    assert!(shown.contains("w all samples"), "{shown}");
    press(&mut state, "pagedown pagedown pagedown");
    assert_eq!((state.samples.scroll, state.pane), (1, Pane::Samples));
    press(&mut state, "w 1");
    assert_eq!((state.samples.scroll, state.samples.wrong_only), (0, false));
    assert!(text(&state, 80, 24).contains("no samples yet: they come with each evaluation"));
    press(&mut state, "a");
    assert_eq!((state.pane, state.zoomed), (Pane::Gradients, false));
}

/// The trainer carries out what was sent, from one value to another.
fn carried_out(state: &mut State, effects: &[Effect], old: &Value, new: &Value) {
    for effect in effects {
        let Effect::Send { request, .. } = effect else { continue };
        let (id, command) = (&request.id, request.command.to_value());
        let event = json!({"event": "applied", "step": 6, "id": id, "from": "dashboard", "command": command, "old": old, "new": new});
        hear(state, line(&event.to_string()));
    }
}

#[test]
fn changes_of_this_screen_are_taken_back_and_made_again_and_each_is_said() {
    let mut state = fresh();
    assert!(press(&mut state, "u").is_empty());
    assert!(text(&state, 120, 40).contains("nothing to take back"));
    let effects = press(&mut state, "right");
    carried_out(&mut state, &effects, &json!(1.0), &json!(1.1));
    let effects = press(&mut state, "m");
    answer(&mut state, &effects, &Value::Null);
    let effects = press(&mut state, "C e");
    answer(&mut state, &effects, &Value::Null);
    let effects = press(&mut state, "u");
    assert_eq!(commands(&effects), [Command::Unmute { task: "a".to_owned() }]);
    answer(&mut state, &effects, &Value::Null);
    let effects = press(&mut state, "u");
    assert_eq!(commands(&effects), [weight("a", 1.0)]);
    carried_out(&mut state, &effects, &json!(1.1), &json!(1.0));
    let shown = text(&state, 120, 40);
    assert!(shown.contains("undid: weight a 1.10 → 1.00"), "{shown}");
    assert!(press(&mut state, "u").is_empty());
    let effects = press(&mut state, "U");
    assert_eq!(commands(&effects), [weight("a", 1.1)]);
    carried_out(&mut state, &effects, &json!(1.0), &json!(1.1));
    assert!(text(&state, 120, 40).contains("redid: weight a 1.00 → 1.10"));
    // A new change ends what could be made again.
    let effects = press(&mut state, "right");
    carried_out(&mut state, &effects, &json!(1.1), &json!(1.21));
    assert!(press(&mut state, "U").is_empty());
    assert_eq!(commands(&press(&mut state, "u")), [weight("a", 1.1)]);
}

#[test]
fn a_change_is_taken_back_once_it_is_answered_and_a_refused_one_is_none() {
    let mut state = fresh();
    let first = press(&mut state, "right");
    assert!(press(&mut state, "u").is_empty());
    let event = json!({"event": "applied", "step": 6, "id": "t-1", "from": "dashboard", "command": {"set_weight": {"task": "a", "value": 1.1}}, "old": 1.0, "new": 1.1});
    assert_eq!(first.len(), 1);
    assert_eq!(commands(&hear(&mut state, line(&event.to_string()))), [weight("a", 1.0)]);
    let mut state = fresh();
    press(&mut state, "right");
    hear(&mut state, line(r#"{"event":"rejected","step":6,"id":"t-1","from":"dashboard","reason":"no"}"#));
    assert!(press(&mut state, "u").is_empty());
}

#[test]
fn what_someone_else_changed_since_is_set_back_all_the_same_and_said() {
    let mut state = fresh();
    let effects = press(&mut state, "right");
    carried_out(&mut state, &effects, &json!(1.0), &json!(1.1));
    hear(
        &mut state,
        line(
            r#"{"event":"applied","step":6,"id":"c","from":"cli","command":{"set_weight":{"task":"a","value":5}},"old":1.1,"new":5.0}"#,
        ),
    );
    let effects = press(&mut state, "u");
    assert_eq!(commands(&effects), [weight("a", 1.0)]);
    carried_out(&mut state, &effects, &json!(5.0), &json!(1.0));
    let shown = text(&state, 120, 40);
    assert!(shown.contains("undid: weight a 5.00 → 1.00 (cli had changed it since)"), "{shown}");
    // After a restore nothing is as it was.
    let effects = press(&mut state, "right");
    carried_out(&mut state, &effects, &json!(1.0), &json!(1.1));
    hear(&mut state, line(r#"{"event":"rewind","to_step":2,"why":"restore"}"#));
    assert!(press(&mut state, "u").is_empty());
}

#[test]
fn locked_keys_change_nothing_and_the_screen_can_still_be_left() {
    let mut state = fresh();
    press(&mut state, "!");
    for (width, height) in [(120, 40), (80, 24), (40, 12)] {
        assert!(text(&state, width, height).contains(" locked "));
    }
    for row in crate::dashboard::BINDINGS {
        let mut state = state.clone();
        if row.context == crate::dashboard::Context::Main && row.changes_run() {
            assert!(press(&mut state, row.keys[0]).is_empty(), "{row:?}");
            assert_eq!(state.mode, crate::dashboard::state::Mode::Main, "{row:?}");
            assert!(text(&state, 120, 40).contains("! unlocks"), "{row:?}");
        }
    }
    typed(&mut state, ":weight a 2");
    assert!(press(&mut state, "enter").is_empty());
    let shown = text(&state, 120, 40);
    assert!(shown.contains("weight a 2") && shown.contains("! unlocks"), "{shown}");
    press(&mut state, "esc");
    press(&mut state, "y tab");
    let mut leaving = state.clone();
    press(&mut leaving, "q");
    assert!(text(&leaving, 120, 40).contains("The lock does not hold this back."));
    assert_eq!(commands(&press(&mut leaving, "s")), [Command::Stop {}]);
    press(&mut state, "!");
    assert!(!text(&state, 120, 40).contains(" locked "));
    assert_eq!(commands(&press(&mut state, "right")), [weight("a", 1.1)]);
}

#[test]
fn no_single_key_stops_the_run_or_goes_back() {
    for row in crate::dashboard::BINDINGS.iter().filter(|row| row.context == crate::dashboard::Context::Main) {
        for key in row.keys {
            let sent = commands(&press(&mut fresh(), key));
            assert!(!sent.iter().any(|command| matches!(command, Command::Stop {} | Command::Restore { .. })), "{key}");
        }
    }
}

#[test]
fn what_was_asked_for_is_marked_until_it_is_applied() {
    for (keys, shown) in [
        ("space", "→PAUSED"),
        ("m", "→muted"),
        ("<", "pace →100"),
        (": l r space 1 enter", "lr →1.000"),
        (": c l i p space o f f enter", "clip →off"),
        (": f r e e z e space a enter", "→fz"),
        (": f r e e z e space e n c o d e r enter", "→encoder frozen"),
        (": a g g r e g a t i o n space m g d a enter", "sum → mgda"),
    ] {
        let mut state = fresh();
        let effects = press(&mut state, keys);
        assert_eq!(commands(&effects).len(), 1, "{keys}");
        let screen = text(&state, 120, 40);
        assert!(screen.contains(shown), "{shown}: {screen}");
        hear(&mut state, line(r#"{"event":"rejected","step":6,"id":"t-1","from":"dashboard","reason":"no way"}"#));
        let screen = text(&state, 120, 40);
        assert!(!screen.contains(shown) && screen.contains("refused: no way"), "{shown}: {screen}");
    }
}

/// Types letters, blanks too.
fn typed(state: &mut State, text: &str) {
    for letter in text.chars() {
        let name = if letter == ' ' { "space".to_owned() } else { letter.to_string() };
        press(state, &name);
    }
}

#[test]
fn any_command_and_any_action_is_typed_and_an_error_stays_in_place() {
    let mut state = fresh();
    typed(&mut state, ":wieght a 2");
    assert!(press(&mut state, "enter").is_empty());
    let shown = text(&state, 120, 40);
    assert!(shown.contains("no command or action 'wieght' (did you mean 'weight'?)"), "{shown}");
    press(&mut state, "home delete delete delete delete delete delete");
    typed(&mut state, "weight");
    assert_eq!(commands(&press(&mut state, "enter")), [weight("a", 2.0)]);
    for (wrong, why) in [
        ("weight d 1", "weight TASK VALUE [over STEPS]: no task named 'd' (tasks: a, b, c)"),
        ("weight a x", "'x' is no number"),
        ("weight a -1", "a weight must be finite and at least 0"),
        ("weights 1 2", "2 weights for 3 tasks"),
        ("weight_up 3", "'weight_up' takes nothing after it"),
        ("pause now", "'now' is one word too many"),
    ] {
        typed(&mut state, &format!(":{wrong}"));
        assert!(press(&mut state, "enter").is_empty());
        let shown = text(&state, 120, 40);
        assert!(shown.contains(why) && shown.contains(wrong), "{why}: {shown}");
        press(&mut state, "esc");
    }
    typed(&mut state, ":mute");
    assert_eq!(commands(&press(&mut state, "enter")), [Command::Mute { task: "a".to_owned() }]);
    typed(&mut state, ":select_task b");
    press(&mut state, "enter");
    assert_eq!(state.task, 1);
    typed(&mut state, ":note  he said \"stop\"");
    assert_eq!(commands(&press(&mut state, "enter")), [Command::Note { text: "he said \"stop\"".to_owned() }]);
    press(&mut state, ": up up up");
    assert_eq!(
        commands(&press(&mut state, "enter")),
        [Command::Unmute { task: "b".to_owned() }].map(|_| Command::Mute { task: "b".to_owned() })
    );
    typed(&mut state, ":stop");
    assert!(press(&mut state, "enter").is_empty());
    assert!(text(&state, 120, 40).contains("Stop the run and save its state?"));
}

#[test]
fn keys_fill_the_line_in_with_what_is() {
    let mut state = fresh();
    let line = |state: &mut State, keys: &str| {
        press(state, keys);
        let Some(prompt) = state.mode.line_mut() else { return String::new() };
        let (before, after) = prompt.halves();
        let text = format!("{before}|{after}");
        press(state, "esc");
        text
    };
    assert_eq!(line(&mut state, "W"), "weight a 1| over 200");
    assert_eq!(line(&mut state, "r"), "lr 0.0003|");
    assert_eq!(line(&mut state, "K"), "clip 1|");
    assert_eq!(line(&mut state, "F"), "freeze |");
    assert_eq!(line(&mut state, "T"), "restore |");
    press(&mut state, "W ctrl-w 5");
    let ramp = Command::SetWeight { task: "a".to_owned(), value: 5.0, over_steps: Some(200) };
    assert_eq!(commands(&press(&mut state, "enter")), std::slice::from_ref(&ramp));
    typed(&mut state, "=5 over 200");
    assert_eq!(commands(&press(&mut state, "enter")), [ramp]);
}

#[test]
fn the_help_shows_what_is_looked_for_and_scrolls_no_further_than_it_goes() {
    let mut state = fresh();
    update(&mut state, Message::Resize(80, 24));
    press(&mut state, "?");
    (0..300).for_each(|_| drop(press(&mut state, "down")));
    let end = text(&state, 80, 24);
    press(&mut state, "up");
    assert_ne!(text(&state, 80, 24), end);
    press(&mut state, "/");
    typed(&mut state, "halve");
    let shown = text(&state, 80, 24);
    assert!(shown.contains("halve the weight") && !shown.contains("double the weight"), "{shown}");
    press(&mut state, "enter ?");
    assert_eq!(state.mode, crate::dashboard::state::Mode::Main);
}

#[test]
fn nothing_changed_means_nothing_to_draw() {
    let mut state = fresh();
    assert!(state.take_dirty());
    update(&mut state, Message::Tick { now: Duration::from_secs(1) });
    assert!(!state.take_dirty());
    hear(&mut state, Event::Step(Box::new(step(6, 3))));
    assert!(state.take_dirty());
    update(&mut state, Message::Tick { now: Duration::from_secs(30) });
    assert!(state.take_dirty(), "the run became stale");
}
