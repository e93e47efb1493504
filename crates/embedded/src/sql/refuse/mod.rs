//! Refuses what parses but would not mean what it means in Trino: syntax of other engines that sqlparser accepts, and clauses that
//! DataFusion's planner reads past without a word. What is not known to be right is refused.

use std::fmt;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    AccessExpr, BinaryOperator, CastKind, CeilFloorKind, Distinct, Expr, GroupByExpr, Join, JoinConstraint,
    JoinOperator, LimitClause, OrderBy, OrderByKind, Query, Select, SelectFlavor, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, SetOperator, SetQuantifier, Spanned, Subscript, TableFactor,
    TableWithJoins, UnaryOperator, Value, Visit, Visitor, WildcardAdditionalOptions,
};

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
        SetExpr::Values(values) => require(!values.explicit_row && !values.value_keyword, || syntax("ROW or VALUE")),
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

fn check_select(select: &Select) -> Result<(), QueryFailure> {
    let Select {
        select_token,
        optimizer_hints: _,
        distinct,
        select_modifiers,
        top,
        top_before_distinct: _,
        projection,
        exclude,
        into,
        from,
        lateral_views,
        prewhere,
        selection: _,
        connect_by,
        group_by,
        cluster_by,
        distribute_by,
        sort_by,
        having: _,
        named_window: _,
        qualify,
        window_before_qualify: _,
        value_table_mode,
        flavor,
    } = select;
    let foreign = select_modifiers.is_some()
        || top.is_some()
        || exclude.is_some()
        || into.is_some()
        || !lateral_views.is_empty()
        || prewhere.is_some()
        || !connect_by.is_empty()
        || !cluster_by.is_empty()
        || !distribute_by.is_empty()
        || !sort_by.is_empty()
        || qualify.is_some()
        || value_table_mode.is_some()
        || !matches!(flavor, SelectFlavor::Standard)
        || matches!(distinct, Some(Distinct::On(_)));
    require(!foreign, || syntax("clause in SELECT").at(place_of(select_token.0.span)))?;
    match group_by {
        GroupByExpr::All(_) => return Err(QueryFailure::not_supported("GROUP BY ALL")),
        GroupByExpr::Expressions(_, modifiers) => require(modifiers.is_empty(), || syntax("modifier after GROUP BY"))?,
    }
    projection.iter().try_for_each(check_item)?;
    check_star_over_using(projection, from).map_err(|failure| failure.at(place_of(select_token.0.span)))?;
    from.iter().flat_map(|table| &table.joins).try_for_each(check_join)
}

/// Trino puts the columns of `USING` first, DataFusion leaves them where they are.
fn check_star_over_using(projection: &[SelectItem], from: &[TableWithJoins]) -> Result<(), QueryFailure> {
    let star = projection.iter().any(|item| matches!(item, SelectItem::Wildcard(_)));
    let using = from.iter().flat_map(|table| &table.joins).any(|join| match &join.join_operator {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint) => matches!(constraint, JoinConstraint::Using(_)),
        _ => false,
    });
    require(!(star && using), || QueryFailure::not_supported("* over a join with USING; name the columns"))
}

fn check_item(item: &SelectItem) -> Result<(), QueryFailure> {
    match item {
        SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. } => Ok(()),
        SelectItem::ExprWithAliases { .. } => Err(syntax("list of aliases")),
        SelectItem::Wildcard(options) => check_wildcard(options),
        SelectItem::QualifiedWildcard(kind, options) => {
            check_wildcard(options)?;
            match kind {
                SelectItemQualifiedWildcardKind::ObjectName(_) => Ok(()),
                SelectItemQualifiedWildcardKind::Expr(_) => Err(QueryFailure::not_supported("all fields of a row")),
            }
        }
    }
}

fn check_wildcard(options: &WildcardAdditionalOptions) -> Result<(), QueryFailure> {
    let WildcardAdditionalOptions {
        wildcard_token,
        opt_ilike,
        opt_exclude,
        opt_except,
        opt_replace,
        opt_rename,
        opt_alias,
    } = options;
    let foreign = opt_ilike.is_some()
        || opt_exclude.is_some()
        || opt_except.is_some()
        || opt_replace.is_some()
        || opt_rename.is_some()
        || opt_alias.is_some();
    require(!foreign, || syntax("options after *").at(place_of(wildcard_token.0.span)))
}

fn check_join(join: &Join) -> Result<(), QueryFailure> {
    let place = place_of(join.span());
    let outer =
        matches!(join.join_operator, JoinOperator::Right(_) | JoinOperator::RightOuter(_) | JoinOperator::FullOuter(_));
    let constraint = match &join.join_operator {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint)
        | JoinOperator::Right(constraint)
        | JoinOperator::RightOuter(constraint)
        | JoinOperator::FullOuter(constraint) => constraint,
        JoinOperator::CrossJoin(JoinConstraint::None) => return Ok(()),
        _ => return Err(syntax("kind of join").at(place)),
    };
    require(!join.global, || syntax("GLOBAL").at(place))?;
    match constraint {
        JoinConstraint::On(_) => Ok(()),
        JoinConstraint::Using(_) if outer => {
            Err(QueryFailure::not_supported("USING in a right or full join; write ON").at(place))
        }
        JoinConstraint::Using(_) => Ok(()),
        JoinConstraint::Natural => Err(QueryFailure::not_supported("NATURAL JOIN").at(place)),
        JoinConstraint::None => Err(syntax("join without a condition").at(place)),
    }
}

fn check_table(factor: &TableFactor) -> Result<(), QueryFailure> {
    let place = place_of(factor.span());
    match factor {
        TableFactor::Table {
            name: _,
            alias: _,
            args,
            with_hints,
            version,
            with_ordinality,
            partitions,
            json_path,
            sample,
            index_hints,
        } => {
            require(sample.is_none(), || QueryFailure::not_supported("TABLESAMPLE").at(place))?;
            require(version.is_none(), || QueryFailure::not_supported("a version of a table").at(place))?;
            require(args.is_none(), || QueryFailure::not_supported("table functions").at(place))?;
            let foreign = !with_hints.is_empty()
                || *with_ordinality
                || !partitions.is_empty()
                || json_path.is_some()
                || !index_hints.is_empty();
            require(!foreign, || syntax("clause after a table").at(place))
        }
        TableFactor::Derived { sample, .. } => {
            require(sample.is_none(), || QueryFailure::not_supported("TABLESAMPLE").at(place))
        }
        TableFactor::UNNEST { with_offset, with_ordinality, .. } => {
            require(!with_offset, || syntax("WITH OFFSET").at(place))?;
            require(!with_ordinality, || QueryFailure::not_supported("WITH ORDINALITY").at(place))
        }
        TableFactor::NestedJoin { table_with_joins, .. } => table_with_joins.joins.iter().try_for_each(check_join),
        TableFactor::MatchRecognize { .. } => Err(QueryFailure::not_supported("MATCH_RECOGNIZE").at(place)),
        TableFactor::TableFunction { .. } | TableFactor::Function { .. } => {
            Err(QueryFailure::not_supported("table functions").at(place))
        }
        _ => Err(syntax("table").at(place)),
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
