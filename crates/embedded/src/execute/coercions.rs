//! Finds the conversions that DataFusion puts into a plan and Trino would not: between text and anything else, so `1 in ('1')` or
//! `coalesce(1, 'a')` is an error in Trino; and between time zones, which Trino keeps with each value.
//!
//! Casts that the user wrote, and those of rewritten literals, are calls of the engine's own function; what is left are DataFusion's.

use arrow::datatypes::DataType;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, DataFusionError};
use datafusion::logical_expr::expr::Cast;
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan};

use crate::failure::{ErrorCode, QueryFailure};
use crate::types::arrow_types::trino_type;

/// Refuses an analyzed plan that mixes text with other types.
pub(super) fn check(plan: &LogicalPlan) -> Result<(), QueryFailure> {
    plan.apply_with_subqueries(|node| {
        let mut schema = DFSchema::empty();
        for input in node.inputs() {
            schema.merge(input.schema());
        }
        node.apply_expressions(|expr| expr.apply(|part| check_expr(part, &schema)))
    })?;
    Ok(())
}

fn check_expr(expr: &Expr, schema: &DFSchema) -> Result<TreeNodeRecursion, DataFusionError> {
    let Expr::Cast(Cast { expr, field }) = expr else { return Ok(TreeNodeRecursion::Continue) };
    let Ok((_, source)) = expr.to_field(schema) else { return Ok(TreeNodeRecursion::Continue) };
    if changes_zone(source.data_type(), field.data_type()) {
        return Err(QueryFailure::not_supported("timestamps of several time zones in one column").into_datafusion());
    }
    if crosses(source.data_type(), field.data_type()) {
        let name = |field: &arrow::datatypes::Field| {
            trino_type(field).map_or_else(|| field.data_type().to_string(), |known| known.to_string())
        };
        let message = format!("Types do not match: {} is not {}; write a CAST", name(&source), name(field));
        return Err(QueryFailure::new(ErrorCode::TypeMismatch, message).into_datafusion());
    }
    Ok(TreeNodeRecursion::Continue)
}

/// Arrow has one zone for a column where Trino has one for each value.
fn changes_zone(source: &DataType, target: &DataType) -> bool {
    match (source, target) {
        (DataType::Timestamp(_, source), DataType::Timestamp(_, target)) => target.is_some() && source != target,
        (_, DataType::Timestamp(_, Some(_))) => !source.is_null(),
        _ => false,
    }
}

/// Whether one is text and the other something that has a value of its own.
fn crosses(source: &DataType, target: &DataType) -> bool {
    let is_value =
        |data_type: &DataType| data_type.is_numeric() || data_type.is_temporal() || *data_type == DataType::Boolean;
    (source.is_string() && is_value(target)) || (is_value(source) && target.is_string())
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::DataType;

    use arrow::datatypes::TimeUnit;

    use super::{changes_zone, crosses};

    #[test]
    fn zones_are_kept_apart() {
        let zoned = |zone: &str| DataType::Timestamp(TimeUnit::Millisecond, Some(zone.into()));
        assert!(changes_zone(&zoned("Europe/Berlin"), &zoned("UTC")));
        assert!(changes_zone(&DataType::Timestamp(TimeUnit::Millisecond, None), &zoned("UTC")));
        assert!(!changes_zone(&zoned("UTC"), &zoned("UTC")));
        assert!(!changes_zone(&DataType::Null, &zoned("UTC")));
    }

    #[test]
    fn only_text_is_kept_apart() {
        assert!(crosses(&DataType::Int32, &DataType::Utf8View));
        assert!(crosses(&DataType::Utf8, &DataType::Date32));
        assert!(!crosses(&DataType::Int32, &DataType::Int64));
        assert!(!crosses(&DataType::Utf8, &DataType::Utf8View));
        assert!(!crosses(&DataType::Null, &DataType::Utf8View));
    }
}
