//! How a job looks to a client.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::problem::ProblemView;
use crate::jobs::{Job, Remote, State, Status, StoredResult, Truncation};

/// One submitted query and its execution.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Job)]
pub(crate) struct JobView {
    /// The job's id; ids sort by the time of submission.
    #[schema(example = "019acb0e-27a1-7c52-9a43-6ad8b5d5a001")]
    id: String,
    /// Grows with each change; the id of the job's events.
    #[schema(example = 5)]
    version: i64,
    /// Where it stands.
    status: StatusView,
    /// The SQL as written.
    #[schema(example = "select name from tpch_demo.tpch.tiny.nation limit 5")]
    user_query: String,
    /// The SQL with Trino's names, without the outermost LIMIT and OFFSET.
    #[schema(example = r#"select name from "tpch"."tiny"."nation""#)]
    converted_query: Option<String>,
    /// The kind of statement, once the query was analysed.
    #[schema(example = "Query")]
    statement: Option<String>,
    /// The OFFSET of the query.
    offset_: Option<u64>,
    /// The LIMIT of the query.
    #[schema(example = 5)]
    limit_: Option<u64>,
    /// The name of the result within the result store.
    result_name: Option<String>,
    /// Where the result lies, for programs that read Parquet themselves.
    result_path: Option<String>,
    /// When the request arrived.
    created: DateTime<Utc>,
    /// When the job last changed.
    updated: DateTime<Utc>,
    /// When a worker took it.
    started: Option<DateTime<Utc>>,
    /// When it ended.
    finished: Option<DateTime<Utc>>,
    /// When somebody asked for it to be canceled.
    cancel_requested: Option<DateTime<Utc>>,
    /// Who submitted it.
    #[schema(example = "sena")]
    owner: String,
    /// The queue that it waits in.
    #[schema(example = "default")]
    queue: String,
    /// Higher runs first within a queue.
    priority: i32,
    /// Labels.
    tags: Vec<String>,
    /// Its place in the queue, 1 for the next; only where one waiting job is asked for.
    position: Option<u64>,
    /// Which try runs or ran, from 1; 0 before the first.
    #[schema(example = 1)]
    attempt: u32,
    /// What the analysis found odd.
    warnings: Vec<String>,
    /// How far it is.
    progress: ProgressView,
    /// The query at Trino, once there is one.
    trino: Option<TrinoView>,
    /// The result; null when the job ended without one.
    result: Option<ResultView>,
    /// Why it failed.
    error: Option<ProblemView>,
    /// Where to go from here.
    links: LinksView,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = Status)]
pub(crate) enum StatusView {
    /// The request arrived.
    Init,
    /// The query was analysed and can run.
    Queued,
    /// A worker drives it.
    Running,
    /// Trino finished and the result can be read.
    Finished,
    /// It failed.
    Failed,
    /// It was stopped.
    Canceled,
}

/// How far a query is.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Progress)]
pub(crate) struct ProgressView {
    /// 0 to 100, where Trino can tell.
    #[schema(example = 42.1)]
    percent: Option<f64>,
    /// Rows received so far.
    rows: u64,
    /// Bytes received so far.
    bytes: u64,
    /// Milliseconds since a worker took it, or until it ended.
    elapsed_ms: Option<u64>,
    /// Trino's own state of the query, a hint for people.
    #[schema(example = "RUNNING")]
    state: Option<String>,
}

/// A query at Trino.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TrinoQuery)]
struct TrinoView {
    /// The cluster that runs it.
    cluster: String,
    /// Trino's id of it.
    #[schema(example = "20260822_093011_00017_x9k2b")]
    query_id: String,
    /// Where Trino's own console shows it.
    info_url: Option<String>,
}

/// The result of a job in short.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ResultSummary)]
pub(crate) struct ResultView {
    /// Whether it can be read.
    status: ResultStatusView,
    /// Rows in all parts.
    rows: Option<u64>,
    /// Stored bytes of all parts.
    bytes: Option<u64>,
    /// By what and at how many rows it was cut; null when it is whole.
    truncated: Option<TruncationView>,
    /// When it may be deleted; null for never.
    expires_at: Option<DateTime<Utc>>,
}

/// Whether a result can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = ResultStatus)]
pub(crate) enum ResultStatusView {
    /// The job has not finished.
    Pending,
    /// It can be read.
    Ready,
    /// It was deleted after its time.
    Expired,
}

/// By what and at how many rows a result was cut.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Truncation)]
pub(crate) struct TruncationView {
    /// `limit` (the request's) or `max_rows` (the server's).
    #[schema(example = "max_rows")]
    by: String,
    /// The number of rows that were kept.
    at_rows: u64,
}

/// Where to go from here, as paths of this server.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = JobLinks)]
pub(crate) struct LinksView {
    /// The job.
    #[serde(rename = "self")]
    own: String,
    /// Cancel it.
    cancel: String,
    /// Follow it.
    events: String,
    /// Its result.
    result: String,
}

impl JobView {
    /// The job as it is at `now`.
    pub(crate) fn new(job: &Job, now: DateTime<Utc>) -> Self {
        let (submission, plan, result) = (&job.submission, job.plan(), job.result());
        Self {
            id: job.id.to_string(),
            version: job.version,
            status: job.status().into(),
            user_query: submission.user_query.clone(),
            converted_query: plan.map(|plan| plan.converted_query.clone()),
            statement: plan.map(|plan| plan.statement.clone()),
            offset_: plan.and_then(|plan| plan.offset),
            limit_: plan.and_then(|plan| plan.limit),
            result_name: result.map(|result| result.name.clone()),
            result_path: result.map(|result| result.path.clone()),
            created: job.created,
            updated: job.updated,
            started: job.run().map(|run| run.started),
            finished: job.finished(),
            cancel_requested: job.cancel_requested,
            owner: submission.owner.to_string(),
            queue: submission.queue.clone(),
            priority: submission.priority,
            tags: submission.tags.clone(),
            position: None,
            attempt: job.run().map_or(0, |run| run.attempt),
            warnings: plan.map(|plan| plan.warnings.clone()).unwrap_or_default(),
            progress: ProgressView::new(job, now),
            trino: job.run().and_then(|run| run.remote.as_ref()).map(TrinoView::from),
            result: ResultView::of(job),
            error: job.error().map(ProblemView::from),
            links: LinksView::new(job),
        }
    }

    /// The same with its place in the queue.
    pub(crate) fn at(self, position: Option<u64>) -> Self {
        Self { position, ..self }
    }
}

impl ProgressView {
    /// The progress of a job as it is at `now`.
    pub(crate) fn new(job: &Job, now: DateTime<Utc>) -> Self {
        let Some(run) = job.run() else {
            return Self { percent: None, rows: 0, bytes: 0, elapsed_ms: None, state: None };
        };
        let elapsed = job.finished().unwrap_or(now) - run.started;
        Self {
            percent: run.progress.percent,
            rows: run.progress.rows,
            bytes: run.progress.bytes,
            // A clock that went back makes no time negative.
            elapsed_ms: Some(u64::try_from(elapsed.num_milliseconds()).unwrap_or(0)),
            state: run.progress.state.clone(),
        }
    }
}

impl ResultView {
    /// The result of a job; none when it ended without one.
    pub(crate) fn of(job: &Job) -> Option<Self> {
        match &job.state {
            State::Init | State::Queued { .. } | State::Running { .. } => Some(Self {
                status: ResultStatusView::Pending,
                rows: None,
                bytes: None,
                truncated: None,
                expires_at: None,
            }),
            State::Finished { result, .. } => Some(Self::from(result)),
            State::Failed { .. } | State::Canceled { .. } => None,
        }
    }
}

impl From<&StoredResult> for ResultView {
    fn from(result: &StoredResult) -> Self {
        Self {
            status: result.status.into(),
            rows: Some(result.rows),
            bytes: Some(result.bytes),
            truncated: result.truncated.clone().map(Into::into),
            expires_at: result.expires_at,
        }
    }
}

impl From<crate::jobs::ResultStatus> for ResultStatusView {
    fn from(status: crate::jobs::ResultStatus) -> Self {
        match status {
            crate::jobs::ResultStatus::Pending => Self::Pending,
            crate::jobs::ResultStatus::Ready => Self::Ready,
            crate::jobs::ResultStatus::Expired => Self::Expired,
        }
    }
}

impl From<Truncation> for TruncationView {
    fn from(truncation: Truncation) -> Self {
        let Truncation { by, at_rows } = truncation;
        Self { by, at_rows }
    }
}

impl From<&Remote> for TrinoView {
    fn from(remote: &Remote) -> Self {
        Self { cluster: remote.cluster.clone(), query_id: remote.query_id.clone(), info_url: remote.info_url.clone() }
    }
}

impl From<Status> for StatusView {
    fn from(status: Status) -> Self {
        match status {
            Status::Init => Self::Init,
            Status::Queued => Self::Queued,
            Status::Running => Self::Running,
            Status::Finished => Self::Finished,
            Status::Failed => Self::Failed,
            Status::Canceled => Self::Canceled,
        }
    }
}

impl LinksView {
    /// The links of a job.
    pub(crate) fn new(job: &Job) -> Self {
        let own = job_path(job);
        Self { cancel: format!("{own}/cancel"), events: format!("{own}/events"), result: format!("{own}/result"), own }
    }
}

/// The path of a job.
pub(crate) fn job_path(job: &Job) -> String {
    format!("/api/v1/jobs/{}", job.id)
}

/// The entity tag of a job, without quotes: its version, and its place where that is shown. A place moves when other
/// jobs do, while the version stays.
pub(crate) fn job_tag(job: &Job, position: Option<u64>) -> String {
    match position {
        None => job.version.to_string(),
        Some(position) => format!("{}-{position}", job.version),
    }
}

/// How long a client should leave an unfinished job alone, in seconds: short at first, then ever longer.
pub(crate) fn retry_after_s(job: &Job, now: DateTime<Utc>) -> u64 {
    let age = (now - job.created).to_std().unwrap_or(Duration::ZERO);
    match age.as_secs() {
        0..10 => 1,
        10..60 => 2,
        60..600 => 5,
        _ => 15,
    }
}
