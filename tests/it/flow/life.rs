//! The life of jobs that do not simply finish.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::TestServer;

/// A query that no engine here ends within the test.
const ENDLESS: &str = "SELECT count(*) FROM tpch_demo.tpch.sf1.lineitem a, tpch_demo.tpch.sf1.lineitem b \
     WHERE a.extendedprice + b.extendedprice < 0";

pub async fn a_query_that_cannot_be_read_is_a_job_that_failed(server: &TestServer) {
    let sql = "SELECT *\nFROM tpch_demo.tpch.tiny.nation WHERE name = 'open";
    let answer = server.post("/api/v1/jobs", &json!({"query": sql})).await;
    assert_eq!(answer.status, StatusCode::OK, "a failed query is a job, not an HTTP error");
    let job = answer.json();
    assert_eq!(job["status"], "FAILED");
    assert_eq!(job["error"]["category"], "USER");
    assert_eq!(job["error"]["position"]["line"], 2);
    assert_eq!(job["error"]["position"]["column"], 46);
    let id = job["id"].as_str().unwrap();
    let result = server.get(&format!("/api/v1/jobs/{id}/result")).await;
    assert_eq!((result.status, result.json()["code"].clone()), (StatusCode::CONFLICT, json!("NO_RESULT")));

    let unmapped = server.run("SELECT * FROM tpch_dem.tpch.tiny.nation").await;
    assert_eq!(unmapped["error"]["code"], "NO_CATALOG_MAPPING");
    assert_eq!(unmapped["error"]["suggestions"], json!(["tpch_demo"]));
    assert_eq!(unmapped["error"]["position"], json!({"line": 1, "column": 15, "offset": 14, "length": 25}));
}

pub async fn an_error_of_trino_points_into_the_users_sql(server: &TestServer) {
    let job = server.run("SELECT n.name,\n       n.nonsense FROM tpch_demo.tpch.tiny.nation n").await;
    assert_eq!(job["status"], "FAILED", "{job:#}");
    assert_eq!(job["error"]["code"], "COLUMN_NOT_FOUND");
    assert_eq!(job["error"]["category"], "USER");
    assert_eq!(job["error"]["position"]["line"], 2, "{:#}", job["error"]);

    let missing = server.run("SELECT 1, x FROM tpch_demo.tpch.tiny.nations").await;
    assert_eq!(missing["error"]["code"], "TABLE_NOT_FOUND", "{missing:#}");
    let detail = missing["error"]["detail"].as_str().unwrap();
    assert!(detail.contains("tpch_demo.tpch.tiny.nations"), "the user's own name: {detail}");
}

pub async fn a_job_that_runs_can_be_canceled(server: &TestServer) {
    let job = server.post("/api/v1/jobs", &json!({"query": ENDLESS})).await.json();
    let id = job["id"].as_str().unwrap();
    let mut seen = job.clone();
    while seen["status"] != "RUNNING" {
        assert!(!["FINISHED", "FAILED"].contains(&seen["status"].as_str().unwrap()), "{seen:#}");
        let from = format!("\"{}\"", seen["version"].as_i64().unwrap_or_default());
        let request =
            server.request(Method::GET, &format!("/api/v1/jobs/{id}?wait_ms=5000")).header("If-None-Match", from);
        let answer = server.send(request).await;
        if answer.status != StatusCode::NOT_MODIFIED {
            seen = answer.json();
        }
    }
    let asked = server.post(&format!("/api/v1/jobs/{id}/cancel"), &json!({})).await;
    assert!([StatusCode::OK, StatusCode::ACCEPTED].contains(&asked.status), "{}", asked.text());
    let ended = server.get(&format!("/api/v1/jobs/{id}?wait_ms=60000")).await.json();
    assert_eq!(ended["status"], "CANCELED", "{ended:#}");
    assert_eq!(ended["result"]["status"], Value::Null, "{ended:#}");
    let again = server.post(&format!("/api/v1/jobs/{id}/cancel"), &json!({})).await;
    assert_eq!((again.status, again.json()["status"].clone()), (StatusCode::OK, json!("CANCELED")));
}

pub async fn a_job_can_be_deleted_with_its_result(server: &TestServer) {
    let job = server.finished("SELECT 1").await;
    let path = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    let deleted = server.send(server.request(Method::DELETE, &path)).await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT, "{}", deleted.text());
    assert_eq!(server.get(&path).await.status, StatusCode::NOT_FOUND);
    let again = server.send(server.request(Method::DELETE, &path)).await;
    assert_eq!((again.status, again.json()["code"].clone()), (StatusCode::NOT_FOUND, json!("NOT_FOUND")));
}
