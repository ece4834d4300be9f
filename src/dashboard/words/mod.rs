//! Every word on the screen, by language. A language is one more folder like `chinese`, with one constant a part;
//! the compiler names what is missing.

mod acting;
mod charts;
mod chinese;
mod english;
mod english_actions;
mod look;
mod panels;
#[cfg(test)]
mod tests;
mod watch;

use super::action::{Action, Group};
use acting::ActingWords;
use charts::ChartWords;
use look::LookWords;
use panels::PanelWords;
use watch::WatchWords;

/// A language of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    /// The language of a code or a locale, such as `en`, `zh-Hans` or `zh_CN.UTF-8`.
    pub fn parse(code: &str) -> Option<Self> {
        let code = code.split(['_', '-', '.', '@']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| code.eq_ignore_ascii_case(language.code()))
    }

    /// The language of a locale such as `en_GB.UTF-8`; English where there is no other.
    pub fn of_locale(locale: &str) -> Self {
        Self::parse(locale).unwrap_or_default()
    }

    /// Its words.
    pub fn words(self) -> &'static Words {
        match self {
            Self::English => &english::ENGLISH,
            Self::Chinese => &chinese::CHINESE,
        }
    }
}

/// What an action is called.
#[derive(Clone, Copy, Debug)]
pub struct ActionText {
    /// One or two words for the footer.
    pub hint: &'static str,
    /// One line for the help.
    pub help: &'static str,
}

/// The words of one language. `{}` stands for what is filled in, in order.
#[derive(Debug)]
pub struct Words {
    actions: fn(Action) -> ActionText,
    groups: fn(Group) -> &'static str,
    pub acting: ActingWords,
    pub charts: ChartWords,
    pub look: LookWords,
    pub panels: PanelWords,
    pub watch: WatchWords,
    pub waiting: &'static str,
    pub running: &'static str,
    pub evaluating: &'static str,
    pub paused: &'static str,
    pub stopping: &'static str,
    pub stale: &'static str,
    pub finished: &'static str,
    pub early_stopped: &'static str,
    pub stopped: &'static str,
    pub interrupted: &'static str,
    pub diverged: &'static str,
    pub failed: &'static str,
    pub lost: &'static str,
    pub running_short: &'static str,
    pub paused_short: &'static str,
    pub ended_short: &'static str,
    pub step: &'static str,
    pub epoch: &'static str,
    pub per_second: &'static str,
    pub eta: &'static str,
    pub lr: &'static str,
    pub pace: &'static str,
    pub pace_free: &'static str,
    pub live: &'static str,
    pub loss: &'static str,
    pub smoothed: &'static str,
    pub raw: &'static str,
    pub every: &'static str,
    pub older: &'static str,
    pub log_axis: &'static str,
    pub below_zero: &'static str,
    pub by_step: &'static str,
    pub by_epoch: &'static str,
    pub by_time: &'static str,
    pub gradient_norms: &'static str,
    pub cosine_short: &'static str,
    pub at_shared: &'static str,
    pub at_representation: &'static str,
    pub age: &'static str,
    pub conflicts: &'static str,
    pub weights: &'static str,
    pub validation: &'static str,
    pub events: &'static str,
    pub samples: &'static str,
    pub input: &'static str,
    pub wanted: &'static str,
    pub got: &'static str,
    pub off_by: &'static str,
    pub right_of: &'static str,
    pub wrong_of: &'static str,
    pub mean_absolute: &'static str,
    pub no_samples: &'static str,
    pub none_wrong: &'static str,
    pub all_samples: &'static str,
    pub help_title: &'static str,
    pub task: &'static str,
    pub weight: &'static str,
    pub share: &'static str,
    pub metric: &'static str,
    pub last: &'static str,
    pub best: &'static str,
    pub trend: &'static str,
    pub total: &'static str,
    pub update: &'static str,
    pub clip: &'static str,
    pub score: &'static str,
    pub muted: &'static str,
    pub frozen: &'static str,
    pub encoder_frozen: &'static str,
    pub no_label: &'static str,
    pub nothing_yet: &'static str,
    pub no_validation: &'static str,
    pub no_gradients: &'static str,
    pub no_events: &'static str,
    pub one_task: &'static str,
    pub refused: &'static str,
    pub saved: &'static str,
    pub rewound: &'static str,
    pub restored: &'static str,
    pub pending: &'static str,
    pub more: &'static str,
    pub prompt_weight: &'static str,
    pub prompt_note: &'static str,
    pub bad_weight: &'static str,
    pub not_accepted: &'static str,
    pub run_over: &'static str,
    pub not_sent: &'static str,
    pub pausing_first: &'static str,
    pub stopping_notice: &'static str,
    pub leave: &'static str,
    pub go_on: &'static str,
    pub go_to: &'static str,
    pub unmute: &'static str,
    pub unsolo: &'static str,
    pub linear: &'static str,
    pub whole: &'static str,
    pub elapsed: &'static str,
    pub mean: &'static str,
    pub best_evaluation: &'static str,
    pub question_title: &'static str,
    pub question_title_paused: &'static str,
    pub question: &'static str,
    pub trainer_gone: &'static str,
    pub note: &'static str,
    pub muted_none: &'static str,
    pub health: &'static str,
    pub gap: &'static str,
    pub of_mean_norm: &'static str,
    pub balance: &'static str,
    pub methods: &'static str,
    pub norms_short: &'static str,
    pub method: &'static str,
    pub worst: &'static str,
    pub coefficient: &'static str,
    pub relative_loss: &'static str,
    pub update_cosine: &'static str,
    pub noise: &'static str,
    pub predicted: &'static str,
    pub observed: &'static str,
    pub affinity: &'static str,
    pub affinity_short: &'static str,
    pub probe: &'static str,
    pub probe_short: &'static str,
    pub no_balance: &'static str,
    pub no_shadow: &'static str,
    pub weightings: &'static str,
    pub aggregations: &'static str,
    pub chooser_title: &'static str,
    pub in_use: &'static str,
    pub no_choice: &'static str,
    pub already_in_use: &'static str,
    pub no_candidate: &'static str,
    pub alone: &'static str,
    pub delta_valid: &'static str,
    pub delta_test: &'static str,
    pub needs: &'static str,
    pub preference: &'static str,
    pub advice_positive: &'static str,
    pub advice_hurt: &'static str,
    pub advice_norm: &'static str,
    pub advice_conflict: &'static str,
    pub advice_dominance: &'static str,
    pub advice_pinned: &'static str,
    pub advice_stationary: &'static str,
    pub advice_noise: &'static str,
    pub advice_lag: &'static str,
    pub advice_tries: &'static str,
    pub goes_back: &'static str,
    pub advice_equalizes: &'static str,
    pub advice_raises: &'static str,
    pub advice_chooses: &'static str,
    pub advice_matches: &'static str,
    pub advice_clears: &'static str,
    pub advice_weighs: &'static str,
}

impl Words {
    /// What an action is called.
    pub fn action(&self, action: Action) -> ActionText {
        (self.actions)(action)
    }

    /// What a section of the help is called.
    pub fn group(&self, group: Group) -> &'static str {
        (self.groups)(group)
    }
}

/// A text with its `{}` filled in, in order.
pub fn fill(text: &str, values: &[&str]) -> String {
    let mut pieces = text.split("{}");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for (place, piece) in pieces.enumerate() {
        out.push_str(values.get(place).copied().unwrap_or_default());
        out.push_str(piece);
    }
    out
}
