//! Records that somebody wants a job to end.

use chrono::{DateTime, Utc};
use entity::job;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait, Set};

use crate::jobs::{JobId, Status};
use crate::store::{Store, StoreError};

impl Store {
    /// Asks for a job to be canceled. The first request counts; a job that has ended, or that is not there, stays as it
    /// is. The worker that drives the job learns of it with its next renewal.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn request_cancel(&self, id: JobId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let requested = job::ActiveModel { cancel_requested: Set(Some(now)), updated: Set(now), ..Default::default() };
        let live = Status::ALL.into_iter().filter(|status| !status.is_terminal()).map(Status::as_str);
        let update = job::Entity::update_many()
            .set(requested)
            .col_expr(job::Column::Version, Expr::col(job::Column::Version).add(1))
            .filter(job::Column::Id.eq(id.0))
            .filter(job::Column::CancelRequested.is_null())
            .filter(job::Column::Status.is_in(live))
            .into_query();
        self.writing("ask for a job to be canceled").execute(&update).await?;
        Ok(())
    }
}
