//! What the HTTP API promises beyond the way of a query: clear refusals, waiting, paging, events, who may see what.

mod access;
mod bad_input;
mod catalog;
mod events;
mod history;
mod model_queue;
mod models;
mod operations;
mod rows;
mod submission;
mod waiting;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use warren_trino::testing::{FakeTrino, Gate, Script, Step};

use crate::harness::{Answer, Stack, TestServer};

/// A server whose Trino is the fake one, with settings changed.
async fn server_with(fake: &FakeTrino, change: &[(&str, &str)]) -> TestServer {
    let url = fake.url().to_string();
    TestServer::start_with(Stack::Embedded, |_, settings| {
        settings.insert("WARREN_TRINO_URL".to_owned(), url);
        settings.extend(owned(change));
    })
    .await
}

fn owned(settings: &[(&str, &str)]) -> BTreeMap<String, String> {
    settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A Trino that answers every statement with the numbers from 0 to `rows - 1`.
async fn counting(rows: i64) -> FakeTrino {
    let fake = FakeTrino::start().await.unwrap();
    let numbers: Vec<[i64; 1]> = (0..rows).map(|n| [n]).collect();
    fake.on_query(move |_| Script::new().column("n", "bigint").page(json!(numbers).to_string()));
    fake
}

/// A Trino that holds every statement back until the gate is opened.
async fn gated() -> (FakeTrino, Gate) {
    let (fake, gate) = (FakeTrino::start().await.unwrap(), Gate::new());
    let script = Script::new().column("n", "bigint").page("[[1]]").gate(Step::Executing(0), &gate);
    fake.on_query(move |_| script.clone());
    (fake, gate)
}

fn id(job: &Value) -> &str {
    job["id"].as_str().unwrap()
}

fn path(job: &Value) -> String {
    format!("/api/v1/jobs/{}", id(job))
}

/// Checks that an answer is a problem document with this status and code, and that it says this.
fn assert_problem(answer: &Answer, status: u16, code: &str, text: &str) {
    let shown = answer.text();
    assert_eq!(answer.status.as_u16(), status, "{shown}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{shown}");
    assert!(answer.header("x-request-id").is_some_and(|id| !id.is_empty()), "{shown}");
    let problem = answer.json();
    assert_eq!((&problem["code"], &problem["status"]), (&json!(code), &json!(status)), "{shown}");
    assert_eq!(problem["type"], format!("/docs/errors#{}", code.to_lowercase()));
    let words = format!("{} {}", problem["detail"].as_str().unwrap(), problem["hint"].as_str().unwrap_or_default());
    assert!(words.contains(text), "'{text}' is not in: {words}");
}
