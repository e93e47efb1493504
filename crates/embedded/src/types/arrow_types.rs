//! Between Trino's types and Arrow's fields.
//!
//! Arrow has no `varchar(25)`, so a field carries Trino's name for its type in its metadata. The name is believed only where the
//! Arrow type still agrees with it: DataFusion copies metadata through casts.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields, TimeUnit};

use super::{RowField, TrinoType};

/// The metadata key that holds Trino's name of a field's type.
const TYPE_KEY: &str = "trino.type";

/// The largest precision of a decimal in Trino.
pub(crate) const MAX_PRECISION: u8 = 38;

/// A field of Arrow with its Trino type, nullable.
pub(crate) fn field(name: &str, data_type: &TrinoType) -> Field {
    let field = Field::new(name, arrow_type(data_type), true);
    if is_implied(data_type) { field } else { field.with_metadata(metadata(data_type)) }
}

/// The metadata that marks a field as of this type.
fn metadata(data_type: &TrinoType) -> HashMap<String, String> {
    HashMap::from([(TYPE_KEY.to_owned(), data_type.to_string())])
}

/// Whether the Arrow type alone says everything about the Trino type.
fn is_implied(data_type: &TrinoType) -> bool {
    trino_type(&Field::new("", arrow_type(data_type), true)).as_ref() == Some(data_type)
}

/// The Arrow type that holds values of a Trino type.
pub(crate) fn arrow_type(data_type: &TrinoType) -> DataType {
    match data_type {
        TrinoType::Unknown => DataType::Null,
        TrinoType::Boolean => DataType::Boolean,
        TrinoType::Tinyint => DataType::Int8,
        TrinoType::Smallint => DataType::Int16,
        TrinoType::Integer => DataType::Int32,
        TrinoType::Bigint => DataType::Int64,
        TrinoType::Real => DataType::Float32,
        TrinoType::Double => DataType::Float64,
        TrinoType::Decimal { precision, scale } => {
            DataType::Decimal128(*precision, i8::try_from(*scale).unwrap_or(i8::MAX))
        }
        TrinoType::Varchar(_) | TrinoType::Char(_) | TrinoType::Uuid => DataType::Utf8View,
        TrinoType::Varbinary => DataType::Binary,
        TrinoType::Date => DataType::Date32,
        TrinoType::Time(_) => DataType::Time64(TimeUnit::Nanosecond),
        TrinoType::Timestamp(precision) => DataType::Timestamp(unit_of(*precision), None),
        TrinoType::TimestampWithTimeZone(precision) => DataType::Timestamp(unit_of(*precision), Some(Arc::from("UTC"))),
        TrinoType::IntervalDayToSecond => DataType::Duration(TimeUnit::Millisecond),
        TrinoType::Array(element) => DataType::List(Arc::new(field(Field::LIST_FIELD_DEFAULT_NAME, element))),
        TrinoType::Map(key, value) => {
            let entries = Fields::from(vec![field("key", key).with_nullable(false), field("value", value)]);
            DataType::Map(Arc::new(Field::new("entries", DataType::Struct(entries), false)), false)
        }
        TrinoType::Row(fields) => DataType::Struct(
            fields
                .iter()
                .enumerate()
                .map(|(index, of_row)| {
                    field(&of_row.name.clone().unwrap_or_else(|| anonymous_field(index)), &of_row.data_type)
                })
                .collect(),
        ),
    }
}

/// The name that an anonymous row field has in Arrow; DataFusion's `struct` function names its fields so.
fn anonymous_field(index: usize) -> String {
    format!("c{index}")
}

/// The coarsest unit of Arrow that holds this many fractional digits.
pub(crate) fn unit_of(precision: u8) -> TimeUnit {
    match precision {
        0 => TimeUnit::Second,
        1..=3 => TimeUnit::Millisecond,
        4..=6 => TimeUnit::Microsecond,
        _ => TimeUnit::Nanosecond,
    }
}

fn digits_of(unit: TimeUnit) -> u8 {
    match unit {
        TimeUnit::Second => 0,
        TimeUnit::Millisecond => 3,
        TimeUnit::Microsecond => 6,
        TimeUnit::Nanosecond => 9,
    }
}

/// The Trino type of an Arrow field; `None` if Trino has nothing like it, such as an interval of mixed units.
pub(crate) fn trino_type(field: &Field) -> Option<TrinoType> {
    let plain = type_of(field.data_type())?;
    match field.metadata().get(TYPE_KEY).and_then(|name| parse_marked(name)) {
        Some(marked) if agrees(&marked, &plain) => Some(marked),
        _ => Some(plain),
    }
}

fn type_of(data_type: &DataType) -> Option<TrinoType> {
    Some(match data_type {
        DataType::Null => TrinoType::Unknown,
        DataType::Boolean => TrinoType::Boolean,
        DataType::Int8 => TrinoType::Tinyint,
        DataType::UInt8 | DataType::Int16 => TrinoType::Smallint,
        DataType::UInt16 | DataType::Int32 => TrinoType::Integer,
        DataType::UInt32 | DataType::UInt64 | DataType::Int64 => TrinoType::Bigint,
        DataType::Float16 | DataType::Float32 => TrinoType::Real,
        DataType::Float64 => TrinoType::Double,
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale) => {
            TrinoType::Decimal { precision: *precision, scale: u8::try_from(*scale).ok()? }
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => TrinoType::Varchar(None),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            TrinoType::Varbinary
        }
        DataType::Date32 | DataType::Date64 => TrinoType::Date,
        DataType::Time32(unit) | DataType::Time64(unit) => TrinoType::Time(digits_of(*unit)),
        DataType::Timestamp(unit, None) => TrinoType::Timestamp(digits_of(*unit)),
        DataType::Timestamp(unit, Some(_)) => TrinoType::TimestampWithTimeZone(digits_of(*unit)),
        DataType::Duration(_) => TrinoType::IntervalDayToSecond,
        DataType::List(element)
        | DataType::LargeList(element)
        | DataType::ListView(element)
        | DataType::LargeListView(element)
        | DataType::FixedSizeList(element, _) => TrinoType::Array(Box::new(trino_type(element)?)),
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(pair) if pair.len() == 2 => {
                TrinoType::Map(Box::new(trino_type(&pair[0])?), Box::new(trino_type(&pair[1])?))
            }
            _ => return None,
        },
        DataType::Struct(fields) => TrinoType::Row(
            fields.iter().enumerate().map(|(index, of_row)| row_field(index, of_row)).collect::<Option<Vec<_>>>()?,
        ),
        DataType::Dictionary(_, values) => type_of(values)?,
        _ => return None,
    })
}

fn row_field(index: usize, field: &Field) -> Option<RowField> {
    let name = (*field.name() != anonymous_field(index)).then(|| field.name().clone());
    Some(RowField { name, data_type: trino_type(field)? })
}

/// Reads the names that Arrow's types cannot carry; any other name says nothing that the Arrow type does not say.
fn parse_marked(name: &str) -> Option<TrinoType> {
    if name == "uuid" {
        return Some(TrinoType::Uuid);
    }
    if name == "varchar" {
        return Some(TrinoType::Varchar(None));
    }
    let (head, rest) = name.split_once('(')?;
    let (argument, tail) = rest.split_once(')')?;
    let number: u32 = argument.parse().ok()?;
    let precision = u8::try_from(number).ok();
    match (head, tail) {
        ("varchar", "") => Some(TrinoType::Varchar(Some(number))),
        ("char", "") => Some(TrinoType::Char(number)),
        ("time", "") => Some(TrinoType::Time(precision?)),
        ("timestamp", "") => Some(TrinoType::Timestamp(precision?)),
        ("timestamp", " with time zone") => Some(TrinoType::TimestampWithTimeZone(precision?)),
        _ => None,
    }
}

fn agrees(marked: &TrinoType, plain: &TrinoType) -> bool {
    match (marked, plain) {
        (TrinoType::Varchar(_) | TrinoType::Char(_) | TrinoType::Uuid, TrinoType::Varchar(_)) => true,
        (TrinoType::Time(marked), TrinoType::Time(plain))
        | (TrinoType::Timestamp(marked), TrinoType::Timestamp(plain))
        | (TrinoType::TimestampWithTimeZone(marked), TrinoType::TimestampWithTimeZone(plain)) => marked <= plain,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{DataType, Field};

    use super::{field, metadata, trino_type};
    use crate::types::{RowField, TrinoType};

    #[test]
    fn every_type_survives_the_way_through_arrow() {
        let types = [
            TrinoType::Integer,
            TrinoType::Decimal { precision: 38, scale: 10 },
            TrinoType::Varchar(Some(25)),
            TrinoType::Varchar(None),
            TrinoType::Char(3),
            TrinoType::Uuid,
            TrinoType::Time(3),
            TrinoType::Timestamp(0),
            TrinoType::Timestamp(2),
            TrinoType::TimestampWithTimeZone(3),
            TrinoType::IntervalDayToSecond,
            TrinoType::Array(Box::new(TrinoType::Varchar(Some(2)))),
            TrinoType::Map(Box::new(TrinoType::Varchar(None)), Box::new(TrinoType::Double)),
            TrinoType::Row(vec![
                RowField { name: Some("x".to_owned()), data_type: TrinoType::Bigint },
                RowField { name: None, data_type: TrinoType::Char(1) },
            ]),
        ];
        for data_type in types {
            assert_eq!(trino_type(&field("c", &data_type)), Some(data_type));
        }
    }

    #[test]
    fn a_name_that_the_arrow_type_contradicts_is_not_believed() {
        let cast = Field::new("c", DataType::Int64, true).with_metadata(metadata(&TrinoType::Varchar(Some(25))));
        assert_eq!(trino_type(&cast), Some(TrinoType::Bigint));
        assert_eq!(
            trino_type(&Field::new("c", DataType::Interval(arrow::datatypes::IntervalUnit::MonthDayNano), true)),
            None
        );
    }
}
