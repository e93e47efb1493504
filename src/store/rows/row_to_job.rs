//! From a row of the table `job` to the job. A total match: each status has exactly the data that it may have.

use chrono::{DateTime, Utc};
use entity::job::Column;
use sea_orm::QueryResult;

use super::reader::Reader;
use super::source_map;
use crate::jobs::{
    Cap, CapCause, FusionModel, Job, JobId, Lease, LeaseToken, Plan, Principal, Progress, Remote, ResultStatus, Run,
    State, Status, StoredResult, Submission, WorkerId,
};
use crate::store::{ExpiredResult, StoreError};

/// A row of the table `job`. Its models are rows of another table.
pub(in crate::store) struct JobRow<'r> {
    row: Reader<'r>,
    id: JobId,
}

impl<'r> JobRow<'r> {
    pub(in crate::store) fn new(row: &'r QueryResult) -> Result<Self, StoreError> {
        let row = Reader::by_uuid("job", Column::Id, row)?;
        let id = JobId(row.uuid(Column::Id)?);
        Ok(Self { row, id })
    }

    pub(in crate::store) fn id(&self) -> JobId {
        self.id
    }

    /// Whether the query was analysed, so that there may be models.
    pub(in crate::store) fn has_plan(&self) -> Result<bool, StoreError> {
        Ok(self.row.optional_text(Column::ConvertedQuery)?.is_some())
    }

    /// The job, given its models.
    pub(in crate::store) fn into_job(self, models: Vec<FusionModel>) -> Result<Job, StoreError> {
        let row = &self.row;
        Ok(Job {
            id: self.id,
            version: row.get(Column::Version)?,
            submission: submission(row)?,
            created: row.time(Column::Created)?,
            updated: row.time(Column::Updated)?,
            cancel_requested: row.optional_time(Column::CancelRequested)?,
            state: state(row, models)?,
        })
    }
}

/// Whether somebody asked for the job to be canceled, from a row that has only that column.
pub(in crate::store) fn cancel_requested(id: JobId, row: &QueryResult) -> Result<bool, StoreError> {
    let requested: Option<DateTime<Utc>> = row
        .try_get("", "cancel_requested")
        .map_err(|_unreadable| StoreError::Corrupt { table: "job", row: id.to_string(), column: "cancel_requested" })?;
    Ok(requested.is_some())
}

/// A result that expired, from a row that has only the id of its job and when that was made.
pub(in crate::store) fn expired_result(row: &QueryResult) -> Result<ExpiredResult, StoreError> {
    let JobRow { row, id } = JobRow::new(row)?;
    Ok(ExpiredResult { job_id: id, created: row.time(Column::Created)? })
}

/// The job's version, from a row that has only that column.
pub(in crate::store) fn version(id: JobId, row: &QueryResult) -> Result<i64, StoreError> {
    row.try_get("", "version").map_err(|_unreadable| StoreError::Corrupt {
        table: "job",
        row: id.to_string(),
        column: "version",
    })
}

fn state(row: &Reader<'_>, models: Vec<FusionModel>) -> Result<State, StoreError> {
    let status = row.parsed(Column::Status, Status::parse)?;
    let plan = plan(row, models)?;
    let run = run(row)?;
    let ended = row.optional_time(Column::Finished)?;
    if status.is_terminal() {
        let finished = row.present(Column::Finished, ended)?;
        return ended_state(row, status, (plan, run), finished);
    }
    row.absent(Column::Finished, ended.as_ref())?;
    match status {
        Status::Init => {
            row.absent(Column::ConvertedQuery, plan.as_ref())?;
            row.absent(Column::Attempt, run.as_ref())?;
            Ok(State::Init)
        }
        Status::Queued => {
            row.absent(Column::Attempt, run.as_ref())?;
            Ok(State::Queued { plan: row.present(Column::ConvertedQuery, plan)? })
        }
        Status::Running => Ok(State::Running {
            plan: row.present(Column::ConvertedQuery, plan)?,
            run: row.present(Column::Attempt, run)?,
        }),
        Status::Finished | Status::Failed | Status::Canceled => Err(row.corrupt(Column::Status)),
    }
}

fn ended_state(
    row: &Reader<'_>,
    status: Status,
    (plan, run): (Option<Plan>, Option<Run>),
    finished: DateTime<Utc>,
) -> Result<State, StoreError> {
    match status {
        Status::Finished => Ok(State::Finished {
            plan: row.present(Column::ConvertedQuery, plan)?,
            run: row.present(Column::Attempt, run)?,
            result: result(row)?,
            finished,
        }),
        Status::Failed => Ok(State::Failed { plan, run, error: row.json(Column::Error)?, finished }),
        Status::Canceled => Ok(State::Canceled { plan, run, finished }),
        Status::Init | Status::Queued | Status::Running => Err(row.corrupt(Column::Status)),
    }
}

fn submission(row: &Reader<'_>) -> Result<Submission, StoreError> {
    Ok(Submission {
        owner: row.parsed(Column::Owner, Principal::parse)?,
        user_query: row.text(Column::UserQuery)?,
        reference_models: row.json(Column::ReferenceModels)?,
        catalog: row.optional_text(Column::SessionCatalog)?,
        schema: row.optional_text(Column::SessionSchema)?,
        time_zone: row.optional_text(Column::TimeZone)?,
        session: row.json(Column::Session)?,
        tags: row.json(Column::Tags)?,
        queue: row.text(Column::Queue)?,
        priority: row.get(Column::Priority)?,
        row_limit: row.optional_count(Column::RowLimit)?,
    })
}

fn plan(row: &Reader<'_>, models: Vec<FusionModel>) -> Result<Option<Plan>, StoreError> {
    let Some(converted_query) = row.optional_text(Column::ConvertedQuery)? else { return Ok(None) };
    Ok(Some(Plan {
        statement: row.text(Column::Statement)?,
        repeatable: row.get(Column::Repeatable)?,
        converted_query,
        offset: row.optional_count(Column::Offset)?,
        limit: row.optional_count(Column::Limit)?,
        trino_query: row.text(Column::TrinoQuery)?,
        source_map: row.parsed(Column::SourceMap, source_map::parse)?,
        cap: cap(row)?,
        models,
        lineage: row.optional_json(Column::Lineage)?.unwrap_or_default(),
        warnings: row.json(Column::Warnings)?,
    }))
}

fn cap(row: &Reader<'_>) -> Result<Option<Cap>, StoreError> {
    let Some(rows) = row.optional_count(Column::CapRows)? else { return Ok(None) };
    Ok(Some(Cap { rows, cause: row.parsed(Column::CapCause, cap_cause)? }))
}

fn cap_cause(word: &str) -> Option<CapCause> {
    [CapCause::Limit, CapCause::MaxRows].into_iter().find(|cause| cause.as_str() == word)
}

fn run(row: &Reader<'_>) -> Result<Option<Run>, StoreError> {
    let attempt: i32 = row.get(Column::Attempt)?;
    let attempt = u32::try_from(attempt).map_err(|_negative| row.corrupt(Column::Attempt))?;
    if attempt == 0 {
        return Ok(None);
    }
    let takeovers: i32 = row.get(Column::Takeovers)?;
    Ok(Some(Run {
        attempt,
        takeovers: u32::try_from(takeovers).map_err(|_negative| row.corrupt(Column::Takeovers))?,
        started: row.time(Column::Started)?,
        lease: Lease {
            token: LeaseToken(row.uuid(Column::LeaseToken)?),
            worker: WorkerId(row.text(Column::LeaseWorker)?),
            until: row.time(Column::LeaseUntil)?,
        },
        remote: remote(row)?,
        progress: Progress {
            percent: row.get(Column::ProgressPercent)?,
            rows: row.count(Column::ProgressRows)?,
            bytes: row.count(Column::ProgressBytes)?,
            state: row.optional_text(Column::ProgressState)?,
        },
    }))
}

fn remote(row: &Reader<'_>) -> Result<Option<Remote>, StoreError> {
    let Some(cluster) = row.optional_text(Column::Cluster)? else { return Ok(None) };
    Ok(Some(Remote {
        cluster,
        query_id: row.text(Column::TrinoQueryId)?,
        next_uri: row.text(Column::TrinoNextUri)?,
        info_url: row.optional_text(Column::TrinoInfoUrl)?,
    }))
}

fn result(row: &Reader<'_>) -> Result<StoredResult, StoreError> {
    Ok(StoredResult {
        name: row.text(Column::ResultName)?,
        path: row.text(Column::ResultPath)?,
        rows: row.count(Column::ResultRows)?,
        bytes: row.count(Column::ResultBytes)?,
        truncated: row.optional_json(Column::Truncated)?,
        status: row.parsed(Column::ResultStatus, result_status)?,
        expires_at: row.optional_time(Column::ExpiresAt)?,
    })
}

/// The status of a result that is there or was there.
fn result_status(word: &str) -> Option<ResultStatus> {
    [ResultStatus::Ready, ResultStatus::Expired].into_iter().find(|status| status.as_str() == word)
}
