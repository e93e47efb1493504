//! What DataFusion's planner needs to be told about Trino: operators by the types of their operands ([`TrinoOperators`]), names of
//! types ([`TrinoTypes`]), and functions that DataFusion does not have or has with another meaning ([`functions`]).

mod arithmetic;
mod decimals;
mod moments;
mod substr;

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::error::Result;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr, TypePlanner};
use datafusion::logical_expr::{Expr, ExprSchemable, ScalarUDF};
use datafusion::sql::sqlparser::ast::{self, BinaryOperator};

use crate::failure::{ErrorCode, QueryFailure};
use crate::sql::type_text::parse_type;
use crate::types::arrow_types::{arrow_type, metadata};

/// The engine's own scalar functions.
pub(crate) fn functions() -> Vec<Arc<ScalarUDF>> {
    let mut functions = vec![substr::function()];
    functions.extend(moments::functions());
    functions
}

/// Names of types, by Trino's rules, on Arrow types that remember them.
#[derive(Debug)]
pub(crate) struct TrinoTypes;

impl TypePlanner for TrinoTypes {
    fn plan_type_field(&self, sql_type: &ast::DataType) -> Result<Option<FieldRef>> {
        let name = match sql_type {
            ast::DataType::Custom(name, _) => match name.0.first().and_then(ast::ObjectNamePart::as_ident) {
                Some(ident) => ident.value.clone(),
                None => sql_type.to_string(),
            },
            _ => sql_type.to_string(),
        };
        let data_type = parse_type(&name)?;
        let field = Field::new("", arrow_type(&data_type), true).with_metadata(metadata(&data_type));
        Ok(Some(Arc::new(field)))
    }
}

/// Binary operators where DataFusion's meaning differs: integers that overflow are an error in Trino, decimals have other
/// precisions, and text is never compared with anything but text.
#[derive(Debug)]
pub(crate) struct TrinoOperators;

impl ExprPlanner for TrinoOperators {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        let (Ok(left), Ok(right)) = (expr.left.get_type(schema), expr.right.get_type(schema)) else {
            return Ok(PlannerResult::Original(expr));
        };
        if !can_meet(&expr.op, &left, &right) {
            return Err(mismatch(&expr.op, &left, &right).into_datafusion());
        }
        check_date_interval(&expr, &left, &right)?;
        if let Some(operation) = arithmetic::Operation::of(&expr.op)
            && let Some(function) = arithmetic::checked(operation, &left, &right)?
        {
            return Ok(PlannerResult::Planned(function.call(vec![expr.left, expr.right])));
        }
        Ok(PlannerResult::Original(expr))
    }
}

fn mismatch(op: &BinaryOperator, left: &DataType, right: &DataType) -> QueryFailure {
    let name = |data_type: &DataType| {
        crate::types::arrow_types::trino_type(&Field::new("", data_type.clone(), true))
            .map_or_else(|| data_type.to_string(), |data_type| data_type.to_string())
    };
    let message = format!("Cannot apply operator: {} {op} {}", name(left), name(right));
    QueryFailure::new(ErrorCode::TypeMismatch, message)
}

/// Whether Trino has the operator for these types, as far as text and booleans go; DataFusion would convert.
fn can_meet(op: &BinaryOperator, left: &DataType, right: &DataType) -> bool {
    if left.is_null() || right.is_null() {
        return true;
    }
    match op {
        BinaryOperator::And | BinaryOperator::Or => *left == DataType::Boolean && *right == DataType::Boolean,
        BinaryOperator::StringConcat => {
            (left.is_string() && right.is_string())
                || is_list(left)
                || is_list(right)
                || (is_binary(left) && is_binary(right))
        }
        BinaryOperator::Plus
        | BinaryOperator::Minus
        | BinaryOperator::Multiply
        | BinaryOperator::Divide
        | BinaryOperator::Modulo => {
            ![left, right].into_iter().any(|side| side.is_string() || *side == DataType::Boolean)
        }
        _ => {
            left.is_string() == right.is_string()
                && (*left == DataType::Boolean) == (*right == DataType::Boolean)
                && is_binary(left) == is_binary(right)
        }
    }
}

fn is_list(data_type: &DataType) -> bool {
    matches!(data_type, DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..))
}

fn is_binary(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_))
}

/// Trino adds only whole days to a `date`; DataFusion would drop the hours.
fn check_date_interval(expr: &RawBinaryExpr, left: &DataType, right: &DataType) -> Result<()> {
    let interval = match (left, right) {
        (DataType::Date32, DataType::Interval(_)) => &expr.right,
        (DataType::Interval(_), DataType::Date32) => &expr.left,
        _ => return Ok(()),
    };
    match interval {
        Expr::Literal(ScalarValue::IntervalMonthDayNano(Some(value)), _) if value.nanoseconds != 0 => {
            Err(QueryFailure::new(ErrorCode::TypeMismatch, "Cannot add hour, minutes or seconds to a date")
                .into_datafusion())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::DataType;
    use datafusion::sql::sqlparser::ast::BinaryOperator;

    use super::can_meet;

    #[test]
    fn text_meets_only_text() {
        use BinaryOperator::{And, Eq, Plus, StringConcat};
        let table = [
            (Eq, DataType::Utf8View, DataType::Utf8, true),
            (Eq, DataType::Int64, DataType::Utf8, false),
            (Eq, DataType::Date32, DataType::Utf8, false),
            (Eq, DataType::Null, DataType::Utf8, true),
            (Plus, DataType::Utf8, DataType::Int64, false),
            (StringConcat, DataType::Utf8, DataType::Int64, false),
            (And, DataType::Boolean, DataType::Int32, false),
        ];
        for (op, left, right, expect) in table {
            assert_eq!(can_meet(&op, &left, &right), expect, "{left} {op} {right}");
        }
    }
}
