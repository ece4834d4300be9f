//! A source of rows, ready to be drawn from: read, dealt into parts, encoded once.
//!
//! Owns the order of loading. No row outside the training part has a say in scalings, labels or imputation.

use super::batch::{Batch, Inputs, Targets};
use super::builtin::builtin;
use super::error::{DataError, shown};
use super::labelled::TargetValues;
use super::preprocessing::{PREPROCESSING_VERSION, Preprocessing};
use super::split::{Part, Parts};
use super::table::{Declared, Feature, Sheet};
use super::target::{TargetColumn, Truth};
use crate::config::{DataPath, SourceConfig, Split, TaskConfig};
use crate::protocol::Rows;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::path::Path;

/// The most numbers that a source's inputs may take in memory (2 GiB of them).
const MOST_INPUTS: usize = 1 << 29;

/// A loaded source.
#[derive(Debug)]
pub struct Source {
    place: usize,
    name: String,
    fingerprint: String,
    parts: Parts,
    rows: usize,
    width: usize,
    /// `rows × width`, row by row.
    inputs: Vec<f32>,
    targets: Vec<Option<TargetValues>>,
    preprocessing: Preprocessing,
    notes: Vec<String>,
}

impl Source {
    /// Loads a source. `place` is its place in the configuration, `tasks` are all tasks of the run.
    ///
    /// # Errors
    /// Where the data cannot be read or does not fit the configuration, with file, row and column.
    pub fn load(place: usize, config: &SourceConfig, tasks: &[TaskConfig]) -> Result<Self, DataError> {
        Self::from_sheet(place, config, tasks, &read(config)?)
    }

    fn from_sheet(place: usize, config: &SourceConfig, tasks: &[TaskConfig], sheet: &Sheet) -> Result<Self, DataError> {
        let tasks: Vec<Option<&TaskConfig>> =
            tasks.iter().map(|task| Some(task).filter(|task| task.source == config.name)).collect();
        check_columns(sheet, config, &tasks)?;
        let mut notes = Vec::new();
        let parts = parts(sheet, config, &mut notes)?;
        let (features, columns) = features(sheet, config, &tasks, &parts, &mut notes)?;
        let width: usize = features.iter().map(Feature::width).sum();
        let inputs = inputs(sheet, &features, &columns, width)?;
        let mut targets = Vec::with_capacity(tasks.len());
        for task in &tasks {
            targets.push(match task {
                Some(task) => {
                    let column = sheet.column(&task.target).map_err(|message| DataError::file(&sheet.file, message))?;
                    Some(TargetValues::learn(sheet, column, task, &parts, &mut notes)?)
                }
                None => None,
            });
        }
        let preprocessing = Preprocessing {
            version: PREPROCESSING_VERSION,
            source: config.name.clone(),
            features,
            targets: targets.iter().map(|target| target.as_ref().map(|target| target.learned.clone())).collect(),
        };
        Ok(Self {
            place,
            name: config.name.clone(),
            fingerprint: sheet.fingerprint.clone(),
            rows: sheet.rows(),
            parts,
            width,
            inputs,
            targets,
            preprocessing,
            notes,
        })
    }

    /// Its place in the configuration.
    pub fn place(&self) -> usize {
        self.place
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Rows of each part.
    pub fn rows(&self) -> Rows {
        Rows { train: self.parts.train.len(), valid: self.parts.valid.len(), test: self.parts.test.len() }
    }

    /// The rows of a part, ascending.
    pub fn part(&self, part: Part) -> &[usize] {
        match part {
            Part::Train => &self.parts.train,
            Part::Valid => &self.parts.valid,
            Part::Test => &self.parts.test,
        }
    }

    /// Values an input row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Inputs and targets of rows, in the order given; a row that is not there is left out.
    pub fn batch(&self, rows: &[usize]) -> Batch {
        let rows: Vec<usize> = rows.iter().copied().filter(|row| *row < self.rows).collect();
        let mut values = Vec::with_capacity(rows.len() * self.width);
        for row in &rows {
            let begin = row * self.width;
            values.extend_from_slice(self.inputs.get(begin..begin + self.width).unwrap_or(&[]));
        }
        let targets = self.targets.iter().map(|target| target.as_ref().map(|target| target.targets(&rows))).collect();
        Batch { source: self.place, inputs: Inputs::Vectors { values, rows: rows.len(), width: self.width }, targets }
    }

    /// A task's target column, where the task has this source.
    pub fn target(&self, task: usize) -> Option<&TargetColumn> {
        self.targets.get(task)?.as_ref().map(|target| &target.learned)
    }

    /// A task's targets of rows as training sees them.
    pub fn targets(&self, task: usize, rows: &[usize]) -> Option<Targets> {
        Some(self.targets.get(task)?.as_ref()?.targets(rows))
    }

    /// A task's targets of rows as metrics see them: in the user's units, and with labels that training never saw.
    pub fn truth(&self, task: usize, rows: &[usize]) -> Option<Truth> {
        Some(self.targets.get(task)?.as_ref()?.truth(rows))
    }

    /// The inputs, in order.
    pub fn features(&self) -> &[Feature] {
        &self.preprocessing.features
    }

    /// What encodes new rows and decodes predictions.
    pub fn preprocessing(&self) -> &Preprocessing {
        &self.preprocessing
    }

    /// What a person should know of the data, a line each; foreign text in it is not sanitised.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// SHA-256 of the data's bytes, in hexadecimal.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

fn read(config: &SourceConfig) -> Result<Sheet, DataError> {
    let file = config.path.to_string();
    match &config.path {
        DataPath::Builtin(name) => {
            let bytes = builtin(name).ok_or_else(|| DataError::file(&file, "no such built-in data set"))?;
            Sheet::read(&file, bytes, config.separator)
        }
        DataPath::File(path) => Sheet::read(&file, open_table(path)?, config.separator),
    }
}

/// Opens a file of rows.
///
/// # Errors
/// Where it is not there, is a directory or may not be read.
pub fn open_table(path: &Path) -> Result<File, DataError> {
    let file = path.display().to_string();
    if path.is_dir() {
        return Err(DataError::file(&file, "a directory, not a CSV file"));
    }
    File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => DataError::file(&file, "no such file"),
        _ => DataError::file(&file, error.to_string()),
    })
}

/// Every column that the configuration names must be there; all that are not, at once.
fn check_columns(sheet: &Sheet, config: &SourceConfig, tasks: &[Option<&TaskConfig>]) -> Result<(), DataError> {
    let mut named: Vec<(&str, String)> = Vec::new();
    for task in tasks.iter().flatten() {
        named.push((&task.target, format!("the target of task '{}'", task.name)));
    }
    if let Split::Column(column) = &config.split {
        named.push((column, "the split".to_owned()));
    }
    if let Some(column) = &config.group {
        named.push((column, "the group".to_owned()));
    }
    let lists = [("categorical", &config.categorical), ("numeric", &config.numeric), ("ignore", &config.ignore)];
    for (list, columns) in lists {
        named.extend(columns.iter().map(|column| (column.as_str(), format!("under {list}"))));
    }
    let missing: Vec<String> = named
        .iter()
        .filter_map(|(column, what)| sheet.column(column).err().map(|message| format!("{message}, {what}")))
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(DataError::file(&sheet.file, missing.join("; "))) }
}

fn parts(sheet: &Sheet, config: &SourceConfig, notes: &mut Vec<String>) -> Result<Parts, DataError> {
    let fault = |message: String| DataError::file(&sheet.file, message);
    let groups = groups(sheet, config.group.as_deref()).map_err(fault)?;
    let mut parts = match &config.split {
        Split::Column(column) => {
            let column = sheet.column(column).map_err(fault)?;
            let mut named = Vec::with_capacity(sheet.rows());
            for row in 0..sheet.rows() {
                let cell = sheet.value(column, row).unwrap_or("");
                let part = Part::parse(cell).ok_or_else(|| {
                    let message = format!("expected train, valid or test, found {}", shown(cell));
                    sheet.cell_fault(column, row, message)
                })?;
                named.push(part);
            }
            Parts::collect(sheet.rows(), |row| named.get(row).copied())
        }
        Split::Fractions { train, valid, test } => {
            if sheet.column("split").is_ok_and(|column| is_split(sheet, column)) {
                notes.push("a column 'split' looks like parts but is not used: split = \"split\" does".to_owned());
            }
            Parts::shares(&groups, config.seed, *train, *valid, *test)
        }
        Split::Fold { fold, of } => {
            let parts = Parts::fold(&groups, config.seed, *fold, *of);
            if parts.test.is_empty() {
                let message = format!("fold {fold} of {of} has no rows: too few rows or groups for so many folds");
                return Err(fault(message));
            }
            parts
        }
    };
    if let Some(column) = &config.group
        && straddles(&parts, &groups)
    {
        notes.push(format!("some groups of column {} have rows in more than one part", shown(column)));
    }
    let before = parts.train.len();
    parts.hold_out(&groups, config.seed);
    if parts.train.is_empty() || parts.valid.is_empty() {
        let what = if config.group.is_some() { "two groups" } else { "two rows" };
        let message = format!(
            "too little to train on ({before} of {} rows): at least {what} are needed, one of them to validate",
            sheet.rows()
        );
        return Err(fault(message));
    }
    if parts.train.len() < before {
        notes.push(format!("{} of {before} training rows are held out to validate", parts.valid.len()));
    }
    Ok(parts)
}

/// A number a row; rows of one group have the same. Without a group every row has its own.
fn groups(sheet: &Sheet, column: Option<&str>) -> Result<Vec<usize>, String> {
    let Some(column) = column else { return Ok((0..sheet.rows()).collect()) };
    let column = sheet.column(column)?;
    let mut known: HashMap<&str, usize> = HashMap::new();
    // Numbers of rows are free for groups, too: the first row of a group lends its own.
    Ok((0..sheet.rows())
        .map(|row| sheet.value(column, row).map_or(row, |group| *known.entry(group).or_insert(row)))
        .collect())
}

fn straddles(parts: &Parts, groups: &[usize]) -> bool {
    let of = |rows: &[usize]| rows.iter().filter_map(|row| groups.get(*row).copied()).collect::<HashSet<usize>>();
    let (train, valid, test) = (of(&parts.train), of(&parts.valid), of(&parts.test));
    !train.is_disjoint(&valid) || !train.is_disjoint(&test) || !valid.is_disjoint(&test)
}

fn is_split(sheet: &Sheet, column: usize) -> bool {
    (0..sheet.rows()).all(|row| sheet.value(column, row).is_some_and(|cell| Part::parse(cell).is_some()))
}

/// Learns the input columns: all that are no target, no split, no group and not ignored.
fn features(
    sheet: &Sheet,
    config: &SourceConfig,
    tasks: &[Option<&TaskConfig>],
    parts: &Parts,
    notes: &mut Vec<String>,
) -> Result<(Vec<Feature>, Vec<usize>), DataError> {
    let place = |name: &str| sheet.column(name).ok();
    let mut kept_out: HashSet<usize> = tasks.iter().flatten().filter_map(|task| place(&task.target)).collect();
    kept_out.extend(config.ignore.iter().chain(&config.group).filter_map(|name| place(name)));
    if let Split::Column(column) = &config.split {
        kept_out.extend(place(column));
    }
    let listed = |names: &[String]| names.iter().filter_map(|name| place(name)).collect::<HashSet<usize>>();
    let (labels, numbers) = (listed(&config.categorical), listed(&config.numeric));
    let (mut features, mut columns, mut constant) = (Vec::new(), Vec::new(), Vec::new());
    for column in (0..sheet.header.len()).filter(|column| !kept_out.contains(column)) {
        let declared = if labels.contains(&column) {
            Declared::Labels
        } else if numbers.contains(&column) {
            Declared::Number
        } else {
            Declared::Nothing
        };
        let learned = Feature::learn(sheet, column, &parts.train, declared)?;
        notes.extend(learned.note);
        if learned.constant {
            constant.push(shown(&sheet.header[column]));
        }
        if let Some(feature) = learned.feature {
            features.push(feature);
            columns.push(column);
        }
    }
    if !constant.is_empty() {
        notes.push(format!("constant in the training part: {}", constant.join(", ")));
    }
    if features.is_empty() {
        return Err(DataError::file(&sheet.file, "no column is left to be an input"));
    }
    Ok((features, columns))
}

fn inputs(sheet: &Sheet, features: &[Feature], columns: &[usize], width: usize) -> Result<Vec<f32>, DataError> {
    let size = sheet.rows().saturating_mul(width);
    if size > MOST_INPUTS {
        let message =
            format!("{} rows of {width} inputs do not fit in memory: put wide columns under ignore", sheet.rows());
        return Err(DataError::file(&sheet.file, message));
    }
    let mut inputs = Vec::with_capacity(size);
    for row in 0..sheet.rows() {
        for (feature, column) in features.iter().zip(columns) {
            feature.encode(sheet.value(*column, row), &mut inputs).map_err(|message| {
                sheet.cell_fault(*column, row, format!("{message} (the training part holds only numbers here)"))
            })?;
        }
    }
    Ok(inputs)
}

#[cfg(test)]
#[path = "source_tests.rs"]
mod tests;
