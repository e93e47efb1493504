//! Delete a job that has ended, with its result.

use super::sweep_results::stored_of;
use super::{App, AppError};
use crate::jobs::{JobId, Principal};
use crate::problem::{Code, Problem};
use crate::store::StoreError;

impl App {
    /// Deletes a job of the caller and everything that its attempts stored. First nobody reads the result any more, then
    /// the objects go, then the job: wherever this breaks off, it can be called again, and what is left never looks like
    /// a result that can be read.
    ///
    /// # Errors
    /// When the caller has no such job, it has not ended, or the database or the result store is gone.
    pub async fn delete_job(&self, caller: &Principal, id: JobId) -> Result<(), AppError> {
        let job = self.get_job(caller, id).await?;
        if !job.status().is_terminal() {
            return Err(Problem::new(Code::JobNotTerminal, format!("job {id} is {}", job.status().as_str()))
                .with_hint("cancel it first")
                .into());
        }
        if self.store.model_commands(id).await?.iter().any(|command| !command.state.is_settled()) {
            return Err(StoreError::CommandsWaiting { id }.into());
        }
        if self.store.is_job_of_model(id).await? {
            return Err(StoreError::JobOfModel { id }.into());
        }
        self.store.expire_result(id, self.clock.now()).await?;
        // From here on nothing about the job changes any more but that it is gone.
        let job = self.get_job(caller, id).await?;
        self.results.delete(&stored_of(id, job.created)?).await?;
        match self.store.delete_job(&job).await {
            Err(StoreError::Stale { .. }) => Err(AppError::job_not_found(id)),
            outcome => Ok(outcome?),
        }
    }
}
