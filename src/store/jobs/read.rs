//! Jobs as they are stored.

use chrono::{DateTime, Utc};
use entity::job;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryResult, QuerySelect, QueryTrait,
};

use crate::jobs::{Job, JobId, Status};
use crate::store::statements::Statements;
use crate::store::{Store, StoreError, models, rows};

impl Store {
    /// A job, if there is one of that id.
    ///
    /// # Errors
    /// When the database is not available or the row is corrupt.
    pub async fn job(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        let statements = self.reading("read a job");
        let select = job::Entity::find().filter(job::Column::Id.eq(id.0)).into_query();
        let found = statements.one(&select).await?;
        Ok(with_models(&statements, found.as_slice()).await?.pop())
    }

    /// Jobs that are `INIT` since before a moment, oldest first: their request was answered, or was about to be, and then
    /// whoever worked on them was gone. A row that is corrupt is logged and left out.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn unprepared_jobs(&self, created_before: DateTime<Utc>, limit: u64) -> Result<Vec<Job>, StoreError> {
        let statements = self.reading("read jobs that were left behind");
        let select = job::Entity::find()
            .filter(super::position::status_is(Status::Init))
            .filter(job::Column::Created.lt(created_before))
            .order_by_asc(job::Column::Created)
            .order_by_asc(job::Column::Id)
            .limit(limit)
            .into_query();
        let found = statements.all(&select).await?;
        readable_jobs(&statements, &found).await
    }
}

/// The same as [`with_models`] for work in the background, where one row that is corrupt must not stop the others.
pub(super) async fn readable_jobs<C: ConnectionTrait>(
    statements: &Statements<'_, C>,
    found: &[QueryResult],
) -> Result<Vec<Job>, StoreError> {
    match with_models(statements, found).await {
        Err(StoreError::Corrupt { .. }) => {}
        jobs => return jobs,
    }
    let mut jobs = Vec::with_capacity(found.len());
    for row in found {
        match with_models(statements, std::slice::from_ref(row)).await {
            Ok(job) => jobs.extend(job),
            Err(error @ StoreError::Corrupt { .. }) => tracing::error!(%error, "a job is passed over"),
            Err(error) => return Err(error),
        }
    }
    Ok(jobs)
}

/// The jobs of these rows, in their order. The models of all of them are one more query, and none where no job has any.
pub(super) async fn with_models<C: ConnectionTrait>(
    statements: &Statements<'_, C>,
    found: &[QueryResult],
) -> Result<Vec<Job>, StoreError> {
    let rows = found.iter().map(rows::JobRow::new).collect::<Result<Vec<_>, _>>()?;
    let mut planned = Vec::with_capacity(rows.len());
    for row in &rows {
        if row.has_plan()? {
            planned.push(row.id());
        }
    }
    let mut models = models::models_of(statements, &planned).await?;
    rows.into_iter()
        .map(|row| {
            let models = models.remove(&row.id()).unwrap_or_default();
            row.into_job(models)
        })
        .collect()
}
