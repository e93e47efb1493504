//! What the names of a job's query meant when it was made.

use super::{App, AppError};
use crate::jobs::{FusionModel, JobId, Principal};

impl App {
    /// The fusion models of a job of the caller.
    ///
    /// # Errors
    /// When the caller has no such job, or the database is gone.
    pub async fn list_models(&self, caller: &Principal, id: JobId) -> Result<Vec<FusionModel>, AppError> {
        self.get_job(caller, id).await?;
        Ok(self.store.fusion_models(id).await?)
    }
}
