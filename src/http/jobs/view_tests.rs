//! How jobs look at each point of their life, as whole JSON documents.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::view::{JobView, job_tag, retry_after_s};
use crate::app::{Limits, plan_query};
use crate::catalog::{Catalog, Mapping};
use crate::jobs::{
    Job, JobId, Lease, LeaseToken, Principal, Progress, Remote, ResultStatus, State, StoredResult, Submission,
    Truncation, WorkerId,
};
use crate::problem::{Code, Problem};

const SQL: &str = "SELECT name FROM tpch_demo.tpch.tiny.nation OFFSET 2 LIMIT 5";

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn submitted() -> Job {
    let submission = Submission {
        owner: Principal::parse("sena").unwrap(),
        user_query: SQL.to_owned(),
        reference_models: Default::default(),
        catalog: None,
        schema: None,
        time_zone: None,
        session: Default::default(),
        tags: vec!["daily".to_owned()],
        queue: "default".to_owned(),
        priority: 3,
        row_limit: None,
    };
    Job::new(JobId(Uuid::from_u128(7)), submission, at(0))
}

fn queued() -> Job {
    let job = submitted();
    let catalog = Catalog::new(Mapping::demo().unwrap());
    let plan = plan_query(&job.submission, &catalog, &Limits::default()).unwrap();
    job.enqueue(plan, at(1)).unwrap().job
}

fn running() -> Job {
    let lease = Lease { token: LeaseToken(Uuid::from_u128(1)), worker: WorkerId("w".to_owned()), until: at(60) };
    let remote = Remote {
        cluster: "main".to_owned(),
        query_id: "20260822_1".to_owned(),
        next_uri: "http://trino/secret".to_owned(),
        info_url: Some("http://trino/ui".to_owned()),
    };
    let mut job = queued().claim(lease, at(2)).unwrap().job.attach(remote, at(3)).unwrap().job;
    if let State::Running { run, .. } = &mut job.state {
        run.progress = Progress { percent: Some(42.5), rows: 2, bytes: 64, state: Some("RUNNING".to_owned()) };
    }
    job
}

fn finished() -> Job {
    let result = StoredResult {
        name: "2026/r7".to_owned(),
        path: "file:///results/2026/r7/".to_owned(),
        rows: 5,
        bytes: 640,
        truncated: Some(Truncation { by: "max_rows".to_owned(), at_rows: 5 }),
        status: ResultStatus::Ready,
        expires_at: Some(at(3600)),
    };
    running().finish(result, at(10)).unwrap().job
}

fn shown(job: &Job) -> Value {
    serde_json::to_value(JobView::new(job, at(5))).unwrap()
}

/// The members that are the same at each point of the life, changed by `changes`.
fn expected(changes: &Value) -> Value {
    let path = "/api/v1/jobs/00000000-0000-0000-0000-000000000007";
    let mut job = json!({
        "id": "00000000-0000-0000-0000-000000000007", "version": 1, "status": "INIT", "user_query": SQL,
        "converted_query": null, "statement": null, "offset_": null, "limit_": null, "result_name": null,
        "result_path": null, "created": "1970-01-01T00:00:00Z", "updated": "1970-01-01T00:00:00Z", "started": null,
        "finished": null, "cancel_requested": null, "owner": "sena", "queue": "default", "priority": 3,
        "tags": ["daily"], "position": null, "attempt": 0, "warnings": [],
        "progress": {"percent": null, "rows": 0, "bytes": 0, "elapsed_ms": null, "state": null},
        "trino": null,
        "result": {"status": "PENDING", "rows": null, "bytes": null, "truncated": null, "expires_at": null},
        "error": null,
        "links": {
            "self": path, "cancel": format!("{path}/cancel"), "events": format!("{path}/events"),
            "result": format!("{path}/result")
        }
    });
    for (name, value) in changes.as_object().unwrap() {
        job[name] = value.clone();
    }
    job
}

#[test]
fn a_job_that_was_only_submitted() {
    assert_eq!(shown(&submitted()), expected(&json!({})));
}

#[test]
fn a_job_that_waits() {
    let view = serde_json::to_value(JobView::new(&queued(), at(5)).at(Some(4))).unwrap();
    let statement = view["statement"].clone();
    assert!(statement.is_string());
    let changes = json!({
        "version": 2, "status": "QUEUED", "updated": "1970-01-01T00:00:01Z", "position": 4, "statement": statement,
        "converted_query": r#"SELECT name FROM "tpch"."tiny"."nation""#, "offset_": 2, "limit_": 5
    });
    assert_eq!(view, expected(&changes));
}

#[test]
fn a_job_that_runs_shows_its_progress_and_never_the_next_uri() {
    let view = shown(&running());
    assert_eq!(view["status"], "RUNNING");
    assert_eq!(view["attempt"], 1);
    assert_eq!(view["started"], "1970-01-01T00:00:02Z");
    assert_eq!(
        view["progress"],
        json!({"percent": 42.5, "rows": 2, "bytes": 64, "elapsed_ms": 3000, "state": "RUNNING"})
    );
    let trino = json!({"cluster": "main", "query_id": "20260822_1", "info_url": "http://trino/ui"});
    assert_eq!(view["trino"], trino);
    assert!(!view.to_string().contains("secret"));
}

#[test]
fn a_job_that_finished_shows_its_result() {
    let view = shown(&finished());
    assert_eq!((&view["status"], &view["finished"]), (&json!("FINISHED"), &json!("1970-01-01T00:00:10Z")));
    assert_eq!((&view["result_name"], &view["result_path"]), (&json!("2026/r7"), &json!("file:///results/2026/r7/")));
    assert_eq!(view["progress"]["elapsed_ms"], 8000, "until it ended, whatever the time is now");
    assert_eq!(
        view["result"],
        json!({
            "status": "READY", "rows": 5, "bytes": 640, "truncated": {"by": "max_rows", "at_rows": 5},
            "expires_at": "1970-01-01T01:00:00Z"
        })
    );
}

#[test]
fn a_job_that_failed_shows_why() {
    let problem = Problem::new(Code::SyntaxError, "the query cannot be read");
    let view = shown(&submitted().fail(problem, at(1)).unwrap().job);
    assert_eq!((&view["status"], &view["result"]), (&json!("FAILED"), &Value::Null));
    assert_eq!((&view["error"]["code"], &view["error"]["status"]), (&json!("SYNTAX_ERROR"), &json!(422)));
    assert_eq!(view["error"]["type"], "/docs/errors#syntax_error");
    let canceled = shown(&running().cancel(at(4)).unwrap().job);
    assert_eq!(
        (&canceled["status"], &canceled["result"], &canceled["error"]),
        (&json!("CANCELED"), &Value::Null, &Value::Null)
    );
}

#[test]
fn the_tag_is_the_version_with_the_place_and_clients_come_back_ever_later() {
    assert_eq!((job_tag(&queued(), None), job_tag(&queued(), Some(7))), ("2".to_owned(), "2-7".to_owned()));
    let check = |age, expect| assert_eq!(retry_after_s(&submitted(), at(age)), expect, "{age}");
    check(0, 1);
    check(9, 1);
    check(10, 2);
    check(59, 2);
    check(60, 5);
    check(599, 5);
    check(600, 15);
    check(-5, 1);
}
