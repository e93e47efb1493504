//! What Warren resolved is what Trino reads: the tables of `EXPLAIN (TYPE IO)` are those of the fusion models, for the
//! queries of TPC-H and for statements of Trino's own tests, on tables of two catalogs. Only Trino can tell, so there is
//! no embedded side.

use std::collections::BTreeSet;
use std::io::Read as _;

use futures::StreamExt as _;
use futures::stream;
use serde_json::Value;
use warren_trino::{Client, Session};

use super::{federation, tpch};
use crate::harness::{Stack, TestServer, skipped, unique};

const TABLES: [&str; 8] = ["nation", "region", "part", "partsupp", "supplier", "customer", "orders", "lineitem"];
/// Statements at once; Trino plans them on the cores of the same machine.
const AT_ONCE: usize = 4;
/// Of the corpus' statements on tables of TPC-H every so many is taken.
const EVERY: usize = 4;
const STATEMENTS: usize = 200;
const EXPLAIN: &str = "EXPLAIN (TYPE IO, FORMAT JSON)";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queries_of_tpch_read_what_was_resolved() {
    let Some(stack) = Stack::real("flow::explain::queries_of_tpch_read_what_was_resolved") else { return };
    let server = TestServer::start_with(stack, federation::prepare).await;
    for (name, by_fqn) in tpch::QUERIES {
        let explained = explain(&server, &format!("{EXPLAIN} {by_fqn}")).await;
        assert_eq!(explained.read, explained.resolved, "{name}");
        assert!(!explained.read.is_empty(), "{name}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_of_trinos_tests_read_what_was_resolved() {
    let test = "flow::explain::statements_of_trinos_tests_read_what_was_resolved";
    let Some(stack) = Stack::real(test) else { return };
    let Some(corpus) = corpus(test) else { return };
    let server = TestServer::start_with(stack, federation::prepare).await;
    let client = server.service().app().clusters.choose().client.clone();
    let schema = format!("explain_{}", unique());
    copy_tables(&client, &schema).await;

    let (server_ref, client_ref, schema_ref) = (&server, &client, schema.as_str());
    let outcomes: Vec<Outcome> = stream::iter(corpus.iter().step_by(EVERY))
        .map(|statement| async move { compare(server_ref, client_ref, statement, schema_ref).await })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    drop_tables(&client, &schema).await;
    server.stop().await;

    let count = |outcome| outcomes.iter().filter(|own| **own == outcome).count();
    let (equal, pruned, refused) = (count(Outcome::Equal), count(Outcome::Pruned), count(Outcome::RefusedByTrino));
    println!("{equal} equal, {pruned} where Trino's plan reads less, {refused} that Trino refuses as they are");
    assert!(equal >= STATEMENTS, "{equal} of {} statements", outcomes.len());
}

/// Statements on tables that Trino knows by other names, with columns that are qualified by the names in OpenMetadata.
const RENAMED: [&str; 7] = [
    "SELECT * FROM shop.sales.public.clients",
    "SELECT clients.name, shop.sales.public.purchases.totalprice FROM shop.sales.public.clients \
     JOIN shop.sales.public.purchases ON clients.custkey = purchases.custkey",
    "SELECT public.clients.*, p.orderkey FROM shop.sales.public.clients, shop.sales.public.purchases p \
     WHERE p.custkey = shop.sales.public.clients.custkey AND p.orderstatus = 'F'",
    "SELECT clients.name FROM shop.sales.public.clients WHERE EXISTS (SELECT 1 FROM shop.sales.public.purchases \
     WHERE purchases.custkey = clients.custkey) ORDER BY clients.name",
    "WITH purchases AS (SELECT * FROM shop.sales.public.purchases) SELECT clients.name, max(purchases.totalprice) \
     FROM purchases JOIN shop.sales.public.clients USING (custkey) GROUP BY clients.name",
    "SELECT purchases.orderkey FROM shop.sales.public.purchases JOIN tpch_demo.tpch.tiny.lineitem \
     ON lineitem.orderkey = purchases.orderkey",
    "SELECT c.custkey FROM \"shop.sales.public.clients\" c \
     UNION ALL (SELECT purchases.custkey FROM shop.sales.public.purchases)",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn renamed_tables_are_the_ones_that_are_read() {
    let Some(stack) = Stack::real("flow::explain::renamed_tables_are_the_ones_that_are_read") else { return };
    let schema = format!("renamed_{}", unique());
    let server = TestServer::start_with(stack, |folder, settings| {
        let table = |fqn: &str, table: &str| {
            format!("[[table]]\nfqn = 'shop.sales.public.{fqn}'\ntrino = 'memory.{schema}.{table}'\n")
        };
        let service = "[[mapping]]\nservice = 'tpch_demo'\nidentity = true\n".to_owned();
        let mapping = [service, table("clients", "customer"), table("purchases", "orders")].concat();
        let file = folder.join("renamed.toml");
        std::fs::write(&file, mapping).unwrap();
        settings.insert("WARREN_CATALOG_FILE".to_owned(), file.display().to_string());
    })
    .await;
    let client = server.service().app().clusters.choose().client.clone();
    copy_tables(&client, &schema).await;
    let mut problems = Vec::new();
    for sql in RENAMED {
        let in_string = format!("EXECUTE IMMEDIATE '{EXPLAIN} {}'", sql.replace('\'', "''"));
        for statement in [format!("{EXPLAIN} {sql}"), in_string] {
            let explained = explain(&server, &statement).await;
            if explained.read != explained.resolved || explained.read.is_empty() {
                problems.push(format!("{statement}\n{:?} {:?}", explained.read, explained.resolved));
            }
        }
    }
    drop_tables(&client, &schema).await;
    server.stop().await;
    assert!(problems.is_empty(), "{problems:#?}");
}

/// How a statement came out; a wrong table is no outcome but a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Trino reads the tables that were resolved.
    Equal,
    /// Trino's optimizer found that some of them need not be read, for the plain names as well.
    Pruned,
    /// Trino does not accept the statement with the plain names, for these tables have other types than its author's.
    RefusedByTrino,
}

/// A statement of the corpus, with the places of its tables in characters.
struct Statement {
    sql: String,
    tables: Vec<(usize, usize, String)>,
}

impl Statement {
    /// The statement with FQNs, its tables in turn in one catalog and in the other.
    fn by_fqn(&self, schema: &str) -> String {
        let characters: Vec<char> = self.sql.chars().collect();
        let mut text = String::new();
        let mut copied = 0;
        for (turn, (start, end, table)) in self.tables.iter().enumerate() {
            text.extend(&characters[copied..*start]);
            let place = if turn % 2 == 0 { "tpch.tiny".to_owned() } else { format!("memory.{schema}") };
            text.push_str(&format!("tpch_demo.{place}.{table}"));
            copied = *end;
        }
        text.extend(&characters[copied..]);
        text
    }
}

/// The tables that Trino reads, and those that Warren resolved, as `catalog.schema.table`.
struct Explained {
    read: BTreeSet<String>,
    resolved: BTreeSet<String>,
}

async fn compare(server: &TestServer, client: &Client, statement: &Statement, schema: &str) -> Outcome {
    let by_fqn = statement.by_fqn(schema);
    let job = server.run(&format!("{EXPLAIN} {by_fqn}")).await;
    let finished = job["status"] == "FINISHED";
    let explained = if finished { Some(explained(server, &job).await) } else { None };
    if explained.as_ref().is_some_and(|own| own.read == own.resolved) {
        return Outcome::Equal;
    }
    // Planning it a second time takes as long as the first, and only these need it.
    let plain = format!("{EXPLAIN} {}", statement.sql);
    let session =
        Session { catalog: Some("tpch".to_owned()), schema: Some("tiny".to_owned()), ..Session::new("warren") };
    match (explained, tpch::try_rows(client, &plain, &session).await) {
        (None, None) => Outcome::RefusedByTrino,
        (None, Some(_)) => panic!("Trino takes the plain names of {by_fqn}\n{job:#}"),
        (Some(own), None) => panic!("{by_fqn}\n{:?} {:?}", own.read, own.resolved),
        (Some(own), Some(plan)) => {
            assert!(own.read.is_subset(&own.resolved), "{by_fqn}\n{:?} {:?}", own.read, own.resolved);
            let plain = tables_of(plan[0][0].as_str().unwrap());
            assert_eq!(table_names(&own.read), table_names(&plain), "{by_fqn}");
            Outcome::Pruned
        }
    }
}

async fn explain(server: &TestServer, statement: &str) -> Explained {
    explained(server, &server.finished(statement).await).await
}

async fn explained(server: &TestServer, job: &Value) -> Explained {
    let rows = server.download(job, "json").await.json();
    let models = server.get(&format!("/api/v1/jobs/{}/models", job["id"].as_str().unwrap())).await.json();
    let models = models["items"].as_array().unwrap_or_else(|| panic!("{models:#}"));
    Explained {
        read: tables_of(rows["rows"][0][0].as_str().unwrap()),
        resolved: models.iter().map(|model| model["trino_model_name"].as_str().unwrap().to_owned()).collect(),
    }
}

fn tables_of(plan: &str) -> BTreeSet<String> {
    let plan: Value = serde_json::from_str(plan).unwrap();
    let name = |input: &Value| {
        let table = &input["table"];
        let part = |value: &Value| value.as_str().unwrap().to_owned();
        let schema_table = &table["schemaTable"];
        format!("{}.{}.{}", part(&table["catalog"]), part(&schema_table["schema"]), part(&schema_table["table"]))
    };
    plan["inputTableColumnInfos"].as_array().unwrap().iter().map(name).collect()
}

fn table_names(tables: &BTreeSet<String>) -> BTreeSet<&str> {
    tables.iter().filter_map(|table| table.rsplit('.').next()).collect()
}

/// The queries of the corpus all of whose tables are TPC-H's, named as in a session in `tpch.tiny`.
fn corpus(test: &str) -> Option<Vec<Statement>> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/sqlcorpus/trino-statements.jsonl.gz");
    let Ok(file) = std::fs::File::open(path) else {
        skipped(test, "shared/sqlcorpus/trino-statements.jsonl.gz");
        return None;
    };
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    Some(text.lines().filter_map(|line| on_tpch(&serde_json::from_str(line).unwrap())).collect())
}

fn on_tpch(line: &Value) -> Option<Statement> {
    let number = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
    let tables: Option<Vec<_>> = line["refs"]
        .as_array()?
        .iter()
        .filter(|reference| reference["cte"] == false)
        .map(|reference| {
            let parts = reference["parts"].as_array()?;
            let table = parts[0].as_str()?.to_lowercase();
            let known = parts.len() == 1 && reference["role"] == "rel" && TABLES.contains(&table.as_str());
            known.then(|| (number(&reference["start"]), number(&reference["end"]), table))
        })
        .collect();
    let tables = tables.filter(|tables| !tables.is_empty() && line["statement"] == "Query")?;
    Some(Statement { sql: line["sql"].as_str()?.to_owned(), tables })
}

async fn copy_tables(client: &Client, schema: &str) {
    tpch::rows(client, &format!("CREATE SCHEMA memory.{schema}")).await;
    for table in TABLES {
        tpch::rows(client, &format!("CREATE TABLE memory.{schema}.{table} AS SELECT * FROM tpch.tiny.{table}")).await;
    }
}

async fn drop_tables(client: &Client, schema: &str) {
    for table in TABLES {
        tpch::rows(client, &format!("DROP TABLE memory.{schema}.{table}")).await;
    }
    tpch::rows(client, &format!("DROP SCHEMA memory.{schema}")).await;
}
