//! The history of a caller's jobs.

use super::{App, AppError};
use crate::jobs::Principal;
use crate::store::{JobFilter, JobPage, PageRequest};

impl App {
    /// A page of the caller's jobs, newest first. With a filter for the jobs of somebody else it is empty.
    ///
    /// # Errors
    /// When the database is gone.
    pub async fn list_jobs(
        &self,
        caller: &Principal,
        filter: JobFilter,
        page: &PageRequest,
    ) -> Result<JobPage, AppError> {
        if filter.owner.as_ref().is_some_and(|owner| owner != caller) {
            return Ok(JobPage { items: Vec::new(), next: None });
        }
        let filter = JobFilter { owner: Some(caller.clone()), ..filter };
        Ok(self.store.jobs(&filter, page).await?)
    }

    /// The job's place among those that wait in its queue, 1 for the next; none when it does not wait.
    ///
    /// # Errors
    /// When the database is gone.
    pub async fn queue_position(&self, job: &crate::jobs::Job) -> Result<Option<u64>, AppError> {
        Ok(self.store.queue_position(job).await?)
    }
}
