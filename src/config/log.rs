//! Section `log`: what is logged, and in which form. The log goes to stderr.

use tracing_subscriber::EnvFilter;

use super::values::Values;
use super::{ConfigError, Setting};

const FILTER: Setting =
    Setting::new("log.filter", "WARREN_LOG", "what is logged, as a filter of `tracing`: `info`, `warn,warren=debug`")
        .default("info");
const FORMAT: Setting = Setting::new("log.format", "WARREN_LOG_FORMAT", "`text` or `json`").default("text");

pub(super) const SETTINGS: &[&Setting] = &[&FILTER, &FORMAT];

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// A filter that `tracing_subscriber` can read: `WARREN_LOG`.
    pub filter: String,
    /// The form of a line: `WARREN_LOG_FORMAT`.
    pub format: LogFormat,
}

/// The form of a line of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// An object a line, for machines.
    Json,
}

impl LogConfig {
    pub(super) fn read(values: &Values) -> Result<Self, ConfigError> {
        let filter = values.read(&FILTER, "a filter such as info or warn,warren=debug", |text| {
            EnvFilter::builder().parse(text).is_ok().then(|| text.to_owned())
        })?;
        let format = values.read(&FORMAT, "text or json", |text| match text {
            "text" => Some(LogFormat::Text),
            "json" => Some(LogFormat::Json),
            _ => None,
        })?;
        Ok(Self { filter, format })
    }
}
