//! Literals: Trino's `1` is an `integer`, its `1e0` a `double`, its `timestamp '…'` has as many digits as it is written with.

use std::str::FromStr;

use arrow::array::timezone::Tz;
use chrono::{NaiveDate, NaiveDateTime};
use datafusion::sql::sqlparser::ast::{DataType, Expr, Interval, TypedString, Value};

use super::build::{call, cast, string, typed};
use crate::failure::{ErrorCode, QueryFailure};
use crate::types::TrinoType;
use crate::types::arrow_types::unit_of;

/// A number with the type that Trino gives it; `None` leaves it to DataFusion, which reads `bigint` and `decimal` alike.
pub(super) fn number(text: &str) -> Result<Option<Expr>, QueryFailure> {
    let literal = || Expr::value(Value::Number(text.to_owned(), false));
    if text.contains(['e', 'E']) {
        return Ok(Some(typed(string(text), &TrinoType::Double)));
    }
    if text.contains('.') {
        return Ok(None);
    }
    if text.parse::<i32>().is_ok() {
        return Ok(Some(cast(literal(), DataType::Int(None))));
    }
    match text.parse::<i64>() {
        Ok(_) => Ok(None),
        Err(_too_large) => Err(QueryFailure::new(ErrorCode::SyntaxError, format!("Invalid numeric literal: {text}"))),
    }
}

/// `date '…'`, `timestamp '…'`, `decimal '…'` and the like.
pub(super) fn typed_string(literal: &TypedString) -> Result<Option<Expr>, QueryFailure> {
    let Value::SingleQuotedString(text) = &literal.value.value else {
        return Err(QueryFailure::not_supported(format_args!("the literal {}", literal.value)));
    };
    match &literal.data_type {
        DataType::Date => match NaiveDate::from_str(text.trim()) {
            Ok(_) => Ok(Some(typed(string(text), &TrinoType::Date))),
            Err(_invalid) => Err(invalid(text, "date")),
        },
        DataType::Timestamp(..) => timestamp(text).map(Some).ok_or_else(|| invalid(text, "timestamp")),
        DataType::Time(..) => {
            let digits = fraction_digits(text);
            Ok(Some(typed(string(text), &TrinoType::Time(digits))))
        }
        DataType::Decimal(_) | DataType::Numeric(_) | DataType::Dec(_) => decimal(text).map(Some),
        other => {
            let data_type = super::type_text::parse_type(&other.to_string())?;
            Ok(Some(typed(string(text), &data_type)))
        }
    }
}

fn invalid(text: &str, kind: &str) -> QueryFailure {
    QueryFailure::new(ErrorCode::InvalidLiteral, format!("'{text}' is not a valid {} literal", kind.to_uppercase()))
}

fn decimal(text: &str) -> Result<Expr, QueryFailure> {
    let digits = text.trim().trim_start_matches(['-', '+']);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let numeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !numeric(whole) || !numeric(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return Err(invalid(text, "decimal"));
    }
    let scale = u8::try_from(fraction.len()).unwrap_or(u8::MAX);
    let precision = u8::try_from(whole.len() + fraction.len()).unwrap_or(u8::MAX).max(1);
    if precision > crate::types::arrow_types::MAX_PRECISION {
        return Err(invalid(text, "decimal"));
    }
    Ok(typed(string(text.trim()), &TrinoType::Decimal { precision, scale }))
}

fn fraction_digits(text: &str) -> u8 {
    let digits =
        text.rsplit_once('.').map_or(0, |(_, fraction)| fraction.bytes().take_while(u8::is_ascii_digit).count());
    u8::try_from(digits).unwrap_or(u8::MAX)
}

/// A timestamp, with the zone that it names if it names one.
fn timestamp(text: &str) -> Option<Expr> {
    let text = text.trim();
    let (local, zone) = split_zone(text);
    let digits = fraction_digits(local);
    let moment = NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M:%S%.f")
        .or_else(|_short| NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M"))
        .or_else(|_no_time| NaiveDate::from_str(local).map(|date| date.and_time(chrono::NaiveTime::MIN)))
        .ok()?;
    if digits > 9 {
        return None;
    }
    match zone {
        None => Some(typed(string(&moment.format("%Y-%m-%d %H:%M:%S%.9f").to_string()), &TrinoType::Timestamp(digits))),
        Some(zone) => {
            Tz::from_str(zone).ok()?;
            let iso = string(&moment.format("%Y-%m-%dT%H:%M:%S%.9f").to_string());
            let arrow = format!("Timestamp({:?}, Some(\"{zone}\"))", unit_of(digits));
            Some(call("arrow_cast", vec![iso, string(&arrow)]))
        }
    }
}

/// Splits `2020-01-01 00:00:00 Europe/Berlin` and `2020-01-01 00:00:00+02:00` before the zone.
fn split_zone(text: &str) -> (&str, Option<&str>) {
    let Some(time_at) = text.find(':') else { return (text, None) };
    match text[time_at..].find(|letter: char| !letter.is_ascii_digit() && letter != ':' && letter != '.') {
        Some(offset) => {
            let (local, zone) = text.split_at(time_at + offset);
            (local.trim_end(), Some(zone.trim_start()))
        }
        None => (text, None),
    }
}

/// An interval that DataFusion reads as Trino does: one field, of Trino's units.
pub(super) fn check_interval(interval: &Interval) -> Result<(), QueryFailure> {
    use datafusion::sql::sqlparser::ast::DateTimeField::{Day, Hour, Minute, Month, Second, Year};
    if interval.last_field.is_some()
        || interval.leading_precision.is_some()
        || interval.fractional_seconds_precision.is_some()
    {
        return Err(QueryFailure::not_supported("intervals over several fields"));
    }
    match &interval.leading_field {
        Some(Year | Month | Day | Hour | Minute | Second) => Ok(()),
        other => {
            let unit = other.as_ref().map(ToString::to_string).unwrap_or_default();
            Err(QueryFailure::new(ErrorCode::SyntaxError, format!("an interval has no unit '{unit}'")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{number, split_zone, timestamp};
    use crate::failure::ErrorCode;

    #[test]
    fn numbers_have_trinos_types() {
        let text = |literal| number(literal).map(|expr| expr.map(|expr| expr.to_string()));
        assert_eq!(text("1"), Ok(Some("CAST(1 AS INT)".to_owned())));
        assert_eq!(text("2147483648"), Ok(None));
        assert_eq!(text("0.06"), Ok(None));
        assert_eq!(text("1e0"), Ok(Some("trino_cast('1e0', 'double', 'UTC')".to_owned())));
        assert_eq!(text("9223372036854775808").map_err(|failure| failure.code), Err(ErrorCode::SyntaxError));
    }

    #[test]
    fn timestamps_keep_digits_and_zone() {
        let text = |literal| timestamp(literal).map(|expr| expr.to_string());
        assert_eq!(
            text("2020-01-01 00:00:00.12").as_deref(),
            Some("trino_cast('2020-01-01 00:00:00.120000000', 'timestamp(2)', 'UTC')")
        );
        assert_eq!(
            text("2020-01-01 00:00:00 Europe/Berlin").as_deref(),
            Some("arrow_cast('2020-01-01T00:00:00.000000000', 'Timestamp(Second, Some(\"Europe/Berlin\"))')")
        );
        assert_eq!(text("2020-01-01 00:00:00 Mars/Base"), None);
        assert_eq!(text("2020-13-01 00:00:00"), None);
        assert_eq!(split_zone("2020-01-01 00:00:00-05:00"), ("2020-01-01 00:00:00", Some("-05:00")));
    }
}
