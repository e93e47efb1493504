//! Trino's types: their names, their wire signatures ([`signature`]), their Arrow shapes ([`arrow_types`]) and their values as
//! JSON ([`encode`], [`text`]).

pub(crate) mod arrow_types;
pub(crate) mod encode;
pub(crate) mod signature;
pub(crate) mod text;

use std::fmt;

/// A type of Trino that the engine can produce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TrinoType {
    /// The type of a bare `NULL`.
    Unknown,
    Boolean,
    Tinyint,
    Smallint,
    Integer,
    Bigint,
    Real,
    Double,
    /// Precision 1 to 38, scale 0 to precision.
    Decimal {
        precision: u8,
        scale: u8,
    },
    /// Length in characters; `None` is unbounded.
    Varchar(Option<u32>),
    /// Length in characters; values are padded with spaces on the wire.
    Char(u32),
    Varbinary,
    Uuid,
    Date,
    /// Fractional digits, 0 to 9.
    Time(u8),
    /// Fractional digits, 0 to 9.
    Timestamp(u8),
    /// Fractional digits, 0 to 9.
    TimestampWithTimeZone(u8),
    IntervalDayToSecond,
    Array(Box<TrinoType>),
    Map(Box<TrinoType>, Box<TrinoType>),
    Row(Vec<RowField>),
}

/// A field of a `row` type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowField {
    /// `None` for an anonymous field, as in `row(1, 'a')`.
    pub(crate) name: Option<String>,
    pub(crate) data_type: TrinoType,
}

/// The display name, as `DESCRIBE` and `information_schema.columns` show it: `decimal(10,2)`, `map(varchar, bigint)`.
impl fmt::Display for TrinoType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(formatter, ",")
    }
}

impl TrinoType {
    /// The name in the `type` of a protocol column, which has a space after the comma of a decimal and intervals in capitals
    /// (Trino: `ProtocolUtil.createColumn` formats the type as SQL).
    pub(crate) fn wire_name(&self) -> String {
        if *self == Self::IntervalDayToSecond {
            return "INTERVAL DAY TO SECOND".to_owned();
        }
        struct Wire<'a>(&'a TrinoType);
        impl fmt::Display for Wire<'_> {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.write(formatter, ", ")
            }
        }
        Wire(self).to_string()
    }

    fn write(&self, out: &mut fmt::Formatter<'_>, decimal_separator: &str) -> fmt::Result {
        match self {
            Self::Unknown => out.write_str("unknown"),
            Self::Boolean => out.write_str("boolean"),
            Self::Tinyint => out.write_str("tinyint"),
            Self::Smallint => out.write_str("smallint"),
            Self::Integer => out.write_str("integer"),
            Self::Bigint => out.write_str("bigint"),
            Self::Real => out.write_str("real"),
            Self::Double => out.write_str("double"),
            Self::Decimal { precision, scale } => write!(out, "decimal({precision}{decimal_separator}{scale})"),
            Self::Varchar(None) => out.write_str("varchar"),
            Self::Varchar(Some(length)) => write!(out, "varchar({length})"),
            Self::Char(length) => write!(out, "char({length})"),
            Self::Varbinary => out.write_str("varbinary"),
            Self::Uuid => out.write_str("uuid"),
            Self::Date => out.write_str("date"),
            Self::Time(precision) => write!(out, "time({precision})"),
            Self::Timestamp(precision) => write!(out, "timestamp({precision})"),
            Self::TimestampWithTimeZone(precision) => write!(out, "timestamp({precision}) with time zone"),
            Self::IntervalDayToSecond => out.write_str("interval day to second"),
            Self::Array(element) => {
                out.write_str("array(")?;
                element.write(out, decimal_separator)?;
                out.write_str(")")
            }
            Self::Map(key, value) => {
                out.write_str("map(")?;
                key.write(out, decimal_separator)?;
                out.write_str(", ")?;
                value.write(out, decimal_separator)?;
                out.write_str(")")
            }
            Self::Row(fields) => write_row(out, fields, decimal_separator),
        }
    }
}

fn write_row(out: &mut fmt::Formatter<'_>, fields: &[RowField], decimal_separator: &str) -> fmt::Result {
    out.write_str("row(")?;
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            out.write_str(", ")?;
        }
        if let Some(name) = &field.name {
            write!(out, "{name} ")?;
        }
        field.data_type.write(out, decimal_separator)?;
    }
    out.write_str(")")
}

#[cfg(test)]
mod tests {
    use super::{RowField, TrinoType};

    #[test]
    fn names_follow_trino() {
        let decimal = TrinoType::Decimal { precision: 10, scale: 2 };
        let row = TrinoType::Row(vec![
            RowField { name: Some("x".to_owned()), data_type: TrinoType::Bigint },
            RowField { name: None, data_type: TrinoType::Varchar(Some(3)) },
        ]);
        let map =
            TrinoType::Map(Box::new(TrinoType::Varchar(None)), Box::new(TrinoType::Array(Box::new(decimal.clone()))));
        assert_eq!(decimal.to_string(), "decimal(10,2)");
        assert_eq!(decimal.wire_name(), "decimal(10, 2)");
        assert_eq!(row.to_string(), "row(x bigint, varchar(3))");
        assert_eq!(map.wire_name(), "map(varchar, array(decimal(10, 2)))");
        assert_eq!(TrinoType::TimestampWithTimeZone(3).to_string(), "timestamp(3) with time zone");
    }
}
