//! Statements out of the string of EXECUTE IMMEDIATE, which only real Trino executes: they are bounded, started again and
//! recorded like any other.

use serde_json::json;

use super::federation;
use crate::harness::{Stack, TestServer, unique};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_in_a_string_is_like_any_other() {
    let Some(stack) = Stack::real("flow::immediate::a_statement_in_a_string_is_like_any_other") else { return };
    let server = TestServer::start_with(stack, federation::prepare).await;
    let large = "EXECUTE IMMEDIATE 'SELECT * FROM tpch_demo.tpch.sf1.lineitem WHERE tax >= ?' USING 0";
    let job = server.post("/api/v1/jobs", &json!({"query": large, "limit": 10, "wait_ms": 60_000})).await.json();
    assert_eq!((&job["status"], &job["result"]["rows"]), (&json!("FINISHED"), &json!(10)), "{job:#}");
    assert_eq!(job["result"]["truncated"], json!({"by": "limit", "at_rows": 10}));

    let target = format!("tpch_demo.memory.default.immediate_{}", unique());
    let made = format!("EXECUTE IMMEDIATE 'CREATE TABLE {target} AS SELECT * FROM tpch_demo.tpch.tiny.nation'");
    let source = json!("tpch_demo.tpch.tiny.nation");
    let analyzed = format!("EXPLAIN ANALYZE INSERT INTO {target} SELECT * FROM tpch_demo.tpch.tiny.nation");
    for statement in [made, analyzed] {
        let job = server.finished(&statement).await;
        let path = format!("/api/v1/model-queue?job={}", job["id"].as_str().unwrap());
        let queue = server.get(&path).await.json();
        let commands = queue["items"].as_array().unwrap();
        let names: Vec<_> = commands.iter().map(|own| (&own["model_name_fqn"], &own["from_fqn"])).collect();
        assert_eq!(names, [(&json!(target), &json!(null)), (&json!(target), &source)], "{statement}");
    }
    let count = server.finished(&format!("SELECT count(*) FROM {target}")).await;
    assert_eq!(count["page"]["rows"][0][0], "50", "both have written");

    let wrong = server.run("EXECUTE IMMEDIATE 'SELECT nonsense FROM tpch_demo.tpch.tiny.nation'").await;
    let error = &wrong["error"];
    assert_eq!((&error["code"], &error["position"]["line"]), (&json!("COLUMN_NOT_FOUND"), &json!(1)), "{wrong:#}");
    server.finished(&format!("DROP TABLE {target}")).await;
    server.stop().await;
}
