//! The tables as people's scripts see them, and the steps that make them.

use migration::{Migrator, MigratorTrait};
use tokio::task::JoinSet;
use warren::models::{Command, ModelCommand};
use warren::store::{CommandFilter, StoreError};

use super::fixture::Fixture;
use super::samples::*;

/// The columns of the users' documents, by plain SQL.
pub(super) async fn the_documented_columns_are_there(db: &Fixture) {
    let job = stored(&db.store, new_job(1), &ways()[0].steps[..3]).await;
    let finished = job.clone().finish(result(), at(4)).unwrap();
    db.store.finish(&finished, &commands(&job)).await.unwrap();
    let (plan, key) = (plan(), job.id.to_string());
    let expect = [
        ("job", "id", Some(key.as_str())),
        ("job", "status", Some("FINISHED")),
        ("job", "user_query", Some(job.submission.user_query.as_str())),
        ("job", "converted_query", Some(plan.converted_query.as_str())),
        ("job", "offset_", Some("5")),
        ("job", "limit_", Some("10")),
        ("job", "result_name", Some("2026/01/02/r")),
        ("job", "result_path", Some("s3://bucket/2026/01/02/r/")),
        ("fusion_model", "job_id", Some(&key)),
        ("fusion_model", "model_id_of_om", None),
        ("fusion_model", "fully_qualified_name", Some("sales_pg.shop.public.orders")),
        ("fusion_model", "trino_model_name", Some("pg_shop.public.orders")),
        ("model_queue", "job_id", Some(&key)),
        ("model_queue", "model_name_fqn", Some("sales_pg.shop.public.total")),
        ("model_queue", "from_fqn", Some("sales_pg.shop.public.orders")),
        ("model_queue", "command", Some("LINEAGE")),
    ];
    for (table, column, value) in expect {
        let sql = format!("SELECT CAST({column} AS VARCHAR(400)) FROM {table} ORDER BY id LIMIT 1");
        assert_eq!(db.value(&sql).await.as_deref(), value, "{table}.{column}");
    }
    let by_id = format!("SELECT status FROM job WHERE id = '{key}' AND created = '2026-01-02 03:04:05.678901+00:00'");
    // PostgreSQL compares times, SQLite the text of this form.
    let by_id = if db.is_sqlite() { by_id.replace("02 03", "02T03") } else { by_id };
    assert_eq!(db.value(&by_id).await.as_deref(), Some("FINISHED"));
    let updated =
        if db.is_sqlite() { "strftime('%s', updated)" } else { "CAST(EXTRACT(epoch FROM updated) AS bigint)" };
    let seconds = db.value(&format!("SELECT CAST({updated} AS VARCHAR(20)) FROM job")).await;
    assert!(["1767323049", "1767323050"].contains(&seconds.as_deref().unwrap()), "{seconds:?}");
}

pub(super) async fn steps_go_up_down_and_up(db: &Fixture) {
    let none: Vec<String> = Vec::new();
    assert_eq!(db.store.pending_migrations().await.unwrap(), none);
    assert_eq!(db.store.migrate().await.unwrap(), none);
    db.store.check().await.unwrap();
    Migrator::down(&db.sql, None).await.unwrap();
    let steps = db.store.pending_migrations().await.unwrap();
    assert_eq!(steps.len(), Migrator::migrations().len());
    for table in ["job", "fusion_model", "model_queue", "idempotency_key", "api_token", "model", "managed_catalog"] {
        assert!(db.run(&format!("SELECT 1 FROM {table}")).await.is_err(), "{table} is gone");
    }
    let unready = db.store.check().await;
    assert!(matches!(unready, Err(StoreError::Rejected { .. })), "{unready:?}");
    assert_eq!(db.store.migrate().await.unwrap(), steps);
    stored(&db.store, new_job(1), &ways()[0].steps).await;
}

pub(super) async fn replicas_may_migrate_at_once(db: &Fixture) {
    Migrator::down(&db.sql, None).await.unwrap();
    let mut replicas = JoinSet::new();
    for _ in 0..4 {
        let store = db.another_store().await;
        replicas.spawn(async move { store.migrate().await.unwrap() });
    }
    let applied = replicas.join_all().await.concat();
    assert_eq!(applied.len(), Migrator::migrations().len(), "each step once: {applied:?}");
    db.store.check().await.unwrap();
}

pub(super) async fn a_newer_database_is_refused(db: &Fixture) {
    db.run("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29990101_000001_later', 0)").await.unwrap();
    let refused = db.store.migrate().await;
    assert!(matches!(refused, Err(StoreError::TooNew { .. })), "{refused:?}");
    let refused = db.store.pending_migrations().await;
    assert!(matches!(refused, Err(StoreError::TooNew { .. })), "{refused:?}");
}

/// The rows of the model queue, of which every step has these columns.
async fn queue(db: &Fixture) -> String {
    let row = "id || ' ' || command || ' ' || model_name_fqn || ' ' || state || ' ' || payload";
    let sql = if db.is_sqlite() {
        format!("SELECT group_concat(row, ';') FROM (SELECT {row} AS row FROM model_queue ORDER BY id)")
    } else {
        format!("SELECT string_agg({row}, ';' ORDER BY id) FROM model_queue")
    };
    db.value(&sql).await.unwrap_or_default()
}

/// Goes back to the time right after a step.
async fn back_to(db: &Fixture, step: &str) {
    let steps = Migrator::migrations();
    let later = steps.iter().rev().position(|own| own.name().ends_with(step)).unwrap();
    Migrator::down(&db.sql, Some(u32::try_from(later).unwrap())).await.unwrap();
}

/// The names of the indexes of the model queue.
async fn indexes(db: &Fixture) -> String {
    let sql = if db.is_sqlite() {
        "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_master WHERE type = 'index' \
         AND tbl_name = 'model_queue' ORDER BY name)"
    } else {
        "SELECT string_agg(indexdef, ';' ORDER BY indexname) FROM pg_indexes WHERE tablename = 'model_queue' \
         AND schemaname = current_schema()"
    };
    db.value(sql).await.unwrap()
}

pub(super) async fn the_step_to_queries_keeps_the_queue(db: &Fixture) {
    let job = stored(&db.store, new_job(1), &ways()[0].steps[..3]).await;
    let query = ModelCommand { command: Command::Query, from_fqn: None, ..commands(&job).remove(0) };
    let finished = job.clone().finish(result(), at(4)).unwrap();
    db.store.finish(&finished, &[commands(&job), vec![query.clone(), query]].concat()).await.unwrap();
    back_to(db, "tell_queries").await;
    let (before, with) = (queue(db).await, indexes(db).await);
    let names = ["model_queue_of_job", "model_queue_due", "model_queue_of_target", "model_queue_open"];
    assert!(names.iter().all(|name| with.contains(name)), "{with}");

    Migrator::down(&db.sql, Some(1)).await.unwrap();
    let without: Vec<&str> = before.split(';').filter(|row| !row.contains(" QUERY ")).collect();
    assert_eq!((queue(db).await, without.len()), (without.join(";"), 2), "what nobody before it knows is gone");
    assert_eq!(indexes(db).await, with);
    let refused = db.run("UPDATE model_queue SET command = 'QUERY', from_fqn = NULL").await;
    assert!(refused.unwrap_err().contains("model_queue_command_is_known"));

    Migrator::up(&db.sql, Some(1)).await.unwrap();
    assert_eq!((queue(db).await, indexes(db).await), (without.join(";"), with));
    db.store.migrate().await.unwrap();
    let refused = db.run("UPDATE model_queue SET command = 'GUESS', from_fqn = NULL").await;
    assert!(refused.unwrap_err().contains("model_queue_command_is_known"));
    for (change, rule) in
        [("from_fqn = 'x'", "model_queue_source_fits_command"), ("attempts = -1", "attempts"), ("state = 'X'", "state")]
    {
        let refused = db.run(&format!("UPDATE model_queue SET {change} WHERE command = 'INGESTION'")).await;
        assert!(refused.unwrap_err().contains(rule), "{rule}");
    }
    let job = stored(&db.store, new_job(2), &ways()[0].steps[..3]).await;
    let finished = job.clone().finish(result(), at(4)).unwrap();
    db.store.finish(&finished, &commands(&job)).await.unwrap();
    let all = db.store.commands(&CommandFilter::default(), None, 100).await.unwrap().items;
    assert_eq!(all.iter().map(|own| own.id).collect::<Vec<_>>(), [1, 2, 5, 6], "no number is given twice");
    let refused = db.run("DELETE FROM job").await;
    assert!(refused.is_err(), "a command still belongs to its job");
}

pub(super) async fn the_step_to_covered_commands_leaves_one_of_each_target_on_its_way(db: &Fixture) {
    let job = stored(&db.store, new_job(1), &ways()[0].steps[..3]).await;
    let finished = job.clone().finish(result(), at(4)).unwrap();
    db.store.finish(&finished, &[commands(&job), commands(&job)].concat()).await.unwrap();
    back_to(db, "tell_queries").await;
    let token = "lease_token = '00000000-0000-0000-0000-000000000001', due = created";
    db.run(&format!("UPDATE model_queue SET state = 'RUNNING', {token} WHERE id > 1")).await.unwrap();
    db.store.migrate().await.unwrap();
    let all = db.store.commands(&CommandFilter::default(), None, 100).await.unwrap().items;
    let states: Vec<&str> = all.iter().map(|own| own.state.as_str()).collect();
    assert_eq!(states, ["QUEUED", "RUNNING", "QUEUED", "QUEUED"]);
    let with = indexes(db).await;
    assert!(with.contains("model_queue_running") && !with.contains("model_queue_due"), "{with}");
}
