//! Each write says what it expects, and does nothing when that is not there.

use tokio::task::JoinSet;
use warren::jobs::{Expectation, Job, LeaseToken, Status, Transition};
use warren::models::QueuedCommand;
use warren::store::{Renewal, StoreError};

use super::fixture::Fixture;
use super::samples::*;

fn is_stale<T>(result: &Result<T, StoreError>, job: &Job) -> bool {
    matches!(result, Err(StoreError::Stale { id }) if *id == job.id)
}

/// Every step of every way is refused under another version, and a second time, and leaves the row as it is.
pub(super) async fn a_transition_needs_its_version(db: &Fixture) {
    for (number, way) in (1..).zip(ways()) {
        let mut job = stored(&db.store, new_job(number), &[]).await;
        for step in way.steps {
            let transition = step(job.clone());
            if let Expectation::Version { status, version } = transition.expects {
                let expects = Expectation::Version { status, version: version + 1 };
                let early = db.store.save(&Transition { expects, ..transition.clone() }).await;
                assert!(is_stale(&early, &job), "{}: {early:?}", way.name);
                assert_eq!(read(&db.store, &job).await, job, "{}", way.name);
            }
            db.store.save(&transition).await.unwrap();
            job = transition.job.clone();
            if matches!(transition.expects, Expectation::Version { .. }) {
                let again = db.store.save(&transition).await;
                assert!(is_stale(&again, &job), "{}: {again:?}", way.name);
            }
            assert_eq!(read(&db.store, &job).await, job, "{}", way.name);
        }
    }
}

pub(super) async fn a_transition_needs_its_status(db: &Fixture) {
    let job = stored(&db.store, new_job(1), &[enqueued]).await;
    let transition = claimed(job.clone());
    for status in Status::ALL.into_iter().filter(|status| *status != Status::Queued) {
        let expects = Expectation::Version { status, version: job.version };
        let refused = db.store.save(&Transition { expects, ..transition.clone() }).await;
        assert!(is_stale(&refused, &job), "{}: {refused:?}", status.as_str());
    }
    assert_eq!(read(&db.store, &job).await, job);
}

pub(super) async fn a_transition_needs_its_lease(db: &Fixture) {
    let job = stored(&db.store, new_job(1), &[enqueued, claimed]).await;
    let steps: [Transition; 5] = [
        attached(job.clone()),
        job.clone().restart(at(4)).unwrap(),
        job.clone().finish(result(), at(4)).unwrap(),
        job.clone().fail(problem(), at(4)).unwrap(),
        job.clone().cancel(at(4)).unwrap(),
    ];
    for transition in steps.clone() {
        let expects = Expectation::Lease(LeaseToken(uuid::Uuid::from_u128(78)));
        let refused = db.store.save(&Transition { expects, ..transition }).await;
        assert!(is_stale(&refused, &job), "{refused:?}");
    }
    assert_eq!(read(&db.store, &job).await, job);
    // After the end nothing counts, with the right token neither.
    let ended = job.clone().cancel(at(5)).unwrap();
    db.store.save(&ended).await.unwrap();
    for transition in steps {
        assert!(is_stale(&db.store.save(&transition).await, &job));
    }
    assert_eq!(read(&db.store, &job).await, ended.job);
}

pub(super) async fn a_lost_race_leaves_nothing_behind(db: &Fixture) {
    let job = stored(&db.store, new_job(1), &[]).await;
    let late = enqueued(job.clone());
    db.store.save(&job.cancel(at(1)).unwrap()).await.unwrap();
    assert!(is_stale(&db.store.save(&late).await, &late.job));
    assert_eq!(db.store.fusion_models(late.job.id).await.unwrap(), []);
    // A job that is not there is no other case.
    assert!(is_stale(&db.store.save(&enqueued(new_job(2))).await, &new_job(2)));
    assert_eq!(db.count("fusion_model").await, 0);
}

pub(super) async fn a_finish_stores_its_commands(db: &Fixture) {
    let job = stored(&db.store, new_job(1), &[enqueued, claimed, attached]).await;
    let finished = job.clone().finish(result(), at(4)).unwrap();
    db.store.finish(&finished, &commands(&job)).await.unwrap();
    assert_eq!(read(&db.store, &job).await, finished.job);
    let queued: Vec<QueuedCommand> = db.store.model_commands(job.id).await.unwrap();
    assert_eq!(queued.iter().map(|queued| queued.command.clone()).collect::<Vec<_>>(), commands(&job));
    assert!(queued[0].id < queued[1].id);
    let created = db.value(
        "SELECT CAST(COUNT(DISTINCT q.created) AS VARCHAR(20)) FROM model_queue q JOIN job j ON j.finished = q.created",
    );
    assert_eq!(created.await.as_deref(), Some("1"));
}

pub(super) async fn a_finish_without_its_lease_stores_no_command(db: &Fixture) {
    let job = stored(&db.store, new_job(1), &[enqueued, claimed, attached]).await;
    let finished = job.clone().finish(result(), at(4)).unwrap();
    let taken = db.store.claim(&claim_at(100, 1, &Counting::default())).await.unwrap();
    assert_eq!(taken.len(), 1);
    assert!(is_stale(&db.store.finish(&finished, &commands(&job)).await, &job));
    assert_eq!(db.count("model_queue").await, 0);
    assert_eq!(read(&db.store, &job).await, taken[0]);
}

/// A renewal and a request to cancel come between a worker's copy of the job and its next write.
pub(super) async fn a_write_under_a_lease_keeps_what_others_write(db: &Fixture) {
    let job = stored(&db.store, new_job(1), &[enqueued, claimed]).await;
    let token = job.run().unwrap().lease.token;
    let renewal = Renewal { id: job.id, token, now: at(10), until: at(50), progress: &progress(), next_uri: None };
    db.store.renew(&renewal).await.unwrap();
    db.store.request_cancel(job.id, at(11)).await.unwrap();
    let attached = attached(job.clone());
    let saved = db.store.save(&attached).await.unwrap();
    let row = read(&db.store, &job).await;
    assert_eq!(row.version, job.version + 3, "each of the three writes counts");
    assert_eq!(saved.version, row.version, "the worker learns which version it wrote");
    assert_eq!(row.cancel_requested, Some(at(11)));
    assert_eq!(row.run().unwrap().lease.until, at(50));
    assert_eq!(row.run().unwrap().remote, Some(remote()));
}

pub(super) async fn only_one_of_two_transitions_counts(db: &Fixture) {
    for number in 1..=10 {
        let job = stored(&db.store, new_job(number), &[enqueued]).await;
        let rivals =
            [claimed(job.clone()), job.clone().cancel(at(2)).unwrap(), job.clone().fail(problem(), at(2)).unwrap()];
        let mut race = JoinSet::new();
        for transition in rivals {
            let store = db.store.clone();
            race.spawn(async move { store.save(&transition).await });
        }
        let (won, lost): (Vec<_>, Vec<_>) = race.join_all().await.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        assert!(lost.iter().all(|result| is_stale(result, &job)), "{lost:?}");
        assert_eq!(read(&db.store, &job).await, *won[0].as_ref().unwrap());
    }
}

pub(super) async fn a_job_that_ended_can_be_deleted(db: &Fixture) {
    let live = stored(&db.store, new_job(1), &[enqueued, claimed]).await;
    assert!(is_stale(&db.store.delete_job(&live).await, &live));
    let ended = stored(&db.store, new_job(2), &ways()[0].steps).await;
    assert_eq!(db.count("fusion_model").await, 4);
    let older = Job { version: ended.version - 1, ..ended.clone() };
    assert!(is_stale(&db.store.delete_job(&older).await, &ended));
    db.store.delete_job(&ended).await.unwrap();
    assert_eq!(db.store.job(ended.id).await.unwrap(), None);
    assert_eq!(db.count("fusion_model").await, 2, "what it referred to goes with it");
    assert!(is_stale(&db.store.delete_job(&ended).await, &ended));
}

pub(super) async fn a_job_with_commands_cannot_be_deleted(db: &Fixture) {
    let job = stored(&db.store, new_job(1), &[enqueued, claimed, attached]).await;
    let finished = job.clone().finish(result(), at(4)).unwrap();
    db.store.finish(&finished, &commands(&job)).await.unwrap();
    let refused = db.store.delete_job(&finished.job).await;
    assert!(matches!(refused, Err(StoreError::CommandsWaiting { id }) if id == job.id), "{refused:?}");
    assert_eq!(read(&db.store, &job).await, finished.job);
    db.run("UPDATE model_queue SET state = 'DONE', settled = created").await.unwrap();
    db.store.delete_job(&finished.job).await.unwrap();
    assert_eq!(db.count("model_queue").await, 0, "what is settled goes with it");
}
