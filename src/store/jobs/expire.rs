//! The end of a result: it expires, then its objects are deleted, then it is noted that they are gone. Each step is a
//! write of its own that says what it expects, so that whatever comes between two of them, the next one is found again.

use chrono::{DateTime, Utc};
use sea_orm::{DbBackend, Value};

use crate::jobs::JobId;
use crate::store::{Store, StoreError, rows};

/// A result that expired and of which objects may be left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpiredResult {
    /// The job.
    pub job_id: JobId,
    /// When the job was made.
    pub created: DateTime<Utc>,
}

impl Store {
    /// Makes up to `limit` results expire whose time has passed, those first that should have expired first; how many.
    /// Nobody reads them any more. A job's version grows, so that whoever asks for it anew sees the change.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn expire_results(&self, now: DateTime<Utc>, limit: u64) -> Result<u64, StoreError> {
        let values = vec![now.into(), count(limit)];
        let expired = self.writing("expire results").all_of_sql(expire_sql(self.backend()), values).await?;
        Ok(u64::try_from(expired.len()).unwrap_or(u64::MAX))
    }

    /// Makes the result of one job expire, whatever its time is. A job without a result that can be read stays as it is.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn expire_result(&self, id: JobId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = format!("UPDATE job SET {EXPIRE} WHERE id = $2 AND result_status = 'READY' RETURNING id");
        self.writing("expire a result").all_of_sql(sql, vec![now.into(), id.0.into()]).await?;
        Ok(())
    }

    /// Up to `limit` results that expired and of which objects may be left, by the id of their job, from behind `after`.
    ///
    /// # Errors
    /// When the database is not available or a row is corrupt.
    pub async fn expired_results(&self, after: Option<JobId>, limit: u64) -> Result<Vec<ExpiredResult>, StoreError> {
        let after = after.map_or_else(uuid::Uuid::nil, |id| id.0);
        let sql = "SELECT id, created FROM job \
                   WHERE result_status = 'EXPIRED' AND result_deleted IS NULL AND id > $1 ORDER BY id LIMIT $2";
        let statements = self.reading("look for results that expired");
        let found = statements.all_of_sql(sql.to_owned(), vec![after.into(), count(limit)]).await?;
        found.iter().map(rows::expired_result).collect()
    }

    /// Notes that the objects of a result that expired are gone; whether nobody had noted it before. Nothing that a
    /// caller sees changes, and so the job's version stays.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn note_result_deleted(&self, id: JobId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let sql = "UPDATE job SET result_deleted = $1 \
                   WHERE id = $2 AND result_status = 'EXPIRED' AND result_deleted IS NULL RETURNING id";
        let statements = self.writing("note that a result is gone");
        Ok(!statements.all_of_sql(sql.to_owned(), vec![now.into(), id.0.into()]).await?.is_empty())
    }
}

const EXPIRE: &str = "result_status = 'EXPIRED', version = version + 1, updated = $1";

/// The statement. The status is written out because a partial index serves only a status that the planner can see.
/// PostgreSQL passes over rows that another process has locked, which makes them expire as well. The last condition says
/// again what the row must be, for a row that changed between its choice and its lock.
fn expire_sql(backend: DbBackend) -> String {
    let lock = match backend {
        DbBackend::Postgres => "FOR UPDATE SKIP LOCKED",
        _ => "",
    };
    format!(
        "WITH due AS MATERIALIZED (
            SELECT id FROM job WHERE result_status = 'READY' AND expires_at <= $1 ORDER BY expires_at LIMIT $2 {lock}
        )
        UPDATE job SET {EXPIRE} WHERE id IN (SELECT id FROM due) AND result_status = 'READY' RETURNING id"
    )
}

fn count(limit: u64) -> Value {
    i64::try_from(limit).unwrap_or(i64::MAX).into()
}
