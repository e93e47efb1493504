//! Aggregate and window functions.

use datafusion::sql::sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArgumentClause, FunctionArguments, Ident, NullTreatment, ObjectName,
};

use super::super::build::{bigint, function as build_function, sorted};
use crate::failure::QueryFailure;

/// How a function of Trino is called in DataFusion.
#[derive(Debug, Clone, Copy)]
enum Rule {
    /// Under this name, with the same arguments and clauses.
    Renamed(&'static str),
    /// The same, counted in another integer than Trino's `bigint`.
    Counted(&'static str),
    /// `count_if(x)` is `count(*) FILTER (WHERE x)`, and an aggregate of its own in DataFusion's terms.
    CountIf,
    /// `any_value(x)`: some value that is not null.
    AnyValue,
    /// `max_by(x, y)` is the first `x` in the order of `y`; `ascending` for `min_by`.
    By { ascending: bool },
    /// `approx_percentile(x, p)`.
    Percentile,
    /// `listagg(x, separator) WITHIN GROUP (ORDER BY …)`.
    ListAggregate,
}

fn rule(name: &str, arity: usize) -> Option<Rule> {
    Some(match (name, arity) {
        ("count", 0 | 1) => Rule::Renamed("count"),
        ("sum", 1) => Rule::Renamed("sum"),
        ("avg", 1) => Rule::Renamed("avg"),
        ("min", 1) => Rule::Renamed("min"),
        ("max", 1) => Rule::Renamed("max"),
        ("array_agg", 1) => Rule::Renamed("array_agg"),
        ("bool_and" | "every", 1) => Rule::Renamed("bool_and"),
        ("bool_or", 1) => Rule::Renamed("bool_or"),
        ("stddev" | "stddev_samp", 1) => Rule::Renamed("stddev_samp"),
        ("stddev_pop", 1) => Rule::Renamed("stddev_pop"),
        ("variance" | "var_samp", 1) => Rule::Renamed("var_samp"),
        ("var_pop", 1) => Rule::Renamed("var_pop"),
        ("corr", 2) => Rule::Renamed("corr"),
        ("covar_pop", 2) => Rule::Renamed("covar_pop"),
        ("covar_samp", 2) => Rule::Renamed("covar_samp"),
        ("regr_slope", 2) => Rule::Renamed("regr_slope"),
        ("regr_intercept", 2) => Rule::Renamed("regr_intercept"),
        ("bitwise_and_agg", 1) => Rule::Renamed("bit_and"),
        ("bitwise_or_agg", 1) => Rule::Renamed("bit_or"),
        ("first_value", 1) => Rule::Renamed("first_value"),
        ("last_value", 1) => Rule::Renamed("last_value"),
        ("nth_value", 2) => Rule::Renamed("nth_value"),
        ("lag", 1..=3) => Rule::Renamed("lag"),
        ("lead", 1..=3) => Rule::Renamed("lead"),
        ("percent_rank", 0) => Rule::Renamed("percent_rank"),
        ("cume_dist", 0) => Rule::Renamed("cume_dist"),
        ("row_number", 0) => Rule::Counted("row_number"),
        ("rank", 0) => Rule::Counted("rank"),
        ("dense_rank", 0) => Rule::Counted("dense_rank"),
        ("ntile", 1) => Rule::Counted("ntile"),
        ("approx_distinct", 1) => Rule::Counted("approx_distinct"),
        ("grouping", 1..) => Rule::Renamed("grouping"),
        ("count_if", 1) => Rule::CountIf,
        ("arbitrary" | "any_value", 1) => Rule::AnyValue,
        ("max_by", 2) => Rule::By { ascending: false },
        ("min_by", 2) => Rule::By { ascending: true },
        ("approx_percentile", 2) => Rule::Percentile,
        ("listagg", 1 | 2) => Rule::ListAggregate,
        _ => return None,
    })
}

/// The rewritten call; `None` if the function is not one of these.
pub(super) fn rewrite(name: &str, function: &Function) -> Option<Result<Expr, QueryFailure>> {
    let rule = rule(name, arity(function))?;
    Some(apply(rule, function))
}

fn arity(function: &Function) -> usize {
    match &function.args {
        FunctionArguments::List(list) => list.args.len(),
        FunctionArguments::None | FunctionArguments::Subquery(_) => 0,
    }
}

fn apply(rule: Rule, original: &Function) -> Result<Expr, QueryFailure> {
    check_clauses(original)?;
    let mut function = original.clone();
    match rule {
        Rule::Renamed(name) => {
            rename(&mut function, name);
            if name == "count" && arity(original) == 0 {
                add_star(&mut function);
            }
            Ok(Expr::Function(function))
        }
        Rule::Counted(name) => {
            rename(&mut function, name);
            Ok(bigint(Expr::Function(function)))
        }
        Rule::CountIf => {
            let [condition] = arguments(original)?;
            let mut counted = build_function(
                "count",
                vec![super::super::build::case(condition, super::super::build::number(1), None)],
            );
            keep_clauses(&mut counted, original);
            Ok(Expr::Function(counted))
        }
        Rule::AnyValue => {
            rename(&mut function, "first_value");
            function.null_treatment = Some(NullTreatment::IgnoreNulls);
            Ok(Expr::Function(function))
        }
        Rule::By { ascending } => {
            let [value, key] = arguments(original)?;
            by(value, key, ascending, original)
        }
        Rule::Percentile => {
            let [value, fraction] = arguments(original)?;
            let mut percentile = build_function("approx_percentile_cont", vec![fraction]);
            percentile.within_group = vec![sorted(value, true)];
            keep_clauses(&mut percentile, original);
            Ok(Expr::Function(percentile))
        }
        Rule::ListAggregate => list_aggregate(original),
    }
}

/// What DataFusion would read past.
fn check_clauses(function: &Function) -> Result<(), QueryFailure> {
    let FunctionArguments::List(list) = &function.args else { return Ok(()) };
    for clause in &list.clauses {
        match clause {
            FunctionArgumentClause::OrderBy(_) | FunctionArgumentClause::IgnoreOrRespectNulls(_) => {}
            other => return Err(QueryFailure::not_supported(format_args!("{other} in {}", function.name))),
        }
    }
    Ok(())
}

fn rename(function: &mut Function, name: &str) {
    let span = datafusion::sql::sqlparser::ast::Spanned::span(&function.name);
    function.name = ObjectName::from(vec![Ident::with_span(span, name)]);
}

fn add_star(function: &mut Function) {
    use datafusion::sql::sqlparser::ast::{FunctionArg, FunctionArgExpr};
    if let FunctionArguments::List(list) = &mut function.args {
        list.args.push(FunctionArg::Unnamed(FunctionArgExpr::Wildcard));
    }
}

fn arguments<const N: usize>(function: &Function) -> Result<[Expr; N], QueryFailure> {
    let FunctionArguments::List(list) = &function.args else {
        return Err(QueryFailure::not_supported(format_args!("this call of {}", function.name)));
    };
    if list.duplicate_treatment == Some(DuplicateTreatment::Distinct) || !list.clauses.is_empty() {
        return Err(QueryFailure::not_supported(format_args!("these clauses in {}", function.name)));
    }
    let args = super::expressions(&list.args)?;
    <[Expr; N]>::try_from(args)
        .map_err(|_other| QueryFailure::not_supported(format_args!("this number of arguments of {}", function.name)))
}

fn keep_clauses(target: &mut Function, original: &Function) {
    target.filter.clone_from(&original.filter);
    target.over.clone_from(&original.over);
}

/// Rows whose key is null do not count in Trino.
fn by(value: Expr, key: Expr, ascending: bool, original: &Function) -> Result<Expr, QueryFailure> {
    if original.over.is_some() {
        return Err(QueryFailure::not_supported(format_args!("{} as a window function", original.name)));
    }
    let has_key = Expr::IsNotNull(Box::new(key.clone()));
    let mut first = build_function("first_value", vec![value]);
    if let FunctionArguments::List(list) = &mut first.args {
        list.clauses.push(FunctionArgumentClause::OrderBy(vec![sorted(key, ascending)]));
    }
    first.filter = Some(Box::new(match &original.filter {
        None => has_key,
        Some(filter) => super::super::build::binary(
            (**filter).clone(),
            datafusion::sql::sqlparser::ast::BinaryOperator::And,
            has_key,
        ),
    }));
    Ok(Expr::Function(first))
}

fn list_aggregate(original: &Function) -> Result<Expr, QueryFailure> {
    let FunctionArguments::List(list) = &original.args else {
        return Err(QueryFailure::not_supported("this call of listagg"));
    };
    let mut args = super::expressions(&list.args)?;
    if args.len() == 1 {
        args.push(super::super::build::string(""));
    }
    let mut joined = build_function("string_agg", args);
    if let FunctionArguments::List(target) = &mut joined.args {
        target.duplicate_treatment = list.duplicate_treatment;
        target.clauses.push(FunctionArgumentClause::OrderBy(original.within_group.clone()));
    }
    keep_clauses(&mut joined, original);
    Ok(Expr::Function(joined))
}
