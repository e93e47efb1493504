//! Values as Trino writes them: in JSON pages and in `CAST(… AS varchar)`. Nothing here knows of columns or pages.

use std::fmt::{self, Write};

use arrow::array::timezone::Tz;
use arrow::datatypes::TimeUnit;
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Offset, TimeZone, Timelike};

const MILLIS_PER_DAY: u64 = 86_400_000;

/// A `double` as Java's `Double.toString` writes it: always a fraction, an exponent from 10^7 on and below 10^-3.
/// `NaN`, `Infinity` and `-Infinity` are the words that Trino sends.
pub(crate) fn write_double(out: &mut String, value: f64) -> fmt::Result {
    if let Some(word) = non_finite(value) {
        return out.write_str(word);
    }
    let magnitude = value.abs();
    if magnitude == 0.0 || (1e-3..1e7).contains(&magnitude) {
        write!(out, "{value:?}")
    } else {
        write_scientific(out, &format!("{value:e}"))
    }
}

/// A `real` as Java's `Float.toString` writes it.
pub(crate) fn write_real(out: &mut String, value: f32) -> fmt::Result {
    if let Some(word) = non_finite(f64::from(value)) {
        return out.write_str(word);
    }
    let magnitude = value.abs();
    if magnitude == 0.0 || (1e-3..1e7).contains(&magnitude) {
        write!(out, "{value:?}")
    } else {
        write_scientific(out, &format!("{value:e}"))
    }
}

/// What Trino's JSON writes for a number that JSON cannot hold.
pub(crate) fn non_finite(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("NaN")
    } else if value == f64::INFINITY {
        Some("Infinity")
    } else if value == f64::NEG_INFINITY {
        Some("-Infinity")
    } else {
        None
    }
}

/// Turns Rust's `1e7` into `1.0E7`. `CAST(double AS varchar)` has this form at every magnitude (Trino: `DoubleOperators`).
pub(crate) fn write_scientific(out: &mut String, exponential: &str) -> fmt::Result {
    let (mantissa, exponent) = exponential.split_once('e').unwrap_or((exponential, "0"));
    let fraction = if mantissa.contains('.') { "" } else { ".0" };
    write!(out, "{mantissa}{fraction}E{exponent}")
}

/// A `decimal` with all digits of its scale: `1.10`.
pub(crate) fn write_decimal(out: &mut String, unscaled: i128, scale: u8) -> fmt::Result {
    let digits = unscaled.unsigned_abs().to_string();
    let scale = usize::from(scale);
    if unscaled < 0 {
        out.write_char('-')?;
    }
    if scale == 0 {
        return out.write_str(&digits);
    }
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    write!(out, "{whole}.{fraction}")
}

/// A `date` from days since 1970-01-01; years beyond 9999 carry a sign.
pub(crate) fn write_date(out: &mut String, days: i32) -> fmt::Result {
    match NaiveDate::from_epoch_days(days) {
        Some(date) => write_day(out, date),
        None => Err(fmt::Error),
    }
}

fn write_day(out: &mut String, date: NaiveDate) -> fmt::Result {
    let year = date.year();
    if year > 9999 {
        out.write_char('+')?;
    }
    if year < 0 {
        write!(out, "-{:04}-{:02}-{:02}", year.unsigned_abs(), date.month(), date.day())
    } else {
        write!(out, "{year:04}-{:02}-{:02}", date.month(), date.day())
    }
}

/// A `time` from nanoseconds since midnight.
pub(crate) fn write_time(out: &mut String, nanos: i64, precision: u8) -> fmt::Result {
    let seconds = nanos.div_euclid(1_000_000_000);
    write!(out, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)?;
    write_fraction(out, nanos.rem_euclid(1_000_000_000), 9, precision)
}

/// A `timestamp` from a count of units since 1970-01-01.
pub(crate) fn write_timestamp(out: &mut String, value: i64, unit: TimeUnit, precision: u8) -> fmt::Result {
    let (moment, fraction, digits) = split(value, unit)?;
    write_moment(out, moment)?;
    write_fraction(out, fraction, digits, precision)
}

/// A `timestamp with time zone`: the local time of the zone, then the zone. `UTC` is what Trino calls an offset of zero.
pub(crate) fn write_timestamp_tz(
    out: &mut String,
    value: i64,
    unit: TimeUnit,
    precision: u8,
    zone: &str,
) -> fmt::Result {
    let (moment, fraction, digits) = split(value, unit)?;
    let parsed: Tz = zone.parse().map_err(|_unknown: arrow::error::ArrowError| fmt::Error)?;
    let offset = parsed.offset_from_utc_datetime(&moment).fix();
    let local = moment.checked_add_offset(offset).ok_or(fmt::Error)?;
    write_moment(out, local)?;
    write_fraction(out, fraction, digits, precision)?;
    let name = if matches!(zone, "+00:00" | "Z" | "+00" | "GMT") { "UTC" } else { zone };
    write!(out, " {name}")
}

/// An `interval day to second` from milliseconds: `-1 02:03:04.005`.
pub(crate) fn write_interval(out: &mut String, millis: i64) -> fmt::Result {
    let magnitude = millis.unsigned_abs();
    let sign = if millis < 0 { "-" } else { "" };
    let of_day = magnitude % MILLIS_PER_DAY;
    write!(
        out,
        "{sign}{} {:02}:{:02}:{:02}.{:03}",
        magnitude / MILLIS_PER_DAY,
        of_day / 3_600_000,
        of_day / 60_000 % 60,
        of_day / 1000 % 60,
        of_day % 1000
    )
}

fn split(value: i64, unit: TimeUnit) -> Result<(NaiveDateTime, i64, u8), fmt::Error> {
    let (per_second, digits) = match unit {
        TimeUnit::Second => (1, 0),
        TimeUnit::Millisecond => (1_000, 3),
        TimeUnit::Microsecond => (1_000_000, 6),
        TimeUnit::Nanosecond => (1_000_000_000, 9),
    };
    let moment = DateTime::from_timestamp(value.div_euclid(per_second), 0).ok_or(fmt::Error)?;
    Ok((moment.naive_utc(), value.rem_euclid(per_second), digits))
}

fn write_moment(out: &mut String, moment: NaiveDateTime) -> fmt::Result {
    write_day(out, moment.date())?;
    write!(out, " {:02}:{:02}:{:02}", moment.hour(), moment.minute(), moment.second())
}

fn write_fraction(out: &mut String, fraction: i64, digits: u8, precision: u8) -> fmt::Result {
    if precision == 0 {
        return Ok(());
    }
    let scaled = if precision <= digits {
        fraction / 10_i64.pow(u32::from(digits - precision))
    } else {
        fraction * 10_i64.pow(u32::from(precision - digits))
    };
    write!(out, ".{scaled:0width$}", width = usize::from(precision))
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::TimeUnit;

    use super::{
        write_date, write_decimal, write_double, write_interval, write_time, write_timestamp, write_timestamp_tz,
    };

    fn text(write: impl FnOnce(&mut String) -> std::fmt::Result) -> String {
        let mut out = String::new();
        write(&mut out).expect("the value has a text");
        out
    }

    #[test]
    fn doubles_look_like_javas() {
        let table = [
            (1.0, "1.0"),
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1_193_053.225_3, "1193053.2253"),
            (1e7, "1.0E7"),
            (12_345_678.9, "1.23456789E7"),
            (0.001, "0.001"),
            (0.000_12, "1.2E-4"),
            (f64::MAX, "1.7976931348623157E308"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ];
        for (value, expect) in table {
            assert_eq!(text(|out| write_double(out, value)), expect);
        }
    }

    #[test]
    fn decimals_keep_their_scale() {
        for (unscaled, scale, expect) in [(110, 2, "1.10"), (-5, 3, "-0.005"), (7, 0, "7"), (0, 2, "0.00")] {
            assert_eq!(text(|out| write_decimal(out, unscaled, scale)), expect);
        }
    }

    #[test]
    fn moments_have_the_digits_of_their_type() {
        assert_eq!(text(|out| write_date(out, 0)), "1970-01-01");
        assert_eq!(text(|out| write_date(out, 2_932_897)), "+10000-01-01");
        assert_eq!(text(|out| write_time(out, 3_723_456_000_000, 3)), "01:02:03.456");
        assert_eq!(text(|out| write_timestamp(out, -1, TimeUnit::Millisecond, 3)), "1969-12-31 23:59:59.999");
        assert_eq!(text(|out| write_timestamp(out, 0, TimeUnit::Second, 0)), "1970-01-01 00:00:00");
        assert_eq!(text(|out| write_timestamp(out, 120, TimeUnit::Millisecond, 2)), "1970-01-01 00:00:00.12");
        assert_eq!(
            text(|out| write_timestamp_tz(out, 0, TimeUnit::Millisecond, 3, "Europe/Berlin")),
            "1970-01-01 01:00:00.000 Europe/Berlin"
        );
        assert_eq!(text(|out| write_timestamp_tz(out, 0, TimeUnit::Second, 0, "+00:00")), "1970-01-01 00:00:00 UTC");
        assert_eq!(text(|out| write_interval(out, -93_784_005)), "-1 02:03:04.005");
    }
}
