//! The history: pages without gaps and repetitions, and filters.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{counting, id, server_with};
use crate::harness::TestServer;

async fn ids(server: &TestServer, query: &str) -> Vec<String> {
    let answer = server.get(&format!("/api/v1/jobs?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()["items"].as_array().unwrap().iter().map(|job| id(job).to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_follow_each_other() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    let mut expected = Vec::new();
    for n in 0..5 {
        expected.push(id(&server.finished(&format!("SELECT {n}")).await).to_owned());
    }
    expected.reverse();
    let (mut seen, mut target) = (Vec::new(), "/api/v1/jobs?limit=2&status=finished".to_owned());
    loop {
        let answer = server.get(&target).await;
        let page = answer.json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|job| id(job).to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else {
            assert_eq!(answer.header("link"), None);
            break;
        };
        let link = answer.header("link").unwrap();
        target = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")).unwrap().to_owned();
        assert!(target.contains(cursor) && target.contains("status=finished"), "{target}");
        // A job that comes in meanwhile does not move the pages.
        server.run("SELECT 99").await;
    }
    assert_eq!(seen, expected);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_choose() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    let submit = async |body: Value| {
        let mut body = body;
        body["wait_ms"] = json!(30_000);
        id(&server.post("/api/v1/jobs", &body).await.json()).to_owned()
    };
    let nation = submit(json!({"query": "SELECT * FROM tpch_demo.tpch.tiny.nation", "tags": ["a", "b c"]})).await;
    let slow = submit(json!({"query": "SELECT 'Needle 100%'", "queue": "slow"})).await;
    let failed = submit(json!({"query": "SELECT 1; SELECT 2"})).await;
    let created =
        server.get(&format!("/api/v1/jobs/{slow}")).await.json()["created"].as_str().unwrap().replace('+', "%2B");
    for (query, expected) in [
        (String::new(), vec![&failed, &slow, &nation]),
        ("status=FAILED".to_owned(), vec![&failed]),
        ("status=failed,FINISHED&limit=2".to_owned(), vec![&failed, &slow]),
        ("status=RUNNING".to_owned(), vec![]),
        ("user=warren".to_owned(), vec![&failed, &slow, &nation]),
        ("user=warren&queue=slow".to_owned(), vec![&slow]),
        ("user=somebody".to_owned(), vec![]),
        ("queue=slow".to_owned(), vec![&slow]),
        ("tag=b%20c".to_owned(), vec![&nation]),
        ("tag=b".to_owned(), vec![]),
        ("model=tpch_demo.tpch.tiny.nation".to_owned(), vec![&nation]),
        ("q=needle%20100%25".to_owned(), vec![&slow]),
        ("q=100_".to_owned(), vec![]),
        (format!("created_after={created}"), vec![&failed, &slow]),
        (format!("created_before={created}"), vec![&nation]),
    ] {
        assert_eq!(ids(&server, &query).await.iter().collect::<Vec<_>>(), expected, "{query}");
    }
    server.stop().await;
}
