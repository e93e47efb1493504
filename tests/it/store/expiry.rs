//! Results that expire, step by step.

use chrono::{DateTime, Utc};
use tokio::task::JoinSet;
use warren::jobs::{Job, ResultStatus, State, StoredResult};
use warren::store::ExpiredResult;

use super::fixture::Fixture;
use super::samples::*;

/// A job that finished with a result of that end.
async fn finished(db: &Fixture, number: u128, expires_at: Option<DateTime<Utc>>) -> Job {
    let job = stored(&db.store, new_job(number), &ways()[0].steps[..3]).await;
    let finished = job.finish(StoredResult { expires_at, ..result() }, at(4)).unwrap();
    db.store.save(&finished).await.unwrap()
}

/// The same job with a result that expired.
fn expired(mut job: Job, now: DateTime<Utc>) -> Job {
    let State::Finished { result, .. } = &mut job.state else { panic!("{job:?}") };
    result.status = ResultStatus::Expired;
    Job { version: job.version + 1, updated: now, ..job }
}

pub(super) async fn results_expire_once_their_time_has_come(db: &Fixture) {
    let for_ever = finished(db, 1, None).await;
    let late = finished(db, 2, Some(at(200))).await;
    let early = finished(db, 3, Some(at(100))).await;
    let running = stored(&db.store, new_job(4), &ways()[0].steps[..3]).await;
    assert_eq!(db.store.expire_results(at(99), 10).await.unwrap(), 0);
    assert_eq!(db.store.expire_results(at(300), 1).await.unwrap(), 1, "the one that should have expired first");
    assert_eq!(read(&db.store, &early).await, expired(early, at(300)));
    assert_eq!(read(&db.store, &late).await, late);
    assert_eq!(db.store.expire_results(at(301), 10).await.unwrap(), 1);
    assert_eq!(read(&db.store, &late).await, expired(late, at(301)));
    assert_eq!(db.store.expire_results(at(302), 10).await.unwrap(), 0);
    for untouched in [for_ever, running] {
        assert_eq!(read(&db.store, &untouched).await, untouched);
    }
}

pub(super) async fn one_result_can_be_made_to_expire(db: &Fixture) {
    for (number, way) in (1..).zip(ways()) {
        let job = stored(&db.store, new_job(number), &way.steps).await;
        db.store.expire_result(job.id, at(10)).await.unwrap();
        db.store.expire_result(job.id, at(11)).await.unwrap();
        let expect = if job.result().is_some() { expired(job.clone(), at(10)) } else { job.clone() };
        assert_eq!(read(&db.store, &job).await, expect, "{}", way.name);
    }
    db.store.expire_result(id(99), at(10)).await.unwrap();
}

pub(super) async fn what_is_left_of_a_result_is_found_until_it_is_noted(db: &Fixture) {
    for number in 1..=3 {
        finished(db, number, None).await;
    }
    assert_eq!(db.store.expired_results(None, 10).await.unwrap(), []);
    assert!(!db.store.note_result_deleted(id(1), at(9)).await.unwrap(), "it can still be read");
    for number in 1..=3 {
        db.store.expire_result(id(number), at(10)).await.unwrap();
    }
    let left = |number| ExpiredResult { job_id: id(number), created: at(0) };
    assert_eq!(db.store.expired_results(None, 2).await.unwrap(), [left(1), left(2)]);
    assert_eq!(db.store.expired_results(Some(id(2)), 2).await.unwrap(), [left(3)]);
    let before = db.store.job(id(2)).await.unwrap();
    assert!(db.store.note_result_deleted(id(2), at(11)).await.unwrap());
    assert!(!db.store.note_result_deleted(id(2), at(12)).await.unwrap(), "once");
    assert_eq!(db.store.job(id(2)).await.unwrap(), before, "the job says the same");
    assert_eq!(db.store.expired_results(None, 9).await.unwrap(), [left(1), left(3)]);
}

/// Four sweepers of two processes, until nothing is left.
pub(super) async fn each_result_expires_once(db: &Fixture) {
    const RESULTS: u64 = 40;
    for number in 0..RESULTS {
        finished(db, u128::from(number) + 1, Some(at(100))).await;
    }
    let stores = [db.store.clone(), db.another_store().await];
    let mut sweepers = JoinSet::new();
    for sweeper in 0..4_usize {
        let store = stores[sweeper % 2].clone();
        sweepers.spawn(async move {
            let mut all = 0;
            loop {
                match store.expire_results(at(100), 3).await.unwrap() {
                    0 => return all,
                    expired => all += expired,
                }
            }
        });
    }
    let mut all: u64 = sweepers.join_all().await.into_iter().sum();
    // Whoever finds the last rows locked leaves them to the one that holds them.
    all += db.store.expire_results(at(100), RESULTS).await.unwrap();
    assert_eq!(all, RESULTS);
    let versions = db.value("SELECT CAST(COUNT(*) AS VARCHAR(20)) FROM job WHERE version = 6").await;
    assert_eq!(versions.as_deref(), Some("40"), "each of them once");
}
