//! A query that Trino ran, or refused to run, and that failed (Trino's `QueryError`).

use serde::Deserialize;

/// Why a query failed. Trino's stack trace (`failureInfo`) is not kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    /// Trino's words; they may hold a position in the text that Trino received, as in `line 1:15: …`.
    pub message: String,
    /// The number of the error: user errors from 0, internal ones from 65,536, resources from 131,072, connectors from
    /// 16,777,216 (`StandardErrorCode`).
    pub code: i64,
    /// The name of the error, such as `TABLE_NOT_FOUND`.
    pub name: String,
    /// Whose fault it is.
    pub kind: ErrorKind,
    /// Where in the text that Trino received.
    pub location: Option<Location>,
}

/// Whose fault it is (Trino's `ErrorType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The statement, its names, or the user's rights.
    User,
    /// Trino itself.
    Internal,
    /// The cluster lacks memory, time, or a place in its queue.
    InsufficientResources,
    /// A source that a connector reads or writes.
    External,
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

/// Internal errors that name a trouble of the cluster and not of the query (`StandardErrorCode`).
const PASSING_TROUBLES: &[&str] = &[
    "NO_NODES_AVAILABLE",
    "PAGE_TRANSPORT_ERROR",
    "PAGE_TRANSPORT_TIMEOUT",
    "REMOTE_HOST_GONE",
    "REMOTE_TASK_ERROR",
    "REMOTE_TASK_MISMATCH",
    "SERVER_SHUTTING_DOWN",
    "SERVER_STARTING_UP",
    "TOO_MANY_REQUESTS_FAILED",
];

/// Limits that the same query would meet again.
const LIMITS_OF_THE_QUERY: &[&str] = &[
    "EXCEEDED_CPU_LIMIT",
    "EXCEEDED_GLOBAL_MEMORY_LIMIT",
    "EXCEEDED_LOCAL_MEMORY_LIMIT",
    "EXCEEDED_SCAN_LIMIT",
    "EXCEEDED_SPILL_LIMIT",
    "EXCEEDED_TASK_DESCRIPTOR_STORAGE_CAPACITY",
    "EXCEEDED_TIME_LIMIT",
    "EXCEEDED_WRITE_LIMIT",
];

impl QueryError {
    /// Whether the same query may succeed later: the cluster was starting, stopping, full, or lost a node.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.kind {
            ErrorKind::Internal => PASSING_TROUBLES.contains(&self.name.as_str()),
            ErrorKind::InsufficientResources => !LIMITS_OF_THE_QUERY.contains(&self.name.as_str()),
            ErrorKind::User | ErrorKind::External => false,
        }
    }
}

impl ErrorKind {
    /// The kind by Trino's name of it; by the range of `code` when a server gives none or a new one.
    fn new(name: Option<&str>, code: i64) -> Self {
        match name {
            Some("USER_ERROR") => Self::User,
            Some("INTERNAL_ERROR") => Self::Internal,
            Some("INSUFFICIENT_RESOURCES") => Self::InsufficientResources,
            Some("EXTERNAL") => Self::External,
            Some(_) | None => match code {
                0x0100_0000.. => Self::External,
                0x0002_0000.. => Self::InsufficientResources,
                0x0001_0000.. => Self::Internal,
                0.. => Self::User,
                _ => Self::Internal,
            },
        }
    }
}

/// The wire form.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WireError {
    message: Option<String>,
    #[serde(default)]
    error_code: i64,
    error_name: Option<String>,
    error_type: Option<String>,
    error_location: Option<WireLocation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireLocation {
    line_number: u32,
    column_number: u32,
}

impl From<WireError> for QueryError {
    fn from(wire: WireError) -> Self {
        Self {
            message: wire.message.unwrap_or_else(|| "trino gave no reason".to_owned()),
            code: wire.error_code,
            name: wire.error_name.unwrap_or_else(|| "GENERIC_INTERNAL_ERROR".to_owned()),
            kind: ErrorKind::new(wire.error_type.as_deref(), wire.error_code),
            location: wire.error_location.map(|at| Location { line: at.line_number, column: at.column_number }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn error(wire: serde_json::Value) -> QueryError {
        serde_json::from_value::<WireError>(wire).unwrap().into()
    }

    #[test]
    fn an_error_keeps_its_message_name_and_place() {
        let found = error(json!({
            "message": "line 1:15: Table 'hive.sales.orders' does not exist", "errorCode": 46,
            "errorName": "TABLE_NOT_FOUND", "errorType": "USER_ERROR",
            "errorLocation": {"lineNumber": 1, "columnNumber": 15},
            "failureInfo": {"type": "io.trino.spi.TrinoException", "suppressed": [], "stack": ["io.trino.A.b(A.java:1)"]}
        }));
        let expect = QueryError {
            message: "line 1:15: Table 'hive.sales.orders' does not exist".into(),
            code: 46,
            name: "TABLE_NOT_FOUND".into(),
            kind: ErrorKind::User,
            location: Some(Location { line: 1, column: 15 }),
        };
        assert_eq!(found, expect);
    }

    #[test]
    fn a_scant_error_still_reads() {
        let found = error(json!({"message": null, "errorCode": 65_536}));
        assert_eq!((found.message.as_str(), found.name.as_str()), ("trino gave no reason", "GENERIC_INTERNAL_ERROR"));
        assert_eq!((found.kind, found.location), (ErrorKind::Internal, None));
    }

    #[test]
    fn the_kind_follows_the_name_or_else_the_code() {
        fn check(name: Option<&str>, code: i64, expect: ErrorKind) {
            assert_eq!(ErrorKind::new(name, code), expect, "{name:?} {code}");
        }
        check(Some("EXTERNAL"), 1, ErrorKind::External);
        check(Some("SOMETHING_NEW"), 3, ErrorKind::User);
        check(None, 0, ErrorKind::User);
        check(None, 65_541, ErrorKind::Internal);
        check(None, 131_074, ErrorKind::InsufficientResources);
        check(None, 16_777_216, ErrorKind::External);
        check(None, -1, ErrorKind::Internal);
    }

    #[test]
    fn only_passing_troubles_are_worth_another_try() {
        fn check(kind: &str, name: &str, expect: bool) {
            let found = error(json!({"errorName": name, "errorType": kind}));
            assert_eq!(found.is_retryable(), expect, "{name}");
        }
        check("USER_ERROR", "TABLE_NOT_FOUND", false);
        check("INTERNAL_ERROR", "SERVER_STARTING_UP", true);
        check("INTERNAL_ERROR", "GENERIC_INTERNAL_ERROR", false);
        check("INSUFFICIENT_RESOURCES", "QUERY_QUEUE_FULL", true);
        check("INSUFFICIENT_RESOURCES", "EXCEEDED_TIME_LIMIT", false);
        check("EXTERNAL", "JDBC_ERROR", false);
    }
}
