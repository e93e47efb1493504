//! Read the column lineage of a job.

use super::{App, AppError};
use crate::jobs::{ColumnLineage, JobId, Principal};

impl App {
    /// Where the columns of a job come from; nothing, and not complete, where its query could not be analysed.
    ///
    /// # Errors
    /// When the caller has no such job, or the database is gone.
    pub async fn get_lineage(&self, caller: &Principal, id: JobId) -> Result<ColumnLineage, AppError> {
        let job = self.get_job(caller, id).await?;
        Ok(job.plan().map(|plan| plan.lineage.clone()).unwrap_or_default())
    }
}
