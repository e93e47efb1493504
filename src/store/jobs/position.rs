//! A job's place in its queue.

use entity::job;
use sea_orm::sea_query::{Expr, ExprTrait, Value};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::jobs::{Job, Status};
use crate::store::{Store, StoreError};

impl Store {
    /// How many claims of its queue it takes until the job is claimed: 1 for the next; none when it does not wait.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn queue_position(&self, job: &Job) -> Result<Option<u64>, StoreError> {
        if job.status() != Status::Queued {
            return Ok(None);
        }
        let arrived = Expr::tuple([Expr::col(job::Column::Created), Expr::col(job::Column::Id)]);
        let earlier = arrived.lt(Expr::tuple([Expr::value(job.created), Expr::value(job.id.0)]));
        let priority = job.submission.priority;
        let ahead = Condition::any()
            .add(job::Column::Priority.gt(priority))
            .add(Condition::all().add(job::Column::Priority.eq(priority)).add(earlier));
        let select = job::Entity::find()
            .select_only()
            .column_as(job::Column::Id.count(), "ahead")
            .filter(status_is(Status::Queued))
            .filter(job::Column::Queue.eq(job.submission.queue.as_str()))
            .filter(ahead)
            .into_query();
        let statements = self.reading("count the jobs ahead of one");
        let Some(row) = statements.one(&select).await? else { return Ok(None) };
        let ahead: i64 = row.try_get("", "ahead").map_err(|error| statements.error(&error))?;
        Ok(u64::try_from(ahead).ok().map(|ahead| ahead + 1))
    }
}

/// A status written out in the SQL, so that the planner sees that the partial index serves it.
pub(super) fn status_is(status: Status) -> Expr {
    Expr::col(job::Column::Status).eq(Expr::Constant(Value::from(status.as_str())))
}
