//! Trino's names of types, read from SQL.

use crate::failure::{ErrorCode, QueryFailure};
use crate::types::arrow_types::MAX_PRECISION;
use crate::types::{RowField, TrinoType};

/// Digits of a second that Arrow can hold; Trino has up to 12.
const MAX_FRACTION: u8 = 9;

/// Reads a type, such as `decimal(10, 2)` or `array(row(x bigint))`, in any case.
pub(crate) fn parse_type(text: &str) -> Result<TrinoType, QueryFailure> {
    let lower = text.trim().to_lowercase();
    let mut reader = Reader { rest: &lower };
    let parsed = reader.data_type();
    match parsed {
        Some(data_type) if reader.rest.trim().is_empty() => Ok(data_type),
        _ => Err(unknown(text)),
    }
}

fn unknown(text: &str) -> QueryFailure {
    match text.trim().to_lowercase().split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default() {
        "json" | "ipaddress" | "hyperloglog" | "qdigest" | "tdigest" | "interval" | "geometry" | "variant"
        | "number" | "time" | "timestamp" => QueryFailure::not_supported(format_args!("the type {text}")),
        _ => QueryFailure::new(ErrorCode::TypeMismatch, format!("Unknown type: {text}")),
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn data_type(&mut self) -> Option<TrinoType> {
        let name = self.word()?;
        Some(match name {
            "boolean" => TrinoType::Boolean,
            "tinyint" => TrinoType::Tinyint,
            "smallint" => TrinoType::Smallint,
            "integer" | "int" => TrinoType::Integer,
            "bigint" => TrinoType::Bigint,
            "real" => TrinoType::Real,
            "double" => {
                self.keyword("precision");
                TrinoType::Double
            }
            "decimal" | "dec" | "numeric" => self.decimal()?,
            "varchar" => TrinoType::Varchar(self.argument()?),
            "char" => TrinoType::Char(self.argument()?.unwrap_or(1)),
            "varbinary" => TrinoType::Varbinary,
            "uuid" => TrinoType::Uuid,
            "date" => TrinoType::Date,
            "time" => {
                let precision = self.fraction()?;
                if self.zone()? {
                    return None;
                }
                TrinoType::Time(precision)
            }
            "timestamp" => {
                let precision = self.fraction()?;
                if self.zone()? { TrinoType::TimestampWithTimeZone(precision) } else { TrinoType::Timestamp(precision) }
            }
            "array" => {
                self.symbol('(').then_some(())?;
                let element = self.data_type()?;
                self.symbol(')').then_some(())?;
                TrinoType::Array(Box::new(element))
            }
            "map" => {
                self.symbol('(').then_some(())?;
                let key = self.data_type()?;
                self.symbol(',').then_some(())?;
                let value = self.data_type()?;
                self.symbol(')').then_some(())?;
                TrinoType::Map(Box::new(key), Box::new(value))
            }
            "row" => self.row()?,
            _ => return None,
        })
    }

    fn decimal(&mut self) -> Option<TrinoType> {
        if !self.symbol('(') {
            return Some(TrinoType::Decimal { precision: MAX_PRECISION, scale: 0 });
        }
        let precision = u8::try_from(self.number()?).ok()?;
        let scale = if self.symbol(',') { u8::try_from(self.number()?).ok()? } else { 0 };
        self.symbol(')').then_some(())?;
        let valid = (1..=MAX_PRECISION).contains(&precision) && scale <= precision;
        valid.then_some(TrinoType::Decimal { precision, scale })
    }

    /// The digits of a time type; Trino's default is 3.
    fn fraction(&mut self) -> Option<u8> {
        let digits = self.argument()?.unwrap_or(3);
        u8::try_from(digits).ok().filter(|digits| *digits <= MAX_FRACTION)
    }

    fn zone(&mut self) -> Option<bool> {
        let with = self.keyword("with");
        if with || self.keyword("without") {
            (self.keyword("time") && self.keyword("zone")).then_some(())?;
        }
        Some(with)
    }

    fn row(&mut self) -> Option<TrinoType> {
        self.symbol('(').then_some(())?;
        let mut fields = Vec::new();
        loop {
            fields.push(self.row_field()?);
            if !self.symbol(',') {
                break;
            }
        }
        self.symbol(')').then_some(TrinoType::Row(fields))
    }

    /// `name type`, or a type alone. A name that is also a type's is taken for one if a type follows it.
    fn row_field(&mut self) -> Option<RowField> {
        let start = self.rest;
        if let Some(name) = self.name()
            && let Some(data_type) = self.data_type()
        {
            return Some(RowField { name: Some(name), data_type });
        }
        self.rest = start;
        Some(RowField { name: None, data_type: self.data_type()? })
    }

    fn name(&mut self) -> Option<String> {
        let text = self.rest.trim_start();
        if let Some(delimited) = text.strip_prefix('"') {
            let (name, rest) = delimited.split_once('"')?;
            self.rest = rest;
            return Some(name.to_owned());
        }
        self.word().map(str::to_owned)
    }

    /// The number in parentheses, if there are any.
    fn argument(&mut self) -> Option<Option<u32>> {
        if !self.symbol('(') {
            return Some(None);
        }
        let number = self.number()?;
        self.symbol(')').then_some(Some(number))
    }

    fn number(&mut self) -> Option<u32> {
        self.word()?.parse().ok()
    }

    fn word(&mut self) -> Option<&'a str> {
        let text = self.rest.trim_start();
        let end = text.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    fn keyword(&mut self, expected: &str) -> bool {
        let start = self.rest;
        let found = self.word() == Some(expected);
        if !found {
            self.rest = start;
        }
        found
    }

    fn symbol(&mut self, expected: char) -> bool {
        match self.rest.trim_start().strip_prefix(expected) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::parse_type;
    use crate::failure::ErrorCode;

    #[test]
    fn types_read_back_as_they_are_shown() {
        for (text, shown) in [
            ("INT", "integer"),
            ("double precision", "double"),
            ("DECIMAL", "decimal(38,0)"),
            ("decimal(10, 2)", "decimal(10,2)"),
            ("char", "char(1)"),
            ("timestamp", "timestamp(3)"),
            ("TIMESTAMP(6) WITH TIME ZONE", "timestamp(6) with time zone"),
            ("timestamp(0) without time zone", "timestamp(0)"),
            ("array(row(x bigint, \"y\" varchar(3)))", "array(row(x bigint, y varchar(3)))"),
            ("row(bigint, double precision)", "row(bigint, double)"),
            ("map(varchar, array(decimal(3,1)))", "map(varchar, array(decimal(3,1)))"),
        ] {
            assert_eq!(parse_type(text).map(|data_type| data_type.to_string()), Ok(shown.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_no_type_and_what_is_not_supported_differ() {
        for (text, code) in [
            ("string", ErrorCode::TypeMismatch),
            ("decimal(39)", ErrorCode::TypeMismatch),
            ("json", ErrorCode::NotSupported),
            ("time with time zone", ErrorCode::NotSupported),
            ("timestamp(12)", ErrorCode::NotSupported),
        ] {
            assert_eq!(parse_type(text).map_err(|failure| failure.code), Err(code), "{text}");
        }
    }
}
