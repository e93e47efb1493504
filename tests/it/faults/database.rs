//! A database that goes away while the server runs, and comes back.

use serde_json::json;
use tokio::time::timeout;
use warren_trino::testing::{FakeTrino, Gate, Step};

use super::{PATIENCE, numbers, pages};
use crate::harness::{Relay, Stack, TestServer};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_say_so_and_the_job_that_ran_ends_when_it_is_back() {
    let Some(stack) = Stack::real("faults::database::requests_say_so_and_the_job_that_ran_ends_when_it_is_back") else {
        return;
    };
    let (fake, gate) = (FakeTrino::start().await.unwrap(), Gate::new());
    let script = pages(&[&[1, 2], &[3]]).gate(Step::Executing(1), &gate);
    fake.on_query(move |_| script.clone());
    let base = url::Url::parse(&crate::harness::variable("WARREN_TEST_DATABASE_URL").unwrap()).unwrap();
    let relay = Relay::start(format!("{}:{}", base.host_str().unwrap(), base.port().unwrap_or(5432))).await;
    let (trino, port) = (fake.url().to_string(), relay.address.port());
    let server = TestServer::start_with(stack, |_, settings| {
        let mut url = url::Url::parse(&settings["WARREN_DATABASE_URL"]).unwrap();
        url.set_port(Some(port)).unwrap();
        settings.insert("WARREN_DATABASE_URL".to_owned(), url.into());
        settings.insert("WARREN_TRINO_URL".to_owned(), trino);
        settings.insert("WARREN_WORKER_RENEW_MS".to_owned(), "200".to_owned());
    })
    .await;

    let id = server.post("/api/v1/jobs", &json!({"query": "SELECT n FROM t"})).await.json()["id"].clone();
    let id = id.as_str().unwrap();
    timeout(PATIENCE, gate.reached()).await.unwrap();
    relay.cut();
    let refused = server.post("/api/v1/jobs", &json!({"query": "SELECT 2"})).await;
    assert_eq!((refused.status.as_u16(), refused.json()["code"].clone()), (503, json!("DATABASE_UNAVAILABLE")));
    assert_eq!((&refused.json()["status"], &refused.json()["retryable"]), (&json!(503), &json!(true)));
    assert_eq!(refused.json()["detail"], "the metadata database does not answer");
    assert!(refused.json()["hint"].as_str().unwrap().starts_with("try again in a moment"), "{}", refused.text());
    assert_eq!(refused.header("retry-after"), Some("5"));
    assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    let text = refused.text();
    assert!(!text.contains("postgres") && !text.contains("password"), "no internals: {text}");
    assert_eq!(server.get("/readyz").await.status, 503);
    assert_eq!(server.get("/livez").await.status, 200);
    gate.open();
    relay.restore();
    let job = timeout(PATIENCE, async {
        loop {
            let answer = server.get(&format!("/api/v1/jobs/{id}?wait_ms=1000")).await;
            if answer.status == 200 && answer.json()["status"] != "RUNNING" {
                return answer.json();
            }
        }
    });
    let job = job.await.unwrap();
    assert_eq!(job["status"], "FINISHED", "{job:#}");
    assert_eq!(numbers(&server, &job).await, [1, 2, 3]);
    // The answer of before counts for a moment.
    let ready = async { while server.get("/readyz").await.status != 200 {} };
    timeout(PATIENCE, ready).await.unwrap();
    server.stop().await;
}
