//! A view and a table that are made of queries by FQN, and read by their own FQN.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{TestServer, unique};

async fn make(server: &TestServer, body: Value) -> Value {
    let answer = server.post("/api/v1/models", &body).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    answer.json()
}

async fn drop_model(server: &TestServer, model: &Value) {
    let path = format!("/api/v1/models/{}?wait_ms=60000", model["id"].as_str().unwrap());
    let dropped = server.send(server.request(Method::DELETE, &path)).await;
    assert_eq!(dropped.json()["status"], "FINISHED", "{}", dropped.text());
    let gone = server.get(&format!("/api/v1/models/{}", model["id"].as_str().unwrap())).await;
    assert_eq!(gone.status.as_u16(), 404);
}

pub async fn a_view_is_made_of_a_query_by_fqn(server: &TestServer) {
    let name = format!("tpch_demo.memory.default.names_{}", unique());
    let query = "SELECT n.name, r.name AS region\n\
                 FROM tpch_demo.tpch.tiny.nation n JOIN region r ON n.regionkey = r.regionkey\n\
                 ORDER BY n.name LIMIT 3 -- the first ones";
    let body = |query: &str| {
        let region = json!({"region": "tpch_demo.tpch.tiny.region"});
        json!({"name": name, "query": query, "reference_models": region, "wait_ms": 60_000})
    };
    let model = make(server, body(query)).await;
    assert_eq!(model["status"], "READY", "{model:#}");
    let rows = server.finished(&format!("SELECT name, region FROM {name} ORDER BY 1")).await;
    let expect = json!([["ALGERIA", "AFRICA"], ["ARGENTINA", "AMERICA"], ["BRAZIL", "AMERICA"]]);
    assert_eq!(rows["page"]["rows"], expect, "its own limit is a part of it");

    let shown = server.finished(&format!("SHOW CREATE VIEW {name}")).await;
    let text = shown["page"]["rows"][0][0].as_str().unwrap();
    assert!(text.contains("tiny") && text.contains("nation"), "{text}");
    assert!(!text.contains("tpch_demo"), "a view has physical names only: {text}");

    let queue = server.get(&format!("/api/v1/model-queue?job={}", model["job_id"].as_str().unwrap())).await.json();
    let commands: Vec<_> = queue["items"].as_array().unwrap().iter().map(|own| own["from_fqn"].as_str()).collect();
    assert_eq!(commands, [None, Some("tpch_demo.tpch.tiny.nation"), Some("tpch_demo.tpch.tiny.region")]);
    assert_eq!(queue["items"][0]["model_name_fqn"], json!(name));

    let mut replacement = body("SELECT r.name\nFROM region r\nWHERE r.nonsense = 1");
    replacement["replace"] = json!(true);
    let failed = make(server, replacement.clone()).await;
    assert_eq!(
        (&failed["status"], &failed["error"]["code"]),
        (&json!("FAILED"), &json!("COLUMN_NOT_FOUND")),
        "{failed:#}"
    );
    assert_eq!(failed["error"]["position"]["line"], 3, "a place in the query, not in the statement: {failed:#}");
    server.finished(&format!("SELECT name FROM {name}")).await;

    replacement["query"] = json!("SELECT r.name AS only FROM region r");
    assert_eq!(make(server, replacement).await["status"], "READY");
    assert_eq!(server.finished(&format!("SELECT only FROM {name}")).await["result"]["rows"], 5);

    let used = server.get("/api/v1/models/recommend?fqn=tpch_demo.tpch.tiny.region&limit=100").await.json();
    let found = used["items"].as_array().unwrap().iter().find(|own| own["fully_qualified_name"] == name.as_str());
    assert_eq!(found.map(|own| &own["jobs"]), Some(&json!(2)), "those that finished: {used:#}");
    drop_model(server, &model).await;
    assert_eq!(server.run(&format!("SELECT * FROM {name}")).await["error"]["code"], "TABLE_NOT_FOUND");
}

pub async fn a_table_is_made_of_a_query_by_fqn(server: &TestServer) {
    let name = format!("tpch_demo.memory.default.\"한국 {}\"", unique());
    let query = "SELECT name FROM tpch_demo.tpch.tiny.region;";
    let body = json!({"name": name, "kind": "table", "query": query, "wait_ms": 60_000});
    let model = make(server, body).await;
    assert_eq!((&model["status"], &model["kind"]), (&json!("READY"), &json!("table")), "{model:#}");
    let count = server.finished(&format!("SELECT count(*) FROM {name}")).await;
    assert_eq!(count["page"]["rows"][0][0], "5");
    drop_model(server, &model).await;
}
