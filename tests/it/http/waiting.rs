//! Looking at a job again: cheap when nothing has changed, and without asking twice when something does.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::time::timeout;

use super::{counting, gated, path, server_with};
use crate::harness::{Answer, TestServer};

const PATIENCE: Duration = Duration::from_secs(60);

async fn look(server: &TestServer, target: &str, etag: &str) -> Answer {
    server.send(server.request(Method::GET, target).header("if-none-match", etag)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_has_not_changed_is_not_sent_again() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    let own = path(&server.finished("SELECT n FROM t").await);
    let answer = server.get(&own).await;
    let etag = answer.header("etag").unwrap().to_owned();
    assert_eq!(answer.header("retry-after"), None, "it has ended");
    let unchanged = look(&server, &own, &etag).await;
    assert_eq!((unchanged.status, unchanged.header("etag")), (StatusCode::NOT_MODIFIED, Some(etag.as_str())));
    assert!(unchanged.body.is_empty());
    assert_eq!(look(&server, &own, &format!("W/\"1\", {etag}")).await.status, StatusCode::NOT_MODIFIED);
    assert_eq!(look(&server, &own, "\"999\"").await.status, StatusCode::OK);
    let waited = timeout(PATIENCE, look(&server, &format!("{own}?wait_ms=60000"), &etag)).await.unwrap();
    assert_eq!(waited.status, StatusCode::NOT_MODIFIED, "nothing can change any more, so nobody waits");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_waits_is_told_at_once() {
    let (fake, gate) = gated().await;
    let server = server_with(&fake, &[]).await;
    let job = server.post("/api/v1/jobs", &json!({"query": "SELECT n FROM t"})).await.json();
    timeout(PATIENCE, gate.reached()).await.unwrap();
    let running = server.get(&path(&job)).await;
    assert_eq!(running.json()["status"], "RUNNING");
    assert!(running.header("retry-after").is_some());
    let etag = running.header("etag").unwrap().to_owned();
    let target = format!("{}?wait_ms=60000", path(&job));
    let (until_changed, until_ended, ()) = timeout(PATIENCE, async {
        tokio::join!(look(&server, &target, &etag), server.get(&target), async { gate.open() })
    })
    .await
    .unwrap();
    assert_eq!(until_changed.status, StatusCode::OK);
    assert_ne!(until_changed.header("etag"), Some(etag.as_str()));
    assert_eq!(until_ended.json()["status"], "FINISHED", "{}", until_ended.text());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_waits_too_long_is_told_what_is() {
    let (fake, gate) = gated().await;
    let server = server_with(&fake, &[]).await;
    let job = server.post("/api/v1/jobs", &json!({"query": "SELECT n FROM t"})).await.json();
    timeout(PATIENCE, gate.reached()).await.unwrap();
    let answer = server.get(&format!("{}?wait_ms=30", path(&job))).await;
    assert_eq!((answer.status, answer.json()["status"].clone()), (StatusCode::OK, json!("RUNNING")));
    gate.open();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_waits_knows_its_place() {
    let (fake, gate) = gated().await;
    let server = server_with(&fake, &[("WARREN_WORKER_SLOTS", "1")]).await;
    let submit = async |priority: i32| {
        server.post("/api/v1/jobs", &json!({"query": "SELECT n FROM t", "priority": priority})).await.json()
    };
    submit(0).await;
    timeout(PATIENCE, gate.reached()).await.unwrap();
    let second = submit(0).await;
    let alone = server.get(&path(&second)).await;
    let tag = alone.header("etag").unwrap().to_owned();
    assert_eq!(look(&server, &path(&second), &tag).await.status, StatusCode::NOT_MODIFIED);
    let (third, first) = (submit(0).await, submit(9).await);
    let moved = look(&server, &path(&second), &tag).await;
    assert_eq!((moved.status, moved.json()["position"].clone()), (StatusCode::OK, json!(2)), "its place is another");
    assert_eq!(moved.json()["version"], alone.json()["version"], "and it is the same");
    let waited = look(&server, &format!("{}?wait_ms=30", path(&second)), moved.header("etag").unwrap()).await;
    assert_eq!(waited.status, StatusCode::NOT_MODIFIED, "nothing happened while the client waited");
    for (job, position) in [(first, 1), (second, 2), (third, 3)] {
        let seen = server.get(&path(&job)).await.json();
        assert_eq!((&seen["status"], &seen["position"]), (&json!("QUEUED"), &json!(position)));
    }
    gate.open();
    server.stop().await;
}
