//! Which types can be cast to which.

use arrow::datatypes::DataType;
use datafusion::error::Result;

use super::OnError;
use crate::failure::{ErrorCode, QueryFailure};
use crate::types::TrinoType;

/// Refuses a cast that Trino does not have, or that the engine does not do as Trino does.
pub(super) fn check(source: &TrinoType, target: &TrinoType, on_error: OnError) -> Result<()> {
    use TrinoType::{TimestampWithTimeZone, Varchar};
    if let (Varchar(_), TimestampWithTimeZone(_)) = (source, target) {
        // Arrow keeps one zone for a column, and each text may name another.
        return Err(QueryFailure::not_supported(format_args!("casts from {source} to {target}")).into_datafusion());
    }
    if on_error == OnError::Null && is_nested(target) && source != target && *source != TrinoType::Unknown {
        return Err(QueryFailure::not_supported(format_args!("TRY_CAST to {target}")).into_datafusion());
    }
    if is_allowed(source, target) {
        return Ok(());
    }
    Err(QueryFailure::new(ErrorCode::TypeMismatch, format!("Cannot cast {source} to {target}")).into_datafusion())
}

fn is_nested(data_type: &TrinoType) -> bool {
    matches!(data_type, TrinoType::Array(_) | TrinoType::Map(..) | TrinoType::Row(_))
}

fn is_allowed(source: &TrinoType, target: &TrinoType) -> bool {
    use TrinoType::{
        Array, Bigint, Boolean, Char, Date, Decimal, Double, Integer, IntervalDayToSecond, Map, Real, Row, Smallint,
        Time, Timestamp, TimestampWithTimeZone, Tinyint, Unknown, Uuid, Varchar,
    };
    if source == target {
        return true;
    }
    let is_number =
        |side: &TrinoType| matches!(side, Tinyint | Smallint | Integer | Bigint | Real | Double | Decimal { .. });
    match (source, target) {
        (Unknown, _) | (Varchar(_) | Char(_), Varchar(_) | Char(_)) => true,
        (Array(element), Array(target)) => is_allowed(element, target),
        (Map(key, value), Map(target_key, target_value)) => {
            is_allowed(key, target_key) && is_allowed(value, target_value)
        }
        (Row(fields), Row(targets)) => {
            fields.len() == targets.len()
                && fields.iter().zip(targets).all(|(field, target)| is_allowed(&field.data_type, &target.data_type))
        }
        (Varchar(_) | Char(_), Boolean | Date | Time(_) | Timestamp(_) | Uuid) => true,
        (Varchar(_) | Char(_), number) | (number, Boolean) if is_number(number) => true,
        (
            Boolean | Date | Time(_) | Timestamp(_) | TimestampWithTimeZone(_) | Uuid | IntervalDayToSecond,
            Varchar(_),
        ) => true,
        (number, Varchar(_)) if is_number(number) => true,
        (Boolean, number) if is_number(number) => true,
        (Date | Timestamp(_) | TimestampWithTimeZone(_), Date | Timestamp(_) | TimestampWithTimeZone(_)) => true,
        (one, other) => is_number(one) && is_number(other),
    }
}

/// Whether no value changes by the cast, and none can fail.
pub(super) fn only_widens(source: &DataType, target: &DataType) -> bool {
    use DataType::{Float32, Float64, Int8, Int16, Int32, Int64};
    matches!(
        (source, target),
        (Int8, Int16 | Int32 | Int64 | Float64)
            | (Int16, Int32 | Int64 | Float64)
            | (Int32, Int64 | Float64)
            | (Int64 | Float32, Float64)
    )
}

#[cfg(test)]
mod tests {
    use super::{OnError, check};
    use crate::sql::type_text::parse_type;

    #[test]
    fn casts_are_those_of_trino() {
        for (source, target, expect) in [
            ("varchar", "bigint", true),
            ("varchar(3)", "char(2)", true),
            ("double", "decimal(3,1)", true),
            ("boolean", "integer", true),
            ("date", "timestamp(3)", true),
            ("date", "bigint", false),
            ("varchar", "varbinary", false),
            ("array(integer)", "varchar", false),
            ("array(integer)", "array(varchar)", true),
            ("row(integer, varchar)", "row(a bigint, b double)", true),
            ("row(integer)", "row(a bigint, b double)", false),
            ("varchar", "timestamp(3) with time zone", false),
        ] {
            let types = (parse_type(source).expect("a type"), parse_type(target).expect("a type"));
            assert_eq!(check(&types.0, &types.1, OnError::Fail).is_ok(), expect, "{source} to {target}");
        }
    }
}
