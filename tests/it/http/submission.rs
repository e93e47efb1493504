//! Submitting: what the answer says, and one job for one intention.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{counting, gated, id, path, server_with};
use crate::harness::{Answer, TestServer};

async fn submit(server: &TestServer, headers: &[(&str, &str)], body: &Value) -> Answer {
    let request = server.request(Method::POST, "/api/v1/jobs").json(body);
    server.send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_goes_on_is_accepted_and_can_be_found() {
    let (fake, gate) = gated().await;
    let server = server_with(&fake, &[]).await;
    let answer = submit(&server, &[], &json!({"query": "SELECT n FROM t"})).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    let job = answer.json();
    assert_eq!(answer.header("location"), Some(path(&job).as_str()));
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(answer.header("etag"), Some(format!("\"{}\"", job["version"]).as_str()));
    assert_eq!(job["status"], "QUEUED", "{job:#}");
    assert_eq!(job["result"]["status"], "PENDING");
    assert_eq!(job.get("page"), None);
    assert_eq!(server.get(&path(&job)).await.json()["id"], job["id"]);
    gate.open();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_may_wait_for_the_first_rows() {
    let fake = counting(1500).await;
    let server = server_with(&fake, &[]).await;
    let preferred =
        submit(&server, &[("prefer", "respond-async, wait=30")], &json!({"query": "SELECT n FROM t"})).await;
    assert_eq!(preferred.status, StatusCode::OK, "{}", preferred.text());
    assert_eq!(preferred.header("preference-applied"), Some("wait=30"));
    let job = preferred.json();
    assert_eq!((&job["status"], &job["result"]["rows"]), (&json!("FINISHED"), &json!(1500)));
    let page = &job["page"];
    assert_eq!(page["rows"].as_array().unwrap().len(), 1000);
    assert_eq!(
        (&page["total_rows"], &page["next_offset"], &page["partial"]),
        (&json!(1500), &json!(1000), &json!(false))
    );
    let sources = json!([{"fqn": null, "trino": "t", "column": "n", "use": "identity"}]);
    assert_eq!(page["columns"], json!([{"name": "n", "type": "bigint", "sources": sources, "description": null}]));

    let sql = server
        .request(Method::POST, "/api/v1/jobs")
        .header("content-type", "application/sql")
        .header("prefer", "wait=30");
    let answer = server.send(sql.body("SELECT n\nFROM t")).await;
    assert_eq!((answer.status, answer.json()["user_query"].clone()), (StatusCode::OK, json!("SELECT n\nFROM t")));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_request_says_reaches_trino() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    let body = json!({
        "query": "SELECT n FROM o LIMIT 7", "reference_models": {"O": "tpch_demo.tpch.tiny.orders"}, "catalog": "tpch",
        "schema": "tiny", "time_zone": "Asia/Seoul", "session": {"query_max_run_time": "1m"}, "tags": ["daily", "été"],
        "queue": "slow", "priority": 5, "limit": 3, "wait_ms": 30_000
    });
    let job = submit(&server, &[("x-warren-user", "sena")], &body).await.json();
    assert_eq!(job["status"], "FINISHED", "{job:#}");
    assert_eq!((&job["owner"], &job["queue"], &job["priority"]), (&json!("sena"), &json!("slow"), &json!(5)));
    assert_eq!((&job["tags"], &job["limit_"]), (&json!(["daily", "été"]), &json!(7)));
    let query = fake.submitted().remove(0);
    assert!(query.sql.contains(r#""tpch"."tiny"."orders""#) && query.sql.contains("LIMIT 4"), "{}", query.sql);
    for (header, value) in [
        ("x-trino-user", "sena"),
        ("x-trino-catalog", "tpch"),
        ("x-trino-schema", "tiny"),
        ("x-trino-time-zone", "Asia/Seoul"),
        ("x-trino-session", "query_max_run_time=1m"),
    ] {
        assert_eq!(query.header(header), Some(value), "{header}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_key_makes_one_job() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    let key = [("idempotency-key", "k-1")];
    let body = json!({"query": "SELECT 1", "wait_ms": 30_000});
    let first = submit(&server, &key, &body).await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (StatusCode::OK, None));
    let text = "{ \"wait_ms\": 30000,\n \"query\": \"SELECT 1\" }";
    let again = server.request(Method::POST, "/api/v1/jobs").header("content-type", "application/json");
    let again = server.send(again.header("idempotency-key", "k-1").body(text)).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (StatusCode::OK, Some("true")));
    assert_eq!(id(&again.json()), id(&first.json()), "the layout of the JSON does not count");

    let later = submit(&server, &key, &json!({"query": "SELECT 1"})).await;
    assert_eq!((later.status, id(&later.json())), (StatusCode::OK, id(&first.json())), "nor how long a client waits");

    let other = submit(&server, &key, &json!({"query": "SELECT 2", "wait_ms": 30_000})).await;
    super::assert_problem(&other, 422, "IDEMPOTENCY_KEY_REUSED", "another body");
    let somebody = submit(&server, &[("idempotency-key", "k-1"), ("x-warren-user", "other")], &body).await;
    assert_ne!(id(&somebody.json()), id(&first.json()), "keys belong to whoever sends them");
    let bad = submit(&server, &[("idempotency-key", "two words")], &body).await;
    super::assert_problem(&bad, 400, "INVALID_REQUEST", "visible ASCII");
    assert_eq!(fake.submitted().len(), 2);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_holds_for_a_query_in_a_string() {
    let fake = counting(1500).await;
    let server = server_with(&fake, &[]).await;
    let query = "EXECUTE IMMEDIATE 'SELECT n FROM tpch_demo.tpch.tiny.orders'";
    let job = submit(&server, &[], &json!({"query": query, "limit": 10, "wait_ms": 30_000})).await.json();
    assert_eq!((&job["status"], &job["result"]["rows"]), (&json!("FINISHED"), &json!(10)), "{job:#}");
    assert_eq!(job["result"]["truncated"], json!({"by": "limit", "at_rows": 10}));
    let sent = fake.submitted().remove(0).sql;
    assert_eq!(sent, r#"EXECUTE IMMEDIATE 'SELECT n FROM "tpch"."tiny"."orders"'"#);

    let refused = submit(&server, &[], &json!({"query": "USE tpch_demo.tpch.tiny", "wait_ms": 30_000})).await.json();
    assert_eq!((&refused["status"], &refused["error"]["code"]), (&json!("FAILED"), &json!("UNSUPPORTED_STATEMENT")));
    server.stop().await;
}
