//! Submit: the query is analysed, and the job is durable before anything is answered. Then it waits for a worker.

use warren_sql::SqlErrorCode;

use super::resolve_names::Planned;
use super::{App, AppError};
use crate::jobs::{IdempotencyKey, Job, JobId, Submission, Transition};
use crate::problem::{Code, Problem};
use crate::store::Inserted;

/// A job that a request made, or that an earlier one with the same key made.
#[derive(Clone, Debug, PartialEq)]
pub struct Submitted {
    /// The job.
    pub job: Job,
    /// Whether an earlier request made it.
    pub replayed: bool,
}

/// A request that was looked at, before anything is stored for it.
pub(super) enum Prepared {
    /// An earlier one with the same key made this job.
    Earlier(Submitted),
    /// It makes this job.
    New(Job),
}

impl App {
    /// Makes a job of a request. A query that cannot run is a job that failed, not an error of the request.
    ///
    /// # Errors
    /// When the query is empty or too large, OpenMetadata does not say what a name means, the idempotency key was used for
    /// another body, or the database is gone.
    pub async fn submit_job(&self, submission: Submission, key: Option<IdempotencyKey>) -> Result<Submitted, AppError> {
        match self.prepared(submission, key.as_ref()).await? {
            Prepared::Earlier(submitted) => Ok(submitted),
            Prepared::New(job) => self.queue(job, key.as_ref()).await,
        }
    }

    /// Stores a new job, which then waits for a worker of whatever process.
    pub(super) async fn queue(&self, job: Job, key: Option<&IdempotencyKey>) -> Result<Submitted, AppError> {
        let submitted = self.insert(job, key).await?;
        if !submitted.replayed {
            self.announce(&submitted.job);
        }
        Ok(submitted)
    }

    /// A new job whose query was analysed before it is stored: one write is durable instead of two, and a crash here leaves
    /// nothing behind. A request that comes again with its key is not analysed again.
    pub(super) async fn prepared(
        &self,
        submission: Submission,
        key: Option<&IdempotencyKey>,
    ) -> Result<Prepared, AppError> {
        if let Some(key) = key
            && let Some(before) = self.store.inserted_before(&submission.owner, key).await?
            && let Some(submitted) = replayed(before)?
        {
            return Ok(Prepared::Earlier(submitted));
        }
        self.check_sql(&submission.user_query)?;
        let job = Job::new(JobId(self.ids.ordered()), submission, self.clock.now());
        Ok(Prepared::New(self.analyse(job).await?.job))
    }

    /// Stores a new job, unless an earlier request with the same key has made one.
    pub(super) async fn insert(&self, job: Job, key: Option<&IdempotencyKey>) -> Result<Submitted, AppError> {
        let inserted = self.store.insert_job(&job, key).await?;
        Ok(replayed(inserted)?.unwrap_or(Submitted { job, replayed: false }))
    }

    /// Refuses a query that is not worth a job.
    pub(super) fn check_sql(&self, sql: &str) -> Result<(), AppError> {
        if warren_sql::analyse(sql).is_err_and(|error| error.code == SqlErrorCode::EmptySql) {
            return Err(Problem::new(Code::EmptySql, "the query has no statement")
                .with_hint("send a statement in the field `query`")
                .into());
        }
        if sql.len() > self.limits.max_sql_bytes {
            let detail = format!("the query has {} bytes, {} are allowed", sql.len(), self.limits.max_sql_bytes);
            return Err(AppError::new(Code::SqlTooLarge, detail));
        }
        Ok(())
    }

    /// Analyses the query of a job that is `INIT`, and stores what came of it. While it is not known what its names mean,
    /// it stays `INIT`.
    pub(super) async fn prepare_job(&self, job: Job) -> Result<Job, AppError> {
        let job = self.store.save(&self.analyse(job).await?).await?;
        self.announce(&job);
        Ok(job)
    }

    /// Plans the query of a job that is `INIT`: the job is `QUEUED`, or `FAILED` where the query cannot run.
    pub(super) async fn analyse(&self, job: Job) -> Result<Transition, AppError> {
        let planned = self.plan(&job.submission).await;
        let now = self.clock.now();
        Ok(match planned {
            Planned::Plan(plan) => job.enqueue(*plan, now)?,
            Planned::Refused(problem) => job.fail(problem, now)?,
            Planned::Undecided(problem) => return Err(problem.into()),
        })
    }

    /// Tells this process of a job that was analysed.
    pub(super) fn announce(&self, job: &Job) {
        if job.status().is_terminal() {
            metrics::counter!("warren_jobs_ended_total", "status" => job.status().as_str()).increment(1);
        } else {
            self.signals.job_queued();
        }
        self.signals.job_changed(job.clone());
    }
}

/// The job of an earlier request, if that is what the database found.
fn replayed(inserted: Inserted) -> Result<Option<Submitted>, AppError> {
    match inserted {
        Inserted::New => Ok(None),
        Inserted::Replayed(job) => Ok(Some(Submitted { job: *job, replayed: true })),
        Inserted::KeyReused => {
            Err(AppError::new(Code::IdempotencyKeyReused, "this Idempotency-Key was sent before with another body"))
        }
    }
}
