//! From a job to the columns of its row.

use chrono::{DateTime, Utc};
use entity::job::{ActiveModel, Column};
use sea_orm::Set;

use super::source_map;
use super::storable::Table;
use crate::jobs::{
    Cap, Expectation, Job, Lease, Plan, Progress, Remote, ResultStatus, Run, State, Status, StoredResult, Submission,
    Transition,
};
use crate::store::StoreError;

const JOB: Table = Table("job");

/// Every column of a new row.
pub(in crate::store) fn new_job(job: &Job) -> Result<ActiveModel, StoreError> {
    let Job { id, version, submission, created, updated, cancel_requested, state } = job;
    let mut row = ActiveModel {
        id: Set(id.0),
        version: Set(*version),
        created: Set(*created),
        updated: Set(*updated),
        cancel_requested: Set(*cancel_requested),
        ..ActiveModel::default()
    };
    set_submission(&mut row, submission)?;
    if let Some(plan) = job.plan() {
        set_plan(&mut row, plan)?;
    }
    if let Some(run) = job.run() {
        set_run(&mut row, run)?;
        set_lease(&mut row, &run.lease);
    }
    set_state(&mut row, state)?;
    Ok(row)
}

/// The columns that a transition may change. The version is left to the database, which counts: under a lease the job
/// that a worker holds may be behind it. So is what has a writer of its own: `cancel_requested`, and the lease under a
/// lease, which a renewal may have moved on since.
pub(in crate::store) fn changed_columns(transition: &Transition) -> Result<ActiveModel, StoreError> {
    let Transition { expects, job } = transition;
    let mut row = ActiveModel { updated: Set(job.updated), ..ActiveModel::default() };
    if let (Expectation::Version { status: Status::Init, .. }, Some(plan)) = (expects, job.plan()) {
        set_plan(&mut row, plan)?;
    }
    if let Some(run) = job.run() {
        set_run(&mut row, run)?;
        if matches!(expects, Expectation::Version { .. }) {
            set_lease(&mut row, &run.lease);
        }
    }
    set_state(&mut row, &job.state)?;
    Ok(row)
}

/// The columns that a renewal of a lease changes, but for the place in the query.
pub(in crate::store) fn renewed_columns(
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    progress: &Progress,
) -> Result<ActiveModel, StoreError> {
    let mut row = ActiveModel { updated: Set(now), lease_until: Set(Some(until)), ..ActiveModel::default() };
    set_progress(&mut row, progress)?;
    Ok(row)
}

fn set_submission(row: &mut ActiveModel, submission: &Submission) -> Result<(), StoreError> {
    let Submission {
        owner,
        user_query,
        reference_models,
        catalog,
        schema,
        time_zone,
        session,
        tags,
        queue,
        priority,
        row_limit,
    } = submission;
    for tag in tags {
        JOB.checked(Column::Tags, tag)?;
    }
    row.owner = JOB.text(Column::Owner, owner.as_str())?;
    row.user_query = JOB.text(Column::UserQuery, user_query)?;
    row.reference_models = Set(JOB.json(Column::ReferenceModels, reference_models)?);
    row.session_catalog = JOB.optional_text(Column::SessionCatalog, catalog.as_deref())?;
    row.session_schema = JOB.optional_text(Column::SessionSchema, schema.as_deref())?;
    row.time_zone = JOB.optional_text(Column::TimeZone, time_zone.as_deref())?;
    row.session = Set(JOB.json(Column::Session, session)?);
    row.tags = Set(JOB.json(Column::Tags, tags)?);
    row.queue = JOB.text(Column::Queue, queue)?;
    row.priority = Set(*priority);
    row.row_limit = JOB.optional_count(Column::RowLimit, *row_limit)?;
    Ok(())
}

/// The models of a plan are rows of their own.
fn set_plan(row: &mut ActiveModel, plan: &Plan) -> Result<(), StoreError> {
    let Plan {
        statement,
        repeatable,
        converted_query,
        offset,
        limit,
        trino_query,
        source_map,
        cap,
        models: _,
        lineage,
        warnings,
    } = plan;
    row.statement = JOB.optional_text(Column::Statement, Some(statement))?;
    row.repeatable = Set(Some(*repeatable));
    row.converted_query = JOB.optional_text(Column::ConvertedQuery, Some(converted_query))?;
    row.offset_ = JOB.optional_count(Column::Offset, *offset)?;
    row.limit_ = JOB.optional_count(Column::Limit, *limit)?;
    row.trino_query = JOB.optional_text(Column::TrinoQuery, Some(trino_query))?;
    row.source_map = Set(Some(JOB.json(Column::SourceMap, &source_map::to_stored(source_map))?));
    row.cap_rows = JOB.optional_count(Column::CapRows, cap.map(|Cap { rows, .. }| rows))?;
    row.cap_cause = Set(cap.map(|Cap { cause, .. }| cause.as_str().to_owned()));
    row.lineage = Set(Some(JOB.json(Column::Lineage, lineage)?));
    row.warnings = Set(Some(JOB.json(Column::Warnings, warnings)?));
    Ok(())
}

fn set_run(row: &mut ActiveModel, run: &Run) -> Result<(), StoreError> {
    let Run { attempt, takeovers, started, lease: _, remote, progress } = run;
    let too_many = |column| move |_too_large| JOB.unstorable(column, "a count above 2^31 - 1");
    row.attempt = Set(i32::try_from(*attempt).map_err(too_many(Column::Attempt))?);
    row.takeovers = Set(i32::try_from(*takeovers).map_err(too_many(Column::Takeovers))?);
    row.started = Set(Some(*started));
    set_remote(row, remote.as_ref())?;
    set_progress(row, progress)
}

fn set_progress(row: &mut ActiveModel, progress: &Progress) -> Result<(), StoreError> {
    let Progress { percent, rows, bytes, state } = progress;
    row.progress_percent = Set(*percent);
    row.progress_rows = JOB.optional_count(Column::ProgressRows, Some(*rows))?;
    row.progress_bytes = JOB.optional_count(Column::ProgressBytes, Some(*bytes))?;
    row.progress_state = JOB.optional_text(Column::ProgressState, state.as_deref())?;
    Ok(())
}

fn set_remote(row: &mut ActiveModel, remote: Option<&Remote>) -> Result<(), StoreError> {
    let (cluster, query_id, next_uri, info_url) = match remote {
        None => (None, None, None, None),
        Some(Remote { cluster, query_id, next_uri, info_url }) => {
            (Some(cluster.as_str()), Some(query_id.as_str()), Some(next_uri.as_str()), info_url.as_deref())
        }
    };
    row.cluster = JOB.optional_text(Column::Cluster, cluster)?;
    row.trino_query_id = JOB.optional_text(Column::TrinoQueryId, query_id)?;
    row.trino_next_uri = JOB.optional_text(Column::TrinoNextUri, next_uri)?;
    row.trino_info_url = JOB.optional_text(Column::TrinoInfoUrl, info_url)?;
    Ok(())
}

fn set_lease(row: &mut ActiveModel, lease: &Lease) {
    let Lease { token, worker, until } = lease;
    row.lease_token = Set(Some(token.0));
    row.lease_worker = Set(Some(worker.0.clone()));
    row.lease_until = Set(Some(*until));
}

fn set_state(row: &mut ActiveModel, state: &State) -> Result<(), StoreError> {
    let status = match state {
        State::Init => Status::Init,
        State::Queued { .. } => Status::Queued,
        State::Running { .. } => Status::Running,
        State::Finished { plan: _, run: _, result, finished } => {
            row.finished = Set(Some(*finished));
            set_result(row, result)?;
            Status::Finished
        }
        State::Failed { plan: _, run: _, error, finished } => {
            row.finished = Set(Some(*finished));
            row.error = Set(Some(JOB.json(Column::Error, error)?));
            Status::Failed
        }
        State::Canceled { plan: _, run: _, finished } => {
            row.finished = Set(Some(*finished));
            Status::Canceled
        }
    };
    row.status = Set(status.as_str().to_owned());
    if status != Status::Finished {
        row.result_status = Set(ResultStatus::Pending.as_str().to_owned());
    }
    Ok(())
}

fn set_result(row: &mut ActiveModel, result: &StoredResult) -> Result<(), StoreError> {
    let StoredResult { name, path, rows, bytes, truncated, status, expires_at } = result;
    row.result_name = JOB.optional_text(Column::ResultName, Some(name))?;
    row.result_path = JOB.optional_text(Column::ResultPath, Some(path))?;
    row.result_rows = JOB.optional_count(Column::ResultRows, Some(*rows))?;
    row.result_bytes = JOB.optional_count(Column::ResultBytes, Some(*bytes))?;
    row.truncated = Set(truncated.as_ref().map(|truncated| JOB.json(Column::Truncated, truncated)).transpose()?);
    row.result_status = Set(status.as_str().to_owned());
    row.expires_at = Set(*expires_at);
    Ok(())
}
