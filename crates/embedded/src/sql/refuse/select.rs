//! What is refused in a `SELECT` and its tables.

use datafusion::sql::sqlparser::ast::{
    Distinct, Expr, GroupByExpr, Join, JoinConstraint, JoinOperator, Select, SelectFlavor, SelectItem,
    SelectItemQualifiedWildcardKind, Spanned, TableFactor, TableWithJoins, WildcardAdditionalOptions,
};

use super::{require, syntax};
use crate::failure::{ErrorCode, QueryFailure, place_of};

/// The most grouping sets of one query block, Trino's `query.max-grouping-sets`.
const GROUPING_SETS: u64 = 2048;

pub(super) fn check_select(select: &Select) -> Result<(), QueryFailure> {
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
        GroupByExpr::Expressions(keys, modifiers) => {
            require(modifiers.is_empty(), || syntax("modifier after GROUP BY"))?;
            check_grouping_sets(keys).map_err(|failure| failure.at(place_of(select_token.0.span)))?;
        }
    }
    projection.iter().try_for_each(check_item)?;
    check_star_over_using(projection, from).map_err(|failure| failure.at(place_of(select_token.0.span)))?;
    from.iter().flat_map(|table| &table.joins).try_for_each(check_join)
}

/// Every set is planned by itself, so a `CUBE` of thirty columns would take all memory before it began.
fn check_grouping_sets(keys: &[Expr]) -> Result<(), QueryFailure> {
    let sets = keys.iter().map(|key| match key {
        Expr::GroupingSets(sets) => sets.len() as u64,
        Expr::Rollup(columns) => columns.len() as u64 + 1,
        Expr::Cube(columns) => 1_u64.checked_shl(u32::try_from(columns.len()).unwrap_or(u32::MAX)).unwrap_or(u64::MAX),
        _ => 1,
    });
    let count = sets.fold(1_u64, u64::saturating_mul);
    require(count <= GROUPING_SETS, || {
        let message = format!("GROUP BY has {count} grouping sets but can contain at most {GROUPING_SETS}");
        QueryFailure::new(ErrorCode::TooManyGroupingSets, message)
    })
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

pub(super) fn check_table(factor: &TableFactor) -> Result<(), QueryFailure> {
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
        TableFactor::Derived { sample, lateral, .. } => {
            require(sample.is_none(), || QueryFailure::not_supported("TABLESAMPLE").at(place))?;
            // DataFusion 55 repeats rows of a lateral query that is correlated by anything but equality.
            require(!lateral, || QueryFailure::not_supported("LATERAL").at(place))
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
