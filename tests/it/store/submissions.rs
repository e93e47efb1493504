//! A new job is stored once, however often and by however many it is sent.

use tokio::task::JoinSet;
use warren::jobs::{IdempotencyKey, Job};
use warren::store::{Inserted, StoreError};

use super::fixture::Fixture;
use super::samples::*;

fn key(text: &str, body: &str) -> IdempotencyKey {
    IdempotencyKey::parse(text, body.to_owned()).unwrap()
}

pub(super) async fn an_id_is_taken_once(db: &Fixture) {
    let job = stored(&db.store, new_job(1), &[]).await;
    let again = db.store.insert_job(&job, None).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })), "{again:?}");
    let with_key = db.store.insert_job(&job, Some(&key("k", "b"))).await;
    assert!(matches!(with_key, Err(StoreError::Conflict { .. })), "{with_key:?}");
    assert_eq!(db.count("idempotency_key").await, 0);
}

pub(super) async fn a_key_makes_one_job(db: &Fixture) {
    let first = new_job(1);
    assert_eq!(db.store.insert_job(&first, Some(&key("k", "body"))).await.unwrap(), Inserted::New);
    db.store.save(&enqueued(first.clone())).await.unwrap();

    let replayed = db.store.insert_job(&new_job(2), Some(&key("k", "body"))).await.unwrap();
    assert_eq!(replayed, Inserted::Replayed(Box::new(enqueued(first).job)));
    let reused = db.store.insert_job(&new_job(3), Some(&key("k", "another body"))).await.unwrap();
    assert_eq!(reused, Inserted::KeyReused);
    assert_eq!(db.store.insert_job(&new_job(4), Some(&key("l", "body"))).await.unwrap(), Inserted::New);
    assert_eq!(db.count("job").await, 2);
}

pub(super) async fn a_key_belongs_to_its_owner(db: &Fixture) {
    let other = new_job_with(2, at(0), |submission| submission.owner = principal("grace"));
    assert_eq!(db.store.insert_job(&new_job(1), Some(&key("k", "b"))).await.unwrap(), Inserted::New);
    assert_eq!(db.store.insert_job(&other, Some(&key("k", "b"))).await.unwrap(), Inserted::New);
}

/// Sixteen requests at the same moment, through two processes.
pub(super) async fn twins_with_one_key_make_one_job(db: &Fixture) {
    let stores = [db.store.clone(), db.another_store().await];
    let mut twins = JoinSet::new();
    for number in 1..=16 {
        let store = stores[usize::from(number % 2 == 0)].clone();
        twins.spawn(async move {
            let job = new_job(number);
            let inserted = store.insert_job(&job, Some(&key("k", "body"))).await.unwrap();
            (job, inserted)
        });
    }
    let (new, rest): (Vec<(Job, Inserted)>, Vec<_>) =
        twins.join_all().await.into_iter().partition(|(_, inserted)| *inserted == Inserted::New);
    assert_eq!(new.len(), 1);
    assert_eq!(db.count("job").await, 1);
    for (_, inserted) in rest {
        assert_eq!(inserted, Inserted::Replayed(Box::new(new[0].0.clone())));
    }
}

pub(super) async fn a_key_is_free_again_when_its_job_is_deleted(db: &Fixture) {
    let job = new_job(1);
    db.store.insert_job(&job, Some(&key("k", "body"))).await.unwrap();
    let canceled = job.cancel(at(1)).unwrap();
    db.store.save(&canceled).await.unwrap();
    db.store.delete_job(&canceled.job).await.unwrap();
    assert_eq!(db.store.insert_job(&new_job(2), Some(&key("k", "other"))).await.unwrap(), Inserted::New);
}
