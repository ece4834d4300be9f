//! The screen in Chinese: letters of two columns everywhere.

use crate::dashboard::layout::Pane;
use crate::dashboard::testing::{balance, eval, hear, line, press, running_on, screen, state, text, tick};
use crate::dashboard::{Language, State};

const TASKS: [&str; 4] = ["heating", "cooling", "class", "情感分析"];
const SIZES: [(u16, u16); 8] = [(200, 60), (120, 40), (119, 39), (80, 24), (81, 25), (60, 16), (40, 12), (21, 6)];

fn chinese() -> State {
    let mut state = state();
    state.words = Language::Chinese.words();
    let mut state = running_on(state, &TASKS, 1234);
    hear(&mut state, balance(1234, TASKS.len()));
    hear(&mut state, eval(1234, TASKS.len()));
    state
}

/// Each letter of two columns has both of them to itself, at every size.
fn no_letter_is_halved(state: &State) {
    for (width, height) in SIZES {
        let terminal = screen(state, width, height);
        let cells = terminal.backend().buffer();
        for row in 0..height {
            for column in 0..width {
                if crate::text::width(cells[(column, row)].symbol()) > 1 {
                    let behind = cells.cell((column + 1, row)).map(ratatui::buffer::Cell::symbol);
                    assert_eq!(behind, Some(" "), "{column} {row}\n{}", text(state, width, height));
                }
            }
        }
    }
}

#[test]
fn pictures_in_chinese() {
    let mut state = chinese();
    insta::assert_snapshot!("chinese_120x40", text(&state, 120, 40));
    insta::assert_snapshot!("chinese_80x24", text(&state, 80, 24));
    press(&mut state, "?");
    insta::assert_snapshot!("chinese_help_80x24", text(&state, 80, 24));
}

#[test]
fn no_wide_letter_is_halved_by_what_lies_over_it() {
    for keys in ["?", ":", ": w e", "q", "b", "n", "=", "/", "c", "!", "M", "B", "v", "v v v v", "right", "G"] {
        let mut state = chinese();
        press(&mut state, keys);
        no_letter_is_halved(&state);
    }
    for pane in 0..Pane::ALL.len() {
        let mut state = chinese();
        for _ in 0..pane {
            press(&mut state, "tab");
        }
        no_letter_is_halved(&state);
        press(&mut state, "z");
        no_letter_is_halved(&state);
        press(&mut state, "?");
        no_letter_is_halved(&state);
    }
}

#[test]
fn states_are_named_in_chinese() {
    let mut state = chinese();
    let mut shows = |event: Option<&str>, wanted: &str| {
        if let Some(event) = event {
            hear(&mut state, line(event));
        }
        let shown = text(&state, 80, 24);
        assert!(shown.contains(wanted), "{wanted}\n{shown}");
    };
    shows(None, "运行中");
    shows(Some(r#"{"event":"applied","step":1235,"id":"x","from":"cli","command":{"pause":{}}}"#), "已暂停");
    shows(Some(r#"{"event":"end","step":1234,"reason":"early_stopped"}"#), "提前停止");
    let mut silent = chinese();
    tick(&mut silent, 0);
    press(&mut silent, "q");
    assert!(text(&silent, 80, 24).contains("停止运行并保存状态？"), "{}", text(&silent, 80, 24));
}
