//! What happens when a part behind Warren misbehaves: a clear answer, and nothing lost.

mod crash;
mod database;
mod results;
mod simulation;
mod trino;

use std::time::Duration;

use serde_json::{Value, json};
use warren_trino::testing::{FakeTrino, Script};

use crate::harness::{Stack, TestServer};

/// How long Warren waits for a Trino that does not answer, in these tests.
const UNAVAILABLE_MS: &str = "300";

/// A server whose Trino is the fake one.
async fn server_on(fake: &FakeTrino) -> TestServer {
    let url = fake.url().to_string();
    TestServer::start_with(Stack::Embedded, |_, settings| {
        settings.insert("WARREN_TRINO_URL".to_owned(), url);
        settings.insert("WARREN_TRINO_UNAVAILABLE_MS".to_owned(), UNAVAILABLE_MS.to_owned());
    })
    .await
}

/// A script of rows of one bigint column, in pages.
fn pages(pages: &[&[i64]]) -> Script {
    pages.iter().fold(Script::new().column("n", "bigint"), |script, rows| {
        let rows: Vec<Vec<i64>> = rows.iter().map(|n| vec![*n]).collect();
        script.page(if rows.is_empty() { String::new() } else { json!(rows).to_string() })
    })
}

/// The numbers of a job's result, in their order.
async fn numbers(server: &TestServer, job: &Value) -> Vec<i64> {
    let text = server.download(job, "csv").await.text();
    text.lines().skip(1).map(|line| line.parse().unwrap()).collect()
}

/// Longer than anything here takes, so that a test that hangs fails.
const PATIENCE: Duration = Duration::from_secs(60);
