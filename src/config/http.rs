//! Section `http`: the HTTP server.

use super::values::Values;
use super::{ConfigError, Setting};

const WORKERS: Setting = Setting::new(
    "http.workers",
    "WARREN_HTTP_WORKERS",
    "threads that answer requests; none of them ever waits for Trino, so that few are enough",
)
.default("2");
pub(super) const SETTINGS: &[&Setting] = &[&WORKERS];

/// The HTTP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpConfig {
    /// Threads, 1 to 256: `WARREN_HTTP_WORKERS`.
    pub workers: usize,
}

impl HttpConfig {
    pub(super) fn read(values: &Values) -> Result<Self, ConfigError> {
        Ok(Self { workers: values.number(&WORKERS, 1..=256)? })
    }
}
