//! `+ - * / %` on integers, where DataFusion's wrap around silently, and their meeting with decimals.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::compute::kernels::numeric;
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::planner::RawBinaryExpr;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::sql::sqlparser::ast::BinaryOperator;

use super::decimals;
use crate::failure::QueryFailure;

/// An arithmetic operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Operation {
    fn of(op: &BinaryOperator) -> Option<Self> {
        Some(match op {
            BinaryOperator::Plus => Self::Add,
            BinaryOperator::Minus => Self::Subtract,
            BinaryOperator::Multiply => Self::Multiply,
            BinaryOperator::Divide => Self::Divide,
            BinaryOperator::Modulo => Self::Remainder,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Add => "trino_add",
            Self::Subtract => "trino_subtract",
            Self::Multiply => "trino_multiply",
            Self::Divide => "trino_divide",
            Self::Remainder => "trino_remainder",
        }
    }
}

/// How deep checked operations may be nested: DataFusion's planner takes time that grows with the cube of it.
const MAX_DEPTH: usize = 100;

/// The type of a checked operation, which DataFusion would work out from the bottom each time it is asked.
pub(super) fn known_type(expr: &Expr) -> Option<&DataType> {
    match expr {
        Expr::ScalarFunction(call) => call.func.inner().downcast_ref::<Checked>().map(|checked| &checked.result),
        _ => None,
    }
}

fn depth(expr: &Expr) -> usize {
    match expr {
        Expr::ScalarFunction(call) => call.func.inner().downcast_ref::<Checked>().map_or(0, |checked| checked.depth),
        _ => 0,
    }
}

/// The operation as a call, for operands that are integers or decimals; other types are DataFusion's own business.
pub(super) fn checked(expr: &RawBinaryExpr, left: &DataType, right: &DataType) -> Result<Option<Expr>> {
    let Some(operation) = Operation::of(&expr.op) else { return Ok(None) };
    let exact = |side: &DataType| side.is_integer() || side.is_null() || decimals::shape(side).is_some();
    if !exact(left) || !exact(right) || (left.is_null() && right.is_null()) {
        return Ok(None);
    }
    let result = result_type(operation, left, right)?;
    let depth = depth(&expr.left).max(depth(&expr.right)) + 1;
    if depth > MAX_DEPTH {
        let what = format_args!("more than {MAX_DEPTH} operations in one another");
        return Err(QueryFailure::not_supported(what).into_datafusion());
    }
    let signature = Signature::any(2, Volatility::Immutable);
    let function = ScalarUDF::from(Checked { operation, result, depth, signature });
    Ok(Some(function.call(vec![expr.left.clone(), expr.right.clone()])))
}

fn result_type(operation: Operation, left: &DataType, right: &DataType) -> Result<DataType> {
    match (decimals::shape(left), decimals::shape(right)) {
        (None, None) => Ok(if width(left) >= width(right) { signed(left) } else { signed(right) }),
        (left_shape, right_shape) => {
            let shape_of = |shape: Option<decimals::Shape>, side: &DataType| {
                shape.unwrap_or_else(|| decimals::integer_shape(side))
            };
            let shape = decimals::result_shape(operation, shape_of(left_shape, left), shape_of(right_shape, right));
            Ok(shape?.data_type())
        }
    }
}

fn width(data_type: &DataType) -> usize {
    if data_type.is_null() { 0 } else { data_type.primitive_width().unwrap_or_default() }
}

/// DataFusion counts some things unsigned; Trino has no such types.
fn signed(data_type: &DataType) -> DataType {
    match data_type {
        DataType::UInt8 => DataType::Int16,
        DataType::UInt16 => DataType::Int32,
        DataType::UInt32 | DataType::UInt64 => DataType::Int64,
        other => other.clone(),
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Checked {
    operation: Operation,
    result: DataType,
    /// How many checked operations are nested in this one, itself included.
    depth: usize,
    signature: Signature,
}

impl ScalarUDFImpl for Checked {
    fn name(&self) -> &str {
        self.operation.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(self.result.clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let scalar = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if scalar { 1 } else { args.number_rows };
        let [left, right] = args.args.as_slice() else {
            return datafusion::common::internal_err!("{} takes two arguments", self.name());
        };
        let (left, right) = (left.to_array(rows)?, right.to_array(rows)?);
        let result = match decimals::shape(&self.result) {
            Some(shape) => decimals::compute(self.operation, &left, &right, shape)?,
            None => self.integers(&left, &right)?,
        };
        if scalar {
            Ok(ColumnarValue::Scalar(datafusion::common::ScalarValue::try_from_array(&result, 0)?))
        } else {
            Ok(ColumnarValue::Array(result))
        }
    }
}

impl Checked {
    fn integers(&self, left: &ArrayRef, right: &ArrayRef) -> Result<ArrayRef> {
        let (left, right) = (strict_cast(left, &self.result)?, strict_cast(right, &self.result)?);
        let result = match self.operation {
            Operation::Add => numeric::add(&left, &right),
            Operation::Subtract => numeric::sub(&left, &right),
            Operation::Multiply => numeric::mul(&left, &right),
            Operation::Divide => numeric::div(&left, &right),
            Operation::Remainder => numeric::rem(&left, &right),
        };
        result.map_err(DataFusionError::from)
    }
}

/// A cast that fails where a value does not fit.
pub(super) fn strict_cast(array: &ArrayRef, target: &DataType) -> std::result::Result<ArrayRef, ArrowError> {
    if array.data_type() == target {
        return Ok(Arc::clone(array));
    }
    cast_with_options(array, target, &CastOptions { safe: false, ..CastOptions::default() })
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::DataType;

    use super::{Operation, result_type};

    #[test]
    fn results_have_trinos_types() {
        use DataType::{Decimal128, Int32, Int64, UInt64};
        let table = [
            (Operation::Add, Int32, Int32, Int32),
            (Operation::Add, Int32, Int64, Int64),
            (Operation::Subtract, UInt64, Int32, Int64),
            (Operation::Add, Decimal128(10, 2), Decimal128(5, 3), Decimal128(12, 3)),
            (Operation::Multiply, Decimal128(10, 2), Decimal128(5, 3), Decimal128(15, 5)),
            (Operation::Divide, Decimal128(2, 1), Int32, Decimal128(2, 1)),
            (Operation::Divide, Int32, Decimal128(2, 1), Decimal128(12, 1)),
            (Operation::Remainder, Decimal128(5, 2), Decimal128(3, 1), Decimal128(4, 2)),
            (Operation::Add, DataType::Null, Int64, Int64),
        ];
        for (operation, left, right, expect) in table {
            assert_eq!(result_type(operation, &left, &right).ok(), Some(expect), "{left} {operation:?} {right}");
        }
    }
}
