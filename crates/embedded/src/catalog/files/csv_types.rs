//! The columns of a CSV file, from all of its rows: a guess from the first thousand would fail, or be wrong, on the next.

use std::path::Path;

use arrow::datatypes::Schema;
use chrono::{NaiveDate, NaiveDateTime};

use crate::failure::{ErrorCode, QueryFailure};
use crate::types::TrinoType;
use crate::types::arrow_types::field;

/// What all values of a column so far could be read as. Later ones hold more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guess {
    Nothing,
    Boolean,
    Bigint,
    Double,
    Date,
    Timestamp,
    Varchar,
}

impl Guess {
    /// Numbers with leading zeros are text: they are codes, and a number would lose the zeros.
    fn of(value: &str) -> Self {
        if value.is_empty() {
            Self::Nothing
        } else if matches!(value, "true" | "false") {
            Self::Boolean
        } else if is_number(value) {
            let whole = value.parse::<i64>();
            if whole.is_ok() {
                Self::Bigint
            } else if value.contains(['.', 'e', 'E']) && value.parse::<f64>().is_ok_and(f64::is_finite) {
                Self::Double
            } else {
                Self::Varchar
            }
        } else if value.len() == 10 && NaiveDate::parse_from_str(value, "%Y-%m-%d").is_ok() {
            Self::Date
        } else if is_timestamp(value) {
            Self::Timestamp
        } else {
            Self::Varchar
        }
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, guess) | (guess, Self::Nothing) => guess,
            (one, same) if one == same => one,
            (Self::Bigint, Self::Double) | (Self::Double, Self::Bigint) => Self::Double,
            (Self::Date, Self::Timestamp) | (Self::Timestamp, Self::Date) => Self::Timestamp,
            _ => Self::Varchar,
        }
    }

    fn data_type(self) -> TrinoType {
        match self {
            Self::Boolean => TrinoType::Boolean,
            Self::Bigint => TrinoType::Bigint,
            Self::Double => TrinoType::Double,
            Self::Date => TrinoType::Date,
            Self::Timestamp => TrinoType::Timestamp(6),
            Self::Nothing | Self::Varchar => TrinoType::Varchar(None),
        }
    }
}

fn is_number(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let mut letters = digits.chars();
    let (first, second) = (letters.next(), letters.next());
    let leading_zero = first == Some('0') && second.is_some_and(|letter| letter.is_ascii_digit());
    first.is_some_and(|letter| letter.is_ascii_digit()) && !leading_zero && value.parse::<f64>().is_ok()
}

fn is_timestamp(value: &str) -> bool {
    let fraction = value.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let parsed = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"]
        .into_iter()
        .any(|format| NaiveDateTime::parse_from_str(value, format).is_ok());
    parsed && fraction <= 6
}

/// Reads a file through and says what its columns are. The first row holds the names. It blocks.
pub(super) fn schema(path: &Path) -> Result<Schema, QueryFailure> {
    let unreadable = |error: csv::Error| {
        let message = format!("the file {} is not CSV: {error}", file_name(path));
        QueryFailure::new(ErrorCode::GenericUserError, message)
    };
    let mut reader = csv::ReaderBuilder::new().from_path(path).map_err(unreadable)?;
    let names: Vec<String> =
        reader.headers().map_err(unreadable)?.iter().map(|name| name.trim().to_lowercase()).collect();
    let mut guesses = vec![Guess::Nothing; names.len()];
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(unreadable)? {
        for (guess, value) in guesses.iter_mut().zip(&record) {
            if *guess != Guess::Varchar {
                *guess = guess.and(Guess::of(value));
            }
        }
    }
    let fields = names.iter().zip(guesses).map(|(name, guess)| field(name, &guess.data_type()));
    Ok(Schema::new(fields.collect::<Vec<_>>()))
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Guess, schema};

    #[test]
    fn values_are_read_as_the_narrowest_type() {
        for (value, guess) in [
            ("", Guess::Nothing),
            ("true", Guess::Boolean),
            ("-12", Guess::Bigint),
            ("0", Guess::Bigint),
            ("007", Guess::Varchar),
            ("0.5", Guess::Double),
            ("1e3", Guess::Double),
            ("9223372036854775808", Guess::Varchar),
            ("2020-01-31", Guess::Date),
            ("2020-13-31", Guess::Varchar),
            ("2020-01-31 10:00:00.5", Guess::Timestamp),
            ("x", Guess::Varchar),
        ] {
            assert_eq!(Guess::of(value), guess, "{value}");
        }
    }

    #[test]
    fn every_row_counts() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("t.csv");
        let rows = "1,1,2020-01-01,a\n".repeat(2000);
        std::fs::write(&path, format!("Id,Amount,Day,\"Long Name\"\n{rows}2,2.5,,\n3,x,2020-01-02 00:00:00,\n"))
            .expect("a file");
        let schema = schema(&path).expect("columns");
        let shown: Vec<String> =
            schema.fields().iter().map(|field| format!("{} {}", field.name(), field.data_type())).collect();
        assert_eq!(shown, ["id Int64", "amount Utf8View", "day Timestamp(µs)", "long name Utf8View"]);
    }
}
