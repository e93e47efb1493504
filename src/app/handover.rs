//! How a job gets to the workers of this process without waiting for their next look at the database.

use std::fmt;

use tokio::sync::watch;

use crate::jobs::{Job, Lease};

/// The workers of this process, as the use cases see them.
pub trait Workers: fmt::Debug + Send + Sync {
    /// A slot that is free, held until it is dropped; none when all are taken, when other jobs wait for one, or when the
    /// process goes down.
    fn free_slot(&self) -> Option<Box<dyn Slot>>;

    /// A job was stored that waits for a slot.
    fn job_waits(&self);
}

/// The place of one job among those that run at once.
pub trait Slot: Send {
    /// The lease under which the job has to be stored.
    fn lease(&self) -> Lease;

    /// Drives a job that runs under that lease. Until `stored` is true nothing of its query runs and nothing is written
    /// for it; when it can become true no more, the job is let go.
    fn drive(self: Box<Self>, job: Job, stored: watch::Receiver<bool>);
}
