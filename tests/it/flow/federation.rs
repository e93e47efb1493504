//! A join of tables of two catalogs under their FQNs.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::harness::{Stack, TestServer, unique, variable};

/// The mapping file of the test server: the service `tpch_demo` is Trino itself, and one file has an FQN of its own.
const MAPPING: &str = r#"
[[mapping]]
service = "tpch_demo"
identity = true

[[mapping]]
service = "broken"
catalog = "nowhere"
"#;

pub fn prepare(folder: &Path, settings: &mut BTreeMap<String, String>) {
    let file = folder.join("mapping.toml");
    std::fs::write(&file, MAPPING).unwrap();
    settings.insert("WARREN_CATALOG_FILE".to_owned(), file.display().to_string());
}

pub async fn tables_of_two_catalogs_are_joined(server: &TestServer, stack: Stack) {
    let table = format!("segment_{}", unique());
    server
        .finished(&format!(
            "CREATE TABLE tpch_demo.memory.default.{table} AS SELECT custkey, mktsegment, acctbal \
             FROM tpch_demo.tpch.tiny.customer WHERE custkey <= 200"
        ))
        .await;
    let query = |orders: &str, segment: &str| {
        format!(
            "SELECT o.orderkey, o.orderdate, s.mktsegment, o.totalprice, s.acctbal, o.comment FROM {orders} o \
             JOIN {segment} s ON o.custkey = s.custkey WHERE o.orderstatus = 'F' ORDER BY o.orderkey"
        )
    };
    let by_fqn = query("tpch_demo.tpch.tiny.orders", &format!("tpch_demo.memory.default.{table}"));
    let job = server.finished(&by_fqn).await;
    assert!(job["result"]["rows"].as_u64().unwrap() > 500, "{job:#}");
    if stack == Stack::Real {
        let physical = query("tpch.tiny.orders", &format!("memory.default.{table}"));
        let expect = trino_cli(&physical);
        let own = String::from_utf8(server.download(&job, "csv").await.body).unwrap();
        assert_eq!(records(&own), records(&expect), "the same rows as Trino's own command line prints");
    }
    server.finished(&format!("DROP TABLE tpch_demo.memory.default.{table}")).await;

    let broken = server.run("SELECT * FROM broken.db.s.t").await;
    let error = &broken["error"];
    assert_eq!((&broken["status"], &error["status"]), (&json!("FAILED"), &json!(502)), "{broken:#}");
    assert_eq!((&error["code"], &error["category"]), (&json!("MAPPING_BROKEN"), &json!("EXTERNAL")), "{broken:#}");
    let detail = error["detail"].as_str().unwrap();
    let expect = "'broken.db.s.t' is mapped to 'nowhere.s.t' by [[mapping]] number 2";
    assert!(detail.starts_with(expect) && detail.ends_with("trino has no such catalog"), "{detail}");
}

/// Header and rows, whatever the quoting and the line ends.
fn records(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn trino_cli(sql: &str) -> String {
    let cli = variable("WARREN_TEST_TRINO_CLI").unwrap();
    let url = variable("WARREN_TEST_TRINO_URL").unwrap();
    let output = Command::new(cli)
        .args(["--server", &url, "--user", "warren", "--output-format", "CSV_HEADER", "--execute", sql])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
