//! Logs and metrics: one subscriber and one recorder for the process. What is logged is decided where it happens.

use std::sync::{Mutex, PoisonError};

use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

use crate::config::{LogConfig, LogFormat};

/// Histogram buckets for times, in seconds: from a page of a small query to a query of minutes.
const SECONDS: [f64; 12] = [0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 120.0, 600.0];

/// Why logs or metrics could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter is none.
    #[error("the log filter is not valid")]
    Filter(#[from] ParseError),
    /// The buckets are none.
    #[error("the metrics recorder cannot be built")]
    Metrics(#[from] BuildError),
}

/// Sends logs to stderr. Only the first call of a process takes effect.
///
/// # Errors
/// When the filter cannot be read.
pub fn log_to_stderr(log: &LogConfig) -> Result<(), TelemetryError> {
    let filter = EnvFilter::try_new(&log.filter)?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second subscriber in one process is a test that starts a second service: the first one stays.
    let _ = match log.format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    Ok(())
}

/// What the recorder of this process has counted. There is one recorder for the process, however many services a
/// test starts in it.
static RECORDED: Mutex<Option<PrometheusHandle>> = Mutex::new(None);

/// Records metrics from now on; what shows them.
///
/// # Errors
/// When the recorder cannot be built.
pub fn record_metrics() -> Result<PrometheusHandle, TelemetryError> {
    let mut recorded = RECORDED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = &*recorded {
        return Ok(handle.clone());
    }
    let recorder = PrometheusBuilder::new().set_buckets(&SECONDS)?.build_recorder();
    let handle = recorder.handle();
    let _ = metrics::set_global_recorder(recorder);
    *recorded = Some(handle.clone());
    Ok(handle)
}
