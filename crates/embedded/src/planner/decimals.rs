//! Arithmetic of decimals with Trino's precisions and rounding (Trino: `DecimalOperators`): half away from zero, an error where
//! more than 38 digits would be needed.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array};
use arrow::compute::try_binary;
use arrow::datatypes::{DataType, Decimal128Type, i256};
use arrow::error::ArrowError;
use datafusion::error::Result;

use super::arithmetic::{Operation, strict_cast};
use crate::failure::{ErrorCode, QueryFailure};
use crate::types::arrow_types::MAX_PRECISION;

/// Precision and scale of a decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    precision: u8,
    scale: u8,
}

impl Shape {
    pub(super) fn data_type(self) -> DataType {
        DataType::Decimal128(self.precision, i8::try_from(self.scale).unwrap_or(i8::MAX))
    }
}

/// The shape of a decimal type.
pub(super) fn shape(data_type: &DataType) -> Option<Shape> {
    match data_type {
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale) => {
            Some(Shape { precision: *precision, scale: u8::try_from(*scale).ok()? })
        }
        _ => None,
    }
}

/// The decimal that Trino turns an integer into.
pub(super) fn integer_shape(data_type: &DataType) -> Shape {
    let precision = match data_type {
        DataType::Int8 => 3,
        DataType::UInt8 | DataType::Int16 => 5,
        DataType::UInt16 | DataType::Int32 => 10,
        DataType::Null => 1,
        _ => 19,
    };
    Shape { precision, scale: 0 }
}

/// The shape of a result, by the rules of Trino's documentation on decimals.
pub(super) fn result_shape(operation: Operation, left: Shape, right: Shape) -> Result<Shape> {
    let scale = left.scale.max(right.scale);
    let (whole_left, whole_right) = (left.precision - left.scale, right.precision - right.scale);
    let (precision, scale) = match operation {
        Operation::Add | Operation::Subtract => (whole_left.max(whole_right) + scale + 1, scale),
        Operation::Multiply => (left.precision + right.precision, left.scale + right.scale),
        Operation::Divide => (left.precision + right.scale + right.scale.saturating_sub(left.scale), scale),
        Operation::Remainder => (whole_left.min(whole_right) + scale, scale),
    };
    if scale > MAX_PRECISION {
        let message = format!("DECIMAL scale must be in range [0, precision (38)]: {scale}");
        return Err(QueryFailure::new(ErrorCode::TypeMismatch, message).into_datafusion());
    }
    Ok(Shape { precision: precision.clamp(1, MAX_PRECISION), scale })
}

/// Computes an operation of two columns of integers or decimals.
pub(super) fn compute(operation: Operation, left: &ArrayRef, right: &ArrayRef, result: Shape) -> Result<ArrayRef> {
    let (left, left_scale) = operand(left)?;
    let (right, right_scale) = operand(right)?;
    let scales = Scales { left: left_scale, right: right_scale, result: result.scale };
    let limit = power(result.precision);
    let computed: Decimal128Array = try_binary(&left, &right, |left, right| {
        let exact = one(operation, i256::from_i128(left), i256::from_i128(right), &scales)?;
        if exact >= limit || exact <= limit.wrapping_neg() {
            return Err(overflow());
        }
        exact.to_i128().ok_or_else(overflow)
    })?;
    let data_type = result.data_type();
    let DataType::Decimal128(precision, scale) = data_type else { return Ok(Arc::new(computed)) };
    Ok(Arc::new(computed.with_precision_and_scale(precision, scale)?))
}

struct Scales {
    left: u8,
    right: u8,
    result: u8,
}

/// A column as 128-bit decimals, and its scale.
fn operand(array: &ArrayRef) -> Result<(Decimal128Array, u8)> {
    let shape = shape(array.data_type()).unwrap_or_else(|| integer_shape(array.data_type()));
    let cast = strict_cast(array, &shape.data_type())?;
    Ok((cast.as_primitive::<Decimal128Type>().clone(), shape.scale))
}

fn one(operation: Operation, left: i256, right: i256, scales: &Scales) -> std::result::Result<i256, ArrowError> {
    let common = scales.left.max(scales.right);
    let aligned = || (left.wrapping_mul(power(common - scales.left)), right.wrapping_mul(power(common - scales.right)));
    match operation {
        Operation::Add => Ok(aligned().0.wrapping_add(aligned().1)),
        Operation::Subtract => Ok(aligned().0.wrapping_sub(aligned().1)),
        Operation::Multiply => Ok(left.wrapping_mul(right)),
        Operation::Divide if right == i256::ZERO => Err(ArrowError::DivideByZero),
        Operation::Remainder if right == i256::ZERO => Err(ArrowError::DivideByZero),
        Operation::Remainder => Ok(aligned().0.wrapping_rem(aligned().1)),
        Operation::Divide => {
            let shift = scales.result + scales.right - scales.left;
            let dividend = left.checked_mul(power(shift)).ok_or_else(overflow)?;
            Ok(divide_half_up(dividend, right))
        }
    }
}

fn divide_half_up(dividend: i256, divisor: i256) -> i256 {
    let quotient = dividend.wrapping_div(divisor);
    let rest = dividend.wrapping_rem(divisor).wrapping_abs();
    if rest.wrapping_add(rest) < divisor.wrapping_abs() {
        return quotient;
    }
    let away = if dividend.is_negative() == divisor.is_negative() { i256::ONE } else { i256::MINUS_ONE };
    quotient.wrapping_add(away)
}

fn power(exponent: u8) -> i256 {
    i256::from_i128(10).wrapping_pow(u32::from(exponent))
}

fn overflow() -> ArrowError {
    ArrowError::ArithmeticOverflow("Decimal overflow".to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, AsArray, Decimal128Array, Int32Array};
    use arrow::datatypes::Decimal128Type;

    use super::{Shape, compute, integer_shape, result_shape, shape};
    use crate::planner::arithmetic::Operation;

    fn decimal(unscaled: i128, precision: u8, scale: i8) -> ArrayRef {
        Arc::new(Decimal128Array::from(vec![unscaled]).with_precision_and_scale(precision, scale).expect("a decimal"))
    }

    fn run(operation: Operation, left: &ArrayRef, right: &ArrayRef) -> Result<(i128, Shape), String> {
        let of = |side: &ArrayRef| shape(side.data_type()).unwrap_or_else(|| integer_shape(side.data_type()));
        let result = result_shape(operation, of(left), of(right)).map_err(|error| error.to_string())?;
        let array = compute(operation, left, right, result).map_err(|error| error.to_string())?;
        Ok((array.as_primitive::<Decimal128Type>().value(0), result))
    }

    #[test]
    fn division_rounds_half_away_from_zero() {
        let two: ArrayRef = Arc::new(Int32Array::from(vec![2]));
        for (dividend, expect) in [(70, 35), (-70, -35), (5, 3), (-5, -3), (4, 2)] {
            assert_eq!(run(Operation::Divide, &decimal(dividend, 2, 1), &two).map(|result| result.0), Ok(expect));
        }
        let one: ArrayRef = Arc::new(Int32Array::from(vec![1]));
        assert_eq!(run(Operation::Divide, &one, &decimal(30, 2, 1)), Ok((3, Shape { precision: 12, scale: 1 })));
    }

    #[test]
    fn overflow_and_zero_are_errors() {
        let large = decimal(10_i128.pow(37), 38, 0);
        assert!(run(Operation::Multiply, &large, &large).is_err_and(|text| text.contains("Decimal overflow")));
        assert!(run(Operation::Divide, &large, &decimal(0, 2, 1)).is_err_and(|text| text.contains("Divide by zero")));
        assert_eq!(run(Operation::Add, &decimal(6, 2, 2), &decimal(1, 2, 2)).map(|result| result.0), Ok(7));
    }
}
