//! What can go wrong with the database, by what a caller can do about it.

use std::fmt;

use sea_orm::sqlx;
use sea_orm::{DbErr, RuntimeErr, SqlxPostgresError};

use crate::jobs::JobId;

/// An operation on the database that did not work out.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL names no database that Warren can use.
    #[error(
        "the database URL cannot be used: {reason}; write postgres://user:password@host/database or sqlite:/path/to/file"
    )]
    Url {
        /// What is wrong with it, without the URL.
        reason: String,
    },
    /// The database does not answer, or not now. The same operation may succeed later. A write may have taken effect;
    /// because each one says what it expects, trying it again does no harm.
    #[error("the database is not available to {operation}")]
    Unavailable {
        /// What was tried.
        operation: &'static str,
        /// What the database or the network said.
        #[source]
        source: Fault,
    },
    /// The row is not what the write expected: somebody else was faster.
    #[error("job {id} is not what the change expects any more")]
    Stale {
        /// The job.
        id: JobId,
    },
    /// A row holds what no Warren wrote.
    #[error("the table {table} holds a value that is not valid in column {column} of row {row}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The row's primary key.
        row: String,
        /// The column.
        column: &'static str,
    },
    /// Another row has the name or id already.
    #[error("the {what} is taken")]
    Conflict {
        /// What is taken.
        what: &'static str,
    },
    /// The job asks the scheduler for something that is not delivered yet, so that it cannot be deleted.
    #[error("job {id} has commands in the model queue that are not delivered yet; delete it once they are")]
    CommandsWaiting {
        /// The job.
        id: JobId,
    },
    /// A model is what the job made of it, so that the job cannot be deleted.
    #[error("a model is what job {id} made of it; drop the model before the job is deleted")]
    JobOfModel {
        /// The job.
        id: JobId,
    },
    /// A value that the tables cannot hold.
    #[error("the column {column} of the table {table} cannot hold {reason}")]
    Unstorable {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// What is wrong with the value.
        reason: &'static str,
    },
    /// The database was laid out by a newer Warren.
    #[error("the database has steps that this version does not know; use the version that made them")]
    TooNew {
        /// Which steps.
        #[source]
        source: Fault,
    },
    /// The database refuses the statement, which is a bug in Warren, or it is damaged or not set up.
    #[error("the database refuses to {operation}; run `warren migrate` if it is new")]
    Rejected {
        /// What was tried.
        operation: &'static str,
        /// What the database said.
        #[source]
        source: Fault,
    },
}

impl StoreError {
    /// Whether the same operation may succeed later.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    pub(super) fn of(operation: &'static str, error: &DbErr) -> Self {
        let source = Fault::of(error);
        if is_transient(error) { Self::Unavailable { operation, source } } else { Self::Rejected { operation, source } }
    }
}

/// What the database or the network said, as text. The driver's own error is not kept: its debug form can hold the values
/// of a row.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Fault {
    text: String,
}

impl Fault {
    pub(super) fn of(error: &DbErr) -> Self {
        let text = match sqlx_error(error) {
            Some(cause) => cause.to_string(),
            None => error.to_string(),
        };
        Self { text }
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

fn sqlx_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => Some(cause),
        _ => None,
    }
}

fn is_transient(error: &DbErr) -> bool {
    if matches!(error, DbErr::Conn(_) | DbErr::ConnectionAcquire(_)) {
        return true;
    }
    match sqlx_error(error) {
        Some(sqlx::Error::Database(fault)) => {
            let code = fault.code().unwrap_or_default();
            match fault.try_downcast_ref::<SqlxPostgresError>() {
                Some(_) => is_transient_sqlstate(&code),
                None => is_transient_result_code(&code),
            }
        }
        Some(cause) => matches!(
            cause,
            sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed
                | sqlx::Error::BeginFailed
        ),
        None => false,
    }
}

/// An extended result code (<https://www.sqlite.org/rescode.html>), whose low byte is the primary one: BUSY, LOCKED, NOMEM,
/// READONLY, IOERR, FULL, CANTOPEN.
fn is_transient_result_code(code: &str) -> bool {
    code.parse::<u32>().is_ok_and(|extended| matches!(extended & 0xff, 5 | 6 | 7 | 8 | 10 | 13 | 14))
}

/// A SQLSTATE (PostgreSQL's manual, appendix A): connection exceptions, used-up resources, errors of the server's machine,
/// a server that starts or stops, a standby, a conflict of two transactions, a lock or a statement that took too long.
fn is_transient_sqlstate(state: &str) -> bool {
    ["08", "53", "58"].iter().any(|class| state.starts_with(class))
        || matches!(state, "57P01" | "57P02" | "57P03" | "57P05" | "57014" | "25006" | "40001" | "40P01" | "55P03")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(is_transient: fn(&str) -> bool, transient: &[&str], lasting: &[&str]) {
        transient.iter().for_each(|code| assert!(is_transient(code), "{code} passes"));
        lasting.iter().for_each(|code| assert!(!is_transient(code), "{code} stays"));
    }

    #[test]
    fn postgresql_says_whether_to_try_again() {
        // The server is stopping, too many clients, disk full, deadlock; a CHECK, a unique key, a missing table.
        check(is_transient_sqlstate, &["57P01", "53300", "53100", "40P01", "08006"], &["23514", "23505", "42P01", ""]);
    }

    #[test]
    fn sqlite_says_whether_to_try_again() {
        // Busy, busy with a stale snapshot, disk full, an I/O error in fsync; a CHECK, a foreign key, a primary key, an
        // error in the SQL, a damaged file.
        check(is_transient_result_code, &["5", "517", "13", "1034"], &["275", "787", "1555", "1", "11", ""]);
    }

    #[test]
    fn the_driver_error_does_not_show_in_the_debug_form() {
        let error = DbErr::Exec(RuntimeErr::SqlxError(sqlx::Error::Protocol("half an answer".to_owned()).into()));
        let error = StoreError::of("store a job", &error);
        assert!(error.is_unavailable());
        assert!(!format!("{error:?}").contains("Protocol("), "{error:?}");
    }
}
