//! What is written comes back, or is refused before it is written.

use std::collections::BTreeMap;

use warren::jobs::{Progress, Run, State, Transition};
use warren::store::StoreError;

use super::fixture::Fixture;
use super::samples::*;

pub(super) async fn every_state_comes_back(db: &Fixture) {
    for (number, way) in (1..).zip(ways()) {
        let mut job = new_job(number);
        db.store.insert_job(&job, None).await.unwrap();
        assert_eq!(read(&db.store, &job).await, job, "{}: INIT", way.name);
        for step in way.steps {
            let transition = step(job);
            db.store.save(&transition).await.unwrap();
            job = transition.job;
            assert_eq!(read(&db.store, &job).await, job, "{}: {}", way.name, job.status().as_str());
        }
        assert!(job.status().is_terminal(), "{}", way.name);
    }
}

pub(super) async fn a_job_of_any_state_can_be_inserted(db: &Fixture) {
    for (number, way) in (1..).zip(ways()) {
        let job = way.steps.into_iter().fold(new_job(number), |job, step| step(job).job);
        db.store.insert_job(&job, None).await.unwrap();
        assert_eq!(read(&db.store, &job).await, job, "{}", way.name);
    }
}

pub(super) async fn unusual_values_come_back(db: &Fixture) {
    let job = new_job_with(1, at(0), |submission| {
        submission.user_query = String::new();
        submission.reference_models = BTreeMap::new();
        submission.catalog = None;
        submission.schema = Some(String::new());
        submission.time_zone = None;
        submission.session = BTreeMap::from([("\u{0}".to_owned(), "\"\\\n".to_owned())]);
        submission.tags = Vec::new();
        submission.priority = i32::MIN;
        submission.row_limit = Some(u64::try_from(i64::MAX).unwrap());
    });
    db.store.insert_job(&job, None).await.unwrap();
    assert_eq!(read(&db.store, &job).await, job);

    let mut bare = plan();
    (bare.offset, bare.limit, bare.cap) = (None, Some(0), None);
    (bare.models, bare.warnings) = (Vec::new(), Vec::new());
    let transition = job.enqueue(bare, at(1)).unwrap();
    db.store.save(&transition).await.unwrap();
    assert_eq!(read(&db.store, &transition.job).await, transition.job);
}

pub(super) async fn what_the_tables_cannot_hold_is_refused(db: &Fixture) {
    let nul = new_job_with(1, at(0), |submission| submission.user_query = "SELECT '\u{0}'".to_owned());
    refuse(db.store.insert_job(&nul, None).await.map(drop), "user_query");
    let tag = new_job_with(2, at(0), |submission| submission.tags = vec!["\u{0}".to_owned()]);
    refuse(db.store.insert_job(&tag, None).await.map(drop), "tags");

    let job = stored(&db.store, new_job(3), &[]).await;
    let mut endless = plan();
    endless.limit = Some(u64::MAX);
    refuse(db.store.save(&job.clone().enqueue(endless, at(1)).unwrap()).await.map(drop), "limit_");
    let running = stored(&db.store, new_job(4), &[enqueued, claimed]).await;
    let State::Running { plan, run } = running.state.clone() else { panic!() };
    let state = State::Running { plan, run: Run { progress: Progress { rows: u64::MAX, ..progress() }, ..run } };
    let transition = attached(running.clone());
    let transition = Transition { job: warren::jobs::Job { state, ..transition.job }, ..transition };
    refuse(db.store.save(&transition).await.map(drop), "progress_rows");
    assert_eq!(read(&db.store, &job).await, job);
}

#[track_caller]
fn refuse(stored: Result<(), StoreError>, column_name: &str) {
    match stored {
        Err(StoreError::Unstorable { column, .. }) => assert_eq!(column, column_name),
        other => panic!("{other:?}"),
    }
}

pub(super) async fn a_job_that_is_not_there_is_none(db: &Fixture) {
    assert_eq!(db.store.job(id(9)).await.unwrap(), None);
    assert_eq!(db.store.fusion_models(id(9)).await.unwrap(), []);
    assert_eq!(db.store.model_commands(id(9)).await.unwrap(), []);
}
