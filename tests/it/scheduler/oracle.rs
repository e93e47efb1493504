//! The edges of lineage that OpenMetadata holds in the end, column by column, beside what Trino's own analyzer says of the
//! same statements. Nothing here asks Warren what it expects.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::PathBuf;

use serde_json::{Value, json};
use warren_openmetadata::testing::StandIn;

use super::service::{seed_tpch, settings, settled, trino};
use super::world::{VERSIONS, columns};
use crate::flow::tpch::QUERIES;
use crate::harness::{Stack, TestServer, skipped};

const SOURCES: &str = "tpch_demo.tpch.tiny";
const TARGETS: &str = "tpch_demo.memory.default";
const TABLES: [&str; 8] = ["region", "nation", "customer", "supplier", "part", "partsupp", "orders", "lineitem"];

/// The columns of a source that each column of a target takes; nothing for a source of which no column arrives.
type Edges = BTreeMap<(String, String), BTreeMap<String, BTreeSet<String>>>;

/// A statement that makes a table, and what must be known of it afterwards.
struct Case {
    target: String,
    sql: String,
    /// The columns of the target in order.
    columns: Vec<String>,
    /// Each column of the target with the columns `table.column` that it takes.
    takes: Vec<(String, BTreeSet<String>)>,
}

impl Case {
    fn expect(&self) -> Edges {
        let mut edges = Edges::new();
        for (column, sources) in &self.takes {
            for source in sources {
                let (table, from) = source.split_once('.').unwrap();
                let ends = (format!("{SOURCES}.{table}"), self.target.clone());
                edges.entry(ends).or_default().entry(column.clone()).or_default().insert(from.to_owned());
            }
        }
        edges
    }
}

/// Runs the statements through Warren, and reads the edges of their targets once all commands are settled.
async fn arrived(stand_in: &StandIn, cases: &[Case]) -> Edges {
    let fake = trino().await;
    seed_tpch(stand_in);
    let server = TestServer::start_with(Stack::Embedded, |_, all| all.extend(settings(stand_in, &fake))).await;
    for case in cases {
        let names: Vec<&str> = case.columns.iter().map(String::as_str).collect();
        stand_in.seed_table(&case.target, columns(&names)).unwrap();
        server.finished(&case.sql).await;
    }
    let count = server.get("/api/v1/model-queue?limit=500").await.json()["items"].as_array().unwrap().len();
    let items = settled(&server, count).await;
    assert!(items.iter().all(|item| item["state"] == "DONE"), "{items:#?}");
    server.stop().await;
    let mut edges = Edges::new();
    for case in cases {
        for table in TABLES {
            let ends = (format!("{SOURCES}.{table}"), case.target.clone());
            if let Some(edge) = stand_in.edge(&ends.0, &ends.1) {
                edges.insert(ends.clone(), lines(&edge, &ends));
            }
        }
    }
    edges
}

fn lines(edge: &Value, (from, to): &(String, String)) -> BTreeMap<String, BTreeSet<String>> {
    let name = |column: &Value, table: &str| {
        column.as_str().unwrap().strip_prefix(table).unwrap().trim_start_matches('.').to_owned()
    };
    let all = edge["columnsLineage"].as_array().cloned().unwrap_or_default();
    let line = |line: &Value| {
        let sources = line["fromColumns"].as_array().unwrap().iter().map(|column| name(column, from)).collect();
        (name(&line["toColumn"], to), sources)
    };
    all.iter().map(line).collect()
}

/// The statements of TPC-H that Trino analysed, if the oracle is there.
fn analysed(test: &str) -> Option<Vec<Case>> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/lineage/lineage.jsonl.gz");
    if !file.exists() {
        skipped(test, "shared/lineage/lineage.jsonl.gz");
        return None;
    }
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(file).unwrap()).read_to_string(&mut text).unwrap();
    let statements = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    Some(statements.filter(|own| own["id"].as_str().unwrap().starts_with("tpch")).map(|own| case(&own)).collect())
}

fn case(statement: &Value) -> Case {
    let name = statement["output"]["table"].as_str().unwrap();
    let target = name.replace("memory.default", TARGETS);
    let output = statement["output"]["columns"].as_array().unwrap();
    let sources = |column: &Value| {
        let all = column["sources"].as_array().unwrap().iter();
        all.map(|own| own.as_str().unwrap().strip_prefix("tpch.tiny.").unwrap().to_owned()).collect()
    };
    let takes: Vec<(String, BTreeSet<String>)> =
        output.iter().map(|column| (column["name"].as_str().unwrap().to_lowercase(), sources(column))).collect();
    let mut sql = statement["sql"].as_str().unwrap().replacen(name, &target, 1);
    sql = sql.replace("\"tpch\".\"tiny\".", &format!("{SOURCES}."));
    for table in TABLES {
        for before in ["from ", "join ", ", "] {
            sql = sql.replace(&format!("{before}{table} "), &format!("{before}{SOURCES}.{table} "));
        }
    }
    Case { target, sql, columns: takes.iter().map(|(column, _)| column.clone()).collect(), takes }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn edges_of_tpch_are_those_that_trino_reports() {
    for version in VERSIONS {
        let Some(cases) = analysed("scheduler::oracle::edges_of_tpch_are_those_that_trino_reports") else { return };
        assert!(cases.len() >= 20, "{}", cases.len());
        let stand_in = StandIn::start(version).await.unwrap();
        let mut edges = arrived(&stand_in, &cases).await;
        // Trino does not report a table of which no column arrives.
        edges.retain(|_, lines| !lines.is_empty());
        let expect: Edges = cases.iter().flat_map(Case::expect).collect();
        for (ends, lines) in &expect {
            assert_eq!(edges.get(ends), Some(lines), "{ends:?}");
        }
        assert_eq!(edges.keys().collect::<Vec<_>>(), expect.keys().collect::<Vec<_>>());
    }
}

/// Each column with its sources; a table alone is one of which no column arrives.
fn by_hand(name: &str, takes: &[(&str, &[&str])]) -> Case {
    let sql = QUERIES.iter().find(|(own, _)| *own == name).unwrap().1;
    let target = format!("{TARGETS}.{name}");
    let takes: Vec<(String, BTreeSet<String>)> = takes
        .iter()
        .map(|(column, sources)| ((*column).to_owned(), sources.iter().map(ToString::to_string).collect()))
        .collect();
    let columns = takes.iter().map(|(column, _)| column.clone()).collect();
    Case { sql: format!("CREATE TABLE {target} AS {sql}"), target, columns, takes }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn edges_of_some_queries_are_those_that_a_person_reads_in_them() {
    let cases = [
        by_hand(
            "q03",
            &[
                ("orderkey", &["lineitem.orderkey"]),
                ("revenue", &["lineitem.extendedprice", "lineitem.discount"]),
                ("orderdate", &["orders.orderdate"]),
                ("shippriority", &["orders.shippriority"]),
            ],
        ),
        by_hand("q13", &[("c_count", &["orders.orderkey"]), ("custdist", &[])]),
        by_hand(
            "q15",
            &[
                ("suppkey", &["supplier.suppkey"]),
                ("name", &["supplier.name"]),
                ("address", &["supplier.address"]),
                ("phone", &["supplier.phone"]),
                ("total_revenue", &["lineitem.extendedprice", "lineitem.discount"]),
            ],
        ),
    ];
    for version in VERSIONS {
        let stand_in = StandIn::start(version).await.unwrap();
        let edges = arrived(&stand_in, &cases).await;
        let mut expect: Edges = cases.iter().flat_map(Case::expect).collect();
        for query in ["q03", "q13"] {
            expect.insert((format!("{SOURCES}.customer"), format!("{TARGETS}.{query}")), BTreeMap::new());
        }
        assert_eq!(edges, expect);
        let edge = stand_in.edge(&format!("{SOURCES}.orders"), &format!("{TARGETS}.q13")).unwrap();
        let line = json!({"fromColumns": [format!("{SOURCES}.orders.orderkey")], "toColumn": format!("{TARGETS}.q13.c_count")});
        assert_eq!((&edge["columnsLineage"], &edge["source"]), (&json!([line]), &json!("QueryLineage")));
    }
}
