//! What operators and browsers look at.

use std::net::TcpListener;
use std::time::Duration;

use reqwest::{Method, StatusCode, redirect};
use serde_json::json;
use tokio::time::timeout;

use super::{assert_problem, counting, server_with};
use crate::harness::{Stack, TestServer};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_says_how_it_is() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    let alive = server.get("/livez").await;
    assert_eq!((alive.status, alive.text().as_str()), (StatusCode::OK, "ok\n"));
    let ready = server.get("/readyz").await;
    assert_eq!((ready.status, ready.json()["ready"].clone()), (StatusCode::OK, json!(true)));
    let names: Vec<_> = ready.json()["parts"].as_array().unwrap().iter().map(|part| part["name"].clone()).collect();
    assert!(names.contains(&json!("database")) && names.contains(&json!("results")), "{names:?}");
    assert!(ready.json()["parts"].as_array().unwrap().iter().all(|part| part["healthy"] == true), "{}", ready.text());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_that_does_not_answer_is_not_waited_for() {
    // Connections are made and nobody ever reads from them.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let server = TestServer::start_with(Stack::Embedded, |_, settings| {
        for (name, value) in [
            ("WARREN_TRINO_URL", url.as_str()),
            ("WARREN_RESULTS_URL", "s3://bucket/results"),
            ("AWS_ENDPOINT", &url),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
        ] {
            settings.insert(name.to_owned(), value.to_owned());
        }
    })
    .await;
    // A probe gives up after a few seconds. Two at once do not make it longer.
    let both = async { tokio::join!(server.get("/readyz"), server.get("/readyz")) };
    let (ready, other) = timeout(Duration::from_secs(5), both).await.unwrap();
    assert_eq!((ready.status, other.status), (StatusCode::OK, StatusCode::OK), "only jobs are delayed");
    let fault = "no answer within 2 s";
    assert_eq!(
        ready.json()["parts"],
        json!([
            {"name": "database", "healthy": true, "fault": null},
            {"name": "results", "healthy": false, "fault": fault},
            {"name": "trino:trino", "healthy": false, "fault": fault},
        ])
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_without_the_role_api_serves_operators_only() {
    let fake = counting(1).await;
    // Nobody could call it with a token, so that none has to exist.
    let server = server_with(&fake, &[("WARREN_ROLE", "worker"), ("WARREN_AUTH", "tokens")]).await;
    for path in ["/livez", "/readyz", "/metrics"] {
        assert_eq!(server.get(path).await.status, StatusCode::OK, "{path}");
    }
    for path in ["/api/v1/jobs", "/api/v1/openapi.json", "/docs/", "/docs/errors", "/"] {
        assert_problem(&server.get(path).await, 404, "NOT_FOUND", "has not the role api");
    }
    let submitted = server.post("/api/v1/jobs", &json!({"query": "SELECT 1"})).await;
    assert_problem(&submitted, 404, "NOT_FOUND", "serves /livez, /readyz and /metrics only");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_can_be_found_in_the_log_by_its_id() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    let given = server.send(server.request(Method::GET, "/livez").header("x-request-id", "trace-7")).await;
    assert_eq!(given.header("x-request-id"), Some("trace-7"));
    assert_eq!(given.header("x-content-type-options"), Some("nosniff"));
    let made = server.get("/nothing").await;
    let other = server.get("/nothing").await;
    assert!(made.header("x-request-id").is_some_and(|id| id.len() == 36));
    assert_ne!(made.header("x-request-id"), other.header("x-request-id"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_describes_and_explains_itself_without_the_internet() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    let document = server.get("/api/v1/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let page = server.get("/docs").await;
    assert_eq!(page.status, StatusCode::OK);
    let html = page.text();
    for source in html.split(['"', '\'']).filter(|text| text.ends_with(".js") || text.ends_with(".css")) {
        assert!(!source.contains("://"), "{source} comes from elsewhere");
        let answer = server.get(&format!("/docs/{}", source.trim_start_matches("./"))).await;
        assert_eq!(answer.status, StatusCode::OK, "{source}");
    }
    assert!(server.get("/docs/swagger-initializer.js").await.text().contains("/api/v1/openapi.json"));
    assert!(server.get("/docs/errors").await.text().contains("### NO_CATALOG_MAPPING"));
    let client = reqwest::Client::builder().redirect(redirect::Policy::none()).build().unwrap();
    let root = client.get(server.url("/")).send().await.unwrap();
    assert_eq!((root.status(), root.headers()["location"].to_str().unwrap()), (StatusCode::FOUND, "/docs/"));
    server.stop().await;
}

/// The recorder belongs to the process, so that other servers of it may have counted as well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_can_be_read() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    server.get("/livez").await;
    let answer = server.get("/metrics").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.header("content-type").unwrap().starts_with("text/plain; version=0.0.4"));
    let counted = "warren_http_request_seconds_count{method=\"GET\",route=\"/livez\",status=\"200\"} ";
    let count = answer.text().lines().find_map(|line| line.strip_prefix(counted)?.parse::<u64>().ok());
    assert!(count.is_some_and(|count| count >= 1), "{}", answer.text());
    server.stop().await;
}
