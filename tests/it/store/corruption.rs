//! A row that somebody damaged is named: table, key and column.

use warren::store::{JobFilter, PageRequest, StoreError};

use super::fixture::Fixture;
use super::samples::*;

#[track_caller]
fn names<T: std::fmt::Debug>(found: Result<T, StoreError>, expect: (&str, &str, &str)) {
    match found {
        Err(StoreError::Corrupt { table, row, column }) => assert_eq!((table, &row[..], column), expect),
        other => panic!("{other:?} instead of {expect:?}"),
    }
}

pub(super) async fn a_corrupt_value_is_named(db: &Fixture) {
    let job = stored(&db.store, new_job(1), &ways()[3].steps).await;
    let key = job.id.to_string();
    for (column, value) in [
        ("owner", ""),
        ("session", "no json"),
        ("reference_models", "[1]"),
        ("tags", "{}"),
        ("source_map", "{\"ranges\": 1}"),
        ("warnings", "null"),
        ("error", "{}"),
    ] {
        let before = db.value(&format!("SELECT {column} FROM job")).await.unwrap().replace('\'', "''");
        db.run(&format!("UPDATE job SET {column} = '{value}'")).await.unwrap();
        names(db.store.job(job.id).await, ("job", &key, column));
        let page = PageRequest::new(9, None).unwrap();
        names(db.store.jobs(&JobFilter::default(), &page).await, ("job", &key, column));
        db.run(&format!("UPDATE job SET {column} = '{before}'")).await.unwrap();
    }
    assert_eq!(read(&db.store, &job).await, job);
    db.run("UPDATE fusion_model SET end_ = 5000000000 WHERE target").await.unwrap();
    let row = db.value("SELECT CAST(id AS VARCHAR(20)) FROM fusion_model WHERE target").await.unwrap();
    names(db.store.job(job.id).await, ("fusion_model", &row, "end_"));
    let text = db.store.job(job.id).await.unwrap_err().to_string();
    assert!(text.contains("fusion_model") && text.contains("end_") && text.contains(&row), "{text}");
}

/// Workers go on with the other jobs.
pub(super) async fn a_corrupt_job_stops_no_other(db: &Fixture) {
    for number in 1..=3 {
        stored(&db.store, new_job(number), &[]).await;
    }
    for number in 4..=6 {
        stored(&db.store, new_job(number), &[enqueued]).await;
    }
    db.run(&format!("UPDATE job SET session = '' WHERE id IN ('{}', '{}')", id(2), id(4))).await.unwrap();
    db.run(&format!("UPDATE fusion_model SET end_ = 5000000000 WHERE job_id = '{}'", id(5))).await.unwrap();
    let left_over = db.store.unprepared_jobs(at(1), 9).await.unwrap();
    assert_eq!(left_over.iter().map(|job| job.id).collect::<Vec<_>>(), [id(1), id(3)]);
    let claimed = db.store.claim(&claim_at(9, 9, &Counting::default())).await.unwrap();
    assert_eq!(claimed.iter().map(|job| job.id).collect::<Vec<_>>(), [id(6)]);
}

pub(super) async fn a_corrupt_status_is_named(db: &Fixture) {
    let job = stored(&db.store, new_job(1), &[enqueued]).await;
    if !db.is_sqlite() {
        let rules = ["status_is_known", "plan_fits_status", "run_fits_status", "finished_fits_status"];
        for rule in rules.into_iter().chain(["result_fits_status", "error_fits_status"]) {
            db.run(&format!("ALTER TABLE job DROP CONSTRAINT job_{rule}")).await.unwrap();
        }
    }
    let without_checks = async |sql: &str| {
        // One batch is one connection, which is what the setting of SQLite belongs to.
        let ignore = "PRAGMA ignore_check_constraints";
        let sql = if db.is_sqlite() { format!("{ignore} = ON; {sql}; {ignore} = OFF") } else { sql.to_owned() };
        db.run(&sql).await
    };
    let key = job.id.to_string();
    for (status, column) in [
        ("DONE", "status"),
        ("INIT", "converted_query"),
        ("RUNNING", "attempt"),
        ("FINISHED", "finished"),
        ("FAILED", "finished"),
    ] {
        without_checks(&format!("UPDATE job SET status = '{status}'")).await.unwrap();
        names(db.store.job(job.id).await, ("job", &key, column));
    }
    without_checks("UPDATE job SET status = 'QUEUED', finished = created").await.unwrap();
    names(db.store.job(job.id).await, ("job", &key, "finished"));
    without_checks("UPDATE job SET status = 'FAILED'").await.unwrap();
    names(db.store.job(job.id).await, ("job", &key, "error"));
}

/// Only SQLite lets a column hold another type than its own.
pub(super) async fn a_value_of_another_type_is_named(db: &Fixture) {
    if !db.is_sqlite() {
        return;
    }
    let job = stored(&db.store, new_job(1), &[enqueued, claimed]).await;
    let key = job.id.to_string();
    for (column, value) in [
        ("priority", "'high'"),
        ("created", "'yesterday'"),
        ("lease_token", "'zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz'"),
        ("cap_rows", "'many'"),
        ("user_query", "x'00ff'"),
    ] {
        db.run(&format!("CREATE TABLE kept AS SELECT {column} AS value FROM job")).await.unwrap();
        db.run(&format!("UPDATE job SET {column} = {value}")).await.unwrap();
        names(db.store.job(job.id).await, ("job", &key, column));
        db.run(&format!("UPDATE job SET {column} = (SELECT value FROM kept)")).await.unwrap();
        db.run("DROP TABLE kept").await.unwrap();
    }
    assert_eq!(read(&db.store, &job).await, job);
}
