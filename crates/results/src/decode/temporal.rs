//! Trino's texts of `date`, `time` and `timestamp` as numbers. The opposite direction is `encode::temporal`.
//!
//! Trino prints years as Java's `uuuu` does: at least four digits, `-` before year 0, `+` above year 9999.

use super::error::DecodeFault;

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;
/// Digits after the second that microseconds hold.
const MICRO_DIGITS: usize = 6;
/// No year that fits into Arrow's types has more digits.
const MAX_YEAR_DIGITS: usize = 9;

/// Days since 1970-01-01 of `2020-01-31`, `+10000-01-01`, `-0001-12-31`.
#[inline]
pub(crate) fn date(text: &str) -> Result<i32, DecodeFault> {
    let days = days(text.as_bytes()).ok_or(DecodeFault::Date)?;
    i32::try_from(days).map_err(|_out_of_range| DecodeFault::Date)
}

/// Microseconds since midnight of `01:02:03.456`, with at most `precision` digits that are not zero.
#[inline]
pub(super) fn time(text: &str, precision: u8) -> Result<i64, DecodeFault> {
    time_of_day(text.as_bytes(), precision).ok_or(DecodeFault::Time)
}

/// Microseconds since 1970-01-01 00:00:00 of `2020-01-31 01:02:03.456`, with at most `precision` digits that are not
/// zero.
#[inline]
pub(super) fn timestamp(text: &str, precision: u8) -> Result<i64, DecodeFault> {
    let parse = || {
        let (date, time) = text.split_once(' ')?;
        let micros = time_of_day(time.as_bytes(), precision)?;
        days(date.as_bytes())?.checked_mul(MICROS_PER_DAY)?.checked_add(micros)
    };
    parse().ok_or(DecodeFault::Timestamp)
}

#[inline]
fn days(text: &[u8]) -> Option<i64> {
    let (negative, unsigned) = match text.first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    // The month and the day have two digits each, so the year is what stands before the last six bytes.
    let (year, rest) = unsigned.split_at_checked(unsigned.len().checked_sub(MICRO_DIGITS)?)?;
    let [b'-', m1, m2, b'-', d1, d2] = rest else { return None };
    if !(4..=MAX_YEAR_DIGITS).contains(&year.len()) {
        return None;
    }
    let year = digits(year)?;
    let year = if negative { -year } else { year };
    let (month, day) = (two_digits(*m1, *m2)?, two_digits(*d1, *d2)?);
    if !(1..=12).contains(&month) || day < 1 || day > days_of_month(year, month) {
        return None;
    }
    Some(days_from_civil(year, month, day))
}

#[inline]
fn time_of_day(text: &[u8], precision: u8) -> Option<i64> {
    let (clock, fraction) = text.split_at_checked(8)?;
    let [h1, h2, b':', m1, m2, b':', s1, s2] = clock else { return None };
    let (hour, minute, second) = (two_digits(*h1, *h2)?, two_digits(*m1, *m2)?, two_digits(*s1, *s2)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let micros = match fraction {
        [] => 0,
        [b'.', fraction @ ..] => micros_of(fraction, precision)?,
        _ => return None,
    };
    Some(((hour * 60 + minute) * 60 + second) * MICROS_PER_SECOND + micros)
}

/// Microseconds of the digits after the point. Digits beyond the precision must be zero, or a value would be cut.
#[inline]
fn micros_of(fraction: &[u8], precision: u8) -> Option<i64> {
    if fraction.is_empty() || fraction.len() > MICRO_DIGITS {
        return None;
    }
    let mut micros = digits(fraction)?;
    for _ in fraction.len()..MICRO_DIGITS {
        micros *= 10;
    }
    let unit = 10_i64.checked_pow(6_u32.checked_sub(u32::from(precision))?)?;
    (micros % unit == 0).then_some(micros)
}

#[inline]
fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0_i64, |value, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit <= 9).then(|| value * 10 + i64::from(digit))
    })
}

#[inline]
fn two_digits(tens: u8, ones: u8) -> Option<i64> {
    digits(&[tens, ones])
}

fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar, counted in years that begin in March, so that
/// the leap day is the last one of its year.
#[inline]
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let check = |text: &str, days: i32| assert_eq!(date(text), Ok(days), "{text}");
        check("1970-01-01", 0);
        check("1969-12-31", -1);
        check("2000-02-29", 11_016);
        check("0000-01-01", -719_528);
        check("-0001-12-31", -719_529);
        check("+10000-01-01", 2_932_897);
        check("+5881580-07-11", i32::MAX);
        check("-5877641-06-23", i32::MIN);
        for bad in [
            "",
            "2020",
            "2020-1-1",
            "2020-13-01",
            "2020-00-10",
            "2021-02-29",
            "1900-02-29",
            "2020-04-31",
            "20-01-01",
            "2020/01/01",
            "2020-01-01 ",
            "+5881580-07-12",
            "x020-01-01",
            "2020-01-0ä",
            "-",
            "+9999999999-01-01",
        ] {
            assert_eq!(date(bad), Err(DecodeFault::Date), "{bad}");
        }
    }

    #[test]
    fn times() {
        let check = |text: &str, precision: u8, micros: i64| assert_eq!(time(text, precision), Ok(micros), "{text}");
        check("00:00:00", 0, 0);
        check("01:02:03.456", 3, 3_723_456_000);
        check("23:59:59.999999", 6, MICROS_PER_DAY - 1);
        check("00:00:00.100000", 1, 100_000);
        for (bad, precision) in [
            ("24:00:00", 0),
            ("00:60:00", 0),
            ("00:00:60", 0),
            ("0:00:00", 0),
            ("00:00:00.", 0),
            ("00:00:00.123", 2),
            ("00:00:00.1234567", 6),
            ("00:00:00Z", 0),
            ("00:00:00.12x", 3),
            ("", 0),
        ] {
            assert_eq!(time(bad, precision), Err(DecodeFault::Time), "{bad}");
        }
    }

    #[test]
    fn timestamps() {
        let check =
            |text: &str, precision: u8, micros: i64| assert_eq!(timestamp(text, precision), Ok(micros), "{text}");
        check("1970-01-01 00:00:00.000", 3, 0);
        check("1969-12-31 23:59:59.999999", 6, -1);
        check("2020-01-01 00:00:00", 0, 1_577_836_800_000_000);
        check("+294247-01-10 04:00:54.775807", 6, i64::MAX);
        for bad in ["2020-01-01", "2020-01-01T00:00:00", "+294247-01-10 04:00:54.775808", "2020-01-01 00:00:00 UTC"] {
            assert_eq!(timestamp(bad, 6), Err(DecodeFault::Timestamp), "{bad}");
        }
    }
}
