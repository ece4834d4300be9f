//! Screens as reviewed text, at each form's size.

use crate::dashboard::testing::{
    balance, end, eval, hear, line, press, running, screen, started, state, step, text, tick,
};
use crate::dashboard::{Capabilities, ColourDepth, Message, Options, Palette, State, update};
use crate::protocol::{EndReason, Event, Real, Rows, Sample, SourceInfo};

const SIZES: [(u16, u16); 4] = [(120, 40), (80, 24), (40, 12), (19, 4)];
const FOUR: [&str; 4] = ["heating", "cooling", "class", "情感分析"];

fn snapshots(name: &str, state: &State) {
    for (width, height) in SIZES {
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), text(state, width, height));
        #[cfg(feature = "picture")]
        every_glyph_can_be_drawn(state, width, height);
    }
}

/// The bundled font and the vector shapes draw all that the screen shows, but for wide letters of task names.
#[cfg(feature = "picture")]
fn every_glyph_can_be_drawn(state: &State, width: u16, height: u16) {
    let terminal = screen(state, width, height);
    let mut missing = crate::picture::missing_glyphs(terminal.backend().buffer(), None).unwrap();
    missing.retain(|letter| crate::text::width(&letter.to_string()) < 2);
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn empty() {
    snapshots("empty", &state());
}

#[test]
fn one_point() {
    let mut state = state();
    hear(&mut state, started(&FOUR, 3000));
    hear(&mut state, Event::Step(Box::new(step(1, 4))));
    snapshots("one_point", &state);
}

#[test]
fn running_with_marks() {
    snapshots("running", &running(&FOUR, 1234));
}

#[test]
fn losses_that_are_not_finite() {
    let mut state = running(&FOUR, 600);
    for number in 601..=800 {
        let mut step = step(number, 4);
        if (640..660).contains(&number) {
            step.loss[1] = Some(Real(f64::NAN));
        }
        hear(&mut state, Event::Step(Box::new(step)));
    }
    hear(
        &mut state,
        line(
            r#"{"event":"alert","step":640,"code":"non_finite_loss","level":"error","task":"cooling","message":"the loss of 'cooling' is NaN"}"#,
        ),
    );
    press(&mut state, "2");
    snapshots("nan", &state);
}

#[test]
fn eight_tasks() {
    let names = ["a", "second", "third-with-a-very-long-name-indeed", "四", "five", "six", "seven", "eight"];
    snapshots("eight", &running(&names, 900));
}

#[test]
fn paused_with_a_pending_weight() {
    let mut state = running(&FOUR, 1234);
    hear(&mut state, line(r#"{"event":"applied","step":1235,"id":"x","from":"dashboard","command":{"pause":{}}}"#));
    press(&mut state, "j right right");
    snapshots("paused", &state);
}

#[test]
fn help_and_question() {
    let mut state = running(&FOUR, 300);
    press(&mut state, "?");
    snapshots("help", &state);
    press(&mut state, "esc q");
    snapshots("question", &state);
}

#[test]
fn line_of_commands() {
    let mut state = running(&FOUR, 300);
    update(&mut state, Message::Resize(120, 40));
    press(&mut state, ":");
    snapshots("palette", &state);
    press(&mut state, "w e tab space h");
    snapshots("palette_argument", &state);
    press(&mut state, "x space 1 enter");
    snapshots("palette_error", &state);
    press(&mut state, "esc ! ? /");
    update(&mut state, Message::Paste("weight".to_owned()));
    snapshots("help_filter_locked", &state);
}

#[test]
fn what_the_trainer_does_not_take_is_dim_and_has_a_sign() {
    let mut state = state();
    let Event::Run(mut run) = started(&FOUR, 10) else { unreachable!() };
    run.accepts = vec!["pause".to_owned()];
    hear(&mut state, Event::Run(run));
    press(&mut state, ": m u t");
    let shown = text(&state, 120, 40);
    assert!(shown.contains("×not taken here"), "{shown}");
    press(&mut state, "esc ?");
    assert!(text(&state, 120, 40).contains("×mute the task"));
}

#[test]
fn finished() {
    let mut state = running(&FOUR, 3000);
    hear(&mut state, eval(3000, 4));
    hear(&mut state, end(3000, EndReason::Finished));
    snapshots("finished", &state);
}

const NOT_FINITE: &str = "the loss of task 'cooling' is not a finite number at step 301; no update was made and the state after step 300 is saved";

/// A run that ended badly: the loss of the second task was not a number.
fn diverged() -> State {
    let mut state = running(&FOUR, 300);
    let mut bad = step(301, 4);
    bad.loss[1] = Some(Real(f64::NAN));
    bad.total = Some(Real(f64::NAN));
    hear(&mut state, Event::Step(Box::new(bad)));
    hear(
        &mut state,
        line(&format!(
            r#"{{"event":"alert","step":301,"code":"non_finite_loss","level":"error","task":"cooling","message":"{NOT_FINITE}"}}"#
        )),
    );
    hear(&mut state, line(r#"{"event":"checkpoint","step":300,"path":"checkpoints/step-00000300"}"#));
    hear(&mut state, end(300, EndReason::Diverged));
    state
}

/// The words on the screen in the order of reading, without borders.
fn words(state: &State, width: u16, height: u16) -> String {
    let shown = text(state, width, height);
    shown
        .split(|letter: char| letter.is_whitespace() || "│\"".contains(letter))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn why_a_run_diverged_is_read_at_every_size() {
    let state = diverged();
    snapshots("diverged", &state);
    for (width, height) in [(80, 24), (60, 16), (40, 12)] {
        assert!(words(&state, width, height).contains(NOT_FINITE), "{}", text(&state, width, height));
    }
    let terminal = screen(&state, 120, 40);
    let cells = terminal.backend().buffer().content();
    let bad =
        |symbol: &str| cells.iter().any(|cell| cell.symbol() == symbol && cell.fg == state.palette.bad.fg.unwrap());
    assert!(bad("x") && bad("D"), "a mark on the plot, and the state in the status line");
}

#[test]
fn why_a_run_failed_is_said_once() {
    let mut state = running(&FOUR, 300);
    let message = "internal error: a panic was provoked at step 301 (src/somewhere.rs:99:63)";
    hear(
        &mut state,
        line(&format!(r#"{{"event":"alert","step":300,"code":"failed","level":"error","message":"{message}"}}"#)),
    );
    hear(&mut state, line(&format!(r#"{{"event":"end","step":300,"reason":"failed","message":"{message}"}}"#)));
    snapshots("failed", &state);
    assert_eq!(words(&state, 80, 24).matches(message).count(), 1);
}

#[test]
fn the_footer_says_what_a_key_does_now() {
    let mut state = running(&FOUR, 300);
    assert!(text(&state, 120, 40).contains("Space pause") && text(&state, 120, 40).contains("m mute"));
    press(&mut state, "space m");
    assert!(text(&state, 120, 40).contains("Space go on") && text(&state, 120, 40).contains("m unmute"));
}

#[test]
fn twelve_tasks_with_long_names() {
    let names: Vec<String> = (1..=12).map(|place| format!("{place}-a-task-with-a-long-name")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    snapshots("twelve", &running(&names, 200));
}

#[test]
fn the_evaluation_before_training_does_not_squash_the_trend() {
    let mut state = running(&FOUR, 1);
    hear(&mut state, eval(0, 4));
    let trends = |state: &State| text(state, 120, 40).matches(['▁', '▂', '▃', '▄', '▅', '▆', '▇']).count();
    (1..=2).for_each(|number| drop(hear(&mut state, eval(number * 100, 4))));
    assert_eq!(trends(&state), 6 * 3);
    hear(&mut state, eval(300, 4));
    assert_eq!(trends(&state), 6 * 3, "three of four are left");
}

#[test]
fn each_pane_has_the_whole_screen_when_zoomed() {
    let mut state = running(&FOUR, 1234);
    press(&mut state, "z");
    for name in ["loss", "gradients", "cosine", "balance", "methods", "validation", "samples", "weights", "events"] {
        insta::assert_snapshot!(format!("zoomed_{name}_80x24"), text(&state, 80, 24));
        #[cfg(feature = "picture")]
        every_glyph_can_be_drawn(&state, 80, 24);
        press(&mut state, "tab");
    }
}

/// A sample of a task, as the trainer would send it.
fn sample(step: u64, task: &str, [input, want, got]: [&str; 3]) -> Event {
    let [task, input, want, got] = [task, input, want, got].map(str::to_owned);
    Event::Sample(Sample { step, task, input, want, got })
}

/// What was said and heard, sentences with labels, numbers; the last task has none.
fn answered() -> State {
    let mut state = running(&FOUR, 1234);
    for (input, want, got) in [
        ("turn-on-the-light-03.wav", "turn on the light", "turn on the light"),
        ("weather-11.wav", "tell me the weather now", "tell me the whether now"),
        ("天気予報を教えてください.wav", "天気予報を教えて", "天気を教えて"),
        (
            "cafe-02.wav",
            "meet me at the cafe\u{301} by the river in the old town at nine",
            "meet me at the cafe\u{301} by the river in the old town at night",
        ),
    ] {
        hear(&mut state, sample(1200, "heating", [input, want, got]));
    }
    for (input, want, got) in
        [("21.5, 0.3, north", "2.5", "2.8"), ("19.0, 0.1, south", "1.25", "1.25"), ("x", "9", "-0.5")]
    {
        hear(&mut state, sample(1200, "cooling", [input, want, got]));
    }
    for (input, want, got) in
        [("never again, what a waste", "sad", "sad"), ("I could not be happier with it", "glad", "sad")]
    {
        hear(&mut state, sample(1200, "class", [input, want, got]));
    }
    state
}

#[test]
fn samples_beside_all_others_and_alone() {
    let mut state = answered();
    for (task, name) in [("1", "texts"), ("2", "numbers"), ("3", "labels"), ("4", "none")] {
        press(&mut state, task);
        insta::assert_snapshot!(format!("samples_{name}_140x45"), text(&state, 140, 45));
        press(&mut state, "a");
        for (width, height) in [(80, 24), (40, 12)] {
            insta::assert_snapshot!(format!("samples_{name}_{width}x{height}"), text(&state, width, height));
        }
        #[cfg(feature = "picture")]
        every_glyph_can_be_drawn(&state, 120, 40);
        press(&mut state, "a");
    }
    press(&mut state, "1 w");
    insta::assert_snapshot!("samples_wrong_only_120x40", text(&state, 120, 40));
}

#[test]
fn a_wrong_sample_is_told_apart_by_its_sign_and_where_it_differs_without_colour_too() {
    use ratatui::style::Modifier;
    let mut state = answered();
    state.palette = Palette::new(Capabilities { colours: ColourDepth::Mono, light: false });
    press(&mut state, "a");
    let terminal = screen(&state, 120, 40);
    let cells = terminal.backend().buffer().content();
    let marked = |flag: Modifier| -> String {
        cells.iter().filter(|cell| cell.modifier.contains(flag)).map(ratatui::buffer::Cell::symbol).collect()
    };
    assert_eq!(marked(Modifier::UNDERLINED), "heght");
    assert!(marked(Modifier::REVERSED).matches('x').count() >= 3);
    let shown = text(&state, 120, 40);
    assert!(shown.contains("= turn-on-the-light-03.wav") && shown.contains("x weather-11.wav"), "{shown}");
}

#[test]
fn a_difference_far_into_a_long_text_stays_in_sight() {
    let mut state = running(&FOUR, 100);
    let long = "one and the same ".repeat(9);
    let [want, got] = ["LEFT", "RIGHT"].map(|word| format!("{long}{word} and more and more and more"));
    hear(&mut state, sample(100, "heating", ["in", &want, &got]));
    press(&mut state, "a");
    for (width, height) in [(200, 50), (120, 40), (80, 24), (60, 16), (40, 12)] {
        let shown = text(&state, width, height);
        assert!(shown.contains("LEFT") && shown.contains("RIGHT") && shown.contains("…"), "{shown}");
    }
}

#[test]
fn with_several_sources_each_has_its_epoch() {
    let mut state = running(&FOUR, 10);
    assert!(text(&state, 120, 40).contains("epoch 1.2 "));
    let Event::Run(mut run) = started(&FOUR, 3000) else { unreachable!() };
    run.sources = ["speech", "te\u{1b}xt"]
        .map(|name| SourceInfo { name: name.to_owned(), kind: String::new(), rows: Rows::default() })
        .to_vec();
    hear(&mut state, Event::Run(run));
    let mut next = step(11, 4);
    next.epoch = vec![Real(1.24), Real(4.0)];
    hear(&mut state, Event::Step(Box::new(next)));
    assert!(text(&state, 140, 45).contains("epoch speech 1.2, te␛xt 4.0 "), "{}", text(&state, 140, 45));
}

#[test]
fn more_samples_than_rows_are_counted_and_scrolled_to() {
    let mut state = running(&FOUR, 100);
    for place in 0..30 {
        hear(&mut state, sample(100, "heating", [&format!("input-{place:02}"), "yes", "no"]));
    }
    press(&mut state, "a");
    for (width, height) in [(120, 20), (80, 24), (60, 16), (40, 12), (20, 5)] {
        let shown = text(&state, width, height);
        assert!(shown.contains("input-00") && !shown.contains("input-29"), "{shown}");
        assert!(height < 6 || shown.contains(" more"), "{shown}");
    }
    (0..40).for_each(|_| drop(press(&mut state, "pagedown")));
    assert!(text(&state, 80, 24).contains("input-29"));
    press(&mut state, "pageup");
    assert!(text(&state, 80, 24).contains("input-28"));
}

#[test]
fn what_is_typed_is_seen_on_the_smallest_screen_too() {
    let mut state = running(&FOUR, 100);
    press(&mut state, "= 2 . 5");
    assert!(text(&state, 19, 4).contains(": 2.5"), "{}", text(&state, 19, 4));
    assert!(text(&state, 80, 24).contains("weight of heating: 2.5"));
}

#[test]
fn the_question_says_whether_training_goes_on() {
    let mut state = running(&FOUR, 100);
    press(&mut state, "q");
    assert!(text(&state, 80, 24).contains("Training goes on"));
    hear(&mut state, line(r#"{"event":"applied","step":101,"id":"x","from":"cli","command":{"pause":{}}}"#));
    assert!(text(&state, 80, 24).contains("Training is paused"));
}

#[test]
fn what_is_frozen_has_a_mark_until_it_is_not_any_more() {
    let mut state = running(&FOUR, 100);
    let frozen = |step: u64, command: &str, part: &str, new: &str| {
        line(&format!(
            r#"{{"event":"applied","step":{step},"id":"x","from":"cli","command":{{"{command}":{{"part":"{part}"}}}},"new":{new}}}"#
        ))
    };
    assert!(!text(&state, 120, 40).contains(" fz"));
    hear(&mut state, frozen(101, "freeze", "class", r#"["class"]"#));
    hear(&mut state, frozen(101, "freeze", "encoder", r#"["encoder","class"]"#));
    for (width, height) in [(120, 40), (80, 24), (40, 12)] {
        let shown = text(&state, width, height);
        let marks: Vec<&str> = shown.lines().filter(|line| line.contains("% fz")).collect();
        assert!(marks.len() == 1 && marks[0].contains("class"), "{shown}");
    }
    assert!(text(&state, 120, 40).contains("encoder frozen"));
    hear(&mut state, frozen(102, "unfreeze", "class", r#"["encoder"]"#));
    hear(&mut state, frozen(103, "unfreeze", "encoder", "[]"));
    let shown = text(&state, 120, 40);
    assert!(!shown.contains("% fz") && !shown.contains("encoder frozen"), "{shown}");
    hear(&mut state, line(r#"{"event":"rewind","to_step":102,"why":"restore"}"#));
    assert!(text(&state, 120, 40).contains("encoder frozen"));
}

#[test]
fn what_a_run_began_with_frozen_is_marked_before_anything_is_changed() {
    let begun = |frozen: &[&str]| {
        let Event::Run(mut begun) = started(&FOUR, 1000) else { panic!("no first event") };
        begun.frozen = frozen.iter().map(|part| (*part).to_owned()).collect();
        Event::Run(begun)
    };
    let mut state = running(&FOUR, 100);
    hear(&mut state, begun(&[]));
    assert!(!text(&state, 120, 40).contains("encoder frozen"));
    hear(&mut state, begun(&["encoder", "class"]));
    let shown = text(&state, 120, 40);
    assert!(shown.contains("encoder frozen") && shown.lines().filter(|line| line.contains("% fz")).count() == 1);
    let unfreeze = r#"{"event":"applied","step":101,"id":"x","from":"cli","command":{"unfreeze":{"part":"encoder"}},"new":["class"]}"#;
    hear(&mut state, line(unfreeze));
    // Told again, as when a run is followed anew: what was changed since stays.
    hear(&mut state, begun(&["encoder", "class"]));
    assert!(!text(&state, 120, 40).contains("encoder frozen"));
    hear(&mut state, line(r#"{"event":"rewind","to_step":100,"why":"restore"}"#));
    assert!(text(&state, 120, 40).contains("encoder frozen"));
}

#[test]
fn many_tasks_are_scrolled_to_the_selected_one() {
    let names: Vec<String> = (1..=64).map(|place| format!("task-{place:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut state = running(&names, 200);
    press(&mut state, "9");
    (0..40).for_each(|_| drop(press(&mut state, "j")));
    for (width, height) in SIZES {
        let shown = text(&state, width, height);
        assert!(height < 5 || shown.contains("49"), "{shown}");
    }
    insta::assert_snapshot!("sixty_four_120x40", text(&state, 120, 40));
    #[cfg(feature = "picture")]
    every_glyph_can_be_drawn(&state, 120, 40);
}

#[test]
fn a_silent_run_is_stale_and_a_finished_one_is_not() {
    let mut state = running(&FOUR, 100);
    tick(&mut state, 16);
    assert!(text(&state, 120, 40).contains("STALE 16 s"));
    hear(&mut state, end(100, EndReason::Finished));
    tick(&mut state, 60);
    assert!(!text(&state, 120, 40).contains("STALE"));
}

#[test]
fn nothing_from_a_run_can_reach_the_terminal_as_a_control_character() {
    let mut state = state();
    let evil = "a\u{1b}[2J\u{9b}\u{7}\r\n\u{202e}b";
    let json = serde_json::to_string(evil).unwrap();
    let Event::Run(mut run) = started(&[evil, "b"], 10) else { unreachable!() };
    run.run = evil.to_owned();
    run.weighting = evil.to_owned();
    run.tasks[0].metrics[0].name = evil.to_owned();
    hear(&mut state, Event::Run(run));
    hear(&mut state, Event::Step(Box::new(step(1, 2))));
    hear(&mut state, eval(1, 2));
    hear(&mut state, sample(1, evil, [evil; 3]));
    hear(&mut state, sample(1, evil, [evil, &evil.repeat(3), evil]));
    for text in [
        format!(r#"{{"event":"alert","step":1,"code":"x","level":"error","message":{json}}}"#),
        format!(r#"{{"event":"applied","step":1,"id":"1","from":{json},"command":{{"note":{{"text":{json}}}}}}}"#),
        format!(
            r#"{{"event":"applied","step":1,"id":"1","from":"","command":{{"set_weight":{{"task":{json},"value":1}}}}}}"#
        ),
        format!(r#"{{"event":"applied","step":1,"id":"1","from":"","command":{{{json}:{json}}}}}"#),
        format!(r#"{{"event":"rejected","step":1,"id":"t-2","from":"dashboard","reason":{json}}}"#),
        format!(r#"{{"event":"checkpoint","step":1,"path":{json}}}"#),
        format!(r#"{{"event":"balance","step":1,"update_cosine":[0.1,-0.2],"shadow":{{{json}:[1,1]}}}}"#),
        format!(
            r#"{{"event":"applied","step":1,"id":"1","from":"","command":{{"set_aggregation":{{"name":{json}}}}},"new":{json}}}"#
        ),
    ] {
        hear(&mut state, line(&text));
        for keys in ["tab", "n", "esc", "=", "esc", "a", "w", "b", "esc", "B", "]"] {
            press(&mut state, keys);
            for (width, height) in SIZES.into_iter().chain([(140, 45)]) {
                let terminal = screen(&state, width, height);
                let cells = terminal.backend().buffer().content();
                assert!(cells.iter().all(|cell| !cell.symbol().chars().any(char::is_control)));
            }
        }
        press(&mut state, "esc");
    }
}

#[test]
fn without_colour_no_cell_has_a_colour() {
    let capabilities = Capabilities { colours: ColourDepth::Mono, light: false };
    let mut state = State::new(&Options { capabilities, ..Options::default() });
    hear(&mut state, started(&FOUR, 100));
    for number in 1..=60 {
        hear(&mut state, Event::Step(Box::new(step(number, 4))));
    }
    for (width, height) in SIZES {
        let terminal = screen(&state, width, height);
        let plain = |cell: &ratatui::buffer::Cell| {
            cell.fg == ratatui::style::Color::Reset && cell.bg == ratatui::style::Color::Reset
        };
        assert!(terminal.backend().buffer().content().iter().all(plain));
    }
    assert!(text(&state, 120, 40).contains("> 1 heating"));
}

#[test]
fn losses_below_zero_are_drawn_on_a_linear_axis_that_says_so() {
    let mut state = running(&FOUR, 20);
    assert!(text(&state, 120, 40).contains(", log, by step"));
    let mut below = step(21, 4);
    below.loss[1] = Some(Real(-0.5));
    hear(&mut state, Event::Step(Box::new(below)));
    assert!(text(&state, 120, 40).contains("linear: below 0"));
}

/// A run that has measured its balance.
fn balanced(names: &[&str]) -> State {
    let mut state = running(names, 180);
    for number in 181..=300 {
        hear(&mut state, Event::Step(Box::new(step(number, names.len()))));
        if number.is_multiple_of(20) {
            hear(&mut state, balance(number, names.len()));
        }
    }
    state
}

#[test]
fn balance_and_methods_of_few_and_of_many_tasks() {
    let ten: Vec<String> = (1..=10).map(|place| format!("task-{place:02}")).collect();
    let ten: Vec<&str> = ten.iter().map(String::as_str).collect();
    for (name, tasks) in [("two", &FOUR[..2]), ("four", &FOUR[..]), ("ten", &ten[..])] {
        let mut state = balanced(tasks);
        for pane in ["balance", "methods"] {
            press(&mut state, "B");
            for (width, height) in [(120, 40), (80, 24)] {
                insta::assert_snapshot!(format!("{pane}_{name}_{width}x{height}"), text(&state, width, height));
                #[cfg(feature = "picture")]
                every_glyph_can_be_drawn(&state, width, height);
            }
        }
    }
}

#[test]
fn what_hurts_a_task_has_a_mark_without_colour_too() {
    let capabilities = Capabilities { colours: ColourDepth::Mono, light: false };
    let mut state = balanced(&FOUR);
    state.palette = Palette::new(capabilities);
    press(&mut state, "B");
    let shown = text(&state, 120, 40);
    assert!(shown.contains("health -.26! cooling"), "{shown}");
}

#[test]
fn before_anything_was_measured_and_with_entries_missing_the_panes_say_so() {
    let mut state = running(&FOUR, 100);
    for _ in 0..2 {
        press(&mut state, "B");
        for (width, height) in SIZES {
            let shown = text(&state, width, height);
            assert!(height < 16 || shown.contains("nothing measured yet"), "{shown}");
        }
    }
    hear(
        &mut state,
        line(r#"{"event":"balance","step":100,"update_cosine":[null,0.5],"shadow":{"x":[]},"affinity":[[null]]}"#),
    );
    for _ in 0..3 {
        press(&mut state, "B");
        for (width, height) in SIZES {
            assert!(!text(&state, width, height).contains("nothing measured yet"));
        }
    }
}

#[test]
fn a_probe_stands_beside_the_first_order_or_takes_its_place() {
    let mut state = balanced(&FOUR[..2]);
    let probe = r#"{"event":"balance","step":300,"affinity":[[0.5,-0.01],[0.1,0.2]],"probe":[[0.4,-0.03],[0.1,0.2]]}"#;
    hear(&mut state, line(probe));
    press(&mut state, "B");
    let shown = text(&state, 120, 40);
    assert!(shown.contains("1st order") && shown.contains("tried @300"), "{shown}");
    assert!(shown.contains("+50   -1") && shown.contains("+40   -3"), "{shown}");
}

#[test]
fn affinities_of_small_steps_have_digits_and_their_titles_are_whole() {
    let mut state = balanced(&FOUR[..2]);
    let small = r#"{"event":"balance","step":300,"affinity":[[1.23e-5,-4e-6],[-1e-8,0]]}"#;
    hear(&mut state, line(small));
    press(&mut state, "B");
    let shown = text(&state, 120, 40);
    assert!(shown.contains("row cuts column's loss, 1st order (×1e-6)"), "{shown}");
    assert!(shown.contains("+12   -4") && shown.contains("-0    0"), "{shown}");
    let probe = r#"{"event":"balance","step":12345,"affinity":[[1.23e-5,-4e-6],[-1e-8,0]],"probe":[[3.1e-4,0],[0,0]]}"#;
    hear(&mut state, line(probe));
    for (width, height) in [(120, 40), (80, 24), (60, 16)] {
        let shown = text(&state, width, height);
        #[cfg(feature = "picture")]
        every_glyph_can_be_drawn(&state, width, height);
        assert!(height < 20 || shown.contains("tried @12.3k (×1e-5)"), "{shown}");
        assert!(!shown.contains("column…") && !shown.contains("lo…"), "{shown}");
    }
}

#[test]
fn an_update_of_whole_gradients_has_neither_coefficients_nor_shares() {
    let mut state = balanced(&FOUR[..2]);
    assert!(text(&state, 120, 40).contains("71%"), "{}", text(&state, 120, 40));
    let mut whole = step(301, 2);
    whole.coefficient = vec![None; 2];
    hear(&mut state, Event::Step(Box::new(whole.clone())));
    press(&mut state, "B");
    let shown = text(&state, 120, 40);
    let panel = |shown: &str| shown.split("Balance ").nth(1).unwrap_or_default().to_owned();
    let coefficients = panel(&shown).matches("–     –").count();
    assert_eq!((coefficients, shown.contains("71%")), (2, false), "{shown}");
    hear(&mut state, line(r#"{"event":"balance","step":301,"update_cosine":[0.5,0.4],"share":[null,null]}"#));
    press(&mut state, "B");
    assert!(text(&state, 120, 40).contains("* sum      +.40       – +.50       – +.40"), "{}", text(&state, 120, 40));
    press(&mut state, "B B");
    // One that has no part in the update but a coefficient of 0 does not hold all of it.
    (whole.step, whole.factor[0], whole.coefficient[0]) = (302, Some(Real(0.0)), Some(Real(0.5)));
    hear(&mut state, Event::Step(Box::new(whole)));
    assert!(!text(&state, 120, 40).contains("100%"), "{}", text(&state, 120, 40));
}

#[test]
fn a_line_of_the_chooser_that_is_cut_keeps_its_end_beside_the_mark_of_more() {
    let mut state = running(&FOUR, 100);
    press(&mut state, "b");
    let (mut marks, mut cut) = (0, 0);
    for _ in 0..30 {
        press(&mut state, "j");
        for (width, height) in [(80, 24), (60, 16)] {
            let shown = text(&state, width, height);
            for line in shown.lines().filter(|line| line.contains("↓ │") || line.contains("↑ │")) {
                assert!(line.contains(" ↓ │") || line.contains(" ↑ │"), "{shown}");
                marks += 1;
                cut += usize::from(line.contains('…'));
            }
        }
    }
    assert!(marks > 30 && cut > 0, "{marks} marks, {cut} lines cut");
}

#[test]
fn the_chooser_shows_what_each_method_does_and_which_is_in_use() {
    let mut state = running(&FOUR, 100);
    press(&mut state, "b");
    for (width, height) in [(120, 40), (80, 24), (40, 12), (20, 5)] {
        let shown = text(&state, width, height);
        assert!(height < 12 || shown.contains("> * sum"), "{shown}");
        #[cfg(feature = "picture")]
        every_glyph_can_be_drawn(&state, width, height);
    }
    let shown = text(&state, 120, 40);
    assert!(shown.contains("Weightings") && shown.contains("costs one backward pass"), "{shown}");
}

#[test]
fn the_change_against_single_task_runs_is_of_the_validation_part_until_the_test_part_was_read() {
    let mut state = state();
    let Event::Run(mut run) = started(&FOUR, 3000) else { unreachable!() };
    run.tasks[0].baseline.insert("accuracy".to_owned(), Real(0.5));
    run.tasks[1].baseline.insert("mae".to_owned(), Real(2.0));
    hear(&mut state, Event::Run(run));
    hear(&mut state, Event::Step(Box::new(step(1, 4))));
    hear(
        &mut state,
        line(r#"{"event":"eval","step":1,"split":"valid","loss":[1,1,1,1],"metric":[{"accuracy":0.6},{"mae":3}]}"#),
    );
    let shown = text(&state, 120, 40);
    assert!(shown.contains("Δm ↑ -15% against single-task runs (validation against their test)"), "{shown}");
    assert!(shown.contains("vs alone") && shown.contains("+20%") && shown.contains("-50%"), "{shown}");
    hear(
        &mut state,
        line(r#"{"event":"eval","step":1,"split":"test","loss":[1,1,1,1],"metric":[{"accuracy":0.6},{"mae":1}]}"#),
    );
    let shown = text(&state, 120, 40);
    assert!(shown.contains("Δm ↑ +35% against single-task runs (test)"), "{shown}");
    press(&mut state, "tab tab tab tab tab");
    assert!(text(&state, 80, 24).contains("Δm ↑ +35%"), "{}", text(&state, 80, 24));
}

/// Every screen in ASCII: sizes, panes, dialogs.
#[test]
fn in_ascii_mode_no_cell_is_beyond_ascii() {
    let names = ["heating", "cooling", "class", "fourth"];
    let mut state = running(&names, 1234);
    hear(&mut state, balance(1200, 4));
    state.look.markers = crate::dashboard::Markers::Ascii;
    state.keymap = crate::dashboard::Keymap::default().shown_in_ascii(true);
    let check = |state: &State| {
        for (width, height) in [(200, 60), (120, 40), (80, 24), (60, 16), (40, 12), (19, 4)] {
            let terminal = screen(state, width, height);
            let beyond = terminal.backend().buffer().content().iter().find(|cell| !cell.symbol().is_ascii());
            assert!(beyond.is_none(), "{beyond:?} in {:?}\n{}", state.pane, text(state, width, height));
        }
    };
    for _ in crate::dashboard::layout::Pane::ALL {
        check(&state);
        press(&mut state, "z");
        check(&state);
        press(&mut state, "z tab");
    }
    for keys in ["?", "esc b", "esc =", "esc right j m", "esc n", "esc q", "esc M", "p", "a"] {
        press(&mut state, keys);
        check(&state);
    }
    assert!(text(&state, 120, 40).contains("Left") || !text(&state, 120, 40).contains("lower"));
}

#[test]
fn a_chosen_theme_paints_every_cell() {
    let mut state = running(&FOUR, 300);
    for theme in [crate::dashboard::Theme::Dark, crate::dashboard::Theme::Light, crate::dashboard::Theme::HighContrast]
    {
        state.look.theme = theme;
        state.palette = state.look.palette();
        for keys in ["esc", "?"] {
            press(&mut state, keys);
            let area = ratatui::layout::Rect::new(0, 0, 120, 40);
            let mut cells = ratatui::buffer::Buffer::empty(area);
            crate::dashboard::render(&state, area, &mut cells);
            let reset = ratatui::style::Color::Reset;
            assert!(cells.content().iter().all(|cell| cell.bg != reset && cell.fg != reset));
        }
    }
}

/// Names that terminals and programs disagree about: marks that combine, right to left, no width, chosen variants.
const ODD: [&str; 6] = ["e\u{301}te\u{301}", "שלום", "a\u{fe0f}b", "né\u{200d}e", "ﾊﾝｶｸ", "α±§"];

#[test]
fn odd_names_never_move_what_stands_beside_them() {
    let mut plain = running(&["abcd", "efgh", "ijkl", "mnop", "qrst", "uvwx"], 600);
    let mut odd = running(&ODD, 600);
    for _ in crate::dashboard::layout::Pane::ALL {
        for (width, height) in [(200, 60), (120, 40), (80, 24), (40, 12)] {
            let (left, right) = (screen(&odd, width, height), screen(&plain, width, height));
            let border = |terminal: &ratatui::Terminal<ratatui::backend::TestBackend>, row: u16| {
                let buffer = terminal.backend().buffer();
                (0..width).rev().find(|column| buffer[(*column, row)].symbol() == "│")
            };
            for row in 0..height {
                assert_eq!(border(&left, row), border(&right, row), "row {row}\n{}", text(&odd, width, height));
            }
            for cell in left.backend().buffer().content() {
                let wide = crate::text::width(cell.symbol());
                assert!(wide <= 2 && !cell.symbol().chars().any(char::is_control), "{cell:?}");
            }
        }
        press(&mut odd, "tab");
        press(&mut plain, "tab");
    }
}
