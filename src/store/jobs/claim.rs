//! Claims: a worker takes jobs that wait, and running ones whose worker went silent.

use chrono::{DateTime, Utc};
use sea_orm::DbBackend;

use super::read::readable_jobs;
use crate::jobs::{Job, Lease, WorkerId};
use crate::store::{Store, StoreError};
use crate::time::Ids;

/// What a worker asks for.
#[derive(Clone, Debug)]
pub struct ClaimRequest<'a> {
    /// The worker.
    pub worker: WorkerId,
    /// The most jobs that it takes.
    pub limit: u64,
    /// The present moment: a lease that ends now or earlier is over.
    pub now: DateTime<Utc>,
    /// When the new leases end.
    pub lease_until: DateTime<Utc>,
    /// Makes the lease token.
    pub ids: &'a dyn Ids,
}

impl Store {
    /// Takes up to `limit` jobs and makes them `RUNNING` under a new lease: first those whose lease ran out, because Trino
    /// forgets a query that nobody asks about after five minutes, then those that wait, by priority and age. One statement,
    /// and no two claims get the same job. A worker does not take its own jobs from itself as soon as their leases ran out:
    /// after an outage of the database it renews them, for which it has the time of one more lease. Jobs of one claim share its token; a lease is a job and a token. A row that is
    /// corrupt is logged and left out, so that it does not keep the others from running.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn claim(&self, request: &ClaimRequest<'_>) -> Result<Vec<Job>, StoreError> {
        let operation = "claim jobs";
        let values = vec![
            request.now.into(),
            i64::try_from(request.limit).unwrap_or(i64::MAX).into(),
            request.ids.random().into(),
            request.worker.0.as_str().into(),
            request.lease_until.into(),
            (request.now - (request.lease_until - request.now)).into(),
            Lease::GIVEN_BACK.into(),
        ];
        let claimed = self.writing(operation).all_of_sql(claim_sql(self.backend()), values).await?;
        let mut jobs = readable_jobs(&self.reading(operation), &claimed).await?;
        // RETURNING promises no order.
        jobs.sort_by_key(|job| (std::cmp::Reverse(job.submission.priority), job.created, job.id));
        Ok(jobs)
    }
}

/// The statement. Statuses are written out because a partial index serves only a status that the planner can see.
/// PostgreSQL passes over rows that another claim has locked; on SQLite there is one writer at a time. The last condition
/// says again what the row must be, for a row that changed between its choice and its lock.
fn claim_sql(backend: DbBackend) -> String {
    let lock = match backend {
        DbBackend::Postgres => "FOR UPDATE SKIP LOCKED",
        _ => "",
    };
    format!(
        "WITH abandoned AS MATERIALIZED (
            SELECT id FROM job WHERE status = 'RUNNING' AND lease_until <= $1
                AND (lease_worker <> $4 OR lease_until <= $6)
            ORDER BY lease_until, id LIMIT $2 {lock}
        ), waiting AS MATERIALIZED (
            SELECT id FROM job WHERE status = 'QUEUED'
            ORDER BY priority DESC, created, id LIMIT $2 - (SELECT COUNT(*) FROM abandoned) {lock}
        )
        UPDATE job SET
            status = 'RUNNING', version = version + 1, updated = $1,
            attempt = CASE status WHEN 'QUEUED' THEN 1 ELSE attempt END,
            takeovers = takeovers + CASE WHEN status = 'RUNNING' AND lease_until <> $7 THEN 1 ELSE 0 END, started = COALESCE(started, $1),
            lease_token = $3, lease_worker = $4, lease_until = $5,
            progress_rows = COALESCE(progress_rows, 0), progress_bytes = COALESCE(progress_bytes, 0)
        WHERE id IN (SELECT id FROM abandoned UNION ALL SELECT id FROM waiting)
            AND status IN ('QUEUED', 'RUNNING') AND (status = 'QUEUED' OR lease_until <= $1)
        RETURNING *"
    )
}
