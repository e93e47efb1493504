//! Cancel: at any point of a job's life, and as often as somebody likes.

use super::{App, AppError};
use crate::jobs::{Job, JobId, Principal, State};
use crate::store::StoreError;

impl App {
    /// Asks for a job of the caller to be stopped. A job that no worker has is `CANCELED` at once; one that runs is when
    /// Trino has let go of the query. A job that has ended stays as it is.
    ///
    /// # Errors
    /// When the caller has no such job, or the database is gone.
    pub async fn cancel_job(&self, caller: &Principal, id: JobId) -> Result<Job, AppError> {
        let job = self.get_job(caller, id).await?;
        match job.state {
            State::Init | State::Queued { .. } => self.cancel_waiting(caller, job).await,
            State::Running { .. } => self.cancel_running(caller, id).await,
            State::Finished { .. } | State::Failed { .. } | State::Canceled { .. } => Ok(job),
        }
    }

    async fn cancel_waiting(&self, caller: &Principal, job: Job) -> Result<Job, AppError> {
        let id = job.id;
        let transition = job.cancel(self.clock.now())?;
        match self.store.save(&transition).await {
            Ok(job) => {
                metrics::counter!("warren_jobs_ended_total", "status" => "CANCELED").increment(1);
                self.signals.job_changed(job.clone());
                Ok(job)
            }
            // A worker took it in the meantime, or it ended: then it is that state that counts.
            Err(StoreError::Stale { .. }) => self.cancel_running(caller, id).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn cancel_running(&self, caller: &Principal, id: JobId) -> Result<Job, AppError> {
        self.store.request_cancel(id, self.clock.now()).await?;
        self.signals.cancel(id);
        self.get_job(caller, id).await
    }
}
