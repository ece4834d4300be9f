//! Every key of a configuration: where it stands, what it takes, its default, and one line of help.
//!
//! Owns that one table, which serves checks, defaults, messages and generated configurations alike. It must not read
//! anything.

use super::types::{
    Activation, EncoderKind, LossKind, MetricKind, OptimizerKind, ScheduleKind, SourceKind, Transform, Unit,
};
use crate::balance::{Normalise, Place};

/// What a key takes.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A table whose keys have their own entries.
    Table,
    /// A short name, fit for a folder.
    Name,
    /// Any text that is not empty.
    Text,
    /// One ASCII character.
    Character,
    /// One of the words.
    Choice(&'static [&'static str]),
    /// true or false.
    Flag,
    /// A whole number within bounds, both included.
    Whole {
        /// The least.
        least: u64,
        /// The most.
        most: u64,
    },
    /// A finite number.
    Number(Bounds),
    /// A list of such values.
    List(&'static Kind),
    /// The first kind that fits.
    Either(&'static [Kind]),
}

/// Bounds of a number.
#[derive(Clone, Copy, Debug)]
pub enum Bounds {
    /// Any finite number.
    Any,
    /// At least 0.
    NotNegative,
    /// More than 0.
    Positive,
    /// 0 ≤ x < 1.
    BelowOne,
    /// 0 ≤ x ≤ 1.
    Share,
}

/// What holds where a configuration says nothing.
#[derive(Clone, Copy, Debug)]
pub enum Preset {
    /// Nothing: it must be given.
    Required,
    /// This TOML.
    Toml(&'static str),
    /// Something that depends on the rest, in words.
    Derived(&'static str),
}

/// A key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Names from the root; `*` stands for a name that the user chooses.
    pub path: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// What holds without it.
    pub default: Preset,
    /// One line for people.
    pub help: &'static str,
}

use Preset::{Derived, Required, Toml};

const fn key(path: &'static str, kind: Kind, default: Preset, help: &'static str) -> Key {
    Key { path, kind, default, help }
}

const fn words(words: &'static [&'static str]) -> Kind {
    Kind::Choice(words)
}

const fn whole(least: u64, most: u64) -> Kind {
    Kind::Whole { least, most }
}

const COLUMNS: Kind = Kind::List(&Kind::Text);
const WIDTHS: Kind = Kind::List(&whole(1, 65_536));
const STEPS: u64 = 1_000_000_000_000;
const TABLE: Preset = Toml("{}");

/// Every key, in the order in which a configuration is written.
pub const KEYS: &[Key] = &[
    key("name", Kind::Name, Derived("the file's name"), "names the run directory"),
    key("seed", whole(0, u64::MAX), Toml("0"), "seeds initial values, draws and dropout"),
    key("init_from", Kind::Text, Derived("none"), "a run's directory, whose trained values this run begins with"),
    key("data", Kind::Table, Required, "where rows come from: [data], or [data.NAME] for each of several sources"),
    key("data.*", Kind::Table, Required, "one source"),
    key("data.*.kind", words(SourceKind::NAMES), Toml("'table'"), "what the source is"),
    key("data.*.path", Kind::Text, Required, "a file relative to this one, data:NAME or builtin:NAME"),
    key(
        "data.*.split",
        Kind::Either(&[Kind::Text, Kind::Table]),
        Toml("{ train = 0.7, valid = 0.15, test = 0.15 }"),
        "a column of train, valid, test; or shares; or { fold = 0, of = 5 }",
    ),
    key("data.*.split.train", Kind::Number(Bounds::Share), Derived("required with shares"), "share trained on"),
    key("data.*.split.valid", Kind::Number(Bounds::Share), Toml("0.0"), "share that chooses the best state"),
    key("data.*.split.test", Kind::Number(Bounds::Share), Toml("0.0"), "share read once, at the end"),
    key("data.*.split.fold", whole(0, 999_999), Derived("required with of"), "the part that is tested, from 0"),
    key("data.*.split.of", whole(2, 1_000_000), Derived("required with fold"), "number of equal parts"),
    key("data.*.seed", whole(0, u64::MAX), Toml("0"), "deals folds, shares and held-out rows"),
    key("data.*.group", Kind::Text, Derived("none"), "rows with the same value of this column stay together"),
    key("data.*.categorical", COLUMNS, Toml("[]"), "columns of numbers that are names"),
    key("data.*.numeric", COLUMNS, Toml("[]"), "columns that are numbers, whatever they look like"),
    key("data.*.ignore", COLUMNS, Toml("[]"), "columns left out"),
    key(
        "data.*.separator",
        Kind::Character,
        Derived("a tab for a file named .tsv, else ','"),
        "the character between fields",
    ),
    key("data.*.batch", whole(1, 1_000_000), Derived("train.batch"), "rows a batch of this source"),
    key(
        "data.*.input",
        Kind::Text,
        Derived("text, history or path, by kind"),
        "the column of the text, or of the path of the recording or picture",
    ),
    key(
        "data.*.input_dropout",
        Kind::Number(Bounds::BelowOne),
        Toml("0.0"),
        "share of what goes in that is dropped in training: words of a text, values of a recording or picture",
    ),
    key("data.*.unit", words(Unit::NAMES), Toml("'word'"), "what a token of a text is"),
    key("data.*.min_count", whole(1, STEPS), Toml("1"), "times a token must occur in training to be known"),
    key("data.*.vocabulary", whole(1, 1_000_000), Toml("20000"), "tokens known at most"),
    key("data.*.longest", whole(1, 10_000), Toml("64"), "tokens of a text at most; the rest is cut off"),
    key("data.*.rate", whole(1_000, 384_000), Toml("8000"), "samples a second; other recordings are resampled"),
    key("data.*.window", whole(16, 65_536), Toml("256"), "samples that a frame of sound looks at"),
    key("data.*.hop", whole(1, 65_536), Toml("80"), "samples from frame to frame"),
    key("data.*.bands", whole(1, 512), Toml("32"), "mel bands of a frame"),
    key(
        "data.*.channels",
        Kind::List(&whole(1, 1024)),
        Toml("[16, 32]"),
        "channels of a picture's convolutions, each of which halves its height and width",
    ),
    key("encoder", Kind::Table, TABLE, "the network's shared part"),
    key("encoder.kind", words(EncoderKind::NAMES), Toml("'mlp'"), "what the encoder is"),
    key("encoder.hidden", WIDTHS, Toml("[128, 128]"), "widths of the layers of mlp; [] is a linear model"),
    key("encoder.width", whole(1, 65_536), Toml("64"), "values a position; what an input part hands to the encoder"),
    key("encoder.layers", whole(1, 100), Toml("2"), "layers of conv, recurrent and attention"),
    key("encoder.heads", whole(1, 1024), Toml("4"), "attention heads of attention"),
    key("encoder.activation", words(Activation::NAMES), Toml("'relu'"), "after every layer, the last one too"),
    key("encoder.dropout", Kind::Number(Bounds::BelowOne), Toml("0.0"), "share of activations dropped in training"),
    key("encoder.layer_norm", Kind::Flag, Toml("false"), "layer normalisation before each activation"),
    key("task", Kind::Table, Required, "what is learned: [task.NAME] for each task"),
    key("task.*", Kind::Table, Required, "one task"),
    key("task.*.source", Kind::Text, Derived("the only source"), "the source of its rows"),
    key("task.*.target", Kind::Text, Required, "the column it predicts"),
    key("task.*.loss", words(LossKind::NAMES), Required, "what is made small"),
    key(
        "task.*.metrics",
        Kind::List(&words(MetricKind::NAMES)),
        Derived(
            "accuracy and f1_macro; for bce accuracy and auroc; for numbers mae and r2; for ctc wer and cer; \
             for next_token perplexity and bleu",
        ),
        "what evaluation reports",
    ),
    key("task.*.weight", Kind::Number(Bounds::NotNegative), Toml("1.0"), "the task's weight at the start"),
    key("task.*.transform", words(Transform::NAMES), Toml("'none'"), "done to a numeric target, undone for metrics"),
    key("task.*.bins", Kind::List(&Kind::Number(Bounds::Any)), Toml("[]"), "bounds that make classes of a number"),
    key("task.*.label_smoothing", Kind::Number(Bounds::BelowOne), Toml("0.0"), "of cross_entropy"),
    key(
        "task.*.class_weights",
        Kind::Either(&[words(&["none", "balanced"]), Kind::List(&Kind::Number(Bounds::NotNegative))]),
        Toml("'none'"),
        "none, balanced, or a number a label, in the labels' order",
    ),
    key(
        "task.*.delta",
        Kind::Number(Bounds::Positive),
        Toml("1.0"),
        "where huber turns linear, in standard deviations",
    ),
    key(
        "task.*.hidden",
        WIDTHS,
        Toml("[]"),
        "widths of the head's own layers before its output; for next_token the units of its decoder",
    ),
    key("task.*.longest", whole(1, 10_000), Toml("24"), "tokens of a text at most, of next_token"),
    key("task.*.min_count", whole(1, STEPS), Toml("1"), "times a token must occur to be written, of next_token"),
    key("train", Kind::Table, TABLE, "how it is learned"),
    key("train.steps", whole(1, STEPS), Toml("1000"), "updates"),
    key("train.batch", whole(1, 1_000_000), Toml("64"), "rows a batch"),
    key("train.optimizer", Kind::Table, TABLE, "the optimizer and its constants"),
    key("train.optimizer.kind", words(OptimizerKind::NAMES), Toml("'adam'"), "which optimizer"),
    key("train.optimizer.lr", Kind::Number(Bounds::Positive), Toml("1e-3"), "base learning rate"),
    key("train.optimizer.momentum", Kind::Number(Bounds::BelowOne), Toml("0.9"), "of momentum"),
    key(
        "train.optimizer.betas",
        Kind::List(&Kind::Number(Bounds::BelowOne)),
        Toml("[0.9, 0.999]"),
        "of adam and adamw",
    ),
    key("train.optimizer.alpha", Kind::Number(Bounds::BelowOne), Toml("0.99"), "of rmsprop"),
    key("train.optimizer.epsilon", Kind::Number(Bounds::Positive), Toml("1e-8"), "of adam, adamw and rmsprop"),
    key(
        "train.optimizer.weight_decay",
        Kind::Number(Bounds::NotNegative),
        Toml("0.0"),
        "added to the gradient; decoupled in adamw",
    ),
    key("train.schedule", Kind::Table, TABLE, "the learning rate over steps"),
    key("train.schedule.kind", words(ScheduleKind::NAMES), Toml("'constant'"), "its shape"),
    key("train.schedule.warmup", whole(0, STEPS), Toml("0"), "steps of linear warm-up from 0"),
    key("train.schedule.last", Kind::Number(Bounds::Share), Toml("0.0"), "last rate as a share of the base"),
    key("train.schedule.every", whole(1, STEPS), Toml("1000"), "steps between drops, of step"),
    key("train.schedule.factor", Kind::Number(Bounds::Share), Toml("0.5"), "factor of a drop, of step"),
    key(
        "train.clip",
        Kind::Either(&[words(&["off"]), Kind::Number(Bounds::Positive)]),
        Toml("'off'"),
        "bound of the global gradient norm",
    ),
    key(
        "train.freeze",
        Kind::List(&Kind::Text),
        Toml("[]"),
        "parts not updated at the start: encoder, or a task's head",
    ),
    key("train.evaluate_every", whole(1, STEPS), Toml("100"), "steps between evaluations"),
    key("train.checkpoint_every", whole(0, STEPS), Toml("500"), "steps between checkpoints; 0: only at the end"),
    key("train.keep_checkpoints", whole(1, 1_000_000), Toml("3"), "checkpoints kept"),
    key(
        "train.patience",
        Kind::Either(&[words(&["off"]), whole(1, STEPS)]),
        Toml("'off'"),
        "evaluations without a better state before the run stops",
    ),
    key(
        "train.best",
        Kind::Text,
        Toml("'score'"),
        "which state is kept as the best and tested: score, the lowest on the validation part; last; or TASK.METRIC, \
         the best value of a metric there",
    ),
    key(
        "train.gradient_every",
        Kind::Either(&[words(&["auto"]), whole(0, STEPS)]),
        Toml("'auto'"),
        "steps between looks at per-task shared gradients; 0: never, auto: max(20, 10 × tasks)",
    ),
    key(
        "train.pace",
        Kind::Either(&[words(&["off"]), Kind::Number(Bounds::Positive)]),
        Toml("'off'"),
        "at most so many steps a second under the dashboard",
    ),
    key("train.device", words(&["flex", "ndarray"]), Toml("'flex'"), "what computes"),
    key(
        "train.tasks_per_step",
        words(&["all", "one"]),
        Toml("'all'"),
        "tasks trained in each step: all, or one that is drawn",
    ),
    key("balance", Kind::Table, TABLE, "how tasks are weighed against each other"),
    key(
        "balance.weighting",
        Kind::Text,
        Toml("'manual'"),
        "from losses and weights to factors: a method and its options, such as 'dwa temperature=2' (see trimtab methods)",
    ),
    key(
        "balance.aggregation",
        Kind::Text,
        Toml("'sum'"),
        "from per-task gradients to one: a method and its options, such as 'cagrad c=0.4' (see trimtab methods)",
    ),
    key(
        "balance.normalise",
        words(Normalise::NAMES),
        Toml("'none'"),
        "what each task's shared gradient is divided by before aggregation: nothing, its norm, or the task's loss",
    ),
    key(
        "balance.at",
        words(Place::NAMES),
        Toml("'shared'"),
        "where gradients are compared: at the shared parameters, or at the encoder's output, which is free",
    ),
    key("balance.every", whole(1, STEPS), Toml("1"), "steps between two answers of a method that needs gradients"),
    key(
        "balance.match_norm",
        Kind::Flag,
        Toml("false"),
        "whether the shared update is given the length that the sum of weighted gradients would have",
    ),
    key(
        "balance.reset_moments",
        Kind::Flag,
        Toml("false"),
        "whether a live switch of method makes the optimizer forget its moments",
    ),
    key("sampling", Kind::Table, TABLE, "how often each task is drawn, with train.tasks_per_step = \"one\""),
    key(
        "sampling.kind",
        words(&["proportional", "temperature", "uniform"]),
        Toml("'proportional'"),
        "by training rows, by their root, or all alike",
    ),
    key("sampling.temperature", Kind::Number(Bounds::Positive), Toml("2.0"), "rows to the power of 1 / temperature"),
];

/// The key that stands at a path.
pub fn find(path: &[&str]) -> Option<&'static Key> {
    KEYS.iter().find(|key| {
        let mut names = key.path.split('.');
        path.iter().all(|part| names.next().is_some_and(|name| name == "*" || name == *part)) && names.next().is_none()
    })
}

/// Names that may stand right below a table; `["*"]` where the user chooses them.
pub fn below(path: &[&str]) -> Vec<&'static str> {
    KEYS.iter()
        .filter_map(|key| {
            let mut names = key.path.split('.');
            let fits = path.iter().all(|part| names.next().is_some_and(|name| name == "*" || name == *part));
            let last = names.next()?;
            (fits && names.next().is_none()).then_some(last)
        })
        .collect()
}

impl Bounds {
    /// Whether a number lies within.
    pub fn holds(self, value: f64) -> bool {
        value.is_finite()
            && match self {
                Self::Any => true,
                Self::NotNegative => value >= 0.0,
                Self::Positive => value > 0.0,
                Self::BelowOne => (0.0..1.0).contains(&value),
                Self::Share => (0.0..=1.0).contains(&value),
            }
    }

    fn describe(self) -> &'static str {
        match self {
            Self::Any => "a finite number",
            Self::NotNegative => "a number of 0 or more",
            Self::Positive => "a number above 0",
            Self::BelowOne => "a number from 0 to below 1",
            Self::Share => "a number from 0 to 1",
        }
    }
}

impl Kind {
    /// What is expected, in words.
    pub fn describe(self) -> String {
        match self {
            Self::Table => "a table".to_owned(),
            Self::Name => {
                "a name of 1 to 100 bytes without '/', '\\', control characters, a blank at an end or a dot in front"
                    .to_owned()
            }
            Self::Text => "a text that is not empty".to_owned(),
            Self::Character => "one ASCII character that is no letter, digit or quote".to_owned(),
            Self::Choice([word]) => format!("\"{word}\""),
            Self::Choice(words) => format!("one of {}", words.join(", ")),
            Self::Flag => "true or false".to_owned(),
            Self::Whole { least, most: u64::MAX } => format!("a whole number of {least} or more"),
            Self::Whole { least, most } => format!("a whole number from {least} to {most}"),
            Self::Number(bounds) => bounds.describe().to_owned(),
            Self::List(kind) => format!("a list, each {}", kind.describe()),
            Self::Either(kinds) => kinds.iter().map(|kind| kind.describe()).collect::<Vec<_>>().join(", or "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_by_its_path_and_stands_in_a_table() {
        for key in KEYS {
            let path: Vec<&str> = key.path.split('.').collect();
            assert_eq!(find(&path).map(|found| found.path), Some(key.path));
            assert!(!key.help.is_empty());
            if let Some((last, parents)) = path.split_last().filter(|(_, parents)| !parents.is_empty()) {
                assert!(below(parents).contains(last), "{}", key.path);
            }
        }
    }

    #[test]
    fn chosen_names_match_the_star() {
        assert_eq!(find(&["task", "digit", "loss"]).unwrap().path, "task.*.loss");
        assert_eq!(below(&["task"]), ["*"]);
        assert!(below(&["data", "x", "split"]).contains(&"fold"));
        assert!(find(&["task", "digit", "loss", "x"]).is_none());
    }
}
