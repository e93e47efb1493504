//! Section `http`: the HTTP server.

use std::time::Duration;

use super::values::Values;
use super::{ConfigError, Setting};

const WORKERS: Setting = Setting::new(
    "http.workers",
    "WARREN_HTTP_WORKERS",
    "threads that answer requests; none of them ever waits for Trino, so that few are enough",
)
.default("2");
const SHUTDOWN_MS: Setting = Setting::new(
    "http.shutdown_ms",
    "WARREN_HTTP_SHUTDOWN_MS",
    "how long requests in flight may take to end when the server stops",
)
.default("10000");

pub(super) const SETTINGS: &[&Setting] = &[&WORKERS, &SHUTDOWN_MS];

/// The HTTP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpConfig {
    /// Threads, 1 to 256: `WARREN_HTTP_WORKERS`.
    pub workers: usize,
    /// How long a stop waits for requests in flight: `WARREN_HTTP_SHUTDOWN_MS`.
    pub shutdown: Duration,
}

impl HttpConfig {
    pub(super) fn read(values: &Values) -> Result<Self, ConfigError> {
        Ok(Self { workers: values.number(&WORKERS, 1..=256)?, shutdown: values.millis(&SHUTDOWN_MS, 0..=600_000)? })
    }
}
