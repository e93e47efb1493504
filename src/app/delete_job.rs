//! Delete a job that has ended, with its result.

use super::{App, AppError};
use crate::jobs::{JobId, Principal};
use crate::problem::{Code, Problem};

impl App {
    /// Deletes a job of the caller and what it stored. The result goes first: a job without its result can be
    /// deleted again, a result without its job would lie there for ever.
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
            return Err(crate::store::StoreError::CommandsWaiting { id }.into());
        }
        if self.store.is_job_of_model(id).await? {
            return Err(crate::store::StoreError::JobOfModel { id }.into());
        }
        if let Some(result) = job.result() {
            self.results.delete(&super::read_result::name_of(result)?).await?;
        }
        Ok(self.store.delete_job(&job).await?)
    }
}
