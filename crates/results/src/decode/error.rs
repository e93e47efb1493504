//! What can be wrong with a page of rows, and how it is told.

use std::fmt;

/// Longest excerpt of a page in an error, in characters.
const EXCERPT_CHARACTERS: usize = 60;

/// A page that does not hold what its columns promise. The page is refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault} in row {row}{} near {excerpt:?}", ColumnText(self.column.as_deref()))]
pub struct DecodeError {
    /// What is wrong.
    pub fault: DecodeFault,
    /// The row, counted from 0. From a decoder it counts within the page, from a writer within the result.
    pub row: u64,
    /// The column's name as Trino knows it; `None` where the page is broken between columns.
    pub column: Option<String>,
    /// At most 60 characters of the page from where the decoder stopped.
    pub excerpt: String,
}

/// What the decoder found instead of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeFault {
    /// The page is not UTF-8.
    #[error("bytes that are not utf-8")]
    NotUtf8,
    /// The page has 2 GiB or more, more than one Arrow array can address.
    #[error("a page of 2 GiB or more")]
    TooLarge,
    /// The JSON ends early or is not an array of arrays.
    #[error("broken json")]
    Syntax,
    /// A row with fewer or more values than there are columns.
    #[error("a wrong number of values")]
    Arity,
    /// JSON went on after the last row.
    #[error("text after the last row")]
    Trailing,
    /// Neither `true` nor `false`.
    #[error("a value that is no boolean")]
    Boolean,
    /// Not a whole number, or one outside the range of the type.
    #[error("a value that is no integer of this type")]
    Integer,
    /// Not a finite number, `NaN`, `Infinity` or `-Infinity`.
    #[error("a value that is no floating point number of this type")]
    Float,
    /// Not a decimal, or one with more digits than its type has.
    #[error("a value that is no decimal of this type")]
    Decimal,
    /// Not a JSON string.
    #[error("a value that is no string")]
    String,
    /// A `\u` escape that is no character.
    #[error("a broken escape")]
    Escape,
    /// Not standard base64.
    #[error("a value that is no base64")]
    Base64,
    /// Not a date, or one beyond Arrow's 32-bit days.
    #[error("a value that is no date")]
    Date,
    /// Not a time of day, or one with more digits than its type has.
    #[error("a value that is no time of this type")]
    Time,
    /// Not a timestamp, or one beyond Arrow's 64-bit microseconds.
    #[error("a value that is no timestamp of this type")]
    Timestamp,
    /// Not a JSON array where an `array` or a `row` belongs.
    #[error("a value that is no array")]
    Array,
    /// Not a JSON object where a `map` belongs.
    #[error("a value that is no object")]
    Map,
    /// The decoded values do not make an Arrow array: a defect of the decoder.
    #[error("values that make no arrow array")]
    Arrow,
}

impl DecodeError {
    pub(super) fn new(fault: DecodeFault, row: u64, column: Option<&str>, rest: &[u8]) -> Self {
        // Four bytes are the longest character, so that the cut below never costs a whole one.
        let head = rest.get(..EXCERPT_CHARACTERS * 4).unwrap_or(rest);
        let excerpt = String::from_utf8_lossy(head).chars().take(EXCERPT_CHARACTERS).collect();
        Self { fault, row, column: column.map(ToOwned::to_owned), excerpt }
    }

    /// The same error with its row counted from the beginning of the result.
    pub(crate) fn after_rows(self, rows: u64) -> Self {
        Self { row: self.row.saturating_add(rows), ..self }
    }
}

struct ColumnText<'a>(Option<&'a str>);

impl fmt::Display for ColumnText<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(column) => write!(formatter, ", column {column:?},"),
            None => Ok(()),
        }
    }
}
