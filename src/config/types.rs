//! The resolved configuration. Every value is present and within its bounds once a [`Config`] exists.

use crate::balance::{Choice, Settings};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A run, as asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Names the run directory.
    pub name: String,
    /// Seeds initial values, draws, dropout and balancing.
    pub seed: u64,
    /// The directory of a run whose trained values this one begins with; absolute, UTF-8.
    pub init_from: Option<PathBuf>,
    /// Where rows come from; never empty, names distinct.
    pub sources: Vec<SourceConfig>,
    /// The shared part.
    pub encoder: EncoderConfig,
    /// What is learned, in the order of the file; never empty, names distinct.
    pub tasks: Vec<TaskConfig>,
    /// How it is learned.
    pub train: TrainConfig,
    /// How tasks are weighed against each other.
    pub balance: BalanceConfig,
}

/// Kinds of source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// A CSV file: features and targets in columns.
    Table,
    /// A CSV file with a column of texts.
    Text,
    /// A CSV file with a column of what was said before; the reply is a target.
    Dialogue,
    /// Pictures: a CSV file with a column of PNG files, a folder of PNG files, or a folder of IDX files.
    Image,
    /// A CSV file with a column of WAV files.
    Speech,
}

impl SourceKind {
    /// The column of its input, where a configuration names none; empty for a table.
    pub fn input(self) -> &'static str {
        match self {
            Self::Table => "",
            Self::Text => "text",
            Self::Dialogue => "history",
            Self::Image | Self::Speech => "path",
        }
    }

    /// Whether its inputs are tokens of a text.
    pub fn is_of_tokens(self) -> bool {
        matches!(self, Self::Text | Self::Dialogue)
    }
}

/// Where a source's data lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataPath {
    /// Shipped inside the program, e.g. `builtin:digits8`.
    Builtin(String),
    /// An absolute path.
    File(PathBuf),
}

/// How rows are dealt into train, valid and test.
#[derive(Clone, Debug, PartialEq)]
pub enum Split {
    /// A column holds `train`, `valid` or `test`.
    Column(String),
    /// Shares, drawn by the data seed; their sum is at most 1.
    Fractions {
        /// Share trained on.
        train: f64,
        /// Share that chooses `best`.
        valid: f64,
        /// Share read once, at the end.
        test: f64,
    },
    /// Part `fold` of `of` equal parts is the test part.
    Fold {
        /// Counted from 0.
        fold: usize,
        /// At least 2.
        of: usize,
    },
}

/// A named source of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceConfig {
    /// `data`, or the name in `[data.NAME]`.
    pub name: String,
    /// What it is.
    pub kind: SourceKind,
    /// Where it lies.
    pub path: DataPath,
    /// Its parts.
    pub split: Split,
    /// Deals folds and held-out rows; apart from the run's seed so that runs compare.
    pub seed: u64,
    /// Rows with the same value of this column stay in the same part.
    pub group: Option<String>,
    /// Columns of numbers that are names.
    pub categorical: Vec<String>,
    /// Columns that are numbers, whatever they look like.
    pub numeric: Vec<String>,
    /// Columns left out.
    pub ignore: Vec<String>,
    /// The byte between fields.
    pub separator: u8,
    /// Rows a batch; `None` is what the run says for all.
    pub batch: Option<usize>,
    /// The column that holds a row's text, or the path of its recording or picture; no meaning for a table.
    pub input: String,
    /// Share of what goes in that is dropped in training: words of a text, values of a recording or picture.
    pub input_dropout: f64,
    /// Of texts and dialogues.
    pub text: TextConfig,
    /// Of recordings.
    pub speech: SpeechConfig,
    /// Of pictures: channels of the convolutions of its input part, each of which halves height and width.
    pub channels: Vec<usize>,
}

/// What a token of a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A word or a punctuation mark.
    Word,
    /// A character as a reader sees it.
    Character,
}

/// How texts become tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextConfig {
    /// What a token is.
    pub unit: Unit,
    /// Times that a token must occur in the training part to have a place of its own.
    pub min_count: usize,
    /// Tokens of the vocabulary at most.
    pub vocabulary: usize,
    /// Tokens of a text at most; the rest is cut off.
    pub longest: usize,
}

/// How sound becomes frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpeechConfig {
    /// Samples a second; recordings of other rates are resampled.
    pub rate: u32,
    /// Samples that a frame looks at.
    pub window: usize,
    /// Samples from frame to frame.
    pub hop: usize,
    /// Mel bands of a frame.
    pub bands: usize,
}

/// Kinds of encoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncoderKind {
    /// Fully connected layers over rows of numbers.
    Mlp,
    /// Residual convolutions over positions.
    Conv,
    /// Bidirectional gated recurrent units over positions.
    Recurrent,
    /// A transformer over positions.
    Attention,
}

impl EncoderKind {
    /// Whether it works on positions: on sequences, not on one vector a row.
    pub fn is_of_sequences(self) -> bool {
        self != Self::Mlp
    }
}

/// Activation functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// max(0, x)
    Relu,
    /// Hyperbolic tangent.
    Tanh,
    /// x Φ(x)
    Gelu,
    /// x σ(x)
    Silu,
}

/// The shared part of the network.
#[derive(Clone, Debug, PartialEq)]
pub struct EncoderConfig {
    /// Its kind.
    pub kind: EncoderKind,
    /// Widths of the layers of `mlp`; empty is a linear model.
    pub hidden: Vec<usize>,
    /// Values a position in the other kinds, and what an input part hands to any of them.
    pub width: usize,
    /// Layers of the other kinds.
    pub layers: usize,
    /// Attention heads of `attention`.
    pub heads: usize,
    /// After every layer, the last one too.
    pub activation: Activation,
    /// Share of activations dropped in training, in [0, 1).
    pub dropout: f64,
    /// Layer normalisation before each activation.
    pub layer_norm: bool,
}

/// Losses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LossKind {
    /// Mean squared error.
    Mse,
    /// Mean absolute error.
    L1,
    /// Squared near 0, absolute beyond `delta`.
    Huber,
    /// Cross-entropy on logits of classes.
    CrossEntropy,
    /// Binary cross-entropy on one logit.
    Bce,
    /// Negative log-likelihood; the head ends in log-softmax.
    Nll,
    /// Negative log-likelihood of a number under a normal distribution of predicted mean and variance.
    GaussianNll,
    /// Negative log-likelihood of a count under a Poisson distribution of predicted rate.
    PoissonNll,
    /// Connectionist temporal classification: letters of a transcript without their places in time.
    Ctc,
    /// Cross-entropy of each next token of a text, given those before it.
    NextToken,
}

impl LossKind {
    /// Whether its targets are classes.
    pub fn is_classification(self) -> bool {
        matches!(self, Self::CrossEntropy | Self::Bce | Self::Nll)
    }

    /// Whether its targets are counts, trained on as they are: at least 0, neither transformed nor standardised.
    pub fn is_of_counts(self) -> bool {
        self == Self::PoissonNll
    }

    /// Whether its targets are texts.
    pub fn is_of_texts(self) -> bool {
        matches!(self, Self::Ctc | Self::NextToken)
    }

    /// Whether its targets are numbers.
    pub fn is_of_numbers(self) -> bool {
        !self.is_classification() && !self.is_of_texts()
    }
}

/// Metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// Share of right answers.
    Accuracy,
    /// Mean of the classes' recalls.
    BalancedAccuracy,
    /// Mean of the classes' F1.
    F1Macro,
    /// Mean of the classes' F1, each as often as its class occurs.
    F1Weighted,
    /// Matthews' correlation coefficient, of any number of classes.
    Mcc,
    /// Cohen's κ: agreement beyond chance.
    Kappa,
    /// Area under the ROC curve; two classes only.
    Auroc,
    /// Area under the precision-recall curve, as steps; two classes only.
    AveragePrecision,
    /// Mean absolute error.
    Mae,
    /// Root of the mean squared error.
    Rmse,
    /// Share of variance explained.
    R2,
    /// Pearson's correlation coefficient.
    Pearson,
    /// Word error rate: edits of words over words of the references.
    Wer,
    /// Character error rate: edits of characters over characters of the references.
    Cer,
    /// Word error rate where only words of a list may be decoded.
    WerWordList,
    /// e to the mean loss of a token.
    Perplexity,
    /// Corpus BLEU-4: runs of words shared with the references, in 0..=100.
    Bleu,
}

/// What is done to a numeric target before it is standardised; undone for metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// Nothing.
    None,
    /// log(1 + y); targets must be > −1.
    Log1p,
}

/// Weights of classes inside a loss.
#[derive(Clone, Debug, PartialEq)]
pub enum ClassWeights {
    /// All 1.
    None,
    /// Rows / (classes × rows of the class), from the training part.
    Balanced,
    /// Given, in the order of the labels; for `bce` two, which act as the positive weight second / first.
    Given(Vec<f64>),
}

/// One task.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskConfig {
    /// Its name.
    pub name: String,
    /// The source of its rows.
    pub source: String,
    /// The column it predicts.
    pub target: String,
    /// Its loss.
    pub loss: LossKind,
    /// What evaluation reports.
    pub metrics: Vec<MetricKind>,
    /// λ at the start; finite and ≥ 0.
    pub weight: f64,
    /// Done to a numeric target.
    pub transform: Transform,
    /// Bounds that make classes of a number; ascending, empty for none.
    pub bins: Vec<f64>,
    /// In [0, 1); cross-entropy only.
    pub label_smoothing: f64,
    /// Classification only.
    pub class_weights: ClassWeights,
    /// Where Huber's loss turns linear, in standardised units.
    pub delta: f64,
    /// Widths of the head's own layers before its output; for `next_token` one, the units of its decoder.
    pub hidden: Vec<usize>,
    /// Tokens of a text at most, for `next_token`; the rest is cut off.
    pub longest: usize,
    /// Times that a token must occur in the training part to be written, for `next_token`.
    pub min_count: usize,
}

/// Optimizers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptimizerKind {
    /// Plain gradient descent.
    Sgd,
    /// With momentum, dampening 0.
    Momentum,
    /// Adam.
    Adam,
    /// Adam with decoupled weight decay.
    Adamw,
    /// `RMSprop`.
    Rmsprop,
}

/// The optimizer and its constants.
#[derive(Clone, Debug, PartialEq)]
pub struct OptimizerConfig {
    /// Its kind.
    pub kind: OptimizerKind,
    /// Base learning rate.
    pub lr: f64,
    /// Of `momentum`.
    pub momentum: f64,
    /// Of Adam and `AdamW`.
    pub betas: [f64; 2],
    /// Of `RMSprop`.
    pub alpha: f64,
    /// Added to the root in Adam, `AdamW` and `RMSprop`.
    pub epsilon: f64,
    /// L2 added to the gradient; decoupled in `AdamW`.
    pub weight_decay: f64,
}

/// Shapes of the learning rate over steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScheduleKind {
    /// The base rate.
    Constant,
    /// Down to `last` × base in a line.
    Linear,
    /// Down to `last` × base along half a cosine.
    Cosine,
    /// Times `factor` every `every` steps.
    Step,
}

/// The learning rate over steps.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduleConfig {
    /// Its shape.
    pub kind: ScheduleKind,
    /// Steps of linear warm-up from 0.
    pub warmup: u64,
    /// Last rate as a share of the base (linear, cosine).
    pub last: f64,
    /// Steps between drops (step).
    pub every: u64,
    /// Factor of a drop (step).
    pub factor: f64,
}

/// How it is learned.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainConfig {
    /// Updates.
    pub steps: u64,
    /// Rows a batch, at least 1.
    pub batch: usize,
    /// The optimizer.
    pub optimizer: OptimizerConfig,
    /// The learning rate over steps.
    pub schedule: ScheduleConfig,
    /// Bound of the global gradient norm.
    pub clip: Option<f64>,
    /// Parts that are not updated at the start, by [`crate::protocol::Part::name`]: each once, the encoder first.
    pub freeze: Vec<String>,
    /// Steps between evaluations, at least 1.
    pub evaluate_every: u64,
    /// Steps between checkpoints; 0 is only at the end.
    pub checkpoint_every: u64,
    /// Checkpoints kept, at least 1.
    pub keep_checkpoints: usize,
    /// Evaluations without a better state before the run stops; `None` never stops early.
    pub patience: Option<u64>,
    /// Which state is the best, kept in `best/` and tested.
    pub best: BestBy,
    /// Steps between measurements of per-task shared gradients; 0 is never, `None` is max(20, 10 × tasks).
    pub gradient_every: Option<u64>,
    /// At most so many steps a second under the dashboard.
    pub pace: Option<f64>,
    /// `flex` or `ndarray`.
    pub device: String,
    /// Which tasks a step trains.
    pub tasks_per_step: TasksPerStep,
}

/// Which state is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BestBy {
    /// The one with the lowest score on the validation part.
    Score,
    /// The last one: where tasks overfit at unlike times the score of all picks a state that is early for some.
    Last,
    /// The one with the best value of one metric on the validation part, in the metric's own direction.
    Metric {
        /// The task's place in [`Config::tasks`]; it reports the metric.
        task: usize,
        /// The metric.
        metric: MetricKind,
    },
}

/// Which tasks a step trains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TasksPerStep {
    /// All of them.
    All,
    /// One, drawn anew each step.
    One(Sampling),
}

/// How often each task is drawn. It says nothing of what a task weighs in the loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sampling {
    /// In proportion to its training rows.
    Proportional,
    /// In proportion to its training rows to the power of 1 / temperature.
    Temperature(f64),
    /// All alike.
    Uniform,
}

impl Sampling {
    /// The word for this value.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proportional => "proportional",
            Self::Temperature(_) => "temperature",
            Self::Uniform => "uniform",
        }
    }

    /// The chance of each task by its training rows, up to a common factor.
    pub fn share(self, rows: usize) -> f64 {
        match self {
            Self::Proportional => rows as f64,
            Self::Temperature(temperature) => (rows as f64).powf(1.0 / temperature),
            Self::Uniform => f64::from(u8::from(rows > 0)),
        }
    }
}

/// How tasks are weighed against each other.
#[derive(Clone, Debug, PartialEq)]
pub struct BalanceConfig {
    /// Losses and λ to factors.
    pub weighting: Choice,
    /// Gram matrix and factors to coefficients.
    pub aggregation: Choice,
    /// How the two are asked.
    pub settings: Settings,
}
