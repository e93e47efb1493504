//! Which types a column takes in an `INSERT`, and the values as the column holds them (Trino: `TypeCoercion`).

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field};

use crate::failure::{ErrorCode, QueryFailure};
use crate::types::TrinoType;
use crate::types::arrow_types::trino_type;

/// Whether values of one type go into a column of another.
pub(super) fn accepts(column: &TrinoType, value: &TrinoType) -> bool {
    use TrinoType::{
        Array, Bigint, Char, Date, Decimal, Double, Integer, Map, Real, Row, Smallint, Timestamp,
        TimestampWithTimeZone, Tinyint, Unknown, Varchar,
    };
    if column == value {
        return true;
    }
    match (column, value) {
        (_, Unknown) | (Varchar(_) | Char(_), Varchar(_) | Char(_)) => true,
        (Smallint, Tinyint) | (Integer, Tinyint | Smallint) | (Bigint, Tinyint | Smallint | Integer) => true,
        (Real | Double, Tinyint | Smallint | Integer | Bigint | Decimal { .. }) | (Double, Real) => true,
        (Decimal { precision, scale }, Tinyint | Smallint | Integer | Bigint) => {
            precision - scale >= integer_digits(value)
        }
        (Decimal { precision, scale }, Decimal { precision: of_value, scale: value_scale }) => {
            scale >= value_scale && precision - scale >= of_value - value_scale
        }
        (Timestamp(_), Date) => true,
        (Timestamp(column), Timestamp(value)) | (TimestampWithTimeZone(column), TimestampWithTimeZone(value)) => {
            column >= value
        }
        (Array(column), Array(value)) => accepts(column, value),
        (Map(column_key, column_value), Map(key, value)) => accepts(column_key, key) && accepts(column_value, value),
        (Row(column), Row(value)) => {
            column.len() == value.len()
                && column.iter().zip(value).all(|(column, value)| accepts(&column.data_type, &value.data_type))
        }
        _ => false,
    }
}

fn integer_digits(data_type: &TrinoType) -> u8 {
    match data_type {
        TrinoType::Tinyint => 3,
        TrinoType::Smallint => 5,
        TrinoType::Integer => 10,
        _ => 19,
    }
}

/// Values as the column holds them; what the column cannot hold is an error.
pub(super) fn stored(values: &ArrayRef, column: &Field) -> Result<ArrayRef, QueryFailure> {
    let array = if values.data_type() == column.data_type() {
        Arc::clone(values)
    } else {
        cast_with_options(values, column.data_type(), &CastOptions { safe: false, ..CastOptions::default() })?
    };
    if !column.is_nullable() && array.logical_null_count() > 0 {
        let message = format!("NULL value not allowed for NOT NULL column: {}", column.name());
        return Err(QueryFailure::new(ErrorCode::ConstraintViolation, message));
    }
    if let Some(TrinoType::Varchar(Some(length)) | TrinoType::Char(length)) = trino_type(column) {
        check_length(&array, length, column)?;
    }
    Ok(array)
}

fn check_length(array: &ArrayRef, length: u32, column: &Field) -> Result<(), QueryFailure> {
    if *array.data_type() != DataType::Utf8View {
        return Ok(());
    }
    let length = length as usize;
    let too_long =
        array.as_string_view().iter().flatten().any(|text| text.trim_end_matches(' ').chars().count() > length);
    if too_long {
        let message =
            format!("Cannot truncate non-space characters on INSERT into {}: it holds {length}", column.name());
        return Err(QueryFailure::new(ErrorCode::InvalidCastArgument, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::accepts;
    use crate::sql::type_text::parse_type;

    #[test]
    fn columns_take_what_trino_coerces() {
        for (column, value, expect) in [
            ("bigint", "integer", true),
            ("integer", "bigint", false),
            ("double", "decimal(3,1)", true),
            ("decimal(12,2)", "integer", true),
            ("decimal(11,2)", "integer", false),
            ("decimal(5,2)", "decimal(4,2)", true),
            ("decimal(5,2)", "decimal(4,0)", false),
            ("varchar(2)", "varchar(9)", true),
            ("bigint", "varchar(1)", false),
            ("timestamp(3)", "date", true),
            ("timestamp(0)", "timestamp(3)", false),
            ("array(bigint)", "array(integer)", true),
            ("row(a bigint)", "row(integer)", true),
            ("row(a bigint)", "row(integer, integer)", false),
        ] {
            let (column_type, value_type) = (parse_type(column).expect("a type"), parse_type(value).expect("a type"));
            assert_eq!(accepts(&column_type, &value_type), expect, "{value} into {column}");
        }
    }
}
