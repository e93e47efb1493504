//! The whole circle: what people find in the catalogue they query by its names, what they make of it goes into the model
//! queue, and the catalogue learns of it. Once with the built-in scheduler and once with the documented one, against a
//! catalogue of each schema generation.

use serde_json::{Value, json};
use tokio::process::Command;
use warren_openmetadata::ServerVersion;
use warren_openmetadata::testing::{BOT_TOKEN, PipelineScript, StandIn};

use crate::harness::{Stack, TestServer, skipped, unique};

const VERSIONS: [ServerVersion; 2] = [ServerVersion::new(1, 4, 0), ServerVersion::new(2, 0, 7)];
const NATION: &str = "trino_prod.tpch.tiny.nation";
const REGION: &str = "trino_prod.tpch.tiny.region";

/// Who works the model queue off.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheduler {
    BuiltIn,
    /// `docs/scheduler.py`.
    Documented,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_a_folder_and_the_embedded_engine() {
    walk(Stack::Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_minio_and_trino() {
    if let Some(stack) = Stack::real("flow::circle::on_postgresql_minio_and_trino") {
        walk(stack).await;
    }
}

async fn walk(stack: Stack) {
    for version in VERSIONS {
        for scheduler in [Scheduler::BuiltIn, Scheduler::Documented] {
            circle(stack, version, scheduler).await;
        }
    }
}

async fn circle(stack: Stack, version: ServerVersion, scheduler: Scheduler) {
    let catalogue = StandIn::start(version).await.unwrap();
    let model = format!("trino_prod.memory.default.names_{}", unique());
    seed(&catalogue, &model);
    let url = catalogue.base_url().to_string();
    let server = TestServer::start_with(stack, |_, settings| {
        let built_in = if scheduler == Scheduler::BuiltIn { "true" } else { "false" };
        let own = [
            ("WARREN_OPENMETADATA_URL", url.as_str()),
            ("WARREN_OPENMETADATA_TOKEN", BOT_TOKEN),
            ("WARREN_OPENMETADATA_TRINO_SERVICES", "trino_prod"),
            ("WARREN_SCHEDULER_BUILT_IN", built_in),
            ("WARREN_SCHEDULER_POLL_MS", "5"),
        ];
        settings.extend(own.map(|(name, value)| (name.to_owned(), value.to_owned())));
    })
    .await;

    // Found, and queried with the snippet that the catalogue hands out.
    let found = server.get("/api/v1/catalog/search?q=nation").await.json();
    assert_eq!(found["items"][0]["fully_qualified_name"], NATION, "{found:#}");
    let table = server.get(&format!("/api/v1/catalog/tables/{NATION}")).await.json();
    let job = server.finished(table["snippet"].as_str().unwrap()).await;
    assert_eq!(job["result"]["rows"], 10, "{job:#}");
    let models = server.get(&format!("/api/v1/jobs/{}/models", job["id"].as_str().unwrap())).await.json();
    assert_eq!(models["items"][0]["model_id_of_om"], table["id"], "the receipt names the very table: {models:#}");

    // Made, and worked off.
    let query = format!("SELECT n.name, r.name AS region FROM {NATION} n JOIN {REGION} r ON n.regionkey = r.regionkey");
    let made = server.post("/api/v1/models", &json!({"name": model, "query": query, "wait_ms": 60_000})).await;
    assert_eq!(made.json()["status"], "READY", "{}", made.text());
    if scheduler == Scheduler::Documented && !documented(&server, &url).await {
        return skipped("flow::circle with docs/scheduler.py", "python3");
    }
    settled(&server).await;

    // The catalogue holds the table, its columns' lineage, and the run that brought them.
    let view = catalogue.entity("table", &model).unwrap_or_else(|| panic!("{version}: there is no {model}"));
    assert_eq!(view["columns"][1]["name"], "region");
    for (source, column, made) in [(NATION, "name", "name"), (REGION, "name", "region")] {
        let edge = catalogue.edge(source, &model).unwrap_or_else(|| panic!("{version}: no edge from {source}"));
        let line = json!({"fromColumns": [format!("{source}.{column}")], "toColumn": format!("{model}.{made}")});
        assert_eq!(edge["columnsLineage"], json!([line]), "{version}: {edge:#}");
    }
    let triggers = catalogue.exchanges().into_iter().filter(|own| own.target.contains("/trigger/"));
    assert_eq!(triggers.map(|own| own.status).collect::<Vec<_>>(), [200]);
    // What was made is found and queried like anything else.
    let read = server.finished(&format!("SELECT region FROM {model} WHERE name = 'PERU'")).await;
    assert_eq!(read["page"]["rows"], json!([["AMERICA"]]));
    let drop = format!("/api/v1/models/{}?wait_ms=60000", made.json()["id"].as_str().unwrap());
    let dropped = server.send(server.request(reqwest::Method::DELETE, &drop)).await;
    assert_eq!(dropped.json()["status"], "FINISHED", "{}", dropped.text());
    server.stop().await;
}

/// The tables of the sources, and a pipeline that brings the table of the model.
fn seed(catalogue: &StandIn, model: &str) {
    let column = |name: &str, kind: &str| json!({"name": name, "dataType": kind, "dataLength": 25});
    let nation = ["nationkey", "name", "regionkey", "comment"];
    let kind = |name: &&str| column(name, if name.ends_with("key") { "BIGINT" } else { "VARCHAR" });
    catalogue.seed_table(NATION, json!(nation.iter().map(kind).collect::<Vec<_>>())).unwrap();
    let region = ["regionkey", "name", "comment"];
    catalogue.seed_table(REGION, json!(region.iter().map(kind).collect::<Vec<_>>())).unwrap();
    catalogue.put("database", &json!({"name": "memory", "service": "trino_prod"})).unwrap();
    catalogue.put("databaseSchema", &json!({"name": "default", "database": "trino_prod.memory"})).unwrap();
    let service = catalogue.entity("databaseService", "trino_prod").unwrap();
    let pipeline = json!({"name": "metadata", "service": {"id": service["id"], "type": "databaseService"},
        "pipelineType": "metadata", "sourceConfig": {}, "airflowConfig": {}});
    catalogue.put("ingestionPipeline", &pipeline).unwrap();
    let columns = json!([column("name", "VARCHAR"), column("region", "VARCHAR")]);
    let name = model.rsplit('.').next().unwrap();
    let table =
        json!({"name": name, "tableType": "View", "databaseSchema": "trino_prod.memory.default", "columns": columns});
    let script = PipelineScript { makes_tables: vec![table], ..PipelineScript::default() };
    catalogue.script_pipeline("trino_prod.metadata", script).unwrap();
}

/// Lets the documented scheduler work the queue off; whether there is a Python to run it.
async fn documented(server: &TestServer, catalogue: &str) -> bool {
    let mut python = Command::new("python3");
    python.args([concat!(env!("CARGO_MANIFEST_DIR"), "/docs/scheduler.py"), "--once"]);
    python.env("WARREN_SERVER", server.url("").trim_end_matches('/')).env_remove("WARREN_API_TOKEN");
    python.env("OPENMETADATA_URL", catalogue.trim_end_matches('/')).env("OPENMETADATA_TOKEN", BOT_TOKEN);
    match python.output().await {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            true
        }
        Err(_) => false,
    }
}

/// Waits until every command is settled. Nobody is told of that, so the list is asked until it says so.
async fn settled(server: &TestServer) {
    let mut last = Value::Null;
    for _ in 0..20_000 {
        last = server.get("/api/v1/model-queue?limit=500").await.json();
        let items = last["items"].as_array().unwrap();
        if !items.is_empty() && items.iter().all(|item| item["state"] == "DONE") {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("{last:#}");
}
