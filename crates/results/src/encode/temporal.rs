//! `date`, `time` and `timestamp` as Trino prints them, with exactly the precision of the type.
//! The opposite direction is `decode::temporal`.

use super::number::push_digits;

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// The day `days` after 1970-01-01.
pub(super) fn push_date(out: &mut Vec<u8>, days: i64) {
    let (year, month, day) = civil_from_days(days);
    match year {
        ..0 => out.push(b'-'),
        10_000.. => out.push(b'+'),
        _ => {}
    }
    match year {
        0..10_000 => {
            push_pair(out, year / 100);
            push_pair(out, year % 100);
        }
        _ => push_digits(out, year.unsigned_abs(), 4),
    }
    out.push(b'-');
    push_pair(out, month);
    out.push(b'-');
    push_pair(out, day);
}

/// The time of day `micros` after midnight.
pub(super) fn push_time(out: &mut Vec<u8>, micros: i64, precision: u8) {
    let seconds = micros / MICROS_PER_SECOND;
    push_pair(out, seconds / 3600);
    out.push(b':');
    push_pair(out, seconds / 60 % 60);
    out.push(b':');
    push_pair(out, seconds % 60);
    if precision > 0 {
        out.push(b'.');
        let start = out.len();
        push_digits(out, (micros % MICROS_PER_SECOND).unsigned_abs(), 6);
        out.truncate(start + usize::from(precision));
    }
}

/// The moment `micros` after 1970-01-01 00:00:00.
pub(super) fn push_timestamp(out: &mut Vec<u8>, micros: i64, precision: u8) {
    push_date(out, micros.div_euclid(MICROS_PER_DAY));
    out.push(b' ');
    push_time(out, micros.rem_euclid(MICROS_PER_DAY), precision);
}

/// Two digits of a number from 0 to 99.
fn push_pair(out: &mut Vec<u8>, number: i64) {
    let digit = |value: i64| b'0' + u8::try_from(value % 10).unwrap_or(0);
    out.extend_from_slice(&[digit(number / 10), digit(number)]);
}

/// Year, month and day of the proleptic Gregorian calendar, counted in years that begin in March.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(push: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        push(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn dates() {
        let check = |days: i32, expect: &str| assert_eq!(text(|out| push_date(out, i64::from(days))), expect);
        check(0, "1970-01-01");
        check(-1, "1969-12-31");
        check(11_016, "2000-02-29");
        check(-719_529, "-0001-12-31");
        check(-719_528, "0000-01-01");
        check(2_932_897, "+10000-01-01");
        check(i32::MAX, "+5881580-07-11");
        check(i32::MIN, "-5877641-06-23");
    }

    #[test]
    fn timestamps_have_the_digits_of_their_type() {
        let check = |micros: i64, precision: u8, expect: &str| {
            assert_eq!(text(|out| push_timestamp(out, micros, precision)), expect);
        };
        check(0, 0, "1970-01-01 00:00:00");
        check(0, 3, "1970-01-01 00:00:00.000");
        check(-1, 6, "1969-12-31 23:59:59.999999");
        check(100_000, 1, "1970-01-01 00:00:00.1");
        check(i64::MAX, 6, "+294247-01-10 04:00:54.775807");
        check(i64::MIN, 6, "-290308-12-21 19:59:05.224192");
    }

    #[test]
    fn every_day_reads_back() {
        for days in (-800_000..3_000_000).step_by(97) {
            let text = text(|out| push_date(out, i64::from(days)));
            assert_eq!(crate::decode::temporal::date(&text), Ok(days), "{text}");
        }
    }
}
