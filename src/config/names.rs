//! The words that stand for enum values in a configuration, in both directions.
//!
//! Owns names only. It must not know defaults or positions.

use super::types::{
    Activation, DataPath, EncoderKind, LossKind, MetricKind, OptimizerKind, ScheduleKind, SourceKind, Transform, Unit,
};
use std::fmt;

/// Gives an enum its words: `NAMES`, `ALL`, `name`, `parse` and `Display`.
macro_rules! named {
    ($type:ident { $($variant:ident => $name:literal),+ $(,)? }) => {
        impl $type {
            /// Every word, in the order of [`Self::ALL`].
            pub const NAMES: &'static [&'static str] = &[$($name),+];
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word for this value.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }

            /// The value for this word.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name() == name)
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

named!(SourceKind {
    Table => "table",
    Text => "text",
    Dialogue => "dialogue",
    Image => "image",
    Speech => "speech",
});
named!(EncoderKind { Mlp => "mlp", Conv => "conv", Recurrent => "recurrent", Attention => "attention" });
named!(Unit { Word => "word", Character => "character" });
named!(Activation { Relu => "relu", Tanh => "tanh", Gelu => "gelu", Silu => "silu" });
named!(LossKind {
    Mse => "mse",
    L1 => "l1",
    Huber => "huber",
    CrossEntropy => "cross_entropy",
    Bce => "bce",
    Nll => "nll",
    GaussianNll => "gaussian_nll",
    PoissonNll => "poisson_nll",
    Ctc => "ctc",
    NextToken => "next_token",
});
named!(MetricKind {
    Accuracy => "accuracy",
    BalancedAccuracy => "balanced_accuracy",
    F1Macro => "f1_macro",
    F1Weighted => "f1_weighted",
    Mcc => "mcc",
    Kappa => "kappa",
    Auroc => "auroc",
    AveragePrecision => "average_precision",
    Mae => "mae",
    Rmse => "rmse",
    R2 => "r2",
    Pearson => "pearson",
    Wer => "wer",
    Cer => "cer",
    WerWordList => "wer_word_list",
    Perplexity => "perplexity",
    Bleu => "bleu",
});
named!(Transform { None => "none", Log1p => "log1p" });
named!(OptimizerKind {
    Sgd => "sgd",
    Momentum => "momentum",
    Adam => "adam",
    Adamw => "adamw",
    Rmsprop => "rmsprop",
});
named!(ScheduleKind { Constant => "constant", Linear => "linear", Cosine => "cosine", Step => "step" });

impl MetricKind {
    /// Whether it compares classes; the others compare numbers or texts.
    pub fn is_classification(self) -> bool {
        !matches!(self, Self::Mae | Self::Rmse | Self::R2 | Self::Pearson) && !self.is_of_texts()
    }

    /// Whether it compares texts, or says how well they were foreseen.
    pub fn is_of_texts(self) -> bool {
        matches!(self, Self::Wer | Self::Cer | Self::WerWordList | Self::Perplexity | Self::Bleu)
    }

    /// Whether it needs a score of one class against another, which a head of exactly two classes gives.
    pub fn needs_two_classes(self) -> bool {
        matches!(self, Self::Auroc | Self::AveragePrecision)
    }

    /// Whether it measures what this loss is minimised for.
    pub fn fits(self, loss: LossKind) -> bool {
        match self {
            Self::Wer | Self::Cer | Self::WerWordList => loss == LossKind::Ctc,
            Self::Perplexity | Self::Bleu => loss == LossKind::NextToken,
            _ if self.is_classification() => loss.is_classification(),
            _ => loss.is_of_numbers(),
        }
    }

    /// What evaluation reports where a task names nothing.
    pub fn defaults(loss: LossKind) -> Vec<Self> {
        match loss {
            LossKind::CrossEntropy | LossKind::Nll => vec![Self::Accuracy, Self::F1Macro],
            LossKind::Bce => vec![Self::Accuracy, Self::Auroc],
            LossKind::Mse | LossKind::L1 | LossKind::Huber | LossKind::GaussianNll | LossKind::PoissonNll => {
                vec![Self::Mae, Self::R2]
            }
            LossKind::Ctc => vec![Self::Wer, Self::Cer],
            LossKind::NextToken => vec![Self::Perplexity, Self::Bleu],
        }
    }
}

impl fmt::Display for DataPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Builtin(name) => write!(f, "builtin:{name}"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_comes_back_as_its_value() {
        for (loss, name) in LossKind::ALL.iter().zip(LossKind::NAMES) {
            assert_eq!(LossKind::parse(name), Some(*loss));
        }
        for metric in MetricKind::ALL {
            assert_eq!(MetricKind::parse(metric.name()), Some(*metric));
        }
        assert_eq!(LossKind::parse("MSE"), None);
    }

    #[test]
    fn default_metrics_fit_their_loss() {
        for loss in LossKind::ALL {
            for metric in MetricKind::defaults(*loss) {
                assert!(metric.fits(*loss), "{metric}");
            }
        }
    }

    #[test]
    fn metrics_of_texts_fit_no_loss_of_classes_or_numbers() {
        let texts =
            [MetricKind::Wer, MetricKind::Cer, MetricKind::WerWordList, MetricKind::Perplexity, MetricKind::Bleu];
        for metric in MetricKind::ALL {
            assert_eq!(metric.is_of_texts(), texts.contains(metric), "{metric}");
            assert!(!metric.is_of_texts() || !metric.is_classification(), "{metric}");
            let fits = |loss: &&LossKind| metric.fits(**loss);
            assert!(
                LossKind::ALL.iter().filter(fits).all(|loss| loss.is_of_texts() == metric.is_of_texts()),
                "{metric}"
            );
        }
    }
}
