//! `demo`: it shows what it promises, and leaves nothing behind.

use std::net::TcpListener;
use std::path::Path;

use reqwest::Client;
use serde_json::{Value, json};

use super::program::{Running, warren};

/// Variables of a demo whose temporary files are in a folder of the test.
fn variables<'a>(temporary: &'a str, listen: &'a str) -> [(&'a str, &'a str); 2] {
    [("TMPDIR", temporary), ("WARREN_LISTEN", listen)]
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().next().is_none()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_way_of_a_query_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let temporary = folder.path().display().to_string();
    let demo = warren(folder.path(), &["demo", "--once"], &variables(&temporary, "127.0.0.1:0")).await.expect(0);
    let out = demo.out();
    let mut rest = out;
    for step in [
        "join demo_lake.sales.\"targets.csv\" as t",
        "join \"files\".\"sales\".\"targets\" as t",
        "limit 5 was split off",
        ": QUEUED -> ",
        " -> FINISHED",
        "│ nation",
        "5 rows, ",
        "manifest",
        "fusion_model",
        "│ demo_lake.sales.\"targets.csv\" ┆ files.sales.targets",
        "create table tpch_demo.memory.default.nation_targets",
        " -> FINISHED",
        "model_queue",
        "│ INGESTION ┆",
        "│ LINEAGE   ┆ tpch_demo.tpch.tiny.nation",
    ] {
        let at = rest.find(step).unwrap_or_else(|| panic!("no {step:?} in the rest of\n{out}"));
        rest = &rest[at + step.len()..];
    }
    assert!(is_empty(folder.path()), "the folder of the demo is gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_serves_on_a_free_port_until_it_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let temporary = folder.path().display().to_string();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    let mut demo = Running::start(folder.path(), &["demo"], &variables(&temporary, &listen));
    let curl = demo.line_with("curl -s ").await;
    let url = curl.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
    assert!(!url.contains(&listen), "{url}");
    let body: Value = serde_json::from_str(curl.split('\'').nth(3).unwrap()).unwrap();
    let answer = Client::builder().no_proxy().build().unwrap().post(url).json(&body).send().await.unwrap();
    let job: Value = answer.json().await.unwrap();
    assert_eq!(job["page"]["rows"][0], json!(["AFRICA"]), "{job:#}");
    demo.interrupt().await;
    let ended = demo.end().await.expect(0);
    assert!(ended.err.contains("is taken, so the demo takes a free one"), "{}", ended.err);
    assert!(is_empty(folder.path()), "the folder of the demo is gone");
}
