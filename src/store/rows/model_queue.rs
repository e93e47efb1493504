//! The rows of the model queue.

use chrono::{DateTime, Utc};
use entity::model_queue::{ActiveModel, Column};
use sea_orm::{QueryResult, Set};

use super::reader::Reader;
use super::storable::Table;
use crate::jobs::JobId;
use crate::models::{Command, CommandLease, CommandProgress, CommandState, ModelCommand, QueuedCommand};
use crate::store::StoreError;

const MODEL_QUEUE: Table = Table("model_queue");

/// A new command: due at once, or done by the one that covers it.
pub(in crate::store) fn new_command(
    command: &ModelCommand,
    key: Option<String>,
    covering: Option<i64>,
    created: DateTime<Utc>,
) -> Result<ActiveModel, StoreError> {
    let ModelCommand { job_id, command, model_name_fqn, from_fqn, payload } = command;
    Ok(ActiveModel {
        job_id: Set(job_id.0),
        model_name_fqn: MODEL_QUEUE.text(Column::ModelNameFqn, model_name_fqn)?,
        from_fqn: MODEL_QUEUE.optional_text(Column::FromFqn, from_fqn.as_deref())?,
        command: Set(command.as_str().to_owned()),
        created: Set(created),
        state: Set(if covering.is_some() { "DONE" } else { "QUEUED" }.to_owned()),
        attempts: Set(0),
        settled: Set(covering.map(|_| created)),
        payload: Set(Some(MODEL_QUEUE.json(Column::Payload, payload)?)),
        dedupe_key: Set(key),
        covered_by: Set(covering),
        ..ActiveModel::default()
    })
}

/// Why a try failed.
pub(in crate::store) fn failed_command(reason: &str) -> Result<ActiveModel, StoreError> {
    let last_error = MODEL_QUEUE.optional_text(Column::LastError, Some(reason))?;
    Ok(ActiveModel { last_error, ..ActiveModel::default() })
}

/// How far the scheduler got.
pub(in crate::store) fn progressed_command(progress: &CommandProgress) -> Result<ActiveModel, StoreError> {
    let progress = Set(Some(MODEL_QUEUE.json(Column::Progress, progress)?));
    Ok(ActiveModel { progress, ..ActiveModel::default() })
}

pub(in crate::store) fn queued_command(row: &QueryResult) -> Result<QueuedCommand, StoreError> {
    let row = Reader::by::<i64>(MODEL_QUEUE.0, Column::Id, row)?;
    let attempts: i32 = row.get(Column::Attempts)?;
    let created = row.time(Column::Created)?;
    Ok(QueuedCommand {
        id: row.get(Column::Id)?,
        command: ModelCommand {
            job_id: JobId(row.uuid(Column::JobId)?),
            command: row.parsed(Column::Command, Command::parse)?,
            model_name_fqn: row.text(Column::ModelNameFqn)?,
            from_fqn: row.optional_text(Column::FromFqn)?,
            payload: row.optional_json(Column::Payload)?.unwrap_or_default(),
        },
        created,
        made: row.optional_time(Column::Made)?.unwrap_or(created),
        attempts: u32::try_from(attempts).map_err(|_negative| row.corrupt(Column::Attempts))?,
        last_error: row.optional_text(Column::LastError)?,
        progress: row.optional_json(Column::Progress)?.unwrap_or_default(),
        state: state(&row)?,
    })
}

/// The moment of a row with nothing else.
pub(in crate::store) fn oldest_command(row: &QueryResult) -> Result<Option<DateTime<Utc>>, StoreError> {
    row.try_get("", "created").map_err(|_unreadable| StoreError::Corrupt {
        table: MODEL_QUEUE.0,
        row: "the oldest open one".to_owned(),
        column: "created",
    })
}

fn state(row: &Reader<'_>) -> Result<CommandState, StoreError> {
    Ok(match row.text(Column::State)?.as_str() {
        "QUEUED" => CommandState::Queued { due: row.optional_time(Column::Due)? },
        "RUNNING" => CommandState::Running {
            lease: CommandLease { token: row.uuid(Column::LeaseToken)?, until: row.time(Column::Due)? },
        },
        "DONE" => CommandState::Done { settled: row.time(Column::Settled)?, covered_by: row.get(Column::CoveredBy)? },
        "DEAD" => CommandState::Dead { settled: row.time(Column::Settled)? },
        _ => return Err(row.corrupt(Column::State)),
    })
}

/// The number of a command.
pub(in crate::store) fn command_id(row: &QueryResult) -> Result<i64, StoreError> {
    Reader::by::<i64>(MODEL_QUEUE.0, Column::Id, row)?.get(Column::Id)
}

/// What a command has in common with those that do the same.
pub(in crate::store) fn command_key(row: &QueryResult) -> Result<String, StoreError> {
    Reader::by::<i64>(MODEL_QUEUE.0, Column::Id, row)?.text(Column::DedupeKey)
}

/// The target of a command, where that is an ingestion.
pub(in crate::store) fn ingested(row: &QueryResult) -> Result<Option<String>, StoreError> {
    let row = Reader::by::<i64>(MODEL_QUEUE.0, Column::Id, row)?;
    let command = row.parsed(Column::Command, Command::parse)?;
    if command == Command::Ingestion { row.text(Column::ModelNameFqn).map(Some) } else { Ok(None) }
}
