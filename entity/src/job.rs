//! The table `job`.

use sea_orm::entity::prelude::*;

/// One submitted query and its execution. The users' documents fix the first ten columns.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "job")]
pub struct Model {
    /// The job's id, a UUID of version 7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// `INIT`, `QUEUED`, `RUNNING`, `FINISHED`, `FAILED` or `CANCELED`.
    pub status: String,
    /// The SQL as written.
    pub user_query: String,
    /// The SQL with Trino's names; present once the query was analysed.
    pub converted_query: Option<String>,
    /// The OFFSET of the user query, from 0.
    #[sea_orm(column_name = "offset_")]
    pub offset_: Option<i64>,
    /// The LIMIT of the user query, from 0.
    #[sea_orm(column_name = "limit_")]
    pub limit_: Option<i64>,
    /// When the request arrived.
    pub created: DateTimeUtc,
    /// When the row last changed.
    pub updated: DateTimeUtc,
    /// The name within the result store; present when `FINISHED`.
    pub result_name: Option<String>,
    /// The URL of the result's folder; present when `FINISHED`.
    pub result_path: Option<String>,
    /// Grows by one with each change, from 1.
    pub version: i64,
    /// The principal who asked.
    pub owner: String,
    /// Catalog of the Trino session.
    pub session_catalog: Option<String>,
    /// Schema of the Trino session.
    pub session_schema: Option<String>,
    /// Time zone of the Trino session.
    pub time_zone: Option<String>,
    /// Session properties: a JSON object of strings.
    pub session: String,
    /// Short names of the request: a JSON object of strings.
    pub reference_models: String,
    /// Labels: a JSON array of strings.
    pub tags: String,
    /// The queue it waits in.
    pub queue: String,
    /// Higher runs first.
    pub priority: i32,
    /// The most rows that the request wants to have.
    pub row_limit: Option<i64>,
    /// When somebody asked for it to be canceled.
    pub cancel_requested: Option<DateTimeUtc>,
    /// The kind of statement; present with `converted_query`.
    pub statement: Option<String>,
    /// Whether running it twice does no harm; present with `converted_query`.
    pub repeatable: Option<bool>,
    /// What Trino is sent; present with `converted_query`.
    pub trino_query: Option<String>,
    /// The way back from `trino_query` to `user_query`, as JSON; present with `converted_query`.
    pub source_map: Option<String>,
    /// A bound on the rows that the user did not write.
    pub cap_rows: Option<i64>,
    /// Who set that bound: `limit` or `max_rows`.
    pub cap_cause: Option<String>,
    /// Warnings: a JSON array of strings; present with `converted_query`.
    pub warnings: Option<String>,
    /// Where the columns come from, as JSON; absent on rows that were written before there was this column.
    pub lineage: Option<String>,
    /// The number of tries; 0 before the first.
    pub attempt: i32,
    /// How often it was taken over from a worker that went silent.
    pub takeovers: i32,
    /// When the first try began; present from then on, as are the lease and the progress.
    pub started: Option<DateTimeUtc>,
    /// When it ended; present in the three last statuses.
    pub finished: Option<DateTimeUtc>,
    /// What the worker that drives the job shows with each write.
    pub lease_token: Option<Uuid>,
    /// That worker's name.
    pub lease_worker: Option<String>,
    /// When another worker may take the job.
    pub lease_until: Option<DateTimeUtc>,
    /// Which of Warren's clusters runs it; present once Trino knows the query.
    pub cluster: Option<String>,
    /// Trino's id of the query.
    pub trino_query_id: Option<String>,
    /// The page to ask Trino for next. Whoever has it can read the rows.
    pub trino_next_uri: Option<String>,
    /// Where Trino's console shows the query.
    pub trino_info_url: Option<String>,
    /// 0 to 100, where Trino can tell.
    pub progress_percent: Option<f64>,
    /// Rows received.
    pub progress_rows: Option<i64>,
    /// Bytes of pages received.
    pub progress_bytes: Option<i64>,
    /// Trino's own state of the query.
    pub progress_state: Option<String>,
    /// `PENDING`, `READY` or `EXPIRED`.
    pub result_status: String,
    /// Rows of the result; present when `FINISHED`.
    pub result_rows: Option<i64>,
    /// Bytes of the result; present when `FINISHED`.
    pub result_bytes: Option<i64>,
    /// By what and at how many rows the result was cut, as JSON.
    pub truncated: Option<String>,
    /// When the result may be deleted.
    pub expires_at: Option<DateTimeUtc>,
    /// When the objects of the result were deleted; only after it expired.
    pub result_deleted: Option<DateTimeUtc>,
    /// Why it failed, as JSON; present when `FAILED`.
    pub error: Option<String>,
}

/// The tables that refer to a job.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// What its query refers to.
    #[sea_orm(has_many = "super::fusion_model::Entity")]
    FusionModel,
    /// What it asks the scheduler to do.
    #[sea_orm(has_many = "super::model_queue::Entity")]
    ModelQueue,
    /// The key of the request that made it.
    #[sea_orm(has_many = "super::idempotency_key::Entity")]
    IdempotencyKey,
}

impl Related<super::fusion_model::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::FusionModel.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
