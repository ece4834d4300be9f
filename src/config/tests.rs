//! The whole way from text to configuration and back.

use super::*;
use crate::balance::{AGGREGATIONS, Choice, Method, Normalise, Settings, WEIGHTINGS};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

fn places() -> Places {
    Places { here: "/nowhere".into(), ..Places::default() }
}

fn load(text: &str, sets: &[&str]) -> Result<Config, String> {
    let sets: Vec<String> = sets.iter().map(|&set| set.to_owned()).collect();
    load_text("x.toml", text, Path::new(""), &sets, &places()).map_err(|errors| errors.to_string())
}

const SMALL: &str = "[data]\npath = \"t.csv\"\n[task.a]\ntarget = \"y\"\nloss = \"mse\"\n";

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn a_small_configuration_gets_every_default() {
    let config = load(SMALL, &[]).unwrap();
    assert_eq!(config.name, "x");
    assert_eq!(config.sources[0].name, "data");
    assert_eq!(config.sources[0].path, DataPath::File("/nowhere/t.csv".into()));
    assert_eq!(config.tasks[0].source, "data");
    assert_eq!(config.tasks[0].metrics, [MetricKind::Mae, MetricKind::R2]);
    assert_eq!(config.encoder.hidden, [128, 128]);
    assert_eq!(config.train.optimizer.epsilon, 1e-8);
    assert_eq!(config.train.gradient_every, None);
}

#[test]
fn sets_win_over_the_file_and_are_checked_by_the_same_schema() {
    let config = load(SMALL, &["train.steps=5", "task.a.weight=0", "encoder.hidden=[]", "train.clip=1"]).unwrap();
    assert_eq!((config.train.steps, config.tasks[0].weight, config.train.clip), (5, 0.0, Some(1.0)));
    assert!(config.encoder.hidden.is_empty());
    let errors = load(SMALL, &["train.stepz=5", "task.a.weight=-1", "data.split={ fold = 2, of = 2 }"]).unwrap_err();
    assert_eq!(
        errors,
        "--set train.stepz=5: unknown key 'stepz' in [train] (did you mean 'steps'?)\n\
         --set task.a.weight=-1: task.a.weight: expected a number of 0 or more, found -1\n\
         --set data.split={ fold = 2, of = 2 }: data.split.fold: expected less than of = 2 (folds count from 0), found 2"
    );
}

#[test]
fn paths_count_from_the_file_or_from_where_the_person_is() {
    let path = |sets: &[String]| {
        let config = load_text("x.toml", SMALL, Path::new("sub"), sets, &places()).unwrap();
        config.sources[0].path.to_string()
    };
    assert_eq!(path(&[]), "/nowhere/sub/t.csv");
    assert_eq!(path(&["data.path=u.csv".to_owned()]), "/nowhere/u.csv");
}

#[test]
fn frozen_parts_are_named_once_in_order_and_unknown_ones_refused() {
    let freeze = |list: &str| load(SMALL, &[&format!("train.freeze={list}")]).map(|config| config.train.freeze);
    assert_eq!(load(SMALL, &[]).unwrap().train.freeze, [""; 0]);
    assert_eq!(freeze("['task.a', 'encoder', 'a']").unwrap(), ["encoder", "a"]);
    assert_eq!(
        freeze("['encoder', 'b']").unwrap_err(),
        "--set train.freeze=['encoder', 'b']: train.freeze: no part named 'b', did you mean 'a'? (parts: encoder, a)"
    );
}

#[test]
fn a_run_to_begin_from_becomes_an_absolute_path() {
    let from = |text: &str, sets: &[String]| {
        load_text("x.toml", text, Path::new("sub"), sets, &places()).unwrap().init_from.unwrap()
    };
    assert_eq!(from(&format!("init_from = '../runs/a'\n{SMALL}"), &[]), Path::new("/nowhere/runs/a"));
    assert_eq!(from(SMALL, &["init_from=runs/a".to_owned()]), Path::new("/nowhere/runs/a"));
    assert_eq!(load(SMALL, &[]).unwrap().init_from, None);
}

#[test]
fn several_sources_are_named_and_tasks_choose() {
    let text =
        "[data.a]\npath=\"a.csv\"\n[data.b]\npath=\"b.csv\"\n[task.t]\nsource=\"b\"\ntarget=\"y\"\nloss=\"mse\"\n";
    let config = load(text, &[]).unwrap();
    assert_eq!(config.sources.len(), 2);
    assert_eq!(config.tasks[0].source, "b");
    let error = load(&text.replace("source=\"b\"\n", ""), &[]).unwrap_err();
    assert_eq!(error, "x.toml:5:7: task.t: missing 'source': one of a, b");
}

#[test]
fn built_in_configurations_load_from_anywhere() {
    for name in builtin_names() {
        let config = load_builtin(name, &[], &places()).unwrap();
        assert_eq!(config.name, name);
        assert!(matches!(config.sources[0].path, DataPath::Builtin(_)));
        assert_eq!(load(&config.to_toml(), &[]).unwrap(), config);
    }
    let error = load_named("digts", &[], &places()).unwrap_err().to_string();
    assert!(error.contains("did you mean 'digits'?"), "{error}");
    for name in ["medical", "heart"] {
        assert_eq!(load_named(name, &[], &places()).unwrap().name, "medical");
    }
}

#[test]
fn files_that_are_no_configuration_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let at = |name: &str, bytes: &[u8]| {
        let path = root.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        load_file(&path, &[], &places()).unwrap_err().to_string()
    };
    assert!(at("latin.toml", b"name = \"x\"\nb = \"\xe9\"").ends_with("latin.toml:2:6: not UTF-8"));
    assert!(at("large.toml", &vec![b'#'; (1 << 20) + 1]).ends_with("larger than 1 MiB, so no configuration"));
    let error = load_file(root.path(), &[], &places()).unwrap_err().to_string();
    assert!(error.ends_with("a directory, not a configuration file"), "{error}");
    let error = load_file(&root.path().join("none.toml"), &[], &places()).unwrap_err().to_string();
    assert!(error.ends_with("no such file"), "{error}");
}

/// Each file in `tests/configs/bad` states in its last lines, after `#: `, the whole text of its errors.
#[test]
fn bad_configurations_say_what_is_wrong() {
    let mut count = 0;
    for entry in std::fs::read_dir(repository("tests/configs/bad")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let expected: Vec<String> =
            text.lines().filter_map(|line| line.strip_prefix("#: ")).map(|line| format!("{name}:{line}")).collect();
        let errors = load_text(name, &text, Path::new(""), &[], &places()).expect_err(name).to_string();
        assert_eq!(errors, expected.join("\n"), "in {name}");
        count += 1;
    }
    assert!(count > 20);
}

#[test]
fn good_configurations_load_and_come_back() {
    for entry in std::fs::read_dir(repository("tests/configs/good")).unwrap() {
        let path = entry.unwrap().path();
        let config = load_file(&path, &[], &places()).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(load(&config.to_toml(), &[]).as_ref(), Ok(&config), "{}", path.display());
    }
}

#[test]
fn the_best_state_is_chosen_by_a_metric_that_is_reported() {
    let text = "[data]\npath = 't.csv'\n[task.a]\ntarget = 'y'\nloss = 'mse'\n[task.'b.c']\ntarget = 'z'\n\
        loss = 'bce'\nmetrics = ['auroc']\n";
    let best = |value: &str| load(text, &[&format!("train.best=\"{value}\"")]);
    assert_eq!(best("a.r2").unwrap().train.best, BestBy::Metric { task: 0, metric: MetricKind::R2 });
    assert_eq!(best("b.c.auroc").unwrap().train.best, BestBy::Metric { task: 1, metric: MetricKind::Auroc });
    for (value, message) in [
        ("scor", "expected score, last or TASK.METRIC, found 'scor' (did you mean 'score'?)"),
        ("b.auroc", "no task named 'b' (did you mean 'a'?)"),
        ("a.rr2", "task 'a' does not report 'rr2' (did you mean 'r2'?)"),
        ("a.auroc", "task 'a' does not report 'auroc' (known: mae, r2)"),
        ("b.c.mcc", "task 'b.c' does not report 'mcc': name it under task.b.c.metrics"),
    ] {
        let error = best(value).unwrap_err();
        assert!(error.ends_with(&format!(": train.best: {message}")), "{error}");
    }
    // A fault in the metrics is told once.
    let error = load(text, &["train.best=\"b.c.auroc\"", "task.\"b.c\".metrics=[\"aurok\"]"]).unwrap_err();
    assert!(error.contains("aurok") && !error.contains("train.best"), "{error}");
}

/// The configurations of `$TRIMTAB_DATA/../configs`, where there are any.
#[test]
fn outside_configurations_load() {
    let Some(folder) = std::env::var_os("TRIMTAB_DATA") else { return };
    let Ok(folder) = std::fs::read_dir(Path::new(&folder).join("../configs")) else { return };
    for path in folder.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "toml")) {
        load_file(&path, &[], &places()).unwrap_or_else(|errors| panic!("{errors}"));
    }
}

fn column() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{1,6}", "[^\0]{1,8}", Just("a.b \"c\" 'd' \\ é 情感 = # [x]".to_owned())]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z][a-z0-9_]{0,6}", Just("a.b = \"c\" 情感 [x] # 'd'".to_owned()), Just("split".to_owned())]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![0.0..10.0, Just(1e-300), Just(1e300), Just(1.0 / 3.0), Just(0.0)]
}

fn split() -> impl Strategy<Value = Split> {
    prop_oneof![
        column().prop_map(|column| Split::Column(format!("split {column}"))),
        (0.1..0.5, 0.0..0.25, 0.0..0.25).prop_map(|(train, valid, test)| Split::Fractions { train, valid, test }),
        (0_usize..5, 5_usize..9).prop_map(|(fold, of)| Split::Fold { fold, of }),
    ]
}

fn source() -> impl Strategy<Value = SourceConfig> {
    let columns = || proptest::collection::vec(column(), 0..3);
    let separator = proptest::sample::select(b",;\t| :".to_vec());
    (column(), split(), any::<u64>(), proptest::option::of(column()), columns(), columns(), separator).prop_map(
        |(path, split, seed, group, categorical, ignore, separator)| SourceConfig {
            name: String::new(),
            kind: SourceKind::Table,
            path: DataPath::File(format!("/nowhere/{}", path.replace(['/', '.'], "_")).into()),
            split,
            seed,
            group,
            categorical: categorical.into_iter().map(|column| format!("c {column}")).collect(),
            numeric: vec!["n".to_owned()],
            ignore: ignore.into_iter().map(|column| format!("i {column}")).collect(),
            separator,
            batch: None,
            input: String::new(),
            input_dropout: 0.0,
            text: TextConfig { unit: Unit::Word, min_count: 1, vocabulary: 20_000, longest: 64 },
            speech: SpeechConfig { rate: 8000, window: 256, hop: 80, bands: 32 },
            channels: vec![16, 32],
        },
    )
}

/// The same source as another kind, with that kind's options.
fn of_kind() -> impl Strategy<Value = SourceConfig> {
    let options = (column(), 0.0..0.9, 1_usize..99, 16_usize..999, proptest::collection::vec(1_usize..99, 0..3));
    (source(), proptest::sample::select(SourceKind::ALL), proptest::option::of(1_usize..99), options).prop_map(
        |(mut source, kind, batch, (input, dropout, count, window, channels))| {
            (source.kind, source.batch) = (kind, batch);
            if kind == SourceKind::Table {
                return source;
            }
            source.categorical.clear();
            source.numeric.clear();
            source.ignore.clear();
            (source.input, source.input_dropout) = (input, dropout);
            match kind {
                SourceKind::Text | SourceKind::Dialogue => {
                    let unit = if count % 2 == 0 { Unit::Word } else { Unit::Character };
                    source.text = TextConfig { unit, min_count: count, vocabulary: window, longest: count };
                }
                SourceKind::Speech => {
                    source.speech = SpeechConfig { rate: 16_000, window, hop: count, bands: count };
                }
                SourceKind::Image => source.channels = channels,
                SourceKind::Table => {}
            }
            source
        },
    )
}

fn speech() -> SourceConfig {
    SourceConfig {
        name: String::new(),
        kind: SourceKind::Speech,
        path: DataPath::File("/nowhere/t".into()),
        split: Split::Column("part".to_owned()),
        seed: 0,
        group: None,
        categorical: Vec::new(),
        numeric: Vec::new(),
        ignore: Vec::new(),
        separator: b',',
        batch: None,
        input: "path".to_owned(),
        input_dropout: 0.0,
        text: TextConfig { unit: Unit::Word, min_count: 1, vocabulary: 20_000, longest: 64 },
        speech: SpeechConfig { rate: 8000, window: 256, hop: 80, bands: 32 },
        channels: vec![16, 32],
    }
}

fn encoder() -> impl Strategy<Value = EncoderConfig> {
    let options = (proptest::collection::vec(1_usize..99, 0..3), 1_usize..9, 1_usize..9, 0.0..0.9, any::<bool>());
    (proptest::sample::select(EncoderKind::ALL), proptest::sample::select(Activation::ALL), options).prop_map(
        |(kind, activation, (hidden, layers, heads, dropout, layer_norm))| {
            let heads = if kind == EncoderKind::Attention { heads } else { 4 };
            let mlp = kind == EncoderKind::Mlp;
            EncoderConfig {
                kind,
                hidden: if mlp { hidden } else { vec![128, 128] },
                width: 2 * heads * layers,
                layers: if mlp { 2 } else { layers },
                heads,
                activation: if kind == EncoderKind::Recurrent { Activation::Relu } else { activation },
                dropout,
                layer_norm: mlp && layer_norm,
            }
        },
    )
}

fn task() -> impl Strategy<Value = TaskConfig> {
    let weights = prop_oneof![
        Just(ClassWeights::None),
        Just(ClassWeights::Balanced),
        (0.1..2.0, number()).prop_map(|(first, second)| ClassWeights::Given(vec![first, second])),
    ];
    let options = (number(), any::<bool>(), proptest::option::of(number()), 0.0..0.9, weights, 0.1..3.0);
    (proptest::sample::select(LossKind::ALL), column(), options, proptest::collection::vec(1_usize..99, 0..3)).prop_map(
        |(loss, target, (weight, log, bound, smoothing, weights, delta), hidden)| {
            let classes = loss.is_classification();
            let numbers = loss.is_of_numbers() && !loss.is_of_counts();
            let text = loss == LossKind::NextToken;
            TaskConfig {
                name: String::new(),
                source: String::new(),
                target,
                loss,
                metrics: MetricKind::defaults(loss),
                weight,
                transform: if log && numbers { Transform::Log1p } else { Transform::None },
                bins: bound.filter(|_| classes).into_iter().collect(),
                label_smoothing: if loss == LossKind::CrossEntropy { smoothing } else { 0.0 },
                class_weights: if classes { weights } else { ClassWeights::None },
                delta: if loss == LossKind::Huber { delta } else { 1.0 },
                longest: if text { 9 } else { 24 },
                min_count: if text { 3 } else { 1 },
                hidden: if text { hidden.into_iter().take(1).collect() } else { hidden },
            }
        },
    )
}

fn train() -> impl Strategy<Value = TrainConfig> {
    let rates = (proptest::sample::select(OptimizerKind::ALL), 1e-6..1.0, 0.0..0.99, 0.0..0.99, 1e-12..1e-2, number());
    let shape = (proptest::sample::select(ScheduleKind::ALL), 0_u64..9, 0.0..1.0, 1_u64..9, 0.0..1.0);
    let counts = (1_u64..99, 1_usize..99, 1_u64..99, 0_u64..99, 1_usize..9);
    let optional = (
        proptest::option::of(0.1..9.0),
        proptest::option::of(1_u64..9),
        proptest::option::of(0_u64..9),
        proptest::option::of(0.5..1e6),
        prop_oneof![
            Just(TasksPerStep::All),
            Just(TasksPerStep::One(Sampling::Proportional)),
            Just(TasksPerStep::One(Sampling::Uniform)),
            (0.1..9.0).prop_map(|temperature| TasksPerStep::One(Sampling::Temperature(temperature))),
        ],
    );
    (rates, shape, counts, optional).prop_map(|(rates, shape, counts, optional)| {
        use OptimizerKind::{Adam, Adamw, Momentum, Rmsprop};
        let (kind, lr, momentum, beta, epsilon, weight_decay) = rates;
        let uses = |kinds: &[OptimizerKind]| kinds.contains(&kind);
        let optimizer = OptimizerConfig {
            kind,
            lr,
            momentum: if uses(&[Momentum]) { momentum } else { 0.9 },
            betas: if uses(&[Adam, Adamw]) { [beta, momentum] } else { [0.9, 0.999] },
            alpha: if uses(&[Rmsprop]) { beta } else { 0.99 },
            epsilon: if uses(&[Adam, Adamw, Rmsprop]) { epsilon } else { 1e-8 },
            weight_decay,
        };
        let (kind, warmup, last, every, factor) = shape;
        let schedule = ScheduleConfig {
            kind,
            warmup,
            last: if matches!(kind, ScheduleKind::Linear | ScheduleKind::Cosine) { last } else { 0.0 },
            every: if kind == ScheduleKind::Step { every } else { 1000 },
            factor: if kind == ScheduleKind::Step { factor } else { 0.5 },
        };
        let (steps, batch, evaluate_every, checkpoint_every, keep_checkpoints) = counts;
        let (clip, patience, gradient_every, pace, tasks_per_step) = optional;
        TrainConfig {
            steps,
            batch,
            optimizer,
            schedule,
            clip,
            evaluate_every,
            checkpoint_every,
            keep_checkpoints,
            patience,
            best: if patience.is_none() && steps % 2 == 0 { BestBy::Last } else { BestBy::Score },
            gradient_every,
            pace,
            device: "ndarray".to_owned(),
            freeze: Vec::new(),
            tasks_per_step,
        }
    })
}

prop_compose! {
    /// Methods with their defaults; what does not go with every run keeps its plain value.
    fn balance()(
        weighting in proptest::sample::select(WEIGHTINGS),
        aggregation in proptest::sample::select(AGGREGATIONS),
        (normalise, every, match_norm, reset_moments) in (any::<bool>(), 1_u64..100, any::<bool>(), any::<bool>()),
    ) -> BalanceConfig {
        let plain = |method: &'static Method, instead: &'static Method| {
            let compares = method.needs.gradients() || method.needs.second_forward;
            Choice::plain(if compares { instead } else { method })
        };
        BalanceConfig {
            weighting: plain(weighting, WEIGHTINGS[0]),
            aggregation: plain(aggregation, AGGREGATIONS[0]),
            settings: Settings {
                normalise: if normalise { Normalise::Loss } else { Normalise::None },
                every,
                match_norm,
                reset_moments,
                ..Settings::default()
            },
        }
    }
}

prop_compose! {
    fn config()(
        name in name(),
        seed in any::<u64>(),
        mut sources in proptest::collection::vec(of_kind(), 1..3),
        mut tasks in proptest::collection::vec(task(), 1..4),
        source_name in prop_oneof![name(), Just("data".to_owned()), Just("kind".to_owned())],
        task_name in name(),
        mut encoder in encoder(),
        mut train in train(),
        (frozen_encoder, frozen_head, best_by_metric) in any::<(bool, bool, bool)>(),
        init_from in proptest::option::of("[^/\\p{C}.]{1,9}"),
        balance in balance(),
    ) -> Config {
        for (place, source) in sources.iter_mut().enumerate() {
            source.name = if place == 0 { source_name.clone() } else { format!("{source_name}{place}") };
        }
        for (place, task) in tasks.iter_mut().enumerate() {
            task.name = format!("{task_name}{place}");
            task.source.clone_from(&sources[place % sources.len()].name);
        }
        // Letters are read off sound, by an encoder of sequences.
        if tasks.iter().any(|task| task.loss == LossKind::Ctc) {
            for source in &mut sources {
                let parts = (source.name.clone(), source.path.clone(), source.split.clone());
                *source = SourceConfig { name: parts.0, path: parts.1, split: parts.2, ..speech() };
            }
            if encoder.kind == EncoderKind::Mlp {
                encoder = EncoderConfig { kind: EncoderKind::Conv, hidden: vec![128, 128], layer_norm: false, ..encoder };
            }
        }
        if best_by_metric {
            let task = tasks.len() - 1;
            train.best = BestBy::Metric { task, metric: tasks[task].metrics[1] };
        }
        train.freeze.extend(frozen_encoder.then(|| "encoder".to_owned()));
        train.freeze.extend(tasks.first().filter(|_| frozen_head).map(|task| task.name.clone()));
        Config {
            name,
            seed,
            init_from: init_from.map(|run| Path::new("/runs").join(run)),
            sources,
            encoder,
            tasks,
            train,
            balance,
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_equal(config in config()) {
        let text = config.to_toml();
        prop_assert_eq!(load(&text, &[]), Ok(config), "{}", text);
    }

    #[test]
    fn no_text_panics(lines in proptest::collection::vec(
        proptest::sample::select(vec![
            "[data]", "[data.split]", "[task.a]", "[task]", "[train]", "[train.optimizer]", "path = 'x'", "path = 1",
            "split = { fold = 3, of = 2 }", "split = { train = 2 }", "loss = 'bce'", "loss = 'mse'", "bins = [2, 1]",
            "bins = 'x'", "class_weights = [1, nan]", "kind = 'adam'", "kind = 'text'", "betas = [0.9]", "target = ''",
            "target = 'y'", "steps = 0", "batch = 99999999999999999999999999999999999999999999", "x = 1", "data = 1",
            "task = []", "[sampling]", "a.b.c = {}", "seed = -1", "metrics = ['mae', 'mae', 'f1']", "x = 1979-05-27",
        ]), 0..12), set in "[a-z.]{0,12}=?[a-z0-9\\[\"{]{0,6}") {
        let _ = load(&lines.join("\n"), &[&set]);
    }
}
