//! A Trino that is down, slow, answers with something else, or loses a query.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tokio::time::timeout;
use warren_trino::testing::{FakeTrino, Fault, Gate, Script, ScriptedError, Step};

use super::{PATIENCE, numbers, pages, server_on};
use crate::harness::{Stack, TestServer};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_down_fails_the_job_and_says_that_it_may_be_tried_again() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = TestServer::start_with(Stack::Embedded, |_, settings| {
        settings.insert("WARREN_TRINO_URL".to_owned(), format!("http://{free}"));
        settings.insert("WARREN_TRINO_UNAVAILABLE_MS".to_owned(), super::UNAVAILABLE_MS.to_owned());
    })
    .await;
    let job = server.run("SELECT 1").await;
    assert_eq!((&job["status"], &job["error"]["code"]), (&json!("FAILED"), &json!("TRINO_UNAVAILABLE")), "{job:#}");
    assert_eq!((&job["error"]["retryable"], &job["error"]["category"]), (&json!(true), &json!("EXTERNAL")));
    assert_eq!(job["error"]["status"], 503, "{job:#}");
    assert!(job["error"]["detail"].as_str().unwrap().contains("trino cannot be reached"), "{job:#}");
    assert!(job["error"]["hint"].as_str().unwrap().contains("submit the query again when trino is back"), "{job:#}");
    let ready = server.get("/readyz").await;
    assert_eq!(ready.status, 200, "a Trino that is down delays jobs; it is no reason to take no more of them");
    assert!(ready.text().contains("cannot be reached"), "{}", ready.text());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_slow_is_waited_for_while_requests_are_answered() {
    let (fake, gate) = (FakeTrino::start().await.unwrap(), Gate::new());
    let script = pages(&[&[1, 2]]).gate(Step::Executing(0), &gate);
    fake.on_query(move |_| script.clone());
    let server = server_on(&fake).await;
    let submitted = server.post("/api/v1/jobs", &json!({"query": "SELECT n FROM t"})).await;
    assert_eq!(submitted.status, 202, "{}", submitted.text());
    let id = submitted.json()["id"].as_str().unwrap().to_owned();
    timeout(PATIENCE, gate.reached()).await.unwrap();
    let running = server.get(&format!("/api/v1/jobs/{id}?wait_ms=50")).await.json();
    assert_eq!(running["status"], "RUNNING");
    let early = server.get(&format!("/api/v1/jobs/{id}/result")).await;
    assert_eq!((early.status.as_u16(), early.json()["code"].clone()), (409, json!("RESULT_NOT_READY")));
    assert_eq!((&early.json()["status"], &early.json()["retryable"]), (&json!(409), &json!(true)));
    assert!(early.json()["detail"].as_str().unwrap().ends_with(" is RUNNING"), "{}", early.text());
    assert!(early.json()["hint"].as_str().unwrap().starts_with("wait for the job"), "{}", early.text());
    gate.open();
    let job = server.get(&format!("/api/v1/jobs/{id}?wait_ms=60000")).await.json();
    assert_eq!(job["status"], "FINISHED", "{job:#}");
    assert_eq!(numbers(&server, &job).await, [1, 2]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_are_not_trinos_end_the_job_with_what_was_seen() {
    let fake = FakeTrino::start().await.unwrap();
    fake.on_query(|sql| match sql.split(" LIMIT ").next().unwrap() {
        "SELECT 'html'" => pages(&[&[1]]).fault(Step::Submit, Fault::Html, 9),
        "SELECT 'html later'" => pages(&[&[1]]).fault(Step::Executing(0), Fault::Html, 9),
        "SELECT 'cut'" => pages(&[&[1], &[2]]).fault(Step::Executing(1), Fault::TruncatedJson, 99),
        "SELECT 'value'" => Script::new().column("n", "bigint").page(r#"[["no number"]]"#),
        other => panic!("{other}"),
    });
    let server = server_on(&fake).await;
    let url = "checks that the url of the cluster is that of a trino coordinator";
    for (sql, status, code, text, hint) in [
        ("SELECT 'html'", 502, "TRINO_PROTOCOL", "something that is not trino answered", url),
        ("SELECT 'html later'", 502, "TRINO_PROTOCOL", "something that is not trino answered", url),
        ("SELECT 'cut'", 502, "TRINO_PROTOCOL", "trino's answer was cut short", url),
        ("SELECT 'value'", 500, "RESULT_NOT_READABLE", "no number", "cast the column to varchar"),
    ] {
        let job = server.run(sql).await;
        let (found, detail) = (&job["error"]["code"], job["error"]["detail"].as_str().unwrap_or_default());
        assert_eq!((&job["status"], found), (&json!("FAILED"), &json!(code)), "{sql}: {job:#}");
        assert_eq!(job["error"]["status"], status, "{sql}: {job:#}");
        assert!(detail.contains(text) && !detail.contains('<'), "{sql}: {detail}");
        assert!(job["error"]["hint"].as_str().unwrap().contains(hint), "{sql}: {job:#}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_that_got_lost_is_started_again_when_that_does_no_harm() {
    let fake = FakeTrino::start().await.unwrap();
    let seen = AtomicUsize::new(0);
    fake.on_query(move |_| match seen.fetch_add(1, Ordering::SeqCst) {
        0 => pages(&[&[1], &[2], &[3]]).fault(Step::Executing(2), Fault::Status(404), 9),
        1 => pages(&[&[1], &[2], &[3]]).fault(Step::Executing(1), Fault::Status(410), 9),
        _ => pages(&[&[1], &[2], &[3]]),
    });
    let server = server_on(&fake).await;
    let job = server.finished("SELECT n FROM t").await;
    assert_eq!(job["attempt"], 3);
    assert_eq!(numbers(&server, &job).await, [1, 2, 3], "no row of the first attempts");
    assert_eq!(fake.canceled().len(), 2, "what may still run of the first attempts is taken from trino");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_got_lost_is_never_started_again() {
    let fake = FakeTrino::start().await.unwrap();
    fake.on_query(|sql| {
        let script = Script::new().column("rows", "bigint").page("[[7]]").update("INSERT", Some(7));
        if sql.contains("gone") {
            script.fault(Step::Executing(1), Fault::Status(404), 9).fault(Step::State, Fault::Status(404), 9)
        } else {
            script.fault(Step::Executing(1), Fault::Status(410), 9)
        }
    });
    let server = server_on(&fake).await;
    let unknown = server.run("INSERT INTO memory.default.gone SELECT 1").await;
    assert_eq!(unknown["error"]["code"], "QUERY_LOST", "{unknown:#}");
    assert_eq!(unknown["error"]["retryable"], false, "{unknown:#}");
    assert!(unknown["error"]["hint"].as_str().unwrap().contains("look at its target"), "{unknown:#}");
    assert_eq!(fake.submitted().len(), 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_whose_answer_trino_forgot_is_finished_when_trino_says_so() {
    let fake = FakeTrino::start().await.unwrap();
    fake.on_query(|_| {
        let script = Script::new().column("rows", "bigint").page("[[7]]").update("INSERT", Some(7));
        script.finished_from(0).fault(Step::Executing(1), Fault::Status(410), 1)
    });
    let server = server_on(&fake).await;
    let job = server.run("INSERT INTO memory.default.t SELECT 1").await;
    assert_eq!(job["status"], "FINISHED", "{job:#}");
    let manifest = server.get(&format!("/api/v1/jobs/{}/result", job["id"].as_str().unwrap())).await.json();
    assert!(manifest["warnings"][0].as_str().unwrap().starts_with("ANSWER_LOST"), "{manifest:#}");
    assert_eq!((fake.submitted().len(), fake.canceled().len()), (1, 0));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_is_started_again_when_the_cluster_restarts() {
    let fake = FakeTrino::start().await.unwrap();
    let seen = AtomicUsize::new(0);
    let stopping = ScriptedError {
        kind: "INTERNAL_ERROR".to_owned(),
        ..ScriptedError::user("SERVER_SHUTTING_DOWN", 65545, "Server is shutting down", None)
    };
    fake.on_query(move |_| match seen.fetch_add(1, Ordering::SeqCst) {
        0 => pages(&[&[1]]).fails(stopping.clone()),
        _ => pages(&[&[1], &[2]]),
    });
    let server = server_on(&fake).await;
    let job = server.finished("SELECT n FROM t").await;
    assert_eq!(job["attempt"], 2);
    assert_eq!(numbers(&server, &job).await, [1, 2]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_can_be_canceled_while_trino_is_down() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = TestServer::start_with(Stack::Embedded, |_, settings| {
        settings.insert("WARREN_TRINO_URL".to_owned(), format!("http://{free}"));
        settings.insert("WARREN_TRINO_UNAVAILABLE_MS".to_owned(), "600000".to_owned());
    })
    .await;
    let id = server.post("/api/v1/jobs", &json!({"query": "SELECT 1", "wait_ms": 1})).await.json()["id"].clone();
    let path = format!("/api/v1/jobs/{}", id.as_str().unwrap());
    server.post(&format!("{path}/cancel"), &json!({})).await;
    let job = server.get(&format!("{path}?wait_ms=60000")).await.json();
    assert_eq!(job["status"], "CANCELED", "{job:#}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancel_before_trino_has_answered_reaches_the_query_all_the_same() {
    let (fake, gate) = (FakeTrino::start().await.unwrap(), Gate::new());
    let script = pages(&[&[1]]).hangs().gate(Step::Submit, &gate);
    fake.on_query(move |_| script.clone());
    let server = server_on(&fake).await;
    let id = server.post("/api/v1/jobs", &json!({"query": "SELECT n FROM t"})).await.json()["id"].clone();
    let id = id.as_str().unwrap();
    timeout(PATIENCE, gate.reached()).await.unwrap();
    let asked = server.post(&format!("/api/v1/jobs/{id}/cancel"), &json!({})).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    gate.open();
    let job = server.get(&format!("/api/v1/jobs/{id}?wait_ms=60000")).await.json();
    assert_eq!(job["status"], "CANCELED", "{job:#}");
    assert_eq!(fake.canceled().len(), 1, "the query is gone from the coordinator");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_come_after_the_query_has_finished_belong_to_the_result() {
    let fake = FakeTrino::start().await.unwrap();
    fake.on_query(|sql| match sql.split(" LIMIT ").next().unwrap() {
        "SELECT 'rows'" => pages(&[&[1], &[], &[2, 3], &[]]).finished_from(0),
        "SELECT 'one page'" => pages(&[&[1], &[]]).finished_from(0),
        "SELECT 'none'" => pages(&[&[], &[]]).finished_from(0),
        other => panic!("{other}"),
    });
    let server = server_on(&fake).await;
    for (sql, rows) in [("'rows'", &[1, 2, 3][..]), ("'one page'", &[1]), ("'none'", &[])] {
        let job = server.finished(&format!("SELECT {sql}")).await;
        assert_eq!(numbers(&server, &job).await, rows, "{sql}");
        let manifest = server.get(&format!("/api/v1/jobs/{}/result", job["id"].as_str().unwrap())).await.json();
        assert_eq!(manifest["rows"], json!(rows.len()), "{sql}: {manifest:#}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_result_that_is_large_enough_is_read_no_further() {
    let fake = FakeTrino::start().await.unwrap();
    fake.on_query(|_| pages(&[&[1, 2], &[3, 4], &[5, 6]]));
    let server = server_on(&fake).await;
    let body = json!({"query": "SHOW TABLES FROM a.b", "limit": 3, "wait_ms": 60_000});
    let job = server.post("/api/v1/jobs", &body).await.json();
    assert_eq!(job["status"], "FINISHED", "{job:#}");
    assert_eq!(job["result"]["truncated"], json!({"by": "limit", "at_rows": 3}));
    assert_eq!(numbers(&server, &job).await, [1, 2, 3]);
    server.stop().await;
}
