//! Casts to integers: Trino rounds half away from zero and fails where the integer is too small.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::compute::{cast, cast_with_options};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use arrow::error::ArrowError;

use super::Task;
use crate::failure::{ErrorCode, QueryFailure};
use crate::types::TrinoType;
use crate::types::arrow_types::MAX_PRECISION;

/// From `real`, `double` and `decimal`.
pub(super) fn rounded(task: &Task, array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    if matches!(task.source, TrinoType::Decimal { .. }) {
        let whole = cast(array, &DataType::Decimal128(MAX_PRECISION, 0))?;
        let integers = cast_with_options(&whole, &DataType::Int64, &task.on_error.options())
            .map_err(|_overflow| out_of_range(task))?;
        return narrowed(task, &integers);
    }
    let doubles = cast(array, &DataType::Float64)?;
    let doubles = doubles.as_primitive::<Float64Type>();
    let integers = doubles
        .iter()
        .map(|value| match value {
            None => Ok(None),
            Some(value) => task.on_error.settle(to_integer(value).ok_or_else(|| task.failure(&value.to_string()))),
        })
        .collect::<Result<Int64Array, ArrowError>>()?;
    narrowed(task, &(Arc::new(integers) as ArrayRef))
}

#[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
fn to_integer(value: f64) -> Option<i64> {
    let rounded = value.round();
    let limit = 9_223_372_036_854_775_808.0;
    (rounded >= -limit && rounded < limit).then_some(rounded as i64)
}

/// From integers.
pub(super) fn narrowed(task: &Task, array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    if array.data_type() == &task.data_type {
        return Ok(Arc::clone(array));
    }
    cast_with_options(array, &task.data_type, &task.on_error.options()).map_err(|_overflow| {
        let value = first_outside(array, &task.data_type).map_or_else(String::new, |value| format!(": {value}"));
        let message = format!("Out of range for {}{value}", task.target);
        ArrowError::ExternalError(Box::new(QueryFailure::new(ErrorCode::NumericValueOutOfRange, message)))
    })
}

fn out_of_range(task: &Task) -> ArrowError {
    let message = format!("Out of range for {}", task.target);
    ArrowError::ExternalError(Box::new(QueryFailure::new(ErrorCode::NumericValueOutOfRange, message)))
}

fn first_outside(array: &ArrayRef, target: &DataType) -> Option<i64> {
    let (least, most) = match target {
        DataType::Int8 => (i64::from(i8::MIN), i64::from(i8::MAX)),
        DataType::Int16 => (i64::from(i16::MIN), i64::from(i16::MAX)),
        _ => (i64::from(i32::MIN), i64::from(i32::MAX)),
    };
    let integers = cast(array, &DataType::Int64).ok()?;
    integers.as_primitive::<Int64Type>().iter().flatten().find(|value| !(least..=most).contains(value))
}

#[cfg(test)]
mod tests {
    use super::to_integer;

    #[test]
    fn halves_round_away_from_zero() {
        let table = [
            (1.5, Some(2)),
            (-1.5, Some(-2)),
            (0.4, Some(0)),
            (f64::NAN, None),
            (9.3e18, None),
            (-9_223_372_036_854_775_808.0, Some(i64::MIN)),
        ];
        for (value, expect) in table {
            assert_eq!(to_integer(value), expect, "{value}");
        }
    }
}
