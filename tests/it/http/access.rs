//! Who may call what, and who sees what.

use std::path::Path;

use reqwest::{Method, StatusCode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use warren::app::TokenRequest;
use warren::config::{Config, Sources};
use warren::jobs::{Principal, Scope};
use warren::serve::open_store;
use warren::time::System;

use super::{assert_problem, counting, id, owned, path, server_with};
use crate::harness::{Answer, Stack, TestServer};

/// Every operation of the description, with what it needs: `token`, `signature`, or nothing.
fn operations(document: &Value) -> Vec<(Method, String, Option<String>)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let needed = operation["security"][0].as_object().and_then(|one| one.keys().next().cloned());
            operations.push((method, path.replace("{id}", "019acb0e-27a1-7c52-9a43-6ad8b5d5a001"), needed));
        }
    }
    operations
}

/// A token of `user`, put into the database of a server that is yet to be started.
async fn token(folder: &Path, user: &str, scope: Scope) -> String {
    let settings = Stack::Embedded.settings(folder, None);
    let sources =
        Sources { environment: settings.into_iter().collect(), working_dir: folder.to_owned(), ..Sources::default() };
    let store = open_store(&Config::load(&sources).unwrap()).await.unwrap();
    let principal = Principal::parse(user).unwrap();
    let request = TokenRequest { name: user.to_owned(), principal, scope, expires: None };
    let created = request.create(&store, &System, &System).await.unwrap();
    store.close().await;
    created.token.expose_secret().to_owned()
}

async fn with_token(server: &TestServer, method: Method, target: &str, token: &str) -> Answer {
    server.send(server.request(method, target).bearer_auth(token)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_description_says_about_tokens_is_true() {
    let folder = tempfile::TempDir::new().unwrap();
    let sena = token(folder.path(), "sena", Scope::User).await;
    let other = token(folder.path(), "other", Scope::User).await;
    let scheduler = token(folder.path(), "scheduler", Scope::Scheduler).await;
    let database = Stack::Embedded.settings(folder.path(), None).remove("WARREN_DATA_DIR").unwrap();
    let fake = counting(1).await;
    let url = fake.url().to_string();
    let server = TestServer::start_with(Stack::Embedded, |_, settings| {
        settings.extend(owned(&[
            ("WARREN_TRINO_URL", &url),
            ("WARREN_DATA_DIR", &database),
            ("WARREN_AUTH", "tokens"),
        ]));
    })
    .await;
    let operations = operations(&server.get("/api/v1/openapi.json").await.json());
    assert!(operations.iter().filter(|(.., needed)| needed.as_deref() == Some("token")).count() >= 10);
    for (method, target, needed) in operations {
        let answer = server.send(server.request(method.clone(), &target)).await;
        if needed.as_deref() == Some("signature") {
            let signed = server.request(method, &target).json(&json!({}));
            assert_problem(&server.send(signed).await, 401, "UNAUTHENTICATED", "no events");
        } else if needed.is_some() {
            assert_problem(&answer, 401, "UNAUTHENTICATED", "Authorization: Bearer");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"warren\""));
            let named = server.request(method.clone(), &target).header("x-warren-user", "sena");
            assert_problem(&server.send(named).await, 401, "UNAUTHENTICATED", "needs a token");
            let unknown = with_token(&server, method, &target, "wrn_unknown").await;
            assert_problem(&unknown, 401, "UNAUTHENTICATED", "unknown, expired or revoked");
        } else {
            assert_eq!(answer.status, StatusCode::OK, "{method} {target}");
        }
    }
    let request = server.request(Method::POST, "/api/v1/jobs").bearer_auth(&sena);
    let job = server.send(request.json(&json!({"query": "SELECT 1", "wait_ms": 30_000}))).await.json();
    assert_eq!((&job["owner"], &job["status"]), (&json!("sena"), &json!("FINISHED")), "{job:#}");
    assert_eq!(with_token(&server, Method::GET, &path(&job), &sena).await.status, StatusCode::OK);
    assert_problem(&with_token(&server, Method::GET, &path(&job), &other).await, 404, "NOT_FOUND", id(&job));
    let claim = async |token: &str| {
        let request = server.request(Method::POST, "/api/v1/model-queue/claim").bearer_auth(token);
        server.send(request.json(&json!({}))).await
    };
    assert_problem(&claim(&sena).await, 403, "FORBIDDEN", "only a scheduler");
    assert_eq!(claim(&scheduler).await.json(), json!({"items": []}));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_sees_what_belongs_to_somebody_else() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    let as_user = async |method: Method, target: &str, user: &str| {
        server.send(server.request(method, target).header("x-warren-user", user)).await
    };
    let request = server.request(Method::POST, "/api/v1/jobs").header("x-warren-user", "sena");
    let job = server.send(request.json(&json!({"query": "SELECT 1", "wait_ms": 30_000}))).await.json();
    let own = path(&job);
    for (method, end) in [
        (Method::GET, ""),
        (Method::GET, "/events"),
        (Method::GET, "/models"),
        (Method::GET, "/lineage"),
        (Method::GET, "/result"),
        (Method::GET, "/result/rows"),
        (Method::GET, "/result/download?format=csv"),
        (Method::POST, "/cancel"),
        (Method::DELETE, ""),
    ] {
        let answer = as_user(method, &format!("{own}{end}"), "other").await;
        assert_problem(&answer, 404, "NOT_FOUND", "there is no job");
    }
    assert_eq!(as_user(Method::GET, "/api/v1/jobs", "other").await.json()["items"], json!([]));
    assert_eq!(as_user(Method::GET, "/api/v1/jobs", "sena").await.json()["items"][0]["id"], job["id"]);
    assert_problem(&as_user(Method::GET, "/api/v1/jobs", " \t").await, 400, "INVALID_REQUEST", "X-Warren-User");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_whose_name_was_made_to_lead_here_is_let_in_nowhere() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    let sent_to = async |method: Method, target: &str, host: &str| {
        let request = server.request(method, target).header("host", host);
        server.send(request.json(&json!({"query": "SELECT 1"}))).await
    };
    for (method, target) in [(Method::POST, "/api/v1/jobs"), (Method::POST, "/api/v1/sql/convert")] {
        let answer = sent_to(method, target, "rebound.example:8080").await;
        assert_problem(&answer, 401, "UNAUTHENTICATED", "without a token this server answers to localhost only");
    }
    let listed = server.send(server.request(Method::GET, "/api/v1/jobs").header("host", "rebound.example")).await;
    assert_problem(&listed, 401, "UNAUTHENTICATED", "localhost, 127.0.0.1 or [::1]");
    assert!(fake.submitted().is_empty());
    for host in ["localhost:8080", "LOCALHOST", "127.0.0.9", "[::1]:8080"] {
        assert_eq!(sent_to(Method::POST, "/api/v1/sql/convert", host).await.status, StatusCode::OK, "{host}");
    }
    server.stop().await;
}
