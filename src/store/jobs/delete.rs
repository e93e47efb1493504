//! Deletes a job that has ended.

use entity::{job, model_queue};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait, SqlErr};

use crate::jobs::{Job, Status};
use crate::store::{Store, StoreError, data_models};

impl Store {
    /// Deletes a job that has ended, with what it refers to, its idempotency key and its settled commands, if its version
    /// is still the one that was read.
    ///
    /// # Errors
    /// [`StoreError::CommandsWaiting`] when it asks the scheduler for something that is not delivered yet: a command must
    /// not be lost with its job. [`StoreError::JobOfModel`] when a model is what it made. [`StoreError::Stale`] when it has changed, has not ended, or is gone. When the database
    /// is not available.
    pub async fn delete_job(&self, job: &Job) -> Result<(), StoreError> {
        let transaction = self.begin("delete a job").await?;
        let statements = transaction.statements();
        // No job becomes that of a model after it was made, so that nothing can come in between.
        if data_models::is_of_model(&statements, job.id).await? {
            return Err(StoreError::JobOfModel { id: job.id });
        }
        let settled = model_queue::Entity::delete_many()
            .filter(model_queue::Column::JobId.eq(job.id.0))
            .filter(model_queue::Column::Settled.is_not_null())
            .into_query();
        statements.execute(&settled).await?;
        let ended = Status::ALL.into_iter().filter(|status| status.is_terminal()).map(Status::as_str);
        let delete = job::Entity::delete_many()
            .filter(job::Column::Id.eq(job.id.0))
            .filter(job::Column::Version.eq(job.version))
            .filter(job::Column::Status.is_in(ended))
            .into_query();
        match statements.try_execute(&delete).await {
            Ok(1) => transaction.commit().await,
            Ok(_) => Err(StoreError::Stale { id: job.id }),
            Err(error) if matches!(error.sql_err(), Some(SqlErr::ForeignKeyConstraintViolation(_))) => {
                Err(StoreError::CommandsWaiting { id: job.id })
            }
            Err(error) => Err(statements.error(&error)),
        }
    }
}
