//! The state machine as a whole: random walks keep its laws, and each edge is there or not.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use uuid::Uuid;

use super::{
    Expectation, Job, JobId, Lease, LeaseToken, Plan, Principal, Progress, Remote, ResultStatus, State, Status,
    StoredResult, Submission, Transition, WorkerId,
};
use crate::problem::{Code, Problem};

const EPOCH: DateTime<Utc> = DateTime::UNIX_EPOCH;
const LEASE: TimeDelta = TimeDelta::seconds(30);

fn submission() -> Submission {
    Submission {
        owner: Principal::parse("ada").unwrap(),
        user_query: "SELECT 1".to_owned(),
        reference_models: Default::default(),
        catalog: None,
        schema: None,
        time_zone: None,
        session: Default::default(),
        tags: Vec::new(),
        queue: Submission::DEFAULT_QUEUE.to_owned(),
        priority: 0,
        row_limit: None,
    }
}

fn plan() -> Plan {
    let converted = warren_sql::analyse("SELECT 1").unwrap().convert(&mut |_| warren_sql::Mapping::Keep).unwrap();
    let executable = converted.with_window(None, None);
    Plan {
        statement: "Query".to_owned(),
        repeatable: true,
        converted_query: converted.query().to_owned(),
        offset: None,
        limit: None,
        trino_query: executable.sql,
        source_map: executable.source_map,
        cap: None,
        models: Vec::new(),
        lineage: crate::jobs::ColumnLineage::default(),
        warnings: Vec::new(),
    }
}

fn lease(n: u128, now: DateTime<Utc>) -> Lease {
    Lease { token: LeaseToken(Uuid::from_u128(n)), worker: WorkerId("w".to_owned()), until: now + LEASE }
}

fn result() -> StoredResult {
    StoredResult {
        name: "r".to_owned(),
        path: "memory:///r".to_owned(),
        rows: 1,
        bytes: 2,
        truncated: None,
        status: ResultStatus::Ready,
        expires_at: None,
    }
}

const ACTIONS: u8 = 7;

fn act(job: Job, action: u8, now: DateTime<Utc>) -> Option<Transition> {
    let remote = Remote { cluster: "c".to_owned(), query_id: "q".to_owned(), next_uri: "u".to_owned(), info_url: None };
    let version = u128::try_from(job.version).unwrap();
    match action {
        0 => job.enqueue(plan(), now),
        1 => job.claim(lease(version, now), now),
        2 => job.attach(remote, now),
        3 => job.restart(now),
        4 => job.finish(result(), now),
        5 => job.fail(Problem::new(Code::Internal, "on purpose"), now),
        _ => job.cancel(now),
    }
    .ok()
}

proptest! {
    #[test]
    fn any_walk_keeps_the_laws(steps in proptest::collection::vec((0..ACTIONS, 0_i64..60), 0..40)) {
        let mut job = Job::new(JobId(Uuid::nil()), submission(), EPOCH);
        let mut now = EPOCH;
        for (action, seconds) in steps {
            now += TimeDelta::seconds(seconds);
            let before = job.clone();
            let Some(Transition { expects, job: after }) = act(job, action, now) else {
                job = before;
                continue;
            };
            prop_assert!(!before.status().is_terminal(), "nothing follows {:?}", before.status());
            prop_assert_eq!(after.version, before.version + 1);
            prop_assert_eq!(after.finished().is_some(), after.status().is_terminal());
            prop_assert_eq!(after.result().is_some(), after.status() == Status::Finished);
            prop_assert_eq!(after.error().is_some(), after.status() == Status::Failed);
            match (&before.state, expects, action) {
                (State::Running { run, .. }, Expectation::Lease(token), 2..) => prop_assert_eq!(token, run.lease.token),
                (_, Expectation::Version { status, version }, _) => {
                    prop_assert_eq!((status, version), (before.status(), before.version));
                }
                other => prop_assert!(false, "{other:?}"),
            }
            job = after;
        }
    }
}

#[test]
fn each_state_allows_its_own_actions_and_no_others() {
    let init = Job::new(JobId(Uuid::nil()), submission(), EPOCH);
    let step = |job: &Job, action| act(job.clone(), action, EPOCH).unwrap().job;
    let queued = step(&init, 0);
    let running = step(&queued, 1);
    let ends = [step(&running, 4), step(&running, 5), step(&running, 6)];
    let allowed =
        |job: &Job| (0..ACTIONS).filter(|action| act(job.clone(), *action, EPOCH).is_some()).collect::<Vec<_>>();
    assert_eq!(allowed(&init), [0, 5, 6]);
    assert_eq!(allowed(&queued), [1, 5, 6]);
    assert_eq!(allowed(&running), [2, 3, 4, 5, 6], "a lease that holds cannot be taken");
    for end in ends {
        assert_eq!(allowed(&end), Vec::<u8>::new());
    }
    let later = EPOCH + LEASE;
    let taken_over = act(running, 1, later).unwrap().job;
    assert_eq!(taken_over.run().unwrap().attempt, 1, "another worker carries on with the same attempt");
}

#[test]
fn progress_is_no_transition() {
    let job = Job::new(JobId(Uuid::nil()), submission(), EPOCH);
    let progress = Progress { rows: 5, ..Progress::default() };
    assert_eq!(job.clone().progressed(progress.clone()), job);
    let running = act(act(job, 0, EPOCH).unwrap().job, 1, EPOCH).unwrap().job;
    assert_eq!(running.clone().progressed(progress).run().unwrap().progress.rows, 5);
    assert_eq!(running.clone().progressed(Progress::default()).version, running.version);
}
