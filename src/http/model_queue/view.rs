//! How a command of the model queue looks, and how one is named in a path.

use std::future::{Ready, ready};

use actix_web::dev::Payload as Body;
use actix_web::{FromRequest, HttpRequest};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppError;
use crate::http::problem::ApiError;
use crate::models::{ColumnEdge, CommandState, Payload, QueuedCommand};
use crate::problem::Code;

/// One command for a scheduler.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Command)]
pub(crate) struct CommandView {
    /// A number that grows in the order of arrival.
    #[schema(example = 42)]
    id: i64,
    /// The job that it follows from.
    job_id: String,
    /// `LINEAGE`, `INGESTION` or `QUERY`.
    #[schema(example = "LINEAGE")]
    command: &'static str,
    /// The FQN of the table or view that was made or filled; for `QUERY` of the query in OpenMetadata.
    #[schema(example = "trino_prod.lake.mart.totals")]
    model_name_fqn: String,
    /// The FQN of a source, for `LINEAGE`.
    #[schema(example = "sales_pg.shop.public.orders")]
    from_fqn: Option<String>,
    /// What doing it takes besides the names.
    payload: PayloadView,
    /// `QUEUED`, `RUNNING`, `DONE` or `DEAD`.
    #[schema(example = "RUNNING")]
    state: &'static str,
    /// How often it was claimed.
    attempts: u32,
    /// Why the last try failed.
    last_error: Option<String>,
    /// What Warren's own scheduler left out or did otherwise, in sentences.
    warnings: Vec<String>,
    /// When its job finished.
    created: DateTime<Utc>,
    /// When the target was made, as far as this command has to know: later than `created` for an `INGESTION` that covers
    /// later ones. A run that began before that has not seen it.
    made: DateTime<Utc>,
    /// When it may be claimed, where that is not at once.
    due: Option<DateTime<Utc>>,
    /// When it was done or given up.
    settled: Option<DateTime<Utc>>,
    /// The command that was to do the same and had not begun when this one came: this one was `DONE` at once.
    covered_by: Option<i64>,
    /// Until when the consumer has it that claimed it.
    lease_until: Option<DateTime<Utc>>,
    /// What the consumer shows; only in the answer to its claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    lease_token: Option<String>,
}

/// What a command carries besides its names.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = CommandPayload)]
struct PayloadView {
    /// The kind of statement.
    #[schema(example = "CreateTableAsSelect")]
    statement: String,
    /// The SQL that ran, with the names of Trino; for `QUERY` the user query without its literals and comments.
    query: String,
    /// Who ran it.
    owner: String,
    /// Whether `columns` are all columns of the target that come from the source.
    complete: bool,
    /// What each column of the target takes from the source.
    columns: Vec<ColumnEdgeView>,
    /// For `QUERY`: the ids in OpenMetadata of what it read.
    used: Vec<String>,
    /// For `QUERY`: how long it ran, in milliseconds.
    duration_ms: Option<u64>,
}

/// What one column of a target takes from a source.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ColumnEdge)]
struct ColumnEdgeView {
    /// The column of the target.
    column: String,
    /// The columns of the source.
    from: Vec<ColumnOriginView>,
}

/// A column of a source.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ColumnOrigin)]
struct ColumnOriginView {
    /// Its name.
    column: String,
    /// What happens to it on the way: `identity`, `expression` or `aggregate`.
    #[schema(example = "identity")]
    r#use: &'static str,
}

impl CommandView {
    /// A command for whoever looks.
    pub(super) fn new(queued: QueuedCommand) -> Self {
        let QueuedCommand { id, command, created, made, attempts, last_error, progress, state } = queued;
        let (due, lease_until, settled, covered_by) = match state {
            CommandState::Queued { due } => (due, None, None, None),
            CommandState::Running { lease } => (None, Some(lease.until), None, None),
            CommandState::Done { settled, covered_by } => (None, None, Some(settled), covered_by),
            CommandState::Dead { settled } => (None, None, Some(settled), None),
        };
        Self {
            id,
            job_id: command.job_id.to_string(),
            command: command.command.as_str(),
            model_name_fqn: command.model_name_fqn,
            from_fqn: command.from_fqn,
            payload: command.payload.into(),
            state: state.as_str(),
            attempts,
            last_error,
            warnings: progress.warnings,
            created,
            made,
            due,
            settled,
            covered_by,
            lease_until,
            lease_token: None,
        }
    }

    /// A command for the consumer that has just claimed it.
    pub(super) fn claimed(queued: QueuedCommand) -> Self {
        let lease_token = match queued.state {
            CommandState::Running { lease } => Some(lease.token.to_string()),
            CommandState::Queued { .. } | CommandState::Done { .. } | CommandState::Dead { .. } => None,
        };
        Self { lease_token, ..Self::new(queued) }
    }
}

impl From<Payload> for PayloadView {
    fn from(payload: Payload) -> Self {
        let Payload { statement, query, owner, complete, columns, used, duration_ms } = payload;
        let columns = columns.into_iter().map(Into::into).collect();
        Self { statement, query, owner, complete, columns, used, duration_ms }
    }
}

impl From<ColumnEdge> for ColumnEdgeView {
    fn from(edge: ColumnEdge) -> Self {
        let from = edge.from.into_iter();
        let from = from.map(|own| ColumnOriginView { column: own.column, r#use: own.usage.as_str() }).collect();
        Self { column: edge.column, from }
    }
}

/// The command that the path names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CommandPath(pub(super) i64);

impl FromRequest for CommandPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Body) -> Self::Future {
        let id = request.match_info().get("id").and_then(|id| id.parse().ok());
        // What is no number is the name of no command: one answer for both.
        let unknown = || AppError::new(Code::NotFound, "there is no such command").into();
        ready(id.map(Self).ok_or_else(unknown))
    }
}
