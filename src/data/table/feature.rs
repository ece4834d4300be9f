//! One column as network input: a scaled number, or one place a label.
//!
//! Owns what is learned from the training rows of a column and the encoding of any row with it. It must not see rows
//! outside the training part when it learns.

use super::sheet::Sheet;
use crate::data::error::{DataError, shown};
use crate::data::labels::{Reading, ordered, reading, scale};
use serde::{Deserialize, Serialize};

/// More labels than this in a column that nobody declared are taken for names or free text.
const MOST_LABELS: usize = 100;
/// From so many labels on, more labels than half the rows are taken for names, too.
const MANY_LABELS: usize = 20;

/// How a column becomes numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// (x − mean) / deviation, both of the training part; a missing value becomes 0, the mean.
    Number {
        /// Of the training part.
        mean: f64,
        /// Of the training part; 1 where all values are equal.
        deviation: f64,
    },
    /// A 1 at the label's place, 0 elsewhere; a missing or unseen label is all 0.
    Labels(
        /// Seen in the training part, in order.
        Vec<String>,
    ),
}

/// A column that is an input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// The column.
    pub name: String,
    /// How it becomes numbers.
    pub encoding: Encoding,
    /// Whether one more place holds 1 where the value is missing; so where the training part lacks values.
    pub indicator: bool,
}

/// What the configuration says of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::data) enum Declared {
    Nothing,
    Number,
    Labels,
}

/// What was learned from a column, and what is worth telling.
pub(in crate::data) struct Learned {
    /// `None` where there is nothing to learn from.
    pub feature: Option<Feature>,
    pub note: Option<String>,
    /// Whether it has one value alone in the training part.
    pub constant: bool,
}

impl Feature {
    /// Places that it takes in the input.
    pub fn width(&self) -> usize {
        let own = match &self.encoding {
            Encoding::Number { .. } => 1,
            Encoding::Labels(labels) => labels.len(),
        };
        own + usize::from(self.indicator)
    }

    /// What it is, in a few words.
    pub fn describe(&self) -> String {
        let indicator = if self.indicator { ", and whether it is missing" } else { "" };
        match &self.encoding {
            Encoding::Number { mean, deviation } => {
                format!("number, mean {}, deviation {}{indicator}", short(*mean), short(*deviation))
            }
            Encoding::Labels(labels) => format!("{} labels{indicator}", labels.len()),
        }
    }

    /// Appends the encoding of a value; `None` is a missing one.
    ///
    /// # Errors
    /// A message where a number is expected and something else is there.
    pub fn encode(&self, value: Option<&str>, out: &mut Vec<f32>) -> Result<(), String> {
        match &self.encoding {
            Encoding::Number { mean, deviation } => {
                out.push(match value.map(reading) {
                    None => 0.0,
                    Some(Reading::Number(number)) => {
                        let scaled = ((number - mean) / deviation) as f32;
                        if !scaled.is_finite() {
                            let cell = shown(value.unwrap_or(""));
                            return Err(format!("{cell} is too far from the training part's values"));
                        }
                        scaled
                    }
                    Some(_) => return Err(format!("expected a number, found {}", shown(value.unwrap_or("")))),
                });
            }
            Encoding::Labels(labels) => {
                out.extend(labels.iter().map(|label| if Some(label.as_str()) == value { 1.0 } else { 0.0 }));
            }
        }
        if self.indicator {
            out.push(if value.is_none() { 1.0 } else { 0.0 });
        }
        Ok(())
    }

    /// Learns a column from the training rows.
    pub(in crate::data) fn learn(
        sheet: &Sheet,
        column: usize,
        train: &[usize],
        declared: Declared,
    ) -> Result<Learned, DataError> {
        let name = sheet.header.get(column).cloned().unwrap_or_default();
        let mut numbers = Vec::new();
        let mut text = None;
        let mut missing = 0;
        for row in train {
            match sheet.value(column, *row).map(reading) {
                None => missing += 1,
                Some(Reading::Number(value)) => numbers.push(value),
                Some(Reading::Infinite) if declared != Declared::Labels => {
                    let cell = shown(sheet.value(column, *row).unwrap_or(""));
                    return Err(sheet.cell_fault(column, *row, format!("expected a finite number, found {cell}")));
                }
                Some(_) => text = text.or(Some(*row)),
            }
        }
        if missing == train.len() {
            let note = format!("column {} has no value in the training part: left out", shown(&name));
            return Ok(Learned { feature: None, constant: false, note: Some(note) });
        }
        let is_number = match (declared, text) {
            (Declared::Number, Some(row)) => {
                let cell = shown(sheet.value(column, row).unwrap_or(""));
                return Err(sheet.cell_fault(column, row, format!("expected a number, found {cell}")));
            }
            (Declared::Labels, _) | (Declared::Nothing, Some(_)) => false,
            (Declared::Number | Declared::Nothing, None) => true,
        };
        let mut constant = false;
        let encoding = if is_number {
            let Some(scale) = scale(&numbers) else {
                return Err(sheet.column_fault(column, "numbers too large or too close together to be scaled"));
            };
            if scale.constant {
                constant = true;
            }
            Encoding::Number { mean: scale.mean, deviation: scale.deviation }
        } else {
            let labels = ordered(train.iter().filter_map(|row| sheet.value(column, *row)));
            if declared == Declared::Nothing {
                check_labels(sheet, column, train.len() - missing, labels.len(), text)?;
            }
            Encoding::Labels(labels)
        };
        let note = (missing > 0).then(|| {
            let filled = "filled in, with an indicator";
            format!("column {} lacks {missing} of {} training values: {filled}", shown(&name), train.len())
        });
        Ok(Learned { feature: Some(Feature { name, encoding, indicator: missing > 0 }), constant, note })
    }
}

/// Refuses a column of text that is rather names or free text than labels.
fn check_labels(
    sheet: &Sheet,
    column: usize,
    present: usize,
    labels: usize,
    text: Option<usize>,
) -> Result<(), DataError> {
    if labels <= MOST_LABELS && (labels <= MANY_LABELS || labels * 2 <= present) {
        return Ok(());
    }
    let message =
        format!("{labels} different texts in {present} training rows: put it under ignore, or under categorical");
    Err(match text {
        Some(row) => {
            let cell = shown(sheet.value(column, row).unwrap_or(""));
            sheet.cell_fault(column, row, format!("{cell} is no number, and there are {message}"))
        }
        None => sheet.column_fault(column, message),
    })
}

/// A number in at most four digits.
fn short(value: f64) -> String {
    if value == 0.0 || (1e-3..1e6).contains(&value.abs()) {
        let digits = 3 - value.abs().max(1.0).log10().floor() as i32;
        format!("{value:.*}", usize::try_from(digits).unwrap_or(0))
    } else {
        format!("{value:.3e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learn(cells: &[&str], declared: Declared) -> Result<Learned, String> {
        let text = format!("x,y\n{},1\n", cells.join(",1\n"));
        let sheet = Sheet::read("t.csv", text.as_bytes(), b',').unwrap();
        let rows: Vec<usize> = (0..sheet.rows()).collect();
        Feature::learn(&sheet, 0, &rows, declared).map_err(|error| error.to_string())
    }

    fn encoded(feature: &Feature, value: Option<&str>) -> Vec<f32> {
        let mut out = Vec::new();
        feature.encode(value, &mut out).unwrap();
        out
    }

    #[test]
    fn numbers_are_scaled_and_missing_ones_are_the_mean() {
        let feature = learn(&["1", "3", ""], Declared::Nothing).unwrap().feature.unwrap();
        assert_eq!(encoded(&feature, Some("3")), [1.0, 0.0]);
        assert_eq!(encoded(&feature, None), [0.0, 1.0]);
        assert_eq!(feature.encode(Some("x"), &mut Vec::new()).unwrap_err(), "expected a number, found 'x'");
    }

    #[test]
    fn labels_take_a_place_each_and_unseen_ones_none() {
        let feature = learn(&["b", "a", "b"], Declared::Nothing).unwrap().feature.unwrap();
        assert_eq!(feature.encoding, Encoding::Labels(vec!["a".into(), "b".into()]));
        assert_eq!(encoded(&feature, Some("b")), [0.0, 1.0]);
        assert_eq!(encoded(&feature, Some("c")), [0.0, 0.0]);
        let feature = learn(&["1", "2"], Declared::Labels).unwrap().feature.unwrap();
        assert_eq!(feature.width(), 2);
    }

    #[test]
    fn a_constant_column_is_zeros_and_an_empty_one_is_left_out() {
        let learned = learn(&["0.1", "0.1", "0.1"], Declared::Nothing).unwrap();
        assert!(learned.constant && learned.note.is_none());
        assert_eq!(encoded(&learned.feature.unwrap(), Some("0.1")), [0.0]);
        let learned = learn(&["?", "NA"], Declared::Nothing).unwrap();
        assert!(learned.feature.is_none() && learned.note.is_some());
    }

    #[test]
    fn numbers_that_are_none_are_refused() {
        let message = |cells: &[&str], declared| learn(cells, declared).err().unwrap();
        assert_eq!(
            message(&["1", "1e999"], Declared::Nothing),
            "t.csv: row 2 (line 3), column 'x': expected a finite number, found '1e999'"
        );
        assert_eq!(
            message(&["1", "a"], Declared::Number),
            "t.csv: row 2 (line 3), column 'x': expected a number, found 'a'"
        );
        assert!(message(&["1e300", "-1e300"], Declared::Nothing).contains("too large"));
    }

    #[test]
    fn names_and_free_text_are_refused_until_declared() {
        let names: Vec<String> = (0..30).map(|number| format!("name {number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let message = learn(&names, Declared::Nothing).err().unwrap();
        assert!(message.contains("30 different texts") && message.contains("ignore"), "{message}");
        assert_eq!(learn(&names, Declared::Labels).unwrap().feature.unwrap().width(), 30);
    }

    #[test]
    fn described_numbers_are_short() {
        assert_eq!([short(0.0), short(12.345_678), short(1234.5), short(1e-9)], ["0.000", "12.35", "1234", "1.000e-9"]);
    }

    proptest::proptest! {
        #[test]
        fn scaled_training_columns_have_mean_zero(values in proptest::collection::vec(-1e6..1e6_f64, 2..40)) {
            let cells: Vec<String> = values.iter().map(ToString::to_string).collect();
            let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
            let feature = learn(&cells, Declared::Nothing).unwrap().feature.unwrap();
            let scaled: Vec<f64> = cells.iter().map(|cell| f64::from(encoded(&feature, Some(cell))[0])).collect();
            let mean = scaled.iter().sum::<f64>() / scaled.len() as f64;
            proptest::prop_assert!(mean.abs() < 1e-5, "{mean}");
        }
    }
}
