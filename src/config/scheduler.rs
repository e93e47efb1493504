//! Section `scheduler`: how this process works off the model queue, and how OpenMetadata learns of what was made.

use std::time::Duration;

use super::values::Values;
use super::{ConfigError, Setting};

const BUILT_IN: Setting = Setting::new(
    "scheduler.built_in",
    "WARREN_SCHEDULER_BUILT_IN",
    "whether Warren itself works off the model queue, where there is an OpenMetadata; `false` leaves it to a scheduler of your own",
)
.default("true");
const SLOTS: Setting =
    Setting::new("scheduler.slots", "WARREN_SCHEDULER_SLOTS", "how many commands this process carries out at once")
        .default("8");
const LEASE_MS: Setting = Setting::new(
    "scheduler.lease_ms",
    "WARREN_SCHEDULER_LEASE_MS",
    "how long a command stays with a scheduler that is not heard of before another takes it; it is renewed thrice in this time",
)
.default("60000");
const POLL_MS: Setting = Setting::new(
    "scheduler.poll_ms",
    "WARREN_SCHEDULER_POLL_MS",
    "how often OpenMetadata is asked how far an ingestion is",
)
.default("10000");
const PUBLISH: Setting = Setting::new(
    "openmetadata.publish",
    "WARREN_OPENMETADATA_PUBLISH",
    "how OpenMetadata learns of a table or view that was made: `ingest`: by its own ingestion; `direct`: where there is none \
     yet, Warren writes it there with its columns",
)
.default("ingest");

pub(super) const SETTINGS: &[&Setting] = &[&BUILT_IN, &SLOTS, &LEASE_MS, &POLL_MS, &PUBLISH];

/// The built-in scheduler of one process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchedulerConfig {
    /// Whether there is one: `WARREN_SCHEDULER_BUILT_IN`.
    pub built_in: bool,
    /// How many commands are carried out at once, 1 to 1024: `WARREN_SCHEDULER_SLOTS`.
    pub slots: usize,
    /// How long a claim holds: `WARREN_SCHEDULER_LEASE_MS`.
    pub lease: Duration,
    /// How often a run of an ingestion is looked at: `WARREN_SCHEDULER_POLL_MS`.
    pub poll: Duration,
    /// How OpenMetadata learns of what was made: `WARREN_OPENMETADATA_PUBLISH`.
    pub publish: Publish,
}

/// How OpenMetadata learns of a table or view that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publish {
    /// By its own ingestion, which lineage waits for.
    Ingest,
    /// From Warren, where its own ingestion does not bring it.
    Direct,
}

impl SchedulerConfig {
    pub(super) fn read(values: &Values) -> Result<Self, ConfigError> {
        let publish = |text: &str| match text {
            "ingest" => Some(Publish::Ingest),
            "direct" => Some(Publish::Direct),
            _ => None,
        };
        Ok(Self {
            built_in: values.read(&BUILT_IN, "true or false", |text| text.parse().ok())?,
            slots: values.number(&SLOTS, 1..=1024)?,
            lease: values.millis(&LEASE_MS, 1_000..=3_600_000)?,
            poll: values.millis(&POLL_MS, 1..=600_000)?,
            publish: values.read(&PUBLISH, "ingest or direct", publish)?,
        })
    }
}
