//! What operators and browsers look at.

use reqwest::{Method, StatusCode, redirect};
use serde_json::json;

use super::{counting, server_with};

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

/// The recorder belongs to the process, so that only what every server of it counts can be looked at.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_can_be_read() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    let answer = server.get("/metrics").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.header("content-type").unwrap().starts_with("text/plain; version=0.0.4"));
    server.stop().await;
}
