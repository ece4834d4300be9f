//! What fits in the line of commands, and how its keys complete it.

use super::*;
use crate::dashboard::action::{BINDINGS, Context};
use crate::dashboard::testing::{hear, line, running};
use crate::protocol::FORMS;
use proptest::prelude::*;

fn names(state: &State, text: &str) -> Vec<String> {
    Completion::at(state, text, text.len()).candidates.into_iter().map(|candidate| candidate.insert).collect()
}

#[test]
fn every_command_and_every_action_of_the_main_screen_can_be_typed() {
    let all = entries();
    for form in &FORMS {
        assert!(all.iter().any(|entry| entry.form == Some(form)), "{form:?}");
    }
    for row in BINDINGS.iter().filter(|row| row.context == Context::Main) {
        assert_eq!(all.iter().filter(|entry| entry.action == Some(row.action)).count(), 1, "{row:?}");
    }
    let mut names: Vec<&str> = all.iter().map(|entry| entry.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all.len());
}

#[test]
fn what_begins_with_the_word_comes_before_what_holds_it() {
    let state = running(&["heating", "cooling"], 3);
    let found = names(&state, "weight");
    assert_eq!(found.first().map(String::as_str), Some("weight"));
    let place = |name: &str| found.iter().position(|found| found == name);
    assert!(place("weight_up") < place("balance_pane") || place("balance_pane").is_none());
    assert_eq!(names(&state, "weight eat"), ["heating"]);
    assert_eq!(names(&state, "weight heating "), ["1"]);
    assert_eq!(names(&state, "weight heating 1 over 2"), ["200"]);
    assert_eq!(names(&state, "nonsense "), Vec::<String>::new());
}

#[test]
fn arguments_come_from_the_run_and_the_catalogue() {
    let mut state = running(&["heating", "two words"], 3);
    assert_eq!(names(&state, "freeze "), ["encoder", "heating", "\"two words\""]);
    hear(
        &mut state,
        line(
            r#"{"event":"applied","step":4,"id":"x","from":"cli","command":{"freeze":{"part":"encoder"}},"new":["encoder"]}"#,
        ),
    );
    assert_eq!(names(&state, "unfreeze "), ["encoder"]);
    assert_eq!(names(&state, "freeze \"two w"), ["\"two words\""]);
    hear(&mut state, line(r#"{"event":"checkpoint","step":100,"path":"x"}"#));
    hear(&mut state, line(r#"{"event":"checkpoint","step":200,"path":"x"}"#));
    assert_eq!(names(&state, "restore "), ["200", "100"]);
    assert!(names(&state, "aggregation cag").contains(&"cagrad".to_owned()));
    assert!(names(&state, "aggregation cagrad ").iter().all(|option| option.ends_with('=')));
    assert!(!names(&state, "aggregation cagrad ").is_empty());
}

#[test]
fn tab_goes_as_far_as_all_agree_and_then_through_all() {
    let state = running(&["heating", "heat"], 3);
    let mut line = CommandLine::new("unf", 3);
    line.complete(&state, true);
    assert_eq!(line.prompt.text, "unfreeze ");
    assert!(line.completion(&state).0.form.is_some());
    let mut line = CommandLine::new("weight h over 9", 8);
    line.complete(&state, true);
    assert_eq!(line.prompt.halves(), ("weight heat", " over 9"));
    line.complete(&state, true);
    assert_eq!(line.prompt.halves(), ("weight heating ", "over 9"));
    line.complete(&state, true);
    assert_eq!(line.prompt.halves(), ("weight heat ", "over 9"));
    line.complete(&state, false);
    assert_eq!(line.prompt.text, "weight heating over 9");
}

#[test]
fn lines_typed_before_come_back_and_the_draft_is_kept() {
    let mut history = History::default();
    for line in ["pause", "resume", "pause"] {
        history.push(line);
    }
    let mut line = CommandLine::new("dra", 3);
    let mut step = |back| {
        line.recall(&history, back);
        line.prompt.text.clone()
    };
    assert_eq!(
        [true, true, true, false, false, false].map(&mut step),
        ["pause", "resume", "resume", "pause", "dra", "dra"]
    );
    (0..200).for_each(|number| history.push(&number.to_string()));
    assert_eq!(history.lines.len(), KEPT);
}

proptest! {
    #[test]
    fn no_line_panics_and_words_are_where_they_say(text in "[a-z \"情=\u{301}]{0,30}|.{0,30}", caret in 0_usize..40) {
        for word in split(&text) {
            let piece = text.get(word.start..word.end);
            prop_assert!(piece.is_some_and(|piece| !piece.is_empty() && word.text.len() <= piece.len()));
        }
        let state = running(&["a", "b c"], 2);
        let mut line = CommandLine::new(&text, caret);
        for forward in [true, true, false] {
            line.complete(&state, forward);
        }
    }
}
