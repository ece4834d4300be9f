//! `trimtab methods`: the catalogue of balancing methods.

use super::exit::{Exit, Failure};
use super::{MethodsArguments, log};
use crate::balance::{AGGREGATIONS, Kind, Method, OptionInfo, OptionKind, WEIGHTINGS, find};
use crate::text::{nearest, pad, sanitise, truncate, width};
use anyhow::{Context, anyhow};
use serde_json::{Value, json};
use std::fmt::Write;

/// No line is wider.
const COLUMNS: usize = 100;

/// Lists all methods, or tells all about one.
pub fn run(arguments: &MethodsArguments) -> Result<Exit, Failure> {
    let methods = match &arguments.name {
        Some(name) => named(name).map_err(Failure::usage)?,
        None => WEIGHTINGS.iter().chain(AGGREGATIONS).copied().collect(),
    };
    let text = if arguments.json {
        let all: Vec<Value> = methods.iter().map(|method| as_json(method)).collect();
        serde_json::to_string_pretty(&all).context("cannot write the methods as JSON")? + "\n"
    } else if arguments.name.is_some() {
        methods.iter().map(|method| detail(method)).collect::<Vec<_>>().join("\n")
    } else {
        list()
    };
    let _ = log::result(&text);
    Ok(Exit::Done)
}

/// The method of this name or alias; two where a weighting and an aggregation share it.
fn named(name: &str) -> anyhow::Result<Vec<&'static Method>> {
    let found: Vec<_> =
        [Kind::Weighting, Kind::Aggregation].into_iter().filter_map(|kind| find(kind, name).ok()).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let names = WEIGHTINGS.iter().chain(AGGREGATIONS).map(|method| method.name);
    let hint = nearest(name, names)
        .map_or_else(|| "`trimtab methods` lists them".to_owned(), |near| format!("did you mean '{near}'?"));
    Err(anyhow!("no method named '{}' ({hint})", truncate(&sanitise(name), 40)))
}

/// One line a method, weightings first.
fn list() -> String {
    let names = WEIGHTINGS.iter().chain(AGGREGATIONS).map(|method| width(method.name)).max().unwrap_or(0);
    let mut text = String::new();
    let kinds = [
        ("weightings: your weights and the losses to one factor a task", WEIGHTINGS),
        ("aggregations: factors and gradients to the update of shared parameters", AGGREGATIONS),
    ];
    for (title, methods) in kinds {
        let _ = writeln!(text, "{title}");
        for method in methods {
            let year = method.year.map_or_else(String::new, |year| year.to_string());
            text.push_str(&hanging(&format!("  {}  {}", pad(method.name, names), pad(&year, 4)), method.what));
        }
        text.push('\n');
    }
    text + "`trimtab methods NAME` tells all about one.\n"
}

/// All about one.
fn detail(method: &Method) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        let value = if value.is_empty() { "-" } else { value };
        text.push_str(&hanging(&pad(name, 11), value));
    };
    line(method.kind().name(), method.name);
    line("aliases", &method.aliases.join(", "));
    line("what", method.what);
    let year = method.year.map_or_else(String::new, |year| year.to_string());
    line("year", &year);
    line("paper", method.paper);
    line("needs", &needs(method));
    line("a step", method.cost());
    line("remembers", if method.state.is_empty() { "nothing" } else { method.state });
    line("weight", method.preference);
    line("options", if method.options.is_empty() { "none" } else { "as OPTION=VALUE; with their defaults" });
    let column = |of: fn(&OptionInfo) -> String| method.options.iter().map(|info| width(&of(info))).max().unwrap_or(0);
    let shown = |info: &OptionInfo| format!("{}={}", info.name, info.default);
    let (first, second) = (column(shown), column(|info| range(info.kind)));
    for info in method.options {
        let start = format!("  {}  {}", pad(&shown(info), first), pad(&range(info.kind), second));
        text.push_str(&hanging(&start, info.what));
    }
    text
}

/// What a method must be given, in words.
fn needs(method: &Method) -> String {
    let needs = method.needs;
    let all = [
        (needs.norms, "norms of the tasks' gradients"),
        (needs.gram, "inner products of the tasks' gradients"),
        (needs.rows, "the tasks' whole gradients"),
        (needs.positive_losses, "losses above 0"),
        (needs.second_forward, "losses on the same batch after the update"),
    ];
    let words: Vec<&str> = all.into_iter().filter(|(is, _)| *is).map(|(_, words)| words).collect();
    if words.is_empty() { "losses".to_owned() } else { words.join(", ") }
}

/// What an option takes, in words.
fn range(kind: OptionKind) -> String {
    match kind {
        OptionKind::Number { least, most } => match (least > f64::MIN, most < f64::MAX) {
            (true, true) => format!("{least} to {most}"),
            (true, false) => format!("at least {least}"),
            (false, true) => format!("at most {most}"),
            (false, false) => "a number".to_owned(),
        },
        OptionKind::Whole { least, most: u64::MAX } => format!("whole, at least {least}"),
        OptionKind::Whole { least, most } => format!("whole, {least} to {most}"),
        OptionKind::Word(words) => words.join(" | "),
    }
}

/// The text behind `start`, in as many lines as it takes, the further ones below its first letter.
fn hanging(start: &str, text: &str) -> String {
    let start = format!("{start}  ");
    let blank = " ".repeat(width(&start));
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last().map_or("", String::as_str);
        if line.is_empty() || width(&blank) + width(line) + 1 + width(word) <= COLUMNS {
            let gap = if line.is_empty() { "" } else { " " };
            let longer = format!("{line}{gap}{word}");
            lines.pop();
            lines.push(longer);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines.iter().enumerate().fold(String::new(), |mut all, (place, line)| {
        let _ = writeln!(all, "{}", format!("{}{line}", if place == 0 { &start } else { &blank }).trim_end());
        all
    })
}

fn as_json(method: &Method) -> Value {
    json!({
        "kind": method.kind().name(),
        "name": method.name,
        "aliases": method.aliases,
        "what": method.what,
        "year": method.year,
        "paper": (!method.paper.is_empty()).then_some(method.paper),
        "needs": {
            "norms": method.needs.norms,
            "gram": method.needs.gram,
            "rows": method.needs.rows,
            "second_forward": method.needs.second_forward,
            "positive_losses": method.needs.positive_losses,
        },
        "cost": method.cost(),
        "state": (!method.state.is_empty()).then_some(method.state),
        "preference": method.preference,
        "options": method.options.iter().map(option_as_json).collect::<Vec<_>>(),
    })
}

/// A bound that bounds nothing is null.
fn option_as_json(info: &OptionInfo) -> Value {
    let mut option = json!({ "name": info.name, "what": info.what, "default": info.default.to_json() });
    let kind = match info.kind {
        OptionKind::Number { least, most } => json!({
            "kind": "number",
            "least": (least > f64::MIN).then_some(least),
            "most": (most < f64::MAX).then_some(most),
        }),
        OptionKind::Whole { least, most } => json!({ "kind": "whole", "least": least, "most": most }),
        OptionKind::Word(words) => json!({ "kind": "word", "words": words }),
    };
    if let (Some(option), Value::Object(kind)) = (option.as_object_mut(), kind) {
        option.extend(kind);
    }
    option
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = &'static Method> {
        WEIGHTINGS.iter().chain(AGGREGATIONS).copied()
    }

    #[test]
    fn no_line_is_too_wide_and_nothing_is_cut() {
        let texts = all().map(detail).chain([list()]);
        for line in texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()) {
            assert!(width(&line) <= COLUMNS && !line.contains('…'), "{line}");
        }
    }

    #[test]
    fn the_list_has_every_method_and_what_it_does() {
        let text = list().split_whitespace().collect::<Vec<_>>().join(" ");
        for method in all() {
            let year = method.year.map_or_else(String::new, |year| format!("{year} "));
            assert!(text.contains(&format!("{} {year}{}", method.name, method.what)), "{}", method.name);
        }
    }

    #[test]
    fn a_method_s_text_has_all_of_it() {
        for method in all() {
            let text = detail(method).split_whitespace().collect::<Vec<_>>().join(" ");
            let told =
                |info: &OptionInfo| [format!("{}={}", info.name, info.default), range(info.kind), info.what.into()];
            let options = method.options.iter().flat_map(told);
            let rest = [method.name, method.what, method.paper, method.state, method.preference, method.cost()];
            for part in rest.into_iter().chain(method.aliases.iter().copied()).map(str::to_owned).chain(options) {
                assert!(text.contains(&part), "{part}\n{text}");
            }
        }
    }

    #[test]
    fn ranges_in_words() {
        assert_eq!(range(OptionKind::Number { least: 0.0, most: 10.0 }), "0 to 10");
        assert_eq!(range(OptionKind::Number { least: 0.0, most: f64::MAX }), "at least 0");
        assert_eq!(range(OptionKind::Number { least: f64::MIN, most: f64::MAX }), "a number");
        assert_eq!(range(OptionKind::Whole { least: 1, most: u64::MAX }), "whole, at least 1");
        assert_eq!(range(OptionKind::Word(&["a", "b"])), "a | b");
    }

    #[test]
    fn long_texts_hang() {
        let text = hanging("name", &"word ".repeat(30));
        assert_eq!(text.lines().count(), 2);
        assert!(text.lines().nth(1).unwrap().starts_with("      word"));
        assert_eq!(hanging("a", ""), "a\n");
    }
}
