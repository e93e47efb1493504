//! Statements that are about a session. A job has one of its own that ends with it, so that they would seem to work and
//! do nothing.

use warren_sql::{Statement, StatementKind};

use crate::problem::{Code, Problem};

/// Refuses what could only take effect behind the job.
///
/// # Errors
/// `UNSUPPORTED_STATEMENT`, with what to do instead.
pub(super) fn refuse_session(statement: &Statement<'_>) -> Result<(), Problem> {
    let kinds = [Some(statement.kind()), statement.inner_kind(), Some(statement.executed_kind())];
    let Some(instead) = kinds.into_iter().flatten().find_map(instead) else { return Ok(()) };
    let detail = "the session of a job ends with the job, so that this statement would have no effect";
    Err(Problem::new(Code::UnsupportedStatement, detail).with_hint(instead).at(statement.place().into()))
}

/// What to do in place of a statement about the session; `None` for every other one.
fn instead(kind: StatementKind) -> Option<&'static str> {
    use StatementKind as Kind;

    match kind {
        Kind::Use
        | Kind::SetSession
        | Kind::ResetSession
        | Kind::SetSessionAuthorization
        | Kind::ResetSessionAuthorization
        | Kind::SetRole
        | Kind::SetPath
        | Kind::SetTimeZone => {
            Some("send `catalog`, `schema`, `session` or `time_zone` in the request, beside the query that needs it")
        }
        Kind::StartTransaction | Kind::Commit | Kind::Rollback => {
            Some("send the statement alone: each one is a transaction of its own")
        }
        Kind::Prepare | Kind::Execute | Kind::Deallocate | Kind::DescribeInput | Kind::DescribeOutput => {
            Some("send the statement itself, or EXECUTE IMMEDIATE with its parameters")
        }
        _ => None,
    }
}
