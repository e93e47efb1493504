//! Trino's functions on DataFusion's. Only a function listed here can be called: DataFusion has functions of the same name that
//! mean something else, so everything else is `FUNCTION_NOT_FOUND`.

mod aggregate;
mod scalar;

use datafusion::sql::sqlparser::ast::{Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Spanned};

use super::normalise::SessionNames;
use crate::failure::{ErrorCode, QueryFailure, place_of};

pub(super) use scalar::{WHITE_SPACE, of_session, part_of_date};

/// Rewrites one call, whose arguments are rewritten already.
pub(super) fn rewrite(function: &Function, session: &SessionNames) -> Result<Expr, QueryFailure> {
    let place = place_of(function.name.span());
    let name = name_of(function);
    if !matches!(function.parameters, FunctionArguments::None) || function.uses_odbc_syntax {
        return Err(QueryFailure::new(ErrorCode::SyntaxError, format!("unexpected parameters of {name}")).at(place));
    }
    if let Some(result) = aggregate::rewrite(&name, function) {
        return result.map_err(|failure| failure.at(place));
    }
    let args = plain_arguments(function).map_err(|failure| failure.at(place))?;
    match scalar::rewrite(&name, args, session) {
        Some(Ok(expr)) => Ok(expr),
        Some(Err(failure)) => Err(failure.at(place)),
        None => Err(not_found(&name).at(place)),
    }
}

fn not_found(name: &str) -> QueryFailure {
    let message = format!("Function '{name}' not registered; the embedded engine has only a part of Trino's functions");
    QueryFailure::new(ErrorCode::FunctionNotFound, message)
}

pub(super) fn name_of(function: &Function) -> String {
    function.name.to_string().to_lowercase()
}

/// The argument in which a plain number must stay one: DataFusion wants a literal there.
pub(super) fn wants_literal(name: &str) -> Option<usize> {
    match name {
        "ntile" => Some(0),
        "lag" | "lead" | "nth_value" | "approx_percentile" => Some(1),
        _ => None,
    }
}

/// The arguments of a call that has nothing but arguments.
fn plain_arguments(function: &Function) -> Result<Vec<Expr>, QueryFailure> {
    let with_clauses = function.filter.is_some()
        || function.over.is_some()
        || function.null_treatment.is_some()
        || !function.within_group.is_empty();
    if with_clauses {
        return Err(QueryFailure::not_supported(format_args!("these clauses after {}", function.name)));
    }
    match &function.args {
        FunctionArguments::None => Ok(vec![]),
        FunctionArguments::Subquery(_) => Err(QueryFailure::not_supported("a query as an argument")),
        FunctionArguments::List(list) => {
            if list.duplicate_treatment.is_some() || !list.clauses.is_empty() {
                return Err(QueryFailure::not_supported(format_args!("these clauses in {}", function.name)));
            }
            expressions(&list.args)
        }
    }
}

fn expressions(args: &[FunctionArg]) -> Result<Vec<Expr>, QueryFailure> {
    args.iter()
        .map(|arg| match arg {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Ok(expr.clone()),
            other => Err(QueryFailure::not_supported(format_args!("the argument {other}"))),
        })
        .collect()
}
