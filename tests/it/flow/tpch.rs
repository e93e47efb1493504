//! The queries of TPC-H by FQN give the same rows through Warren as straight from the same engine.

use serde_json::Value;
use warren_trino::{Client, Page, Session};

use super::federation;
use crate::harness::{Stack, TestServer};

/// Sums of doubles depend on the order of the rows, and an engine with two threads has no order: the last digits differ
/// from run to run, straight from Trino as well.
const RELATIVE_ERROR: f64 = 1e-9;

macro_rules! queries {
    ($($name:literal),*) => { [$(($name, include_str!(concat!("tpch_queries/", $name, ".sql")))),*] };
}

pub const QUERIES: [(&str, &str); 22] = queries!(
    "q01", "q02", "q03", "q04", "q05", "q06", "q07", "q08", "q09", "q10", "q11", "q12", "q13", "q14", "q15", "q16",
    "q17", "q18", "q19", "q20", "q21", "q22"
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_the_embedded_engine() {
    compare(Stack::Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_trino() {
    if let Some(stack) = Stack::real("flow::tpch::on_trino") {
        compare(stack).await;
    }
}

async fn compare(stack: Stack) {
    let server = TestServer::start_with(stack, federation::prepare).await;
    let client = server.service().app().clusters.choose().client.clone();
    for (name, by_fqn) in QUERIES {
        let job = server.finished(by_fqn).await;
        let own = server.download(&job, "json").await.json();
        let straight = rows(&client, &by_fqn.replace("tpch_demo.tpch.tiny.", "tpch.tiny.")).await;
        let own = own["rows"].as_array().unwrap().clone();
        assert!(
            !straight.is_empty() || EMPTY_ON_TINY.contains(&name),
            "{name} gives no rows, so that it shows nothing"
        );
        assert_eq!(own.len(), straight.len(), "{name}");
        for (own, straight) in own.iter().zip(&straight) {
            assert!(same(own, straight), "{name}: {own} is not {straight}");
        }
    }
    server.stop().await;
}

/// No order of scale factor 0.01 passes these.
const EMPTY_ON_TINY: [&str; 2] = ["q20", "q18"];

pub async fn rows(client: &Client, sql: &str) -> Vec<Value> {
    try_rows(client, sql, &Session::new("warren")).await.unwrap_or_else(|| panic!("trino refuses {sql}"))
}

/// The rows of a statement; none when Trino does not accept it or fails.
pub async fn try_rows(client: &Client, sql: &str, session: &Session) -> Option<Vec<Value>> {
    let mut page: Page = client.submit(sql.trim_end(), session).await.unwrap();
    let mut rows = Vec::new();
    loop {
        if page.error.is_some() {
            return None;
        }
        if let Some(json) = page.rows_json() {
            rows.extend(serde_json::from_slice::<Vec<Value>>(json).unwrap());
        }
        match &page.next {
            Some(next) => page = client.advance(next).await.unwrap(),
            None => return Some(rows),
        }
    }
}

/// Equal values: Warren writes a bigint as a string, and doubles may differ in their last digits.
fn same(own: &Value, straight: &Value) -> bool {
    match (own, straight) {
        (Value::Array(own), Value::Array(straight)) => {
            own.len() == straight.len() && own.iter().zip(straight).all(|(own, straight)| same(own, straight))
        }
        (Value::String(own), Value::Number(straight)) => *own == straight.to_string(),
        (Value::Number(own), Value::Number(straight)) => close(own.as_f64().unwrap(), straight.as_f64().unwrap()),
        (own, straight) => own == straight,
    }
}

fn close(own: f64, straight: f64) -> bool {
    (own - straight).abs() <= RELATIVE_ERROR * own.abs().max(straight.abs())
}
