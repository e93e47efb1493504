//! Claims, leases and requests to cancel.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::TimeDelta;
use tokio::task::JoinSet;
use warren::jobs::{Job, JobId, Lease, LeaseToken, Progress, State, Status};
use warren::store::{ClaimRequest, Renewal, Renewed, StoreError};

use super::fixture::Fixture;
use super::samples::*;

fn ids(jobs: &[Job]) -> Vec<JobId> {
    jobs.iter().map(|job| job.id).collect()
}

pub(super) async fn jobs_are_claimed_by_priority_and_age(db: &Fixture) {
    // Number, priority, seconds of arrival: two arrive at the same moment.
    for (number, priority, arrived) in [(1, 0, 5), (2, 9, 7), (3, 0, 3), (4, 9, 7), (5, -1, 0)] {
        let job = new_job_with(number, at(arrived), |submission| submission.priority = priority);
        stored(&db.store, job, &[enqueued]).await;
    }
    stored(&db.store, new_job(6), &[]).await;
    let counting = Counting::default();
    let first = db.store.claim(&claim_at(10, 3, &counting)).await.unwrap();
    assert_eq!(ids(&first), [id(2), id(4), id(3)]);
    let rest = db.store.claim(&claim_at(10, 3, &counting)).await.unwrap();
    assert_eq!(ids(&rest), [id(1), id(5)]);
    assert_eq!(db.store.claim(&claim_at(10, 3, &counting)).await.unwrap(), []);
}

pub(super) async fn a_claim_makes_the_row_that_the_domain_makes(db: &Fixture) {
    let job = stored(&db.store, new_job(1), &[enqueued]).await;
    let [claimed] = &db.store.claim(&claim_at(10, 1, &Counting::default())).await.unwrap()[..] else { panic!() };
    let lease = claimed.run().unwrap().lease.clone();
    assert_eq!(lease.until, at(10) + LEASE);
    assert_eq!(*claimed, job.claim(lease, at(10)).unwrap().job);
    assert_eq!(read(&db.store, claimed).await, *claimed);
}

/// Eight workers of two processes, until nothing is left.
pub(super) async fn no_two_claims_get_the_same_job(db: &Fixture) {
    const JOBS: u128 = 120;
    for number in 1..=JOBS {
        stored(&db.store, new_job(number), &[enqueued]).await;
    }
    let stores = [db.store.clone(), db.another_store().await];
    let counting = Arc::new(Counting::default());
    let mut workers = JoinSet::new();
    for worker in 0..8_usize {
        let (store, counting) = (stores[worker % 2].clone(), Arc::clone(&counting));
        workers.spawn(async move {
            let mut mine = Vec::new();
            loop {
                let claimed = store.claim(&claim_at(10, 3, &counting)).await.unwrap();
                if claimed.is_empty() {
                    return mine;
                }
                mine.extend(claimed);
            }
        });
    }
    let claimed: Vec<Job> = workers.join_all().await.into_iter().flatten().collect();
    assert_eq!(claimed.len(), usize::try_from(JOBS).unwrap());
    assert_eq!(claimed.iter().map(|job| job.id).collect::<HashSet<_>>().len(), claimed.len());
    assert!(claimed.iter().all(|job| job.status() == Status::Running && job.version == 3));
}

pub(super) async fn a_lease_that_ran_out_goes_to_another_worker(db: &Fixture) {
    let mine = stored(&db.store, new_job(1), &[enqueued, claimed, attached]).await;
    let until = mine.run().unwrap().lease.until;
    let counting = Counting::default();
    assert_eq!(db.store.claim(&claim_at(31, 1, &counting)).await.unwrap(), [], "the lease holds to its last moment");
    let [theirs] = &db.store.claim(&claim_at(32, 1, &counting)).await.unwrap()[..] else { panic!() };
    assert_eq!(until, at(32));
    let (old, new) = (mine.run().unwrap(), theirs.run().unwrap());
    assert_ne!(new.lease.token, old.lease.token);
    assert_eq!((new.attempt, new.started, &new.remote), (old.attempt, old.started, &old.remote));
    assert_eq!(*theirs, mine.clone().claim(new.lease.clone(), at(32)).unwrap().job);

    // The worker that was too slow cannot write any more.
    let late = mine.clone().fail(problem(), at(33)).unwrap();
    assert!(matches!(db.store.save(&late).await, Err(StoreError::Stale { .. })));
    let token = old.lease.token;
    let renewal = Renewal { id: mine.id, token, now: at(33), until: at(63), progress: &progress(), next_uri: None };
    assert_eq!(db.store.renew(&renewal).await.unwrap(), Renewed::Lost);
    assert_eq!(read(&db.store, theirs).await, *theirs);
}

pub(super) async fn a_worker_has_the_time_of_a_lease_to_renew_its_own_jobs(db: &Fixture) {
    let mine = stored(&db.store, new_job(1), &[enqueued, claimed, attached]).await;
    let own = mine.run().unwrap().lease.clone();
    let counting = Counting::default();
    let claim = |seconds| ClaimRequest { worker: own.worker.clone(), ..claim_at(seconds, 1, &counting) };
    let last = 32 + LEASE.num_seconds() - 1;
    assert_eq!(db.store.claim(&claim(last)).await.unwrap(), [], "it may renew the lease, and need not start again");
    let [again] = &db.store.claim(&claim(last + 1)).await.unwrap()[..] else { panic!("nobody drives it any more") };
    assert_eq!(again.run().unwrap().takeovers, 1);
}

pub(super) async fn takeovers_are_counted_but_not_what_was_given_back(db: &Fixture) {
    let mine = stored(&db.store, new_job(1), &[enqueued, claimed, attached]).await;
    let counting = Counting::default();
    let [theirs] = &db.store.claim(&claim_at(32, 1, &counting)).await.unwrap()[..] else { panic!() };
    assert_eq!((mine.run().unwrap().takeovers, theirs.run().unwrap().takeovers), (0, 1));
    let token = theirs.run().unwrap().lease.token;
    let progress = progress();
    let given_back =
        Renewal { id: mine.id, token, now: at(40), until: Lease::GIVEN_BACK, progress: &progress, next_uri: None };
    assert_eq!(db.store.renew(&given_back).await.unwrap(), Renewed::Held { cancel_requested: false });
    let [next] = &db.store.claim(&claim_at(40, 1, &counting)).await.unwrap()[..] else { panic!() };
    assert_eq!(next.run().unwrap().takeovers, 1);
}

pub(super) async fn abandoned_jobs_are_claimed_before_those_that_wait(db: &Fixture) {
    let urgent = new_job_with(1, at(0), |submission| submission.priority = 99);
    stored(&db.store, urgent, &[enqueued]).await;
    stored(&db.store, new_job(2), &[enqueued, claimed, attached]).await;
    let counting = Counting::default();
    let first = db.store.claim(&claim_at(100, 1, &counting)).await.unwrap();
    assert_eq!(ids(&first), [id(2)]);
    let second = db.store.claim(&claim_at(100, 5, &counting)).await.unwrap();
    assert_eq!(ids(&second), [id(1)]);
}

pub(super) async fn a_renewal_moves_the_lease_and_the_progress(db: &Fixture) {
    let job = stored(&db.store, new_job(1), &[enqueued, claimed, attached]).await;
    let token = job.run().unwrap().lease.token;
    let further = Progress { percent: Some(99.5), rows: 8, bytes: 9, state: Some("FINISHING".to_owned()) };
    let next = "http://trino:8080/v1/statement/executing/20260102_030405_00001_abcde/y1/2";
    let renewal = Renewal { id: job.id, token, now: at(10), until: at(90), progress: &further, next_uri: Some(next) };
    // The lease ran out, but nobody has taken the job.
    let renewal = Renewal { now: at(60), ..renewal };
    assert_eq!(db.store.renew(&renewal).await.unwrap(), Renewed::Held { cancel_requested: false });
    let row = read(&db.store, &job).await;
    assert_eq!((row.version, row.updated), (job.version + 1, at(60)));
    let State::Running { run, .. } = &row.state else { panic!() };
    assert_eq!((run.lease.until, &run.progress), (at(90), &further));
    assert_eq!(run.remote.as_ref().unwrap().next_uri, next);

    let nowhere = Progress::default();
    db.store.renew(&Renewal { next_uri: None, progress: &nowhere, ..renewal }).await.unwrap();
    let row = read(&db.store, &job).await;
    assert_eq!(row.run().unwrap().progress, nowhere);
    assert_eq!(row.run().unwrap().remote.as_ref().unwrap().next_uri, next, "no news is no change");
}

/// A renewal that is on its way while the worker gives the query up.
pub(super) async fn a_renewal_without_a_query_notes_no_place(db: &Fixture) {
    let job = stored(&db.store, new_job(1), &[enqueued, claimed]).await;
    let token = job.run().unwrap().lease.token;
    let renewal = Renewal {
        id: job.id,
        token,
        now: at(10),
        until: at(50),
        progress: &progress(),
        next_uri: Some("http://trino:8080/v1/statement/queued/gone"),
    };
    assert_eq!(db.store.renew(&renewal).await.unwrap(), Renewed::Held { cancel_requested: false });
    assert_eq!(read(&db.store, &job).await.run().unwrap().remote, None);
}

pub(super) async fn a_lost_lease_is_not_renewed(db: &Fixture) {
    let job = stored(&db.store, new_job(1), &[enqueued, claimed]).await;
    let token = job.run().unwrap().lease.token;
    let renewal = Renewal { id: job.id, token, now: at(10), until: at(50), progress: &progress(), next_uri: None };
    let other = Renewal { token: LeaseToken(uuid::Uuid::from_u128(1)), ..renewal };
    assert_eq!(db.store.renew(&other).await.unwrap(), Renewed::Lost);
    assert_eq!(db.store.renew(&Renewal { id: id(2), ..renewal }).await.unwrap(), Renewed::Lost);
    assert_eq!(read(&db.store, &job).await, job);
    let canceled = job.cancel(at(11)).unwrap();
    db.store.save(&canceled).await.unwrap();
    assert_eq!(db.store.renew(&renewal).await.unwrap(), Renewed::Lost);
    assert_eq!(read(&db.store, &canceled.job).await, canceled.job);
}

pub(super) async fn a_cancel_is_asked_for_once(db: &Fixture) {
    for (number, steps) in [(1, 0), (2, 1), (3, 2)] {
        let job = stored(&db.store, new_job(number), &ways()[0].steps[..steps]).await;
        db.store.request_cancel(job.id, at(10)).await.unwrap();
        db.store.request_cancel(job.id, at(20)).await.unwrap();
        let asked = Job { cancel_requested: Some(at(10)), updated: at(10), version: job.version + 1, ..job.clone() };
        assert_eq!(read(&db.store, &job).await, asked);
    }
    for (number, way) in (4..).zip(ways()) {
        let ended = stored(&db.store, new_job(number), &way.steps).await;
        db.store.request_cancel(ended.id, at(10)).await.unwrap();
        assert_eq!(read(&db.store, &ended).await, ended, "{}", way.name);
    }
    db.store.request_cancel(id(99), at(10)).await.unwrap();
}

pub(super) async fn a_worker_learns_of_a_cancel(db: &Fixture) {
    let queued = stored(&db.store, new_job(1), &[enqueued]).await;
    db.store.request_cancel(queued.id, at(2)).await.unwrap();
    let [job] = &db.store.claim(&claim_at(3, 1, &Counting::default())).await.unwrap()[..] else { panic!() };
    assert_eq!(job.cancel_requested, Some(at(2)));
    let token = job.run().unwrap().lease.token;
    let until = at(3) + TimeDelta::seconds(60);
    let renewal = Renewal { id: job.id, token, now: at(4), until, progress: &progress(), next_uri: None };
    assert_eq!(db.store.renew(&renewal).await.unwrap(), Renewed::Held { cancel_requested: true });
}
