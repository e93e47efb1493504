//! The scheduler within the service: which processes have one, and the way from a query to the edges of its lineage.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use warren::config::{Config, Sources};
use warren::serve::{Service, StartError};
use warren_openmetadata::testing::{BOT_TOKEN, StandIn};
use warren_trino::testing::{FakeTrino, Script};

use super::world::{VERSIONS, columns};
use crate::flow::tpch::QUERIES;
use crate::harness::{Stack, TestServer};

pub(super) fn settings(stand_in: &StandIn, trino: &FakeTrino) -> BTreeMap<String, String> {
    [
        ("WARREN_TRINO_URL", trino.url().to_string()),
        ("WARREN_OPENMETADATA_URL", stand_in.base_url().to_string()),
        ("WARREN_OPENMETADATA_TOKEN", BOT_TOKEN.to_owned()),
        ("WARREN_SCHEDULER_POLL_MS", "5".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

pub(super) async fn trino() -> FakeTrino {
    let fake = FakeTrino::start().await.unwrap();
    fake.on_query(|_| Script::new().column("rows", "bigint").page("[[1]]"));
    fake
}

/// The commands when all of them are settled. The scheduler tells nobody, so the list is asked until it says so.
pub(super) async fn settled(server: &TestServer, count: usize) -> Vec<Value> {
    for _ in 0..10_000 {
        let list = server.get("/api/v1/model-queue?limit=500").await.json();
        let items = list["items"].as_array().unwrap().clone();
        let is_settled = |item: &Value| ["DONE", "DEAD"].contains(&item["state"].as_str().unwrap());
        if items.len() == count && items.iter().all(is_settled) {
            return items;
        }
        tokio::task::yield_now().await;
    }
    panic!("{:#}", server.get("/api/v1/model-queue?limit=500").await.json());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lineage_of_every_tpch_query_arrives_as_it_was_analysed() {
    for version in VERSIONS {
        let (stand_in, trino) = (StandIn::start(version).await.unwrap(), trino().await);
        seed_tpch(&stand_in);
        let server = TestServer::start_with(Stack::Embedded, |_, all| all.extend(settings(&stand_in, &trino))).await;
        let mut expect = Vec::new();
        for (name, query) in QUERIES {
            let target = format!("tpch_demo.memory.default.{name}");
            let statement = format!("CREATE TABLE {target} AS {query}");
            let converted = server.post("/api/v1/sql/convert", &json!({"query": statement})).await.json();
            let lineage = &converted["lineage"];
            assert!(lineage.is_object(), "{converted:#}");
            let outputs: Vec<&str> =
                lineage["columns"].as_array().unwrap().iter().filter_map(|column| column["name"].as_str()).collect();
            stand_in.seed_table(&target, columns(&outputs)).unwrap();
            server.finished(&statement).await;
            expect.extend(edges(&target, lineage));
        }
        let all = server.get("/api/v1/model-queue?limit=500").await.json();
        let count = all["items"].as_array().unwrap().len();
        let items = settled(&server, count).await;
        for item in items.iter().filter(|item| item["command"] == "LINEAGE") {
            assert_eq!((&item["state"], &item["warnings"]), (&json!("DONE"), &json!([])), "{item:#}");
            let ends = ["from_fqn", "model_name_fqn"].map(|end| item[end].as_str().unwrap());
            assert!(stand_in.edge(ends[0], ends[1]).is_some(), "a source without columns in the result is one as well");
        }
        assert!(expect.len() >= 40, "{}", expect.len());
        for ((from, to), lines) in &expect {
            let edge = stand_in.edge(from, to).unwrap_or_else(|| panic!("no edge from {from} to {to}"));
            assert_eq!(&edge["columnsLineage"], lines, "{from} -> {to}");
        }
        server.stop().await;
    }
}

/// The edges that a plan's lineage amounts to, with their columns.
fn edges(target: &str, lineage: &Value) -> Vec<((String, String), Value)> {
    let mut edges: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for column in lineage["columns"].as_array().unwrap() {
        let mut by_source: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for own in column["sources"].as_array().unwrap() {
            let Some(fqn) = own["fqn"].as_str() else { continue };
            by_source.entry(fqn).or_default().push(format!("{fqn}.{}", own["column"].as_str().unwrap()));
        }
        for (source, from) in by_source {
            let to = format!("{target}.{}", column["name"].as_str().unwrap());
            edges.entry(source.to_owned()).or_default().push(json!({"fromColumns": from, "toColumn": to}));
        }
    }
    edges.into_iter().map(|(source, lines)| ((source, target.to_owned()), json!(lines))).collect()
}

pub(super) fn seed_tpch(stand_in: &StandIn) {
    let tables: [(&str, &[&str]); 8] = [
        ("region", &["regionkey", "name", "comment"]),
        ("nation", &["nationkey", "name", "regionkey", "comment"]),
        ("customer", &["custkey", "name", "address", "nationkey", "phone", "acctbal", "mktsegment", "comment"]),
        ("supplier", &["suppkey", "name", "address", "nationkey", "phone", "acctbal", "comment"]),
        ("part", &["partkey", "name", "mfgr", "brand", "type", "size", "container", "retailprice", "comment"]),
        ("partsupp", &["partkey", "suppkey", "availqty", "supplycost", "comment"]),
        (
            "orders",
            &[
                "orderkey",
                "custkey",
                "orderstatus",
                "totalprice",
                "orderdate",
                "orderpriority",
                "clerk",
                "shippriority",
                "comment",
            ],
        ),
        (
            "lineitem",
            &[
                "orderkey",
                "partkey",
                "suppkey",
                "linenumber",
                "quantity",
                "extendedprice",
                "discount",
                "tax",
                "returnflag",
                "linestatus",
                "shipdate",
                "commitdate",
                "receiptdate",
                "shipinstruct",
                "shipmode",
                "comment",
            ],
        ),
    ];
    for (table, names) in tables {
        stand_in.seed_table(&format!("tpch_demo.tpch.tiny.{table}"), columns(names)).unwrap();
    }
}

/// Nothing ingests the service, and the settings say that Warren may write what it made itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_made_is_published_directly() {
    for version in VERSIONS {
        let stand_in = StandIn::start(version).await.unwrap();
        seed_tpch(&stand_in);
        stand_in.put("database", &json!({"name": "memory", "service": "tpch_demo"})).unwrap();
        stand_in.put("databaseSchema", &json!({"name": "default", "database": "tpch_demo.memory"})).unwrap();
        let trino = FakeTrino::start().await.unwrap();
        trino.on_query(|sql| match sql.strip_prefix("SELECT * FROM ") {
            Some("\"memory\".\"default\".\"v\" LIMIT 0") => {
                Script::new().column("name", "varchar(25)").column("parts", "row(a bigint, b array(double))")
            }
            _ => Script::new().column("rows", "bigint").page("[[1]]"),
        });
        let server = TestServer::start_with(Stack::Embedded, |_, all| {
            all.extend(settings(&stand_in, &trino));
            all.insert("WARREN_OPENMETADATA_PUBLISH".to_owned(), "direct".to_owned());
        })
        .await;
        let query = "CREATE VIEW tpch_demo.memory.default.v AS SELECT n.name, ROW(1, ARRAY[2e0]) AS parts \
                     FROM tpch_demo.tpch.tiny.nation n";
        server.finished(query).await;
        let items = settled(&server, 2).await;
        assert!(items.iter().all(|item| item["state"] == "DONE"), "{items:#?}");
        let warning = items[0]["warnings"][0].as_str().unwrap();
        assert!(
            warning.starts_with("Warren wrote the table to OpenMetadata itself, for the service tpch_demo"),
            "{warning}"
        );
        let table = stand_in.entity("table", "tpch_demo.memory.default.v").unwrap();
        let text = "SELECT n.name, ROW(1, ARRAY[2e0]) AS parts FROM \"tpch\".\"tiny\".\"nation\" n";
        assert_eq!((&table["tableType"], &table["schemaDefinition"]), (&json!("View"), &json!(text)));
        assert_eq!(
            (&table["columns"][0]["dataType"], &table["columns"][0]["dataLength"]),
            (&json!("VARCHAR"), &json!(25))
        );
        assert_eq!(table["columns"][1]["children"][1]["arrayDataType"], "DOUBLE");
        let edge = stand_in.edge("tpch_demo.tpch.tiny.nation", "tpch_demo.memory.default.v").unwrap();
        assert_eq!(edge["source"], "ViewLineage");
        assert_eq!(edge["columnsLineage"][0]["toColumn"], "tpch_demo.memory.default.v.name");
        server.stop().await;
    }
}

/// A table that is named by the session of its statement, and one that OpenMetadata knows better.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_is_missing_is_published() {
    for version in VERSIONS {
        let stand_in = StandIn::start(version).await.unwrap();
        seed_tpch(&stand_in);
        stand_in.seed_table("tpch_demo.memory.default.known", columns(&["name"])).unwrap();
        stand_in.edit("table", "tpch_demo.memory.default.known", &json!({"tableType": "Iceberg"})).unwrap();
        let trino = FakeTrino::start().await.unwrap();
        trino.on_query(|sql| match sql {
            "SELECT * FROM \"memory\".\"default\".\"short\" LIMIT 0" => Script::new().column("name", "varchar(25)"),
            sql if sql.starts_with("SELECT * FROM") => Script::new().column("unknown", "bigint"),
            _ => Script::new().column("rows", "bigint").page("[[1]]"),
        });
        let server = TestServer::start_with(Stack::Embedded, |_, all| {
            all.extend(settings(&stand_in, &trino));
            all.insert("WARREN_OPENMETADATA_PUBLISH".to_owned(), "direct".to_owned());
        })
        .await;
        let names = "AS SELECT n.name FROM tpch_demo.tpch.tiny.nation n";
        let job = json!({"query": format!("CREATE TABLE short {names}"), "catalog": "memory", "schema": "default",
            "wait_ms": 60_000});
        assert_eq!(server.post("/api/v1/jobs", &job).await.json()["status"], "FINISHED");
        server
            .finished("INSERT INTO tpch_demo.memory.default.known SELECT n.name FROM tpch_demo.tpch.tiny.nation n")
            .await;
        let items = settled(&server, 4).await;
        assert!(items.iter().all(|item| item["state"] == "DONE"), "{items:#?}");
        let short = stand_in.entity("table", "tpch_demo.memory.default.short").unwrap();
        assert_eq!((&short["tableType"], &short["columns"][0]["name"]), (&json!("Regular"), &json!("name")));
        let known = stand_in.entity("table", "tpch_demo.memory.default.known").unwrap();
        assert_eq!((&known["tableType"], &known["columns"][0]["name"]), (&json!("Iceberg"), &json!("name")));
        // A statement that makes it anew tells its columns, and leaves what kind of table it is.
        server.finished(&format!("CREATE OR REPLACE TABLE tpch_demo.memory.default.known {names}")).await;
        settled(&server, 6).await;
        let known = stand_in.entity("table", "tpch_demo.memory.default.known").unwrap();
        assert_eq!((&known["tableType"], &known["columns"][0]["name"]), (&json!("Iceberg"), &json!("unknown")));
        server.stop().await;
    }
}

async fn start(role: &str, more: &[(&str, &str)]) -> Result<Service, StartError> {
    let folder = tempfile::tempdir().unwrap();
    let mut environment = Stack::Embedded.settings(folder.path(), None);
    let own = [("WARREN_ROLE", role), ("WARREN_TRINO_URL", "http://127.0.0.1:9")];
    environment.extend(own.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let sources = Sources {
        environment: environment.into_iter().collect(),
        working_dir: folder.path().to_owned(),
        ..Sources::default()
    };
    Service::start(Config::load(&sources).unwrap()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_could_only_schedule_and_cannot_does_not_start() {
    let refused = start("scheduler", &[]).await.map(|_| ()).unwrap_err();
    assert!(matches!(refused, StartError::NothingToSchedule), "{refused:?}");
    assert!(refused.to_string().contains("WARREN_OPENMETADATA_URL"), "{refused}");
    let openmetadata = ("WARREN_OPENMETADATA_URL", "http://127.0.0.1:9/api");
    let off = start("scheduler", &[openmetadata, ("WARREN_SCHEDULER_BUILT_IN", "false")]).await;
    assert!(matches!(off, Err(StartError::NothingToSchedule)));
    start("scheduler", &[openmetadata]).await.unwrap().stop().await;
    start("all", &[]).await.unwrap().stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_of_another_role_leaves_the_queue_alone() {
    // The last of the processes answers requests.
    let split = [("worker", "true"), ("api", "true")];
    for processes in [&split[..], &[("all", "false")]] {
        let (stand_in, trino) = (StandIn::start(VERSIONS[1]).await.unwrap(), trino().await);
        let folder = tempfile::tempdir().unwrap();
        let mut servers = Vec::new();
        for (role, built_in) in processes {
            let server = TestServer::start_with(Stack::Embedded, |_, all| {
                all.extend(settings(&stand_in, &trino));
                all.insert("WARREN_DATA_DIR".to_owned(), folder.path().display().to_string());
                all.insert("WARREN_ROLE".to_owned(), (*role).to_owned());
                all.insert("WARREN_SCHEDULER_BUILT_IN".to_owned(), (*built_in).to_owned());
            });
            servers.push(server.await);
        }
        let server = servers.last().unwrap();
        let query = "CREATE TABLE tpch_demo.memory.default.t AS SELECT n.name FROM tpch_demo.tpch.tiny.nation n";
        server.finished(query).await;
        let claimed = server.post("/api/v1/model-queue/claim", &json!({})).await.json();
        let ingestion = &claimed["items"][0];
        assert_eq!((&ingestion["command"], &ingestion["attempts"]), (&json!("INGESTION"), &json!(1)), "{claimed:#}");
        for server in servers {
            server.stop().await;
        }
    }
}
