//! Rows that a trained network shall answer: read in chunks, encoded as in training, kept as they came.
//!
//! Owns the bounds of a chunk. It must not learn anything from rows, and it holds one chunk at a time.

use super::batch::Inputs;
use super::error::DataError;
use super::preprocessing::Preprocessing;
use super::table::Records;
use std::io::Read;

/// Rows of a chunk at most.
const MOST_ROWS: usize = 1024;
/// Bytes of text after which a chunk ends.
const MOST_BYTES: usize = 4 << 20;
/// Encoded numbers after which a chunk ends.
const MOST_INPUTS: usize = 4 << 20;

/// A table that is read chunk by chunk.
pub struct NewRows<R> {
    records: Records<R>,
    preprocessing: Preprocessing,
    columns: Vec<usize>,
    /// What ended the reading; told after the rows before it.
    fault: Option<DataError>,
}

/// Some rows in a row; never empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Chunk {
    /// The fields of each row as they came, a field a column of the header.
    pub rows: Vec<Vec<String>>,
    /// The same rows as the network takes them.
    pub inputs: Inputs,
}

impl<R: Read> NewRows<R> {
    /// Reads the header, which must hold every feature, in any order and among other columns. `file` is for messages.
    ///
    /// # Errors
    /// Where there is no header, or a feature is not in it.
    pub fn open(file: &str, input: R, separator: u8, preprocessing: Preprocessing) -> Result<Self, DataError> {
        let records = Records::open(file, input, separator)?;
        let columns = preprocessing.columns(file, records.header())?;
        Ok(Self { records, preprocessing, columns, fault: None })
    }

    /// Names of all columns, without blanks around them.
    pub fn header(&self) -> &[String] {
        self.records.header()
    }

    /// The next rows; `None` at the end.
    ///
    /// # Errors
    /// With row and column. All rows before the faulty one have come out then, whatever the size of a chunk is.
    pub fn next_chunk(&mut self) -> Result<Option<Chunk>, DataError> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        let width = self.preprocessing.width();
        let (mut rows, mut values, mut bytes) = (Vec::new(), Vec::new(), 0);
        while rows.len() < MOST_ROWS && bytes < MOST_BYTES && values.len() < MOST_INPUTS {
            match self.read_row(&mut values) {
                Ok(Some(row)) => {
                    bytes += row.iter().map(String::len).sum::<usize>();
                    rows.push(row);
                }
                Ok(None) => break,
                Err(fault) if rows.is_empty() => return Err(fault),
                Err(fault) => {
                    self.fault = Some(fault);
                    break;
                }
            }
        }
        // A row with a fault may have left some values.
        values.truncate(rows.len() * width);
        let inputs = Inputs::Vectors { values, rows: rows.len(), width };
        Ok(if rows.is_empty() { None } else { Some(Chunk { rows, inputs }) })
    }

    fn read_row(&mut self, values: &mut Vec<f32>) -> Result<Option<Vec<String>>, DataError> {
        let Some(row) = self.records.next()? else { return Ok(None) };
        self.preprocessing.encode(&self.columns, &row, values)?;
        Ok(Some(row.fields.iter().map(|field| (*field).to_owned()).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Encoding, Feature, InputEncoding, PREPROCESSING_VERSION};
    use std::fmt::Write as _;

    fn preprocessing() -> Preprocessing {
        let feature = |name: &str, encoding, indicator| Feature { name: name.to_owned(), encoding, indicator };
        let features = vec![
            feature("x", Encoding::Number { mean: 1.0, deviation: 2.0 }, true),
            feature("c", Encoding::Labels(vec!["a".to_owned(), "b".to_owned()]), false),
        ];
        let input = InputEncoding::Table { features };
        Preprocessing { version: PREPROCESSING_VERSION, source: "data".to_owned(), input, targets: Vec::new() }
    }

    fn open(bytes: &[u8]) -> Result<NewRows<&[u8]>, String> {
        NewRows::open("n.csv", bytes, b',', preprocessing()).map_err(|error| error.to_string())
    }

    #[test]
    fn columns_are_found_by_name_and_others_are_kept_as_they_came() {
        let mut rows = open(b"id, c,x\n 7 ,b,3\n\"8,\"\"\",z,?\n").unwrap();
        assert_eq!(rows.header(), ["id", "c", "x"]);
        let chunk = rows.next_chunk().unwrap().unwrap();
        assert_eq!(chunk.rows, [[" 7 ", "b", "3"], ["8,\"", "z", "?"]]);
        let values = vec![1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0];
        assert_eq!(chunk.inputs, Inputs::Vectors { values, rows: 2, width: 4 });
        assert_eq!(rows.next_chunk(), Ok(None));
    }

    #[test]
    fn rows_before_a_fault_come_out_first() {
        let mut rows = open(b"x,c\n3,a\n5,b\nfive,b\n7,b\n").unwrap();
        assert_eq!(rows.next_chunk().unwrap().unwrap().inputs.rows(), 2);
        let error = rows.next_chunk().unwrap_err().to_string();
        assert_eq!(error, "n.csv: row 3 (line 4), column 'x': expected a number, found 'five'");
    }

    #[test]
    fn many_rows_come_in_chunks_and_none_is_lost() {
        let mut text = "c,x\n".to_owned();
        (0..2500).for_each(|row| writeln!(text, "a,{row}").unwrap());
        let mut rows = open(text.as_bytes()).unwrap();
        let (mut sizes, mut seen) = (Vec::new(), Vec::new());
        while let Some(chunk) = rows.next_chunk().unwrap() {
            sizes.push(chunk.rows.len());
            seen.extend(chunk.rows.into_iter().map(|row| row[1].clone()));
        }
        assert_eq!(sizes, [1024, 1024, 452]);
        assert_eq!(seen, (0..2500).map(|row| row.to_string()).collect::<Vec<_>>());
    }

    #[test]
    fn long_rows_make_a_chunk_short() {
        let text = "x,c\n".to_owned() + &format!("1,{}\n", "y".repeat(1 << 19)).repeat(20);
        let mut rows = open(text.as_bytes()).unwrap();
        assert_eq!(rows.next_chunk().unwrap().unwrap().rows.len(), 8);
    }

    #[test]
    fn all_that_is_missing_is_told_at_once() {
        assert_eq!(
            open(b"xx,d\n1,2\n").err().unwrap(),
            "n.csv: no column 'x' (did you mean 'xx'?); no column 'c' (did you mean 'd'?), needed as input"
        );
        assert!(open(b"x;c\n1;2\n").err().unwrap().ends_with("'x;c': data.separator says what stands between columns"));
        assert_eq!(open(b"").err().unwrap(), "n.csv: an empty file: expected a header and rows");
        assert_eq!(open(b"x,c\n").unwrap().next_chunk(), Ok(None));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(
            proptest::sample::select(b"ab1.,\n\"\r\0\xff? ".to_vec()), 0..60)) {
            let bytes = [b"x,c\n", bytes.as_slice()].concat();
            let mut rows = open(&bytes).unwrap();
            while let Ok(Some(chunk)) = rows.next_chunk() {
                let Inputs::Vectors { values, rows, width } = chunk.inputs else { panic!("no vectors") };
                proptest::prop_assert!(rows > 0 && values.len() == rows * width && rows == chunk.rows.len());
            }
        }
    }
}
