//! Rows that no Warren writes are refused by the database itself.

use warren::jobs::Job;

use super::fixture::Fixture;
use super::samples::*;

/// The database refuses the statement and names the rule.
async fn refuse(db: &Fixture, sql: &str, rule: &str) {
    let refused = db.run(sql).await;
    assert!(refused.as_ref().is_err_and(|error| error.contains(rule)), "{sql}: {refused:?} instead of {rule}");
}

pub(super) async fn impossible_rows_are_refused(db: &Fixture) {
    let state = async |number, steps: &[fn(Job) -> _]| {
        stored(&db.store, new_job(number), steps).await;
        format!("UPDATE job SET {{}} WHERE id = '{}'", id(number))
    };
    let init = state(1, &[]).await;
    let queued = state(2, &[enqueued]).await;
    let claimed = state(3, &[enqueued, claimed]).await;
    let running = state(4, &ways()[0].steps[..3]).await;
    let finished = state(5, &ways()[0].steps).await;
    let failed = state(6, &ways()[2].steps).await;
    let canceled = state(7, &ways()[8].steps).await;
    for (row, change, rule) in [
        (&init, "status = 'DONE'", "job_status_is_known"),
        (&init, "version = 0", "job_version_is_positive"),
        (&init, "row_limit = -1", "job_request_counts"),
        (&queued, "limit_ = -1", "job_request_counts"),
        (&queued, "offset_ = -1", "job_request_counts"),
        (&queued, "trino_query = NULL", "job_plan_is_whole"),
        (&queued, "source_map = NULL", "job_plan_is_whole"),
        (&init, "limit_ = 1", "job_plan_is_whole"),
        (&queued, "status = 'INIT'", "job_plan_fits_status"),
        (&init, "status = 'QUEUED'", "job_plan_fits_status"),
        (&queued, "cap_cause = NULL", "job_cap_is_whole"),
        (&queued, "cap_cause = 'whim'", "job_cap_is_known"),
        (&queued, "cap_rows = -1", "job_cap_is_known"),
        (&claimed, "lease_token = NULL", "job_run_is_whole"),
        (&claimed, "lease_until = NULL", "job_run_is_whole"),
        (&claimed, "started = NULL", "job_run_is_whole"),
        (&claimed, "progress_rows = -1", "job_run_counts"),
        (&claimed, "status = 'QUEUED'", "job_run_fits_status"),
        (&queued, "status = 'RUNNING'", "job_run_fits_status"),
        (&running, "trino_next_uri = NULL", "job_remote_is_whole"),
        (&claimed, "trino_info_url = 'http://x'", "job_remote_is_whole"),
        (&running, "finished = created", "job_finished_fits_status"),
        (&canceled, "finished = NULL", "job_finished_fits_status"),
        (&finished, "result_status = 'GONE'", "job_result_status_is_known"),
        (&finished, "result_path = NULL", "job_result_fits_status"),
        (&finished, "result_status = 'PENDING'", "job_result_fits_status"),
        (&canceled, "status = 'FINISHED'", "job_result_fits_status"),
        (&canceled, "result_path = 's3://x'", "job_result_fits_status"),
        (&finished, "result_rows = -1", "job_result_counts"),
        (&finished, "result_deleted = created", "job_deletion_fits_result"),
        (&failed, "error = NULL", "job_error_fits_status"),
        (&canceled, "error = '{}'", "job_error_fits_status"),
    ] {
        refuse(db, &row.replace("{}", change), rule).await;
    }
    if db.is_sqlite() {
        refuse(db, &claimed.replace("{}", "lease_token = x'00112233445566778899aabbccddeeff'"), "job_ids_are_text")
            .await;
        let bound = sea_orm::Statement::from_sql_and_values(
            sea_orm::DbBackend::Sqlite,
            "UPDATE job SET id = ?",
            [uuid::Uuid::from_u128(9).into()],
        );
        let blob = sea_orm::ConnectionTrait::execute_raw(&db.sql, bound).await;
        assert!(blob.unwrap_err().to_string().contains("job_ids_are_text"));
    }
    // What stays possible: a result that expired.
    assert_eq!(db.run(&finished.replace("{}", "result_status = 'EXPIRED'")).await, Ok(1));
}

pub(super) async fn rows_without_their_job_are_refused(db: &Fixture) {
    let job = stored(&db.store, new_job(1), &ways()[0].steps[..3]).await;
    db.store.finish(&job.clone().finish(result(), at(4)).unwrap(), &commands(&job)).await.unwrap();
    refuse(db, "UPDATE fusion_model SET end_ = start_ - 1", "fusion_model_range").await;
    refuse(db, "UPDATE model_queue SET command = 'DANCE'", "model_queue_").await;
    refuse(db, "UPDATE model_queue SET from_fqn = NULL", "model_queue_source_fits_command").await;
    refuse(db, "UPDATE model_queue SET command = 'LINEAGE'", "model_queue_source_fits_command").await;
    let nobody = format!("job_id = '{}'", id(9));
    for table in ["fusion_model", "model_queue"] {
        refuse(db, &format!("UPDATE {table} SET {nobody}"), foreign_key(db)).await;
    }
    refuse(db, "DELETE FROM job", foreign_key(db)).await;
}

fn foreign_key(db: &Fixture) -> &'static str {
    if db.is_sqlite() { "FOREIGN KEY constraint failed" } else { "foreign key constraint" }
}
