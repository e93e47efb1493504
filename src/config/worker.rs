//! Section `worker`: how many jobs a process drives at once, and how it keeps its hold on them.

use std::time::Duration;

use super::values::Values;
use super::{ConfigError, Setting};

const SLOTS: Setting =
    Setting::new("worker.slots", "WARREN_WORKER_SLOTS", "how many jobs this process drives at once").default("8");
const LEASE_MS: Setting = Setting::new(
    "worker.lease_ms",
    "WARREN_WORKER_LEASE_MS",
    "how long a job stays with a worker that is not heard of before another takes it over; the clocks of processes that share a database have to agree to well within it",
)
.default("30000");
const RENEW_MS: Setting =
    Setting::new("worker.renew_ms", "WARREN_WORKER_RENEW_MS", "how often a worker renews its lease").default("5000");
const POLL_MS: Setting = Setting::new(
    "worker.poll_ms",
    "WARREN_WORKER_POLL_MS",
    "how often an idle worker looks for jobs that other processes queued",
)
.default("1000");

pub(super) const SETTINGS: &[&Setting] = &[&SLOTS, &LEASE_MS, &RENEW_MS, &POLL_MS];

/// The workers of one process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerConfig {
    /// How many jobs are driven at once, 1 to 1024: `WARREN_WORKER_SLOTS`.
    pub slots: usize,
    /// How long a claim holds; at least twice `renew`: `WARREN_WORKER_LEASE_MS`.
    pub lease: Duration,
    /// How often a claim is renewed: `WARREN_WORKER_RENEW_MS`.
    pub renew: Duration,
    /// How often an idle worker looks into the database: `WARREN_WORKER_POLL_MS`.
    pub poll: Duration,
}

impl WorkerConfig {
    pub(super) fn read(values: &Values) -> Result<Self, ConfigError> {
        let lease = values.millis(&LEASE_MS, 100..=3_600_000)?;
        let renew = values.millis(&RENEW_MS, 10..=3_600_000)?;
        if lease < renew * 2 {
            return Err(ConfigError::LeaseTooShort { lease_ms: lease.as_millis(), renew_ms: renew.as_millis() });
        }
        Ok(Self {
            slots: values.number(&SLOTS, 1..=1024)?,
            lease,
            renew,
            poll: values.millis(&POLL_MS, 10..=3_600_000)?,
        })
    }
}
