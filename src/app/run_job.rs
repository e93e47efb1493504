//! Run: submit for a client that waits. A worker of this process begins at once, without the job waiting in the queue.

use tokio::sync::watch;

use super::submit_job::{Prepared, Submitted};
use super::{App, AppError};
use crate::jobs::{IdempotencyKey, State, Submission};

impl App {
    /// As [`Self::submit_job`]. When a worker of this process is free and nothing is known to wait for it, the job is stored
    /// as one that runs already, and Trino gets the query in the meantime. Trino begins with a query when its first page
    /// is asked for, which happens once the job is stored.
    ///
    /// # Errors
    /// As [`Self::submit_job`].
    pub async fn run_job(&self, submission: Submission, key: Option<IdempotencyKey>) -> Result<Submitted, AppError> {
        let job = match self.prepared(submission, key.as_ref()).await? {
            Prepared::Earlier(submitted) => return Ok(submitted),
            Prepared::New(job) => job,
        };
        let can_run = matches!(job.state, State::Queued { .. });
        let slot = if can_run { self.signals.free_slot() } else { None };
        let Some(slot) = slot else { return self.queue(job, key.as_ref()).await };
        let job = job.claim(slot.lease(), self.clock.now())?.job;
        let (storing, stored) = watch::channel(false);
        slot.drive(job.clone(), stored);
        let submitted = self.insert(job, key.as_ref()).await?;
        if !submitted.replayed {
            self.signals.job_changed(submitted.job.clone());
            storing.send_replace(true);
        }
        Ok(submitted)
    }
}
