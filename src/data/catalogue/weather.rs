//! The weather of a day and of the day after: a class and two numbers to foretell.
//!
//! Source: `data/seattle-weather.csv` of the npm package vega-datasets: one row a day from 2012 to 2015.

use super::derived::{Derived, Table};
use super::error::CatalogueError;
use super::tree::SourceTree;
use std::f64::consts::TAU;

const EXPECTED: &str = "expected the package vega-datasets 3.2.1, packed (.tgz) or unpacked";
const HEADER: [&str; 6] = ["date", "precipitation", "temp_max", "temp_min", "wind", "weather"];
/// The last part in time that is tested, one in so many days.
const TESTED: usize = 5;

/// Which files of the source are needed.
pub fn wanted(path: &str) -> bool {
    path.rsplit('/').next() == Some("seattle-weather.csv")
}

struct Day {
    date: String,
    /// Days since the year's first of January, as a share of a year.
    season: f64,
    number: i64,
    fields: [String; 5],
}

/// Makes `weather.csv`: a day, the day before it, and as targets what the next day brought.
pub fn derive(tree: &SourceTree) -> Result<Derived, CatalogueError> {
    let (name, text) = tree.text("seattle-weather.csv", EXPECTED)?;
    let days = days(name, text)?;
    let mut table = Table::new(
        b',',
        &[
            "date",
            "season_sin",
            "season_cos",
            "precipitation",
            "temp_max",
            "temp_min",
            "wind",
            "weather",
            "precipitation_before",
            "temp_max_before",
            "wind_before",
            "weather_before",
            "next_weather",
            "next_temp_max",
            "next_wind",
            "split",
        ],
    );
    let rows = days.len().saturating_sub(2);
    for (row, days) in days.windows(3).enumerate() {
        let [before, day, next] = days else { continue };
        let split = if row + rows.div_ceil(TESTED) >= rows { "test" } else { "train" };
        let season = [(day.season * TAU).sin(), (day.season * TAU).cos()].map(|value| format!("{value:.4}"));
        let [rain, high, low, wind, weather] = &day.fields;
        let [rain_before, high_before, _, wind_before, weather_before] = &before.fields;
        let [_, next_high, _, next_wind, next_weather] = &next.fields;
        let [sin, cos] = &season;
        table.row(&[
            day.date.as_str(),
            sin,
            cos,
            rain,
            high,
            low,
            wind,
            weather,
            rain_before,
            high_before,
            wind_before,
            weather_before,
            next_weather,
            next_high,
            next_wind,
            split,
        ]);
    }
    Ok(Derived { files: vec![table.file("weather.csv")?], licence: None })
}

/// All days, in an order without a gap.
fn days(name: &str, text: &str) -> Result<Vec<Day>, CatalogueError> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let fault = |error: csv::Error| CatalogueError::content(name, error.to_string());
    let header = reader.headers().map_err(fault)?;
    if header != HEADER.as_slice() {
        let header = header.iter().collect::<Vec<_>>().join(",");
        return Err(CatalogueError::line(
            name,
            1,
            format!("the header is '{header}', expected '{}'", HEADER.join(",")),
        ));
    }
    let mut days: Vec<Day> = Vec::new();
    for (record, line) in reader.records().zip(2..) {
        let record = record.map_err(fault)?;
        let wrong =
            |text: &str, expected: &str| CatalogueError::line(name, line, format!("'{text}': expected {expected}"));
        let mut fields = record.iter().map(str::trim);
        let date = fields.next().unwrap_or_default();
        let (number, season) = parsed(date).ok_or_else(|| wrong(date, "a date as 2012/01/31 or 2012-01-31"))?;
        let fields: [String; 5] = std::array::from_fn(|_| fields.next().unwrap_or_default().to_owned());
        let numbers = fields.iter().take(4);
        if let Some(text) = numbers.clone().find(|text| !text.parse().is_ok_and(|value: f64| value.is_finite())) {
            return Err(wrong(text, "a number"));
        }
        if days.last().is_some_and(|day| day.number + 1 != number) {
            return Err(wrong(date, "the day after the row before"));
        }
        days.push(Day { date: date.replace('/', "-"), season, number, fields });
    }
    Ok(days)
}

/// The day's number on one scale, and how far its year has gone.
fn parsed(date: &str) -> Option<(i64, f64)> {
    let mut parts = date.split(['/', '-']);
    let year: i64 = parts.next()?.parse().ok().filter(|year| (1800..3000).contains(year))?;
    let month: usize = parts.next()?.parse().ok()?;
    let day: i64 = parts.next()?.parse().ok()?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let length = *lengths.get(month.checked_sub(1)?)?;
    if parts.next().is_some() || !(1..=length).contains(&day) {
        return None;
    }
    let in_year: i64 = lengths.iter().take(month - 1).sum::<i64>() + day - 1;
    let before = year - 1;
    let number = before * 365 + before / 4 - before / 100 + before / 400 + in_year;
    Some((number, in_year as f64 / if leap { 366.0 } else { 365.0 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(rows: &str) -> SourceTree {
        let text = format!("date,precipitation,temp_max,temp_min,wind,weather\n{rows}");
        SourceTree::of(&[("package/data/seattle-weather.csv", text.as_bytes())])
    }

    fn year() -> String {
        let old = (27..=31).map(|day| format!("2012/12/{day},{day}.5,1,0,2,rain"));
        let new = (1..=7).map(|day| format!("2013/01/0{day},0.{day},{day},0,{day},sun"));
        old.chain(new).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn targets_are_the_next_day_s_and_the_end_is_tested() {
        let derived = derive(&source(&year())).unwrap();
        let text = String::from_utf8(derived.files[0].bytes.clone()).unwrap();
        let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
        assert_eq!(rows.len(), 11, "{text}");
        let row = |date: &str| rows.iter().find(|row| row[0] == date).unwrap().clone();
        let last = row("2012-12-31");
        assert_eq!(last[3..], ["31.5", "1", "0", "2", "rain", "30.5", "1", "2", "rain", "sun", "1", "1", "train"]);
        assert_eq!(row("2013-01-01")[1..3], ["0.0000", "1.0000"]);
        let sides: Vec<&str> = rows[1..].iter().map(|row| row[15]).collect();
        assert_eq!(sides, [["train"; 8].as_slice(), &["test"; 2]].concat());
    }

    #[test]
    fn rows_that_do_not_read_are_named_with_their_line() {
        for (rows, words) in [
            ("2012/01/01,0,1,0,2,sun\n2012/01/03,0,1,0,2,sun\n", ":3: '2012/01/03': expected the day after"),
            ("2012/02/30,0,1,0,2,sun\n", "expected a date"),
            ("2012/01/01,0,much,0,2,sun\n", ":2: 'much': expected a number"),
            ("2012/01/01,0,1\n", "seattle-weather.csv: "),
            ("2012/01/01,0,1,0,2,sun\n2012/01/02,0,1,0,2,sun\n", "not one row"),
        ] {
            let error = derive(&source(rows)).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        let other = SourceTree::of(&[("seattle-weather.csv", b"day,rain\n")]);
        assert!(derive(&other).unwrap_err().to_string().contains("the header is 'day,rain'"));
        assert!(derive(&SourceTree::default()).unwrap_err().to_string().contains("expected the package vega-datasets"));
    }

    #[test]
    fn leap_years_have_their_day() {
        assert!(parsed("2012/02/29").is_some() && parsed("2013/02/29").is_none() && parsed("2012/13/01").is_none());
        let number = |date| parsed(date).unwrap().0;
        assert_eq!(number("2013-01-01") - number("2012-01-01"), 366);
        assert_eq!(number("2012-03-01") - number("2012-02-28"), 2);
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(rows in "([0-9/,.-]{0,12}\n){0,5}|\\PC*") {
            let _ = derive(&source(&rows));
        }
    }
}
