//! Refuses what parses but would not mean what it means in Trino: syntax of other engines that sqlparser accepts, and clauses that
//! DataFusion's planner reads past without a word. What is not known to be right is refused.

mod select;

use std::fmt;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    AccessExpr, BinaryOperator, CastKind, CeilFloorKind, Expr, LimitClause, OrderBy, OrderByKind, Query, Select,
    SetExpr, SetOperator, SetQuantifier, Spanned, Subscript, TableFactor, UnaryOperator, Value, Visit, Visitor,
};

use self::select::{check_select, check_table};
use super::type_text::parse_type;
use crate::failure::{ErrorCode, QueryFailure, place_of};

/// Looks at every part of a query, as it was parsed.
pub(super) fn check(query: &Query) -> Result<(), QueryFailure> {
    match Visit::visit(query, &mut Refusal) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(failure) => Err(*failure),
    }
}

struct Refusal;

type Step = ControlFlow<Box<QueryFailure>>;

impl Visitor for Refusal {
    type Break = Box<QueryFailure>;

    fn pre_visit_query(&mut self, query: &Query) -> Step {
        step(check_query(query))
    }

    fn pre_visit_select(&mut self, select: &Select) -> Step {
        step(check_select(select))
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> Step {
        step(check_table(factor))
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> Step {
        step(check_expr(expr).map_err(|failure| failure.at(place_of(expr.span()))))
    }
}

fn step(result: Result<(), QueryFailure>) -> Step {
    match result {
        Ok(()) => ControlFlow::Continue(()),
        Err(failure) => ControlFlow::Break(Box::new(failure)),
    }
}

/// Syntax that Trino does not have.
fn syntax(what: impl fmt::Display) -> QueryFailure {
    QueryFailure::new(ErrorCode::SyntaxError, format!("unexpected {what}"))
}

fn require(holds: bool, failure: impl FnOnce() -> QueryFailure) -> Result<(), QueryFailure> {
    if holds { Ok(()) } else { Err(failure()) }
}

fn check_query(query: &Query) -> Result<(), QueryFailure> {
    let Query { with, body, order_by, limit_clause, fetch, locks, for_clause, settings, format_clause, pipe_operators } =
        query;
    require(locks.is_empty() && for_clause.is_none(), || syntax("FOR clause"))?;
    require(settings.is_none() && format_clause.is_none(), || syntax("SETTINGS or FORMAT"))?;
    require(pipe_operators.is_empty(), || syntax("pipe operator"))?;
    for table in with.iter().flat_map(|with| &with.cte_tables) {
        require(table.from.is_none() && table.materialized.is_none(), || syntax("MATERIALIZED"))?;
    }
    if let Some(order) = order_by {
        check_order(order)?;
    }
    match limit_clause {
        Some(LimitClause::OffsetCommaLimit { .. }) => return Err(syntax("comma in LIMIT")),
        Some(LimitClause::LimitOffset { limit_by, .. }) => require(limit_by.is_empty(), || syntax("LIMIT BY"))?,
        None => {}
    }
    if let Some(fetch) = fetch {
        require(!fetch.percent, || syntax("PERCENT"))?;
        require(!fetch.with_ties, || QueryFailure::not_supported("FETCH FIRST … WITH TIES"))?;
    }
    check_set(body)
}

fn check_order(order: &OrderBy) -> Result<(), QueryFailure> {
    require(order.interpolate.is_none(), || syntax("INTERPOLATE"))?;
    match &order.kind {
        OrderByKind::All(_) => Err(syntax("ORDER BY ALL")),
        OrderByKind::Expressions(keys) => {
            require(keys.iter().all(|key| key.with_fill.is_none()), || syntax("WITH FILL"))
        }
    }
}

fn check_set(body: &SetExpr) -> Result<(), QueryFailure> {
    match body {
        SetExpr::Select(_) | SetExpr::Query(_) => Ok(()),
        SetExpr::Values(values) => require(!values.explicit_row && !values.value_keyword, || syntax("VALUE")),
        SetExpr::SetOperation { left, op, set_quantifier, right } => {
            match (op, set_quantifier) {
                (SetOperator::Minus, _) => return Err(syntax("MINUS")),
                (_, SetQuantifier::ByName | SetQuantifier::AllByName | SetQuantifier::DistinctByName) => {
                    return Err(syntax("BY NAME"));
                }
                (SetOperator::Except | SetOperator::Intersect, SetQuantifier::All) => {
                    return Err(QueryFailure::not_supported(format_args!("{op} ALL")));
                }
                _ => {}
            }
            check_set(left)?;
            check_set(right)
        }
        SetExpr::Table(_) => Err(QueryFailure::not_supported("TABLE as a query; write SELECT * FROM")),
        SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
            Err(syntax("statement in a query"))
        }
    }
}

fn check_expr(expr: &Expr) -> Result<(), QueryFailure> {
    match expr {
        Expr::Value(value) => check_value(&value.value),
        Expr::BinaryOp { op, .. } => check_operator(op),
        Expr::UnaryOp { op, .. } => {
            require(matches!(op, UnaryOperator::Plus | UnaryOperator::Minus | UnaryOperator::Not), || {
                syntax(format_args!("operator {op}"))
            })
        }
        Expr::Cast { kind, data_type, array, format, .. } => {
            require(matches!(kind, CastKind::Cast | CastKind::TryCast) && !array && format.is_none(), || {
                syntax("cast")
            })?;
            parse_type(&super::normalise::type_name(data_type)).map(|_known| ())
        }
        Expr::Like { any, .. } => require(!any, || syntax("LIKE ANY")),
        Expr::Ceil { field, .. } | Expr::Floor { field, .. } => {
            let plain = matches!(
                field,
                CeilFloorKind::DateTimeField(datafusion::sql::sqlparser::ast::DateTimeField::NoDateTime)
            );
            require(plain, || syntax("field in a function"))
        }
        Expr::Substring { special: _, .. } | Expr::Position { .. } | Expr::Extract { .. } => Ok(()),
        Expr::Trim { trim_characters, .. } => require(trim_characters.is_none(), || syntax("comma in TRIM")),
        Expr::CompoundFieldAccess { access_chain, .. } => access_chain.iter().try_for_each(check_access),
        Expr::Identifier(_)
        | Expr::CompoundIdentifier(_)
        | Expr::IsFalse(_)
        | Expr::IsNotFalse(_)
        | Expr::IsTrue(_)
        | Expr::IsNotTrue(_)
        | Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::IsDistinctFrom(..)
        | Expr::IsNotDistinctFrom(..)
        | Expr::InList { .. }
        | Expr::InSubquery { .. }
        | Expr::Between { .. }
        | Expr::AnyOp { .. }
        | Expr::AllOp { .. }
        | Expr::Nested(_)
        | Expr::TypedString(_)
        | Expr::Function(_)
        | Expr::Case { .. }
        | Expr::Exists { .. }
        | Expr::Subquery(_)
        | Expr::GroupingSets(_)
        | Expr::Cube(_)
        | Expr::Rollup(_)
        | Expr::Array(_)
        | Expr::Interval(_) => Ok(()),
        Expr::AtTimeZone { .. } => Err(QueryFailure::not_supported("AT TIME ZONE")),
        Expr::Lambda(_) => Err(QueryFailure::not_supported("lambda expressions")),
        Expr::Tuple(_) => Err(QueryFailure::not_supported("row values; write ROW(…)")),
        other => Err(QueryFailure::not_supported(format_args!("the expression {other}"))),
    }
}

fn check_value(value: &Value) -> Result<(), QueryFailure> {
    match value {
        Value::Number(..)
        | Value::SingleQuotedString(_)
        | Value::HexStringLiteral(_)
        | Value::Boolean(_)
        | Value::Null => Ok(()),
        Value::Placeholder(_) => Err(QueryFailure::not_supported("parameters")),
        other => Err(QueryFailure::not_supported(format_args!("the literal {other}"))),
    }
}

fn check_operator(op: &BinaryOperator) -> Result<(), QueryFailure> {
    use BinaryOperator::{And, Divide, Eq, Gt, GtEq, Lt, LtEq, Minus, Modulo, Multiply, NotEq, Or, Plus, StringConcat};
    match op {
        Plus | Minus | Multiply | Divide | Modulo | StringConcat | Gt | Lt | GtEq | LtEq | Eq | NotEq | And | Or => {
            Ok(())
        }
        other => Err(syntax(format_args!("operator {other}"))),
    }
}

fn check_access(access: &AccessExpr) -> Result<(), QueryFailure> {
    match access {
        AccessExpr::Dot(Expr::Identifier(_)) | AccessExpr::Subscript(Subscript::Index { .. }) => Ok(()),
        AccessExpr::Dot(_) => Err(syntax("expression after a dot")),
        AccessExpr::Subscript(Subscript::Slice { .. }) => Err(syntax("slice")),
    }
}
