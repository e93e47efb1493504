//! Units of time and patterns of `date_format`, on local time.

use std::fmt::Write;

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use datafusion::error::Result;

use crate::failure::{ErrorCode, QueryFailure};

/// A unit that Trino's date functions count in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Unit {
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text.to_lowercase().as_str() {
            "millisecond" => Self::Millisecond,
            "second" => Self::Second,
            "minute" => Self::Minute,
            "hour" => Self::Hour,
            "day" => Self::Day,
            "week" => Self::Week,
            "month" => Self::Month,
            "quarter" => Self::Quarter,
            "year" => Self::Year,
            _ => return None,
        })
    }

    /// A date has no units below a day.
    pub(super) fn check(self, of_date: bool) -> Result<()> {
        let fine = matches!(self, Self::Millisecond | Self::Second | Self::Minute | Self::Hour);
        if of_date && fine {
            let message = format!("'{}' is not a valid DATE field", format!("{self:?}").to_lowercase());
            return Err(QueryFailure::new(ErrorCode::InvalidFunctionArgument, message).into_datafusion());
        }
        Ok(())
    }

    /// The start of the unit that a moment lies in; weeks start on Monday.
    pub(super) fn truncate(self, moment: NaiveDateTime) -> Option<NaiveDateTime> {
        let date = moment.date();
        let midnight = |date: NaiveDate| date.and_time(NaiveTime::MIN);
        match self {
            Self::Millisecond => moment.with_nanosecond(moment.nanosecond() / 1_000_000 * 1_000_000),
            Self::Second => moment.with_nanosecond(0),
            Self::Minute => date.and_hms_opt(moment.hour(), moment.minute(), 0),
            Self::Hour => date.and_hms_opt(moment.hour(), 0, 0),
            Self::Day => Some(midnight(date)),
            Self::Week => {
                date.checked_sub_days(Days::new(u64::from(date.weekday().num_days_from_monday()))).map(midnight)
            }
            Self::Month => date.with_day(1).map(midnight),
            Self::Quarter => NaiveDate::from_ymd_opt(date.year(), date.month0() / 3 * 3 + 1, 1).map(midnight),
            Self::Year => NaiveDate::from_ymd_opt(date.year(), 1, 1).map(midnight),
        }
    }

    /// A moment so many units later; a day that the month does not have becomes its last.
    pub(super) fn add(self, count: i64, moment: NaiveDateTime) -> Option<NaiveDateTime> {
        if let Some(millis) = self.millis() {
            return moment.checked_add_signed(TimeDelta::try_milliseconds(count.checked_mul(millis)?)?);
        }
        let months = count.checked_mul(self.months())?;
        let magnitude = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
        if months >= 0 { moment.checked_add_months(magnitude) } else { moment.checked_sub_months(magnitude) }
    }

    /// How many whole units lie between two moments, negative if the second is the earlier.
    pub(super) fn difference(self, from: NaiveDateTime, to: NaiveDateTime) -> Option<i64> {
        if let Some(millis) = self.millis() {
            return Some((to - from).num_milliseconds() / millis);
        }
        let months_of = |moment: NaiveDateTime| i64::from(moment.year()) * 12 + i64::from(moment.month0());
        let mut units = (months_of(to) - months_of(from)) / self.months();
        let reached = self.add(units, from)?;
        if units > 0 && reached > to {
            units -= 1;
        } else if units < 0 && reached < to {
            units += 1;
        }
        Some(units)
    }

    fn millis(self) -> Option<i64> {
        Some(match self {
            Self::Millisecond => 1,
            Self::Second => 1_000,
            Self::Minute => 60_000,
            Self::Hour => 3_600_000,
            Self::Day => 86_400_000,
            Self::Week => 604_800_000,
            Self::Month | Self::Quarter | Self::Year => return None,
        })
    }

    fn months(self) -> i64 {
        match self {
            Self::Quarter => 3,
            Self::Year => 12,
            _ => 1,
        }
    }
}

/// A pattern of `date_format`, as MySQL has them.
pub(super) struct Pattern(Vec<Piece>);

enum Piece {
    Text(char),
    /// A pattern of chrono with the same meaning.
    Chrono(&'static str),
    /// Microseconds, six digits.
    Micros,
}

impl Pattern {
    pub(super) fn parse(pattern: &str) -> Result<Self> {
        let mut pieces = Vec::new();
        let mut letters = pattern.chars();
        while let Some(letter) = letters.next() {
            if letter != '%' {
                pieces.push(Piece::Text(letter));
                continue;
            }
            let specifier = letters.next().unwrap_or('%');
            pieces.push(match specifier {
                'Y' => Piece::Chrono("%Y"),
                'y' => Piece::Chrono("%y"),
                'm' => Piece::Chrono("%m"),
                'c' => Piece::Chrono("%-m"),
                'M' => Piece::Chrono("%B"),
                'b' => Piece::Chrono("%b"),
                'd' => Piece::Chrono("%d"),
                'e' => Piece::Chrono("%-d"),
                'j' => Piece::Chrono("%j"),
                'W' => Piece::Chrono("%A"),
                'a' => Piece::Chrono("%a"),
                'H' => Piece::Chrono("%H"),
                'k' => Piece::Chrono("%-H"),
                'h' | 'I' => Piece::Chrono("%I"),
                'l' => Piece::Chrono("%-I"),
                'i' => Piece::Chrono("%M"),
                's' | 'S' => Piece::Chrono("%S"),
                'p' => Piece::Chrono("%p"),
                'r' => Piece::Chrono("%I:%M:%S %p"),
                'T' => Piece::Chrono("%H:%M:%S"),
                'v' => Piece::Chrono("%V"),
                'x' => Piece::Chrono("%G"),
                'f' => Piece::Micros,
                '%' => Piece::Text('%'),
                other => {
                    return Err(QueryFailure::not_supported(format_args!("%{other} in date_format")).into_datafusion());
                }
            });
        }
        Ok(Self(pieces))
    }

    pub(super) fn format(&self, moment: NaiveDateTime) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            let written = match piece {
                Piece::Text(letter) => {
                    text.push(*letter);
                    Ok(())
                }
                Piece::Chrono(pattern) => write!(text, "{}", moment.format(pattern)),
                Piece::Micros => write!(text, "{:06}", moment.nanosecond() / 1_000),
            };
            debug_assert!(written.is_ok(), "every pattern above is one of chrono's");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDateTime;

    use super::{Pattern, Unit};

    fn moment(text: &str) -> NaiveDateTime {
        text.parse().expect("a moment")
    }

    #[test]
    fn units_start_and_add_as_in_trino() {
        let given = moment("2020-05-17T10:11:12.5");
        for (unit, start) in [
            (Unit::Second, "2020-05-17T10:11:12"),
            (Unit::Hour, "2020-05-17T10:00:00"),
            (Unit::Week, "2020-05-11T00:00:00"),
            (Unit::Quarter, "2020-04-01T00:00:00"),
            (Unit::Year, "2020-01-01T00:00:00"),
        ] {
            assert_eq!(unit.truncate(given), Some(moment(start)), "{unit:?}");
        }
        assert_eq!(Unit::Month.add(1, moment("2020-01-31T00:00:00")), Some(moment("2020-02-29T00:00:00")));
        assert_eq!(Unit::Year.add(-1, moment("2020-02-29T00:00:00")), Some(moment("2019-02-28T00:00:00")));
    }

    #[test]
    fn differences_are_whole_units() {
        let table = [
            (Unit::Day, "2020-01-01T00:00:00", "2020-02-01T00:00:00", 31),
            (Unit::Day, "2020-01-01T12:00:00", "2020-01-02T11:00:00", 0),
            (Unit::Month, "2020-01-31T00:00:00", "2020-02-29T00:00:00", 1),
            (Unit::Month, "2020-02-15T00:00:00", "2020-01-16T00:00:00", 0),
            (Unit::Year, "2020-02-29T00:00:00", "2021-02-28T00:00:00", 1),
            (Unit::Quarter, "2020-01-01T00:00:00", "2020-12-31T00:00:00", 3),
            (Unit::Hour, "2020-01-01T02:00:00", "2020-01-01T00:30:00", -1),
        ];
        for (unit, from, to, expect) in table {
            assert_eq!(unit.difference(moment(from), moment(to)), Some(expect), "{unit:?} {from} {to}");
        }
    }

    #[test]
    fn patterns_are_mysqls() {
        let pattern = Pattern::parse("%Y-%m-%d %H:%i:%s.%f %c%%").expect("a pattern");
        assert_eq!(pattern.format(moment("2020-05-07T10:11:12.5")), "2020-05-07 10:11:12.500000 5%");
        assert!(Pattern::parse("%U").is_err());
    }
}
