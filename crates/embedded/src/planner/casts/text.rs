//! Casts from and to text.

use std::fmt;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Float32Array, Float64Array, Int64Array, StringArray,
    StringViewArray, Time64NanosecondArray,
};
use arrow::compute::{cast, cast_with_options};
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use arrow::error::ArrowError;
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use super::{Task, numbers};
use crate::failure::{ErrorCode, QueryFailure};
use crate::types::TrinoType;
use crate::types::encode::Encoder;
use crate::types::text::{non_finite, write_scientific};

/// From text to text: what is too long is cut off.
pub(super) fn to_text(task: &Task, array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let texts = cast(array, &DataType::Utf8View)?;
    let result = texts
        .as_string_view()
        .iter()
        .map(|text| match text {
            None => Ok(None),
            Some(text) => task.on_error.settle(fitted(task, text)),
        })
        .collect::<Result<StringViewArray, ArrowError>>()?;
    Ok(Arc::new(result))
}

fn fitted(task: &Task, text: &str) -> Result<String, ArrowError> {
    Ok(match task.target {
        TrinoType::Varchar(Some(length)) => prefix(text, length).to_owned(),
        TrinoType::Char(length) => prefix(text, length).trim_end_matches(' ').to_owned(),
        TrinoType::Uuid => uuid::Uuid::parse_str(text).map_err(|_invalid| task.failure(text))?.to_string(),
        _ => text.to_owned(),
    })
}

fn prefix(text: &str, length: u32) -> &str {
    text.char_indices().nth(length as usize).map_or(text, |(index, _)| &text[..index])
}

/// From anything else to text: what is too long is an error.
pub(super) fn write(task: &Task, array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    match task.source {
        TrinoType::Double => {
            let doubles = array.as_primitive::<Float64Type>();
            written(task, array, |row| scientific(doubles.value(row), &format!("{:e}", doubles.value(row))))
        }
        TrinoType::Real => {
            let reals = array.as_primitive::<Float32Type>();
            written(task, array, |row| scientific(reals.value(row).into(), &format!("{:e}", reals.value(row))))
        }
        _ => {
            let encoder = Encoder::new(array, &task.source)?;
            written(task, array, |row| unquoted(&encoder, row))
        }
    }
}

fn written(
    task: &Task,
    array: &ArrayRef,
    write: impl Fn(usize) -> Result<String, fmt::Error>,
) -> Result<ArrayRef, ArrowError> {
    let unwritable = |_unwritable: fmt::Error| ArrowError::CastError("a value has no text".to_owned());
    let result = (0..array.len())
        .map(|row| match array.is_null(row) {
            true => Ok(None),
            false => task.on_error.settle(bounded(task, write(row).map_err(unwritable)?)),
        })
        .collect::<Result<StringViewArray, ArrowError>>()?;
    Ok(Arc::new(result))
}

fn scientific(value: f64, exponential: &str) -> Result<String, fmt::Error> {
    if let Some(word) = non_finite(value) {
        return Ok(word.to_owned());
    }
    let mut text = String::new();
    write_scientific(&mut text, exponential)?;
    Ok(text)
}

/// A page's JSON of these values is their text, with quotes around it or without.
fn unquoted(encoder: &Encoder, row: usize) -> Result<String, fmt::Error> {
    let mut json = String::new();
    encoder.write(row, &mut json)?;
    Ok(json.trim_matches('"').to_owned())
}

fn bounded(task: &Task, text: String) -> Result<String, ArrowError> {
    match task.target {
        TrinoType::Varchar(Some(length)) if text.chars().count() > length as usize => {
            let message = format!("Value {text} cannot be represented as varchar({length})");
            Err(ArrowError::ExternalError(Box::new(QueryFailure::new(ErrorCode::InvalidCastArgument, message))))
        }
        _ => Ok(text),
    }
}

/// From text to anything else.
pub(super) fn read(task: &Task, array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let texts = cast(array, &DataType::Utf8)?;
    let texts = texts.as_string::<i32>();
    match &task.target {
        TrinoType::Boolean => Ok(Arc::new(parse(task, texts, boolean)?.into_iter().collect::<BooleanArray>())),
        TrinoType::Tinyint | TrinoType::Smallint | TrinoType::Integer | TrinoType::Bigint => {
            let integers: Int64Array = parse(task, texts, |text| text.parse().ok())?.into_iter().collect();
            numbers::narrowed(task, &(Arc::new(integers) as ArrayRef))
        }
        TrinoType::Real => {
            let reals: Float32Array = parse(task, texts, |text| text.trim().parse().ok())?.into_iter().collect();
            Ok(Arc::new(reals))
        }
        TrinoType::Double => {
            let doubles: Float64Array = parse(task, texts, |text| text.trim().parse().ok())?.into_iter().collect();
            Ok(Arc::new(doubles))
        }
        TrinoType::Date => Ok(Arc::new(parse(task, texts, date)?.into_iter().collect::<Date32Array>())),
        TrinoType::Time(precision) => {
            let times: Time64NanosecondArray = parse(task, texts, |text| time(text, *precision))?.into_iter().collect();
            Ok(Arc::new(times))
        }
        TrinoType::Timestamp(precision) => {
            let rewritten =
                parse(task, texts, |text| timestamp(text, *precision))?.into_iter().collect::<StringArray>();
            cast_with_options(&rewritten, &task.data_type, &task.on_error.options())
        }
        _ => cast_with_options(texts, &task.data_type, &task.on_error.options()).map_err(|error| match first(texts) {
            Some(text) => task.failure(text),
            None => error,
        }),
    }
}

fn first(texts: &StringArray) -> Option<&str> {
    texts.iter().flatten().next()
}

fn parse<T>(task: &Task, texts: &StringArray, read: impl Fn(&str) -> Option<T>) -> Result<Vec<Option<T>>, ArrowError> {
    texts
        .iter()
        .map(|text| match text {
            None => Ok(None),
            Some(text) => task.on_error.settle(read(text).ok_or_else(|| task.failure(text))),
        })
        .collect()
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "t" | "1" => Some(true),
        "false" | "f" | "0" => Some(false),
        _ => None,
    }
}

fn date(text: &str) -> Option<i32> {
    Some(NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok()?.to_epoch_days())
}

/// Nanoseconds since midnight, rounded to the digits of the type; what rounds up to the next day starts again.
fn time(text: &str, precision: u8) -> Option<i64> {
    let text = text.trim();
    let time = NaiveTime::parse_from_str(text, "%H:%M:%S%.f")
        .or_else(|_no_seconds| NaiveTime::parse_from_str(text, "%H:%M"))
        .ok()?;
    let nanos = i64::from(time.num_seconds_from_midnight()) * 1_000_000_000 + i64::from(time.nanosecond());
    let step = 10_i64.pow(9_u32.saturating_sub(u32::from(precision)));
    Some((nanos + step / 2) / step * step % 86_400_000_000_000)
}

/// A timestamp in the form that Arrow reads, rounded to the digits of its type.
fn timestamp(text: &str, precision: u8) -> Option<String> {
    let text = text.trim();
    let moment = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f")
        .or_else(|_no_seconds| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M"))
        .or_else(|_no_time| NaiveDate::parse_from_str(text, "%Y-%m-%d").map(|date| date.and_time(NaiveTime::MIN)))
        .ok()?;
    let step = 10_u32.pow(9_u32.saturating_sub(u32::from(precision)));
    let rounded = (moment.nanosecond() + step / 2) / step * step;
    let whole = moment.with_nanosecond(0)?;
    let moment = whole.checked_add_signed(chrono::TimeDelta::nanoseconds(i64::from(rounded)))?;
    (moment.year() <= 9999).then(|| moment.format("%Y-%m-%dT%H:%M:%S%.9f").to_string())
}

#[cfg(test)]
mod tests {
    use super::{boolean, date, prefix, time, timestamp};

    #[test]
    fn text_is_read_as_trino_reads_it() {
        assert_eq!(time("01:02:03.56", 1), Some(3_723_600_000_000));
        assert_eq!(time("24:00", 0), None);
        assert_eq!(boolean("T"), Some(true));
        assert_eq!(boolean("yes"), None);
        assert_eq!(date(" 1970-01-02 "), Some(1));
        assert_eq!(date("1970-1-32"), None);
        assert_eq!(timestamp("2020-01-01 00:00:00.9996", 3).as_deref(), Some("2020-01-01T00:00:01.000000000"));
        assert_eq!(timestamp("2020-01-01", 0).as_deref(), Some("2020-01-01T00:00:00.000000000"));
        assert_eq!(timestamp("2020-01-01 00:00:00 UTC", 3), None);
        assert_eq!(prefix("grün", 3), "grü");
    }
}
