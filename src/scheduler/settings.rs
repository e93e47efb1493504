//! How the scheduler of one process behaves.

use std::time::Duration;

use crate::config::{Publish, SchedulerConfig};

/// Settings of a scheduler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchedulerSettings {
    /// The most commands that are carried out at once.
    pub slots: usize,
    /// How long a command belongs to a scheduler that is not heard of.
    pub lease: Duration,
    /// How often a run of an ingestion is looked at.
    pub poll: Duration,
    /// How OpenMetadata learns of what was made.
    pub publish: Publish,
}

impl From<&SchedulerConfig> for SchedulerSettings {
    fn from(config: &SchedulerConfig) -> Self {
        Self { slots: config.slots, lease: config.lease, poll: config.poll, publish: config.publish }
    }
}
