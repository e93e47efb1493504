//! `round`, `ceil`, `floor`, `truncate` and `sign` with Trino's result types: integers stay integers, decimals stay decimals
//! (Trino: `MathFunctions`).

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, Float64Array, Int64Array};
use arrow::compute::{cast, cast_with_options};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};

use crate::failure::{ErrorCode, QueryFailure};
use crate::types::arrow_types::MAX_PRECISION;

/// All functions of this module.
pub(super) fn functions() -> Vec<Arc<ScalarUDF>> {
    [Kind::Round, Kind::Ceil, Kind::Floor, Kind::Truncate, Kind::Sign]
        .into_iter()
        .map(|kind| {
            let arities = match kind {
                Kind::Round => vec![TypeSignature::Any(1), TypeSignature::Any(2)],
                _ => vec![TypeSignature::Any(1)],
            };
            Arc::new(ScalarUDF::from(Rounding { kind, signature: Signature::one_of(arities, Volatility::Immutable) }))
        })
        .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Round,
    Ceil,
    Floor,
    Truncate,
    Sign,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Rounding {
    kind: Kind,
    signature: Signature,
}

impl ScalarUDFImpl for Rounding {
    fn name(&self) -> &'static str {
        match self.kind {
            Kind::Round => "trino_round",
            Kind::Ceil => "trino_ceil",
            Kind::Floor => "trino_floor",
            Kind::Truncate => "trino_truncate",
            Kind::Sign => "trino_sign",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        match &arg_types[0] {
            DataType::Decimal128(precision, scale) => {
                Ok(decimal_result(self.kind, *precision, u8::try_from(*scale).unwrap_or_default(), arg_types.len() > 1))
            }
            DataType::Null => Ok(DataType::Float64),
            number if number.is_numeric() => Ok(number.clone()),
            _ => {
                let name = self.name().trim_start_matches("trino_");
                let message = format!("Unexpected parameters for function {name}");
                Err(QueryFailure::new(ErrorCode::FunctionNotFound, message).into_datafusion())
            }
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_scalar = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if is_scalar { 1 } else { args.number_rows };
        let number = args.args[0].to_array(rows)?;
        let digits = match args.args.get(1) {
            Some(digits) => cast(&digits.to_array(rows)?, &DataType::Int64)?.as_primitive::<Int64Type>().clone(),
            None => Int64Array::from(vec![0; rows]),
        };
        let result = match number.data_type() {
            DataType::Decimal128(..) => self.decimals(&number, &digits, args.return_type())?,
            integer if integer.is_integer() => self.integers(&number, &digits, args.return_type())?,
            _ => self.doubles(&number, &digits, args.return_type())?,
        };
        if is_scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?));
        }
        Ok(ColumnarValue::Array(result))
    }
}

/// `round(x, n)` keeps the scale and may carry a digit; the others have no scale any more.
fn decimal_result(kind: Kind, precision: u8, scale: u8, to_digits: bool) -> DataType {
    let whole = precision - scale;
    match kind {
        Kind::Round if to_digits => {
            DataType::Decimal128((precision + 1).min(MAX_PRECISION), i8::try_from(scale).unwrap_or_default())
        }
        Kind::Round | Kind::Ceil | Kind::Floor => {
            DataType::Decimal128((whole + scale.min(1)).clamp(1, MAX_PRECISION), 0)
        }
        Kind::Truncate => DataType::Decimal128(whole.max(1), 0),
        Kind::Sign => DataType::Decimal128(1, 0),
    }
}

impl Rounding {
    fn decimals(&self, number: &ArrayRef, digits: &Int64Array, result: &DataType) -> Result<ArrayRef> {
        let (DataType::Decimal128(_, from), DataType::Decimal128(precision, to)) = (number.data_type(), result) else {
            return datafusion::common::internal_err!("{} wants decimals", self.name());
        };
        let from = u32::from(from.unsigned_abs());
        let numbers = number.as_primitive::<Decimal128Type>();
        let rounded: Decimal128Array = (0..numbers.len())
            .map(|row| {
                if numbers.is_null(row) || digits.is_null(row) {
                    return None;
                }
                let value = numbers.value(row);
                let unit = 10_i128.checked_pow(from).unwrap_or(i128::MAX);
                Some(match self.kind {
                    Kind::Sign => value.signum(),
                    Kind::Ceil => value.div_euclid(unit) + i128::from(value.rem_euclid(unit) != 0),
                    Kind::Floor => value.div_euclid(unit),
                    Kind::Truncate => value / unit,
                    Kind::Round if *to == 0 => half_away(value, unit) / unit,
                    Kind::Round => {
                        let cut = i64::from(from) - digits.value(row);
                        match u32::try_from(cut) {
                            Ok(cut) => 10_i128.checked_pow(cut).map_or(0, |step| half_away(value, step)),
                            Err(_nothing_to_cut) => value,
                        }
                    }
                })
            })
            .collect();
        Ok(Arc::new(rounded.with_precision_and_scale(*precision, *to)?))
    }

    fn integers(&self, number: &ArrayRef, digits: &Int64Array, result: &DataType) -> Result<ArrayRef> {
        let integers = cast(number, &DataType::Int64)?;
        let integers = integers.as_primitive::<Int64Type>();
        let rounded: Int64Array = (0..integers.len())
            .map(|row| {
                if integers.is_null(row) || digits.is_null(row) {
                    return None;
                }
                let value = integers.value(row);
                match self.kind {
                    Kind::Sign => Some(value.signum()),
                    Kind::Round if digits.value(row) < 0 => {
                        let cut = u32::try_from(digits.value(row).unsigned_abs()).ok()?;
                        let step = 10_i128.checked_pow(cut).unwrap_or(i128::MAX);
                        i64::try_from(half_away(i128::from(value), step)).ok()
                    }
                    _ => Some(value),
                }
            })
            .collect();
        Ok(cast_with_options(&rounded, result, &arrow::compute::CastOptions { safe: false, ..Default::default() })?)
    }

    fn doubles(&self, number: &ArrayRef, digits: &Int64Array, result: &DataType) -> Result<ArrayRef> {
        let doubles = cast(number, &DataType::Float64)?;
        let doubles = doubles.as_primitive::<Float64Type>();
        let rounded: Float64Array = (0..doubles.len())
            .map(|row| {
                if doubles.is_null(row) || digits.is_null(row) {
                    return None;
                }
                let value = doubles.value(row);
                Some(match self.kind {
                    Kind::Round => round_double(value, digits.value(row)),
                    Kind::Ceil => value.ceil(),
                    Kind::Floor => value.floor(),
                    Kind::Truncate => value.trunc(),
                    Kind::Sign if value == 0.0 || value.is_nan() => value,
                    Kind::Sign => value.signum(),
                })
            })
            .collect();
        Ok(cast(&rounded, result)?)
    }
}

/// The multiple of `step` nearest to a value, the one further from zero if two are.
fn half_away(value: i128, step: i128) -> i128 {
    let rest = value % step;
    let down = value - rest;
    if rest.unsigned_abs() >= step.unsigned_abs().div_ceil(2) { down + value.signum() * step } else { down }
}

/// Beyond 2^52 a double has no fraction that could be rounded.
fn round_double(value: f64, digits: i64) -> f64 {
    let Ok(digits) = i32::try_from(digits) else { return value };
    let factor = 10_f64.powi(digits);
    let scaled = value * factor;
    if !scaled.is_finite() || scaled.abs() >= 4_503_599_627_370_496.0 {
        return value;
    }
    (scaled.abs() + 0.5).floor().copysign(value) / factor
}

#[cfg(test)]
mod tests {
    use super::{half_away, round_double};

    #[test]
    fn halves_go_away_from_zero() {
        for (value, step, expect) in
            [(155, 10, 160), (-155, 10, -160), (154, 10, 150), (5, 10, 10), (4, 10, 0), (3, 1, 3)]
        {
            assert_eq!(half_away(value, step), expect, "{value} by {step}");
        }
        for (value, digits, expect) in
            [(2.5, 0, 3.0), (-2.5, 0, -3.0), (1.25, 1, 1.3), (1234.5, -2, 1200.0), (1e300, 2, 1e300)]
        {
            assert!((round_double(value, digits) - expect).abs() < f64::EPSILON, "{value} to {digits}");
        }
    }
}
