//! What DataFusion's planner needs to be told about Trino: operators by the types of their operands ([`TrinoOperators`]), names of
//! types ([`TrinoTypes`]), and functions that DataFusion does not have or has with another meaning ([`functions`]).

mod aggregates;
mod arithmetic;
mod casts;
mod decimals;
mod moments;
mod rounding;
mod sequence;
mod subscript;
mod substr;
mod type_of;

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::error::Result;
use datafusion::logical_expr::expr::Cast;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr, TypePlanner};
use datafusion::logical_expr::{AggregateUDF, Expr, ExprSchemable, ScalarUDF};
use datafusion::sql::sqlparser::ast::{self, BinaryOperator};

use crate::failure::{ErrorCode, QueryFailure};
use crate::sql::type_text::parse_type;
use crate::types::TrinoType;
use crate::types::arrow_types::{arrow_type, trino_type};

/// The engine's own scalar functions.
pub(crate) fn functions() -> Vec<Arc<ScalarUDF>> {
    let mut functions = vec![substr::function(), type_of::function(), sequence::function()];
    functions.extend(moments::functions());
    functions.extend(casts::functions());
    functions.extend(rounding::functions());
    functions.extend(subscript::functions());
    functions
}

/// The engine's own aggregates; they take the place of DataFusion's of the same names.
pub(crate) fn aggregates() -> Vec<Arc<AggregateUDF>> {
    aggregates::aggregates()
}

/// Names of types, by Trino's rules. Casts to types that Arrow does not have are calls of the engine's own function instead.
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
        Ok(Some(Arc::new(Field::new("", arrow_type(&data_type), true))))
    }
}

/// Binary operators where DataFusion's meaning differs: integers that overflow are an error in Trino, decimals have other
/// precisions, and text is never compared with anything but text.
#[derive(Debug)]
pub(crate) struct TrinoOperators;

impl ExprPlanner for TrinoOperators {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        let (Some(left), Some(right)) = (type_of(&expr.left, schema), type_of(&expr.right, schema)) else {
            return Ok(PlannerResult::Original(expr));
        };
        if !can_meet(&expr.op, &left, &right) {
            return Err(mismatch(&expr.op, &left, &right).into_datafusion());
        }
        check_char(&expr, schema)?;
        if expr.op == BinaryOperator::Minus && left == DataType::Date32 && right == DataType::Date32 {
            return Ok(PlannerResult::Planned(days_between(expr)));
        }
        check_date_interval(&expr, &left, &right)?;
        match arithmetic::checked(&expr, &left, &right)? {
            Some(call) => Ok(PlannerResult::Planned(call)),
            None => Ok(PlannerResult::Original(column_first(expr))),
        }
    }
}

/// Turns `1 = a` into `a = 1`: DataFusion 55 takes `a = 1 AND 1 = a` for a contradiction (`simplify_predicates`).
fn column_first(expr: RawBinaryExpr) -> RawBinaryExpr {
    let mirrored = match expr.op {
        BinaryOperator::Eq => BinaryOperator::Eq,
        BinaryOperator::NotEq => BinaryOperator::NotEq,
        BinaryOperator::Lt => BinaryOperator::Gt,
        BinaryOperator::LtEq => BinaryOperator::GtEq,
        BinaryOperator::Gt => BinaryOperator::Lt,
        BinaryOperator::GtEq => BinaryOperator::LtEq,
        _ => return expr,
    };
    if matches!(expr.right, Expr::Column(_)) && !matches!(expr.left, Expr::Column(_)) {
        return RawBinaryExpr { op: mirrored, left: expr.right, right: expr.left };
    }
    expr
}

/// An operand's type; one that DataFusion cannot tell yet, such as that of a parameter, is its own business.
fn type_of(expr: &Expr, schema: &DFSchema) -> Option<DataType> {
    arithmetic::known_type(expr).cloned().or_else(|| expr.get_type(schema).ok())
}

fn mismatch(op: &BinaryOperator, left: &DataType, right: &DataType) -> QueryFailure {
    let name = |data_type: &DataType| {
        trino_type(&Field::new("", data_type.clone(), true))
            .map_or_else(|| data_type.to_string(), |known| known.to_string())
    };
    let message = format!("Cannot apply operator: {} {op} {}", name(left), name(right));
    QueryFailure::new(ErrorCode::TypeMismatch, message)
}

/// What Trino's operators tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Null,
    Number,
    Text,
    Boolean,
    Binary,
    /// A date, or a timestamp without a zone.
    Moment,
    ZonedMoment,
    Time,
    Interval,
    Array,
    Other,
}

impl Class {
    fn of(data_type: &DataType) -> Self {
        match data_type {
            DataType::Null => Self::Null,
            DataType::Boolean => Self::Boolean,
            DataType::Date32 | DataType::Date64 | DataType::Timestamp(_, None) => Self::Moment,
            DataType::Timestamp(_, Some(_)) => Self::ZonedMoment,
            DataType::Time32(_) | DataType::Time64(_) => Self::Time,
            DataType::Interval(_) | DataType::Duration(_) => Self::Interval,
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
                Self::Binary
            }
            DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => Self::Array,
            number if number.is_numeric() => Self::Number,
            text if text.is_string() => Self::Text,
            _ => Self::Other,
        }
    }
}

/// Whether Trino has the operator for these types; DataFusion would convert one of them.
fn can_meet(op: &BinaryOperator, left: &DataType, right: &DataType) -> bool {
    use Class::{Array, Binary, Boolean, Interval, Moment, Number, Text, Time, ZonedMoment};
    let (left, right) = (Class::of(left), Class::of(right));
    if left == Class::Null || right == Class::Null {
        return true;
    }
    match op {
        BinaryOperator::And | BinaryOperator::Or => (left, right) == (Boolean, Boolean),
        BinaryOperator::StringConcat => {
            matches!((left, right), (Text, Text) | (Binary, Binary) | (Array, _) | (_, Array))
        }
        BinaryOperator::Plus => matches!(
            (left, right),
            (Number, Number)
                | (Interval, Interval)
                | (Moment | ZonedMoment | Time, Interval)
                | (Interval, Moment | ZonedMoment | Time)
        ),
        BinaryOperator::Minus => {
            matches!((left, right), (Number, Number) | (Interval, Interval) | (Moment | ZonedMoment | Time, Interval))
                || (left == right && matches!(left, Moment | ZonedMoment))
        }
        BinaryOperator::Multiply => matches!((left, right), (Number, Number) | (Interval, Number) | (Number, Interval)),
        BinaryOperator::Divide => matches!((left, right), (Number, Number) | (Interval, Number)),
        BinaryOperator::Modulo => (left, right) == (Number, Number),
        _ => left == right,
    }
}

/// The difference of two dates is an interval in Trino, a number in DataFusion.
fn days_between(expr: RawBinaryExpr) -> Expr {
    let midnight = |date: Expr| Expr::Cast(Cast::new(Box::new(date), DataType::Timestamp(TimeUnit::Millisecond, None)));
    midnight(expr.left) - midnight(expr.right)
}

/// Trino compares and joins `char` by rules of its own, with spaces at the end.
fn check_char(expr: &RawBinaryExpr, schema: &DFSchema) -> Result<()> {
    for side in [&expr.left, &expr.right] {
        // An operator's result is no `char`, and asking a long chain of them takes long.
        if matches!(side, Expr::BinaryExpr(_)) || arithmetic::known_type(side).is_some() {
            continue;
        }
        let field = side.to_field(schema)?.1;
        if matches!(trino_type(&field), Some(TrinoType::Char(_))) {
            return Err(QueryFailure::not_supported("operators on char; cast it to varchar").into_datafusion());
        }
    }
    Ok(())
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
            Err(QueryFailure::new(ErrorCode::InvalidFunctionArgument, "Cannot add hour, minutes or seconds to a date")
                .into_datafusion())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{DataType, TimeUnit};
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
            (Plus, DataType::Date32, DataType::Int64, false),
            (Eq, DataType::Date32, DataType::Timestamp(TimeUnit::Second, None), true),
            (Eq, DataType::Date32, DataType::Timestamp(TimeUnit::Second, Some("UTC".into())), false),
        ];
        for (op, left, right, expect) in table {
            assert_eq!(can_meet(&op, &left, &right), expect, "{left} {op} {right}");
        }
    }
}
