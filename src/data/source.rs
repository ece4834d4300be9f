//! A source of rows, ready to be drawn from: read, dealt into parts, encoded once.
//!
//! Owns the order of loading. No row outside the training part has a say in scalings, labels or imputation.

use super::batch::{Batch, Targets};
use super::error::{DataError, shown};
use super::input::InputRows;
use super::labelled::TargetValues;
use super::load::{Loaded, load};
use super::preprocessing::{PREPROCESSING_VERSION, Preprocessing};
use super::split::{Part, Parts};
use super::table::{Feature, Sheet, hexadecimal};
use super::target::{TargetColumn, Truth};
use crate::config::{SourceConfig, SourceKind, Split, TaskConfig};
use crate::protocol::Rows;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

/// A loaded source.
#[derive(Debug)]
pub struct Source {
    place: usize,
    name: String,
    fingerprint: String,
    parts: Parts,
    rows: usize,
    inputs: InputRows,
    /// What a person knows each row's input by; empty for a table, whose rows have numbers.
    shown: Vec<String>,
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
        let loaded = load(config)?;
        Self::from_loaded(place, config, tasks, loaded)
    }

    fn from_loaded(
        place: usize,
        config: &SourceConfig,
        tasks: &[TaskConfig],
        mut loaded: Loaded,
    ) -> Result<Self, DataError> {
        let tasks: Vec<Option<&TaskConfig>> =
            tasks.iter().map(|task| Some(task).filter(|task| task.source == config.name)).collect();
        check_columns(&loaded.sheet, config, &tasks)?;
        let mut notes = Vec::new();
        let parts = parts(&loaded.sheet, config, &mut notes)?;
        let inputs = loaded.inputs(config, &tasks, &parts, &mut notes)?;
        let sheet = &loaded.sheet;
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
            input: inputs.encoding,
            targets: targets.iter().map(|target| target.as_ref().map(|target| target.learned.clone())).collect(),
        };
        Ok(Self {
            place,
            name: config.name.clone(),
            fingerprint: inputs.fingerprint,
            rows: sheet.rows(),
            parts,
            inputs: inputs.rows,
            shown: inputs.shown,
            targets,
            preprocessing,
            notes,
        })
    }

    /// A source whose preprocessing is known already.
    #[expect(clippy::too_many_arguments, reason = "the fields that are not the sheet's")]
    pub(super) fn from_parts(
        place: usize,
        sheet: &Sheet,
        parts: Parts,
        inputs: InputRows,
        shown: Vec<String>,
        targets: Vec<Option<TargetValues>>,
        preprocessing: Preprocessing,
        notes: Vec<String>,
    ) -> Self {
        Self {
            place,
            name: preprocessing.source.clone(),
            fingerprint: sheet.fingerprint.clone(),
            rows: sheet.rows(),
            parts,
            inputs,
            shown,
            targets,
            preprocessing,
            notes,
        }
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

    /// What a person knows the input of a row by: its text, the path of its file, or its number.
    pub fn shown(&self, row: usize) -> String {
        self.shown.get(row).cloned().unwrap_or_else(|| format!("row {}", row + 1))
    }

    /// Positions of each row before any input part; 1 where a row is one vector.
    pub fn lengths(&self, rows: &[usize]) -> Vec<usize> {
        self.inputs.lengths(rows)
    }

    /// Inputs and targets of rows, in the order given; a row that is not there is left out.
    pub fn batch(&self, rows: &[usize]) -> Batch {
        let rows: Vec<usize> = rows.iter().copied().filter(|row| *row < self.rows).collect();
        let targets = self.targets.iter().map(|target| target.as_ref().map(|target| target.targets(&rows))).collect();
        Batch { source: self.place, inputs: self.inputs.take(&rows), targets }
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

    /// The columns of a table that are inputs, in order; empty for other kinds.
    pub fn features(&self) -> &[Feature] {
        self.preprocessing.features()
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

/// One fingerprint of all sources, in hexadecimal.
pub fn fingerprint(sources: &[Source]) -> String {
    let mut hash = Sha256::new();
    for source in sources {
        hash.update(source.fingerprint());
    }
    hexadecimal(&hash.finalize())
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
    if config.kind != SourceKind::Table {
        named.push((&config.input, "the input".to_owned()));
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

#[cfg(test)]
#[path = "source_tests.rs"]
mod tests;
