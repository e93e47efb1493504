//! Jobs to store: every state, with something in every field.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;
use warren::jobs::{
    Cap, CapCause, ColumnLineage, ColumnUsage, FusionModel, Job, JobId, Lease, LeaseToken, LineageColumn,
    LineageSource, Plan, Principal, Progress, Remote, ResultStatus, StoredResult, Submission, Transition, Truncation,
    WorkerId,
};
use warren::models::{ColumnEdge, ColumnOrigin, Command, ModelCommand, Payload};
use warren::problem::{Code, Position, Problem, TrinoFault};
use warren::store::{ClaimRequest, Store};
use warren::time::Ids;
use warren_sql::{Mapping, TrinoName, analyse};

/// How long a lease of these samples is.
pub(crate) const LEASE: TimeDelta = TimeDelta::seconds(30);

/// A moment, with all six digits of its fraction.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_767_323_045_678_901).unwrap() + TimeDelta::seconds(seconds)
}

/// Ids that count up.
#[derive(Debug, Default)]
pub(crate) struct Counting(AtomicU64);

impl Ids for Counting {
    fn ordered(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)) + 1)
    }

    fn random(&self) -> Uuid {
        Uuid::from_u128(u128::MAX - u128::from(self.0.fetch_add(1, Ordering::Relaxed)))
    }
}

pub(crate) fn id(number: u128) -> JobId {
    JobId(Uuid::from_u128(number))
}

pub(crate) fn principal(name: &str) -> Principal {
    Principal::parse(name).unwrap()
}

pub(crate) fn submission() -> Submission {
    Submission {
        owner: principal("ada@example.org"),
        user_query: "SELECT o.total, 'it''s 100% \u{1f407}'\nFROM sales_pg.shop.public.orders o LIMIT 10".to_owned(),
        reference_models: BTreeMap::from([("o".to_owned(), "sales_pg.shop.public.\"or\\ders\"".to_owned())]),
        catalog: Some("pg_shop".to_owned()),
        schema: Some("public".to_owned()),
        time_zone: Some("Asia/Seoul".to_owned()),
        session: BTreeMap::from([("query_max_run_time".to_owned(), "5m".to_owned())]),
        tags: vec!["daily".to_owned(), "with \"quotes\", and a comma".to_owned()],
        queue: "default".to_owned(),
        priority: 3,
        row_limit: Some(1_000),
    }
}

/// A job that is `INIT`.
pub(crate) fn new_job(number: u128) -> Job {
    Job::new(id(number), submission(), at(0))
}

/// The same with another submission and another time of arrival.
pub(crate) fn new_job_with(number: u128, created: DateTime<Utc>, change: impl FnOnce(&mut Submission)) -> Job {
    let mut submission = submission();
    change(&mut submission);
    Job::new(id(number), submission, created)
}

pub(crate) fn plan() -> Plan {
    let sql = submission().user_query;
    let orders = || TrinoName::table("pg_shop", "public", "orders").unwrap();
    let converted = analyse(&sql).unwrap().convert(&mut |_| Mapping::Replace(orders())).unwrap();
    let executable = converted.with_window(Some(5), Some(10));
    Plan {
        statement: "QUERY".to_owned(),
        repeatable: true,
        converted_query: converted.query().to_owned(),
        offset: Some(5),
        limit: Some(10),
        trino_query: executable.sql,
        source_map: executable.source_map,
        cap: Some(Cap { rows: 1_000, cause: CapCause::Limit }),
        models: vec![model("sales_pg.shop.public.orders", false), model("sales_pg.shop.public.total", true)],
        lineage: lineage(),
        warnings: vec!["the name is stale".to_owned()],
    }
}

fn lineage() -> ColumnLineage {
    let source = LineageSource {
        fqn: Some("sales_pg.shop.public.orders".to_owned()),
        trino: "pg_shop.public.orders".to_owned(),
        column: "total".to_owned(),
        usage: ColumnUsage::Aggregate,
    };
    let description = Some("Its number".to_owned());
    let column = LineageColumn { name: None, place: Some(0), complete: true, sources: vec![source], description };
    ColumnLineage { complete: false, columns: vec![column] }
}

pub(crate) fn model(fqn: &str, target: bool) -> FusionModel {
    FusionModel {
        model_version_of_om: target.then(|| "0.3".to_owned()),
        model_id_of_om: target.then(|| "6f1f3a54-8b7e-4c1b-9a55-2c1f0f4e0a01".to_owned()),
        fully_qualified_name: fqn.to_owned(),
        trino_model_name: "pg_shop.public.orders".to_owned(),
        start: 37,
        end: 64,
        target,
    }
}

pub(crate) fn lease(token: u128, until: DateTime<Utc>) -> Lease {
    Lease { token: LeaseToken(Uuid::from_u128(token)), worker: WorkerId("worker-a".to_owned()), until }
}

pub(crate) fn remote() -> Remote {
    Remote {
        cluster: "default".to_owned(),
        query_id: "20260102_030405_00001_abcde".to_owned(),
        next_uri: "http://trino:8080/v1/statement/queued/20260102_030405_00001_abcde/y0/1".to_owned(),
        info_url: Some("http://trino:8080/ui/query.html?20260102_030405_00001_abcde".to_owned()),
    }
}

pub(crate) fn progress() -> Progress {
    // No float that JSON or a float of 32 bits would bring back exactly by luck.
    Progress { percent: Some(33.333_333_333_333_336), rows: 7, bytes: 1_234, state: Some("RUNNING".to_owned()) }
}

pub(crate) fn result() -> StoredResult {
    StoredResult {
        name: "2026/01/02/r".to_owned(),
        path: "s3://bucket/2026/01/02/r/".to_owned(),
        rows: 1_000,
        bytes: 65_536,
        truncated: Some(Truncation { by: "limit".to_owned(), at_rows: 1_000 }),
        status: ResultStatus::Ready,
        expires_at: Some(at(86_400)),
    }
}

pub(crate) fn problem() -> Problem {
    let problem = Problem::new(Code::SyntaxError, "line 1:8: it is \u{0}not SQL")
        .with_hint("look at the caret")
        .with_suggestions(vec!["SELECT".to_owned()])
        .at(Position { line: 1, column: 8, offset: 7, length: 3 });
    let fault = TrinoFault {
        query_id: Some("20260102_030405_00001_abcde".to_owned()),
        error_name: Some("SYNTAX_ERROR".to_owned()),
        error_type: Some("USER_ERROR".to_owned()),
    };
    Problem { trino: Some(fault), ..problem }
}

pub(crate) fn commands(job: &Job) -> Vec<ModelCommand> {
    let command = |command, from_fqn: Option<&str>| ModelCommand {
        job_id: job.id,
        command,
        model_name_fqn: "sales_pg.shop.public.total".to_owned(),
        from_fqn: from_fqn.map(str::to_owned),
        payload: Payload {
            statement: "Insert".to_owned(),
            query: "INSERT …".to_owned(),
            owner: "ada".to_owned(),
            complete: true,
            columns: vec![ColumnEdge {
                column: "total".to_owned(),
                from: vec![ColumnOrigin { column: "price".to_owned(), usage: ColumnUsage::Aggregate }],
            }],
            ..Payload::default()
        },
    };
    vec![command(Command::Lineage, Some("sales_pg.shop.public.orders")), command(Command::Ingestion, None)]
}

pub(crate) fn enqueued(job: Job) -> Transition {
    job.enqueue(plan(), at(1)).unwrap()
}

pub(crate) fn claimed(job: Job) -> Transition {
    job.claim(lease(77, at(2) + LEASE), at(2)).unwrap()
}

pub(crate) fn attached(job: Job) -> Transition {
    job.progressed(progress()).attach(remote(), at(3)).unwrap()
}

/// One way of a job from `INIT` to an end.
pub(crate) struct Way {
    pub(crate) name: &'static str,
    pub(crate) steps: Vec<fn(Job) -> Transition>,
}

/// A way to each state, and to each end from each state.
pub(crate) fn ways() -> Vec<Way> {
    let finish = |job: Job| job.finish(result(), at(4)).unwrap();
    let fail = |job: Job| job.fail(problem(), at(4)).unwrap();
    let cancel = |job: Job| job.cancel(at(4)).unwrap();
    let restart = |job: Job| job.restart(at(4)).unwrap();
    let way = |name, steps: &[fn(Job) -> Transition]| Way { name, steps: steps.to_vec() };
    vec![
        way("finished", &[enqueued, claimed, attached, finish]),
        way("finished at the second attempt", &[enqueued, claimed, attached, restart, attached, finish]),
        way("failed before it was analysed", &[fail]),
        way("failed in the queue", &[enqueued, fail]),
        way("failed before trino knew it", &[enqueued, claimed, fail]),
        way("failed at trino", &[enqueued, claimed, attached, fail]),
        way("canceled before it was analysed", &[cancel]),
        way("canceled in the queue", &[enqueued, cancel]),
        way("canceled at trino", &[enqueued, claimed, attached, cancel]),
    ]
}

/// Stores a job and its transitions; the job as it is then.
pub(crate) async fn stored(store: &Store, job: Job, steps: &[fn(Job) -> Transition]) -> Job {
    store.insert_job(&job, None).await.unwrap();
    let mut job = job;
    for step in steps {
        let transition = step(job);
        store.save(&transition).await.unwrap();
        job = transition.job;
    }
    job
}

/// The job as it is in the database.
pub(crate) async fn read(store: &Store, job: &Job) -> Job {
    store.job(job.id).await.unwrap().unwrap()
}

/// What a worker asks for at a moment.
pub(crate) fn claim_at(seconds: i64, limit: u64, ids: &Counting) -> ClaimRequest<'_> {
    ClaimRequest {
        worker: WorkerId("worker-b".to_owned()),
        limit,
        now: at(seconds),
        lease_until: at(seconds) + LEASE,
        ids,
    }
}
