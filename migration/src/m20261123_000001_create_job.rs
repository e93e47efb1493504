//! The table `job`: one row per submitted query.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{
    ConditionalStatement, DbErr, DeriveMigrationName, Expr, Index, IndexOrder, MigrationTrait, SchemaManager, Table,
    TableCreateStatement,
};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean_null, double_null, integer, string, string_len, string_len_null, text,
    text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
};
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table.table("job");
        add_documented_columns(&mut table);
        add_request_columns(&mut table);
        add_plan_columns(&mut table);
        add_run_columns(&mut table);
        add_result_columns(&mut table);
        for (name, rule) in RULES {
            table.check((*name, Expr::cust(*rule)));
        }
        if manager.get_database_backend() == DbBackend::Sqlite {
            table.check(("job_ids_are_text", Expr::cust(IDS_ARE_TEXT)));
        }
        manager.create_table(table).await?;
        create_indexes(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("job").take()).await
    }
}

/// The columns that the users' documents name, in their order.
fn add_documented_columns(table: &mut TableCreateStatement) {
    table
        .col(uuid("id").primary_key())
        .col(string_len("status", 16))
        .col(text("user_query"))
        .col(text_null("converted_query"))
        .col(big_integer_null("offset_"))
        .col(big_integer_null("limit_"))
        .col(timestamp_with_time_zone("created"))
        .col(timestamp_with_time_zone("updated"))
        .col(text_null("result_name"))
        .col(text_null("result_path"));
}

/// The rest of what was asked for. `session`, `reference_models` and `tags` are JSON, kept as text so that they come back
/// byte for byte.
fn add_request_columns(table: &mut TableCreateStatement) {
    table
        .col(big_integer("version"))
        .col(string("owner"))
        .col(text_null("session_catalog"))
        .col(text_null("session_schema"))
        .col(text_null("time_zone"))
        .col(text("session"))
        .col(text("reference_models"))
        .col(text("tags"))
        .col(string("queue"))
        .col(integer("priority"))
        .col(big_integer_null("row_limit"))
        .col(timestamp_with_time_zone_null("cancel_requested"));
}

/// The rest of what was made of the query. `source_map` and `warnings` are JSON.
fn add_plan_columns(table: &mut TableCreateStatement) {
    table
        .col(text_null("statement"))
        .col(boolean_null("repeatable"))
        .col(text_null("trino_query"))
        .col(text_null("source_map"))
        .col(big_integer_null("cap_rows"))
        .col(string_len_null("cap_cause", 16))
        .col(text_null("warnings"));
}

/// The execution: who drives it, the query at Trino, how far it is.
fn add_run_columns(table: &mut TableCreateStatement) {
    table
        .col(integer("attempt").default(0))
        .col(timestamp_with_time_zone_null("started"))
        .col(timestamp_with_time_zone_null("finished"))
        .col(uuid_null("lease_token"))
        .col(text_null("lease_worker"))
        .col(timestamp_with_time_zone_null("lease_until"))
        .col(text_null("cluster"))
        .col(text_null("trino_query_id"))
        .col(text_null("trino_next_uri"))
        .col(text_null("trino_info_url"))
        .col(double_null("progress_percent"))
        .col(big_integer_null("progress_rows"))
        .col(big_integer_null("progress_bytes"))
        .col(text_null("progress_state"));
}

/// How it ended. `truncated` and `error` are JSON.
fn add_result_columns(table: &mut TableCreateStatement) {
    table
        .col(string_len("result_status", 16).default("PENDING"))
        .col(big_integer_null("result_rows"))
        .col(big_integer_null("result_bytes"))
        .col(text_null("truncated"))
        .col(timestamp_with_time_zone_null("expires_at"))
        .col(text_null("error"));
}

/// What every row keeps to, in SQL that both databases read the same way. A comparison with NULL is unknown, and a CHECK
/// lets the unknown pass, so `limit_ >= 0` holds for an absent `limit_`.
const RULES: &[(&str, &str)] = &[
    ("job_status_is_known", "status IN ('INIT', 'QUEUED', 'RUNNING', 'FINISHED', 'FAILED', 'CANCELED')"),
    ("job_version_is_positive", "version >= 1"),
    ("job_request_counts", "offset_ >= 0 AND limit_ >= 0 AND row_limit >= 0"),
    (
        "job_plan_is_whole",
        "(converted_query IS NULL) = (statement IS NULL) AND (converted_query IS NULL) = (repeatable IS NULL) \
         AND (converted_query IS NULL) = (trino_query IS NULL) AND (converted_query IS NULL) = (source_map IS NULL) \
         AND (converted_query IS NULL) = (warnings IS NULL) \
         AND (converted_query IS NOT NULL OR (offset_ IS NULL AND limit_ IS NULL AND cap_rows IS NULL))",
    ),
    (
        "job_plan_fits_status",
        "(status <> 'INIT' OR converted_query IS NULL) \
         AND (status NOT IN ('QUEUED', 'RUNNING', 'FINISHED') OR converted_query IS NOT NULL)",
    ),
    ("job_cap_is_whole", "(cap_rows IS NULL) = (cap_cause IS NULL)"),
    ("job_cap_is_known", "cap_rows >= 0 AND cap_cause IN ('limit', 'max_rows')"),
    (
        "job_run_is_whole",
        "(attempt = 0) = (started IS NULL) AND (attempt = 0) = (lease_token IS NULL) \
         AND (attempt = 0) = (lease_worker IS NULL) AND (attempt = 0) = (lease_until IS NULL) \
         AND (attempt = 0) = (progress_rows IS NULL) AND (attempt = 0) = (progress_bytes IS NULL) \
         AND (attempt > 0 OR (progress_percent IS NULL AND progress_state IS NULL))",
    ),
    ("job_run_counts", "attempt >= 0 AND progress_rows >= 0 AND progress_bytes >= 0"),
    (
        "job_run_fits_status",
        "(status NOT IN ('INIT', 'QUEUED') OR attempt = 0) AND (status NOT IN ('RUNNING', 'FINISHED') OR attempt > 0) \
         AND (attempt = 0 OR converted_query IS NOT NULL)",
    ),
    (
        "job_remote_is_whole",
        "(cluster IS NULL) = (trino_query_id IS NULL) AND (cluster IS NULL) = (trino_next_uri IS NULL) \
         AND (cluster IS NOT NULL OR trino_info_url IS NULL) AND (attempt > 0 OR cluster IS NULL)",
    ),
    ("job_finished_fits_status", "(status IN ('FINISHED', 'FAILED', 'CANCELED')) = (finished IS NOT NULL)"),
    ("job_result_status_is_known", "result_status IN ('PENDING', 'READY', 'EXPIRED')"),
    (
        "job_result_fits_status",
        "(status = 'FINISHED') = (result_path IS NOT NULL) AND (status = 'FINISHED') = (result_name IS NOT NULL) \
         AND (status = 'FINISHED') = (result_rows IS NOT NULL) AND (status = 'FINISHED') = (result_bytes IS NOT NULL) \
         AND (status = 'FINISHED') = (result_status <> 'PENDING') \
         AND (status = 'FINISHED' OR (truncated IS NULL AND expires_at IS NULL))",
    ),
    ("job_result_counts", "result_rows >= 0 AND result_bytes >= 0"),
    ("job_error_fits_status", "(status = 'FAILED') = (error IS NOT NULL)"),
];

/// SQLite has no type for a UUID. A blob would be the same id to a program and another to SQL.
const IDS_ARE_TEXT: &str = "typeof(id) = 'text' AND length(id) = 36 \
     AND typeof(lease_token) IN ('text', 'null') AND (lease_token IS NULL OR length(lease_token) = 36)";

async fn create_indexes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // Claims, left-over jobs and places in a queue. Jobs that ended are most of the table and not in it. SQLite uses the
    // index for `status = 'QUEUED'` when it finds that very term here, so this is no IN list.
    let mut live = Index::create();
    live.name("job_live")
        .table("job")
        .col("status")
        .col(("priority", IndexOrder::Desc))
        .col("created")
        .col("id")
        .and_where(Expr::cust("status = 'INIT' OR status = 'QUEUED' OR status = 'RUNNING'"));
    manager.create_index(live).await?;
    // A principal's history, newest first.
    let mut history = Index::create();
    history
        .name("job_history")
        .table("job")
        .col("owner")
        .col(("created", IndexOrder::Desc))
        .col(("id", IndexOrder::Desc));
    manager.create_index(history).await
}
