//! From a user query to what Trino is sent: parse, resolve, rewrite, window. Pure: nothing is asked and nothing stored.

#[cfg(test)]
mod docs_tests;
mod names;
mod resolution;
mod session;
#[cfg(test)]
mod tests;

use warren_sql::{Converted, Limits as SqlLimits, SourceMap, Statement, StatementKind, analyse_with};

use self::names::Names;
pub(super) use self::names::without_suffix;
use self::resolution::Resolution;
use self::session::refuse_session;
use super::Limits;
use super::trace_lineage::trace_lineage;
use crate::catalog::Catalog;
use crate::jobs::{Cap, CapCause, Plan, Submission};
use crate::problem::Problem;

/// What becomes of a submission's query.
///
/// # Errors
/// A problem with a position in the user's SQL, when the query cannot be read, would only change a session, or a name in
/// it is mapped to nothing.
pub fn plan_query(submission: &Submission, catalog: &Catalog, limits: &Limits) -> Result<Plan, Problem> {
    let sql = submission.user_query.as_str();
    let sql_limits = SqlLimits { max_bytes: limits.max_sql_bytes, ..SqlLimits::default() };
    let statement = analyse_with(sql, &sql_limits).map_err(|error| Problem::from(&error))?;
    if let Some(error) = statement.disagreement() {
        metrics::counter!("warren_readers_disagree_total").increment(1);
        return Err(Problem::from(&error));
    }
    refuse_session(&statement)?;
    let resolution = Resolution::of(&statement, &Names { statement: &statement, submission, catalog })?;
    let converted = statement.convert(&mut |name| resolution.mapping(name)).map_err(|error| Problem::from(&error))?;
    let (trino_query, source_map, cap) = windowed(&statement, &converted, submission, limits);
    let lineage = trace_lineage(&statement, &resolution.models, &resolution.columns);
    Ok(Plan {
        statement: planned_kind(&statement).as_str().to_owned(),
        repeatable: statement.is_read_only(),
        converted_query: converted.query().to_owned(),
        offset: converted.offset(),
        limit: converted.limit(),
        trino_query,
        source_map,
        cap,
        models: resolution.models,
        lineage,
        warnings: resolution.warnings,
    })
}

/// What the job does, for everything that follows from it: the statement in the string of EXECUTE IMMEDIATE, and what
/// EXPLAIN ANALYZE writes while it explains it.
fn planned_kind(statement: &Statement<'_>) -> StatementKind {
    match (statement.kind(), statement.executed_kind()) {
        (StatementKind::ExplainAnalyze, executed) if executed.is_read_only() => StatementKind::ExplainAnalyze,
        (_, executed) => executed,
    }
}

/// The SQL that runs: the converted query with the user's window, narrowed by the request and the server. One row more
/// than the cap is asked for, so that it is known whether rows were cut off without running the query twice. A query in
/// the string of EXECUTE IMMEDIATE keeps its own window, and its rows are counted as they come.
fn windowed(
    statement: &Statement<'_>,
    converted: &Converted,
    submission: &Submission,
    limits: &Limits,
) -> (String, SourceMap, Option<Cap>) {
    let cap = if statement.is_read_only() { narrowest(submission, limits, converted.limit()) } else { None };
    let limit = match cap {
        Some(cap) => Some(cap.rows.saturating_add(1).min(i64::MAX.unsigned_abs())),
        None => converted.limit(),
    };
    let executable = if converted.can_window() {
        converted.with_window(converted.offset(), limit)
    } else {
        converted.with_window(None, None)
    };
    (executable.sql, executable.source_map, cap)
}

fn narrowest(submission: &Submission, limits: &Limits, user: Option<u64>) -> Option<Cap> {
    let request = submission.row_limit.map(|rows| Cap { rows, cause: CapCause::Limit });
    let server = limits.max_rows.map(|rows| Cap { rows, cause: CapCause::MaxRows });
    let cap = [request, server].into_iter().flatten().min_by_key(|cap| cap.rows)?;
    user.is_none_or(|user| cap.rows < user).then_some(cap)
}
