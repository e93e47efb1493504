//! Run: submit for a client that waits. A worker of this process begins at once, without the job waiting in the queue.

use tokio::sync::watch;

use super::submit_job::Submitted;
use super::{App, AppError};
use crate::jobs::{IdempotencyKey, State, Submission};

impl App {
    /// As [`Self::submit_job`]. While a worker of this process is free, nothing older waits for it: the job is stored as
    /// one that runs already, and Trino gets the query in the meantime. Trino begins with a query when its first page is
    /// asked for, which happens once the job is stored.
    ///
    /// # Errors
    /// As [`Self::submit_job`].
    pub async fn run_job(&self, submission: Submission, key: Option<IdempotencyKey>) -> Result<Submitted, AppError> {
        let job = self.analysed(submission).await?;
        let can_run = matches!(job.state, State::Queued { .. });
        let slot = if can_run { self.signals.free_slot() } else { None };
        let Some(slot) = slot else {
            let submitted = self.insert(job, key.as_ref()).await?;
            if !submitted.replayed {
                self.announce(&submitted.job);
            }
            return Ok(submitted);
        };
        let job = job.claim(slot.lease(), self.clock.now())?.job;
        let (storing, stored) = watch::channel(false);
        // A request that comes again with its key makes no job, so Trino does not hear of it before that is known.
        let waiting = match key {
            Some(_) => Some(slot),
            None => {
                slot.drive(job.clone(), stored.clone());
                None
            }
        };
        let submitted = self.insert(job, key.as_ref()).await?;
        if !submitted.replayed {
            storing.send_replace(true);
            self.signals.job_changed(submitted.job.clone());
            if let Some(slot) = waiting {
                slot.drive(submitted.job.clone(), stored);
            }
        }
        Ok(submitted)
    }
}
