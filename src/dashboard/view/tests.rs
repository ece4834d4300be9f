//! Screens as reviewed text, at each form's size.

use crate::dashboard::testing::{end, eval, hear, line, press, running, screen, started, state, step, text, tick};
use crate::dashboard::{Capabilities, ColourDepth, Options, State};
use crate::protocol::{EndReason, Event, Real};

const SIZES: [(u16, u16); 4] = [(120, 40), (80, 24), (40, 12), (19, 4)];
const FOUR: [&str; 4] = ["heating", "cooling", "class", "情感分析"];

fn snapshots(name: &str, state: &State) {
    for (width, height) in SIZES {
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), text(state, width, height));
    }
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
fn finished() {
    let mut state = running(&FOUR, 3000);
    hear(&mut state, eval(3000, 4));
    hear(&mut state, end(3000, EndReason::Finished));
    snapshots("finished", &state);
}

#[test]
fn each_pane_has_the_whole_screen_when_zoomed() {
    let mut state = running(&FOUR, 1234);
    press(&mut state, "z");
    for name in ["loss", "gradients", "cosine", "validation", "weights", "events"] {
        insta::assert_snapshot!(format!("zoomed_{name}_80x24"), text(&state, 80, 24));
        press(&mut state, "tab");
    }
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
    for text in [
        format!(r#"{{"event":"alert","step":1,"code":"x","level":"error","message":{json}}}"#),
        format!(r#"{{"event":"applied","step":1,"id":"1","from":{json},"command":{{"note":{{"text":{json}}}}}}}"#),
        format!(
            r#"{{"event":"applied","step":1,"id":"1","from":"","command":{{"set_weight":{{"task":{json},"value":1}}}}}}"#
        ),
        format!(r#"{{"event":"applied","step":1,"id":"1","from":"","command":{{{json}:{json}}}}}"#),
        format!(r#"{{"event":"rejected","step":1,"id":"2","from":"dashboard","reason":{json}}}"#),
        format!(r#"{{"event":"checkpoint","step":1,"path":{json}}}"#),
    ] {
        hear(&mut state, line(&text));
        for keys in ["tab", "n", "esc", "="] {
            press(&mut state, keys);
            for (width, height) in SIZES {
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
