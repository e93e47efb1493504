//! Bounds on what a request may ask for.

use std::time::Duration;

/// Bounds on requests, from the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest request body, in bytes.
    pub max_body_bytes: usize,
    /// The longest SQL text, in bytes. Trino takes a million characters by default (`query.max-length`).
    pub max_sql_bytes: usize,
    /// The most rows of one result; unbounded where absent.
    pub max_rows: Option<u64>,
    /// The most rows of one page.
    pub max_page_rows: u64,
    /// The longest time that a request may wait for a job.
    pub max_wait: Duration,
    /// How long a result is kept; for ever where absent.
    pub result_ttl: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_body_bytes: 4 * 1024 * 1024,
            max_sql_bytes: 1_000_000,
            max_rows: Some(10_000_000),
            max_page_rows: 10_000,
            max_wait: Duration::from_secs(60),
            result_ttl: None,
        }
    }
}
