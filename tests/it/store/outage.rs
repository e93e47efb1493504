//! A database that does not answer is no bug and no secret.

use std::time::Duration;

use sea_orm::ConnectionTrait;
use warren::jobs::Job;
use warren::store::{Store, StoreError, StoreOptions};

use super::fixture::{Fixture, options};
use super::samples::*;
use crate::harness::Relay;

pub(super) async fn a_database_that_goes_away_is_unavailable(db: &Fixture) {
    let job = stored(&db.store, new_job(1), &[enqueued]).await;
    if db.is_sqlite() {
        return a_locked_file_is_unavailable(db, job).await;
    }
    let mut url = url::Url::parse(&db.url).unwrap();
    let relay = Relay::start(format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432))).await;
    url.set_host(Some("127.0.0.1")).unwrap();
    url.set_port(Some(relay.address.port())).unwrap();
    let store = Store::connect(&options(url.as_str())).await.unwrap();
    assert_eq!(read(&store, &job).await, job);

    relay.cut();
    // The first notices that its connection is gone, the next that no other is to be had.
    for _ in 0..2 {
        let gone = store.save(&claimed(job.clone())).await;
        assert!(gone.as_ref().is_err_and(StoreError::is_unavailable), "{gone:?}");
    }
    let gone = store.insert_job(&new_job(2), None).await;
    assert!(gone.as_ref().is_err_and(StoreError::is_unavailable), "{gone:?}");
    let gone = store.finish(&claimed(job.clone()), &commands(&job)).await;
    assert!(gone.as_ref().is_err_and(StoreError::is_unavailable), "{gone:?}");

    relay.restore();
    assert_eq!(read(&store, &job).await, job);
    store.save(&claimed(job)).await.unwrap();
    store.close().await;
}

/// SQLite: another process has the file for longer than anybody waits.
async fn a_locked_file_is_unavailable(db: &Fixture, job: Job) {
    let patience = StoreOptions { acquire_timeout: Duration::from_millis(50), ..options(&db.url) };
    let store = Store::connect(&patience).await.unwrap();
    let other = sea_orm::TransactionTrait::begin(&db.sql).await.unwrap();
    other.execute_unprepared("UPDATE job SET queue = 'other'").await.unwrap();
    let writes = tokio::join!(async { store.save(&claimed(job.clone())).await.map(drop) }, async {
        store.request_cancel(job.id, at(9)).await
    },);
    for write in [writes.0, writes.1] {
        assert!(write.as_ref().is_err_and(StoreError::is_unavailable), "{write:?}");
    }
    assert_eq!(read(&store, &job).await, job, "readers do not wait for a writer");
    other.rollback().await.unwrap();
    store.save(&claimed(job)).await.unwrap();
}

pub(super) async fn a_closed_store_is_unavailable(db: &Fixture) {
    let store = db.another_store().await;
    store.clone().close().await;
    let gone = store.job(id(1)).await.unwrap_err();
    assert!(gone.is_unavailable(), "{gone:?}");
    assert_eq!(gone.to_string(), "the database is not available to read a job");
    assert!(store.check().await.unwrap_err().is_unavailable());
    assert!(store.insert_job(&new_job(1), None).await.unwrap_err().is_unavailable());
    assert!(store.migrate().await.unwrap_err().is_unavailable());
}

/// An error with its causes, as people and as programs see it.
fn everything(error: &StoreError) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    format!("{error} {error:?} {cause:?}")
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable_and_its_password_stays_secret() {
    let options = StoreOptions {
        url: "postgres://warren:hunter2@127.0.0.1:1/jobs".into(),
        max_connections: 1,
        acquire_timeout: Duration::from_millis(100),
    };
    let error = Store::connect(&options).await.unwrap_err();
    assert!(error.is_unavailable(), "{error:?}");
    let shown = everything(&error) + &format!("{options:?}");
    assert!(!shown.contains("hunter2") && !shown.contains("127.0.0.1"), "{shown}");
}

#[tokio::test]
async fn a_url_that_names_no_database_is_refused() {
    for (url, word) in [
        ("mysql://warren:hunter2@localhost/jobs", "neither postgres: nor sqlite:"),
        ("hunter2", "neither postgres: nor sqlite:"),
        ("postgres://warren:hunter2@localhost:port/jobs", "port"),
        ("postgres://warren:hunter2@localhost/jobs?sslmode=perhaps", "perhaps"),
        ("sqlite::memory:", "in memory"),
        ("sqlite:hunter2?mode=memory", "in memory"),
        ("sqlite:jobs.db?mode=perhaps", "perhaps"),
    ] {
        let error = Store::connect(&options(url)).await.unwrap_err();
        assert!(matches!(error, StoreError::Url { .. }), "{url}: {error:?}");
        let shown = everything(&error);
        assert!(shown.contains(word) && !shown.contains("hunter2"), "{url}: {shown}");
    }
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("none/warren.db").display());
    let error = Store::connect(&options(&url)).await.unwrap_err();
    assert!(error.is_unavailable(), "{error:?}");
}
