//! Renews the lease of a running job and records how far it is, in one statement.

use chrono::{DateTime, Utc};
use entity::job;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait};

use super::transition::is_held_under;
use crate::jobs::{JobId, LeaseToken, Progress};
use crate::store::{Store, StoreError, rows};

/// What a worker says of a job that it drives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Renewal<'a> {
    /// The job.
    pub id: JobId,
    /// The lease.
    pub token: LeaseToken,
    /// The present moment.
    pub now: DateTime<Utc>,
    /// When the lease ends from now on.
    pub until: DateTime<Utc>,
    /// How far the query is.
    pub progress: &'a Progress,
    /// Where another worker would carry on, if that changed. It counts only while the job has a query at Trino.
    pub next_uri: Option<&'a str>,
}

/// What became of a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewed {
    /// The worker still has the job.
    Held {
        /// Somebody asked for the job to be canceled.
        cancel_requested: bool,
    },
    /// Another worker has it, or it has ended.
    Lost,
}

impl Store {
    /// Renews a lease, also one that ran out, as long as nobody else has taken the job. The job's version grows, so that
    /// whoever waits for news of it sees the progress.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn renew(&self, renewal: &Renewal<'_>) -> Result<Renewed, StoreError> {
        let Renewal { id, token, now, until, progress, next_uri } = *renewal;
        let mut update = job::Entity::update_many()
            .set(rows::renewed_columns(now, until, progress)?)
            .col_expr(job::Column::Version, Expr::col(job::Column::Version).add(1))
            .filter(job::Column::Id.eq(id.0))
            .filter(is_held_under(token))
            .into_query();
        if let Some(next_uri) = next_uri {
            // A renewal may be on its way while the query is given up: then there is nothing to carry on with.
            let only_with_query = CaseStatement::new().case(Expr::col(job::Column::Cluster).is_not_null(), next_uri);
            update.value(job::Column::TrinoNextUri, only_with_query);
        }
        update.returning_col(job::Column::CancelRequested);
        Ok(match self.writing("renew the lease of a job").one(&update).await? {
            Some(row) => Renewed::Held { cancel_requested: rows::cancel_requested(id, &row)? },
            None => Renewed::Lost,
        })
    }
}
