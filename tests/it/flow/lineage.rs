//! Where the columns of a job come from, and what a finished job leaves in the model queue.

use serde_json::{Value, json};
use warren::jobs::JobId;
use warren::models::Command;

use crate::harness::TestServer;

async fn commands(server: &TestServer, job: &Value) -> Vec<(Command, String, Option<String>)> {
    let id: JobId = job["id"].as_str().unwrap().parse().unwrap();
    let queued = server.service().app().store.model_commands(id).await.unwrap();
    queued.into_iter().map(|own| (own.command.command, own.command.model_name_fqn, own.command.from_fqn)).collect()
}

pub async fn a_write_puts_commands_into_the_model_queue(server: &TestServer) {
    let target = format!("tpch_demo.memory.default.sales_{}", crate::harness::unique());
    let job = server
        .finished(&format!(
            "CREATE TABLE {target} AS SELECT n.name, r.name AS region FROM tpch_demo.tpch.tiny.nation n \
             JOIN tpch.tiny.region r ON n.regionkey = r.regionkey"
        ))
        .await;
    let lineage = |from: &str| (Command::Lineage, target.clone(), Some(from.to_owned()));
    let expect = vec![
        (Command::Ingestion, target.clone(), None),
        lineage("tpch_demo.tpch.tiny.nation"),
        lineage("tpch_demo.tpch.tiny.region"),
    ];
    assert_eq!(commands(server, &job).await, expect, "a source in Trino's own words counts as well");
    assert_eq!(job["page"]["rows"][0][0], "25", "the number of rows is the result of a write");

    let inserted =
        server.finished(&format!("INSERT INTO {target} SELECT name, name FROM tpch_demo.tpch.tiny.region")).await;
    assert_eq!(commands(server, &inserted).await.len(), 2);
    let dropped = server.finished(&format!("DROP TABLE {target}")).await;
    assert_eq!(commands(server, &dropped).await, vec![]);
}

pub async fn a_read_puts_none(server: &TestServer) {
    let job = server.finished("SELECT count(*) FROM tpch_demo.tpch.tiny.nation").await;
    assert_eq!(commands(server, &job).await, vec![]);
}

/// A mapping file names tables and not their columns. A qualified column can then still be told, but not that it is
/// one: it might be a field of a row. So it is not called complete.
pub async fn columns_claim_no_more_than_is_known(server: &TestServer) {
    let sql = "SELECT n.name, 1 AS one FROM tpch_demo.tpch.tiny.nation AS n";
    let job = server.finished(sql).await;
    let lineage = server.get(&format!("/api/v1/jobs/{}/lineage", job["id"].as_str().unwrap())).await.json();
    let source = json!({
        "fqn": "tpch_demo.tpch.tiny.nation", "trino": "tpch.tiny.nation", "column": "name", "use": "identity",
    });
    let columns = json!([
        {"name": "name", "place": 0, "complete": false, "sources": [source], "description": null},
        {"name": "one", "place": 1, "complete": true, "sources": [], "description": null},
    ]);
    assert_eq!(lineage, json!({ "complete": false, "columns": columns }));
    assert_eq!(job["page"]["columns"][0]["sources"][0], source, "the result's own columns say the same");
    let converted = server.post("/api/v1/sql/convert", &json!({ "query": sql })).await.json();
    assert_eq!(converted["lineage"], lineage);
    let failed = server.run("SELECT * FROM nobody.knows.this.table").await;
    let lineage = server.get(&format!("/api/v1/jobs/{}/lineage", failed["id"].as_str().unwrap())).await.json();
    assert_eq!(lineage, json!({"complete": false, "columns": []}));
}
