//! From a query to rows that can be read.

use serde_json::{Value, json};

use crate::harness::TestServer;

const NATION: &str = "SELECT n.nationkey, n.name FROM tpch_demo.tpch.tiny.nation n -- by FQN\nORDER BY n.nationkey";

pub async fn a_query_by_fqn_becomes_a_stored_result(server: &TestServer) {
    let job = server.finished(NATION).await;
    assert_eq!(job["user_query"], NATION);
    let converted = NATION.replace("tpch_demo.tpch.tiny.nation", r#""tpch"."tiny"."nation""#);
    assert_eq!(job["converted_query"], converted, "only the bytes of the name change");
    assert_eq!((&job["offset_"], &job["limit_"]), (&Value::Null, &Value::Null));
    assert_eq!(job["result"]["status"], "READY");
    assert_eq!(job["result"]["rows"], 25);
    assert_eq!(job["attempt"], 1);
    assert!(job["trino"]["query_id"].is_string(), "{job:#}");
    assert_eq!(job["page"]["rows"][3], json!(["3", "CANADA"]), "a bigint is a string");

    let id = job["id"].as_str().unwrap();
    let models = server.get(&format!("/api/v1/jobs/{id}/models")).await.json();
    assert_eq!(models["items"][0]["fully_qualified_name"], "tpch_demo.tpch.tiny.nation");
    assert_eq!(models["items"][0]["trino_model_name"], "tpch.tiny.nation");

    let manifest = server.get(&format!("/api/v1/jobs/{id}/result")).await.json();
    assert_eq!(manifest["rows"], 25);
    assert_eq!(manifest["columns"][0]["name"], "nationkey");
    assert_eq!(manifest["columns"][0]["type"], "bigint");
    assert_eq!(manifest["columns"][1]["type"], "varchar(25)");

    let page = server.get(&format!("/api/v1/jobs/{id}/result/rows?offset=23&limit=10&numbers=native")).await.json();
    assert_eq!(page["rows"], json!([[23, "UNITED KINGDOM"], [24, "UNITED STATES"]]));
    assert_eq!((&page["offset"], &page["total_rows"], &page["next_offset"]), (&json!(23), &json!(25), &Value::Null));
    let beyond = server.get(&format!("/api/v1/jobs/{id}/result/rows?offset=1000")).await;
    assert_eq!(beyond.status, 200);
    assert_eq!(beyond.json()["rows"], json!([]));
}

pub async fn every_format_can_be_downloaded(server: &TestServer) {
    let job = server.finished("SELECT regionkey, name FROM tpch_demo.tpch.tiny.region ORDER BY 1 LIMIT 2").await;
    let text = |answer: crate::harness::Answer| answer.text();
    assert_eq!(text(server.download(&job, "csv").await), "regionkey,name\n0,AFRICA\n1,AMERICA\n");
    assert_eq!(
        text(server.download(&job, "ndjson").await),
        "{\"regionkey\":\"0\",\"name\":\"AFRICA\"}\n{\"regionkey\":\"1\",\"name\":\"AMERICA\"}\n"
    );
    let whole = server.download(&job, "json").await.json();
    assert_eq!(whole["rows"], json!([["0", "AFRICA"], ["1", "AMERICA"]]));
    assert!(server.download(&job, "parquet").await.body.starts_with(b"PAR1"));
    let arrow = server.download(&job, "arrow").await;
    assert_eq!(arrow.header("content-type"), Some("application/vnd.apache.arrow.stream"));
    assert!(!arrow.body.is_empty());
}

/// Values that a careless gateway changes: beyond 2^53, without a finite value, with trailing zeros, with a zone.
pub async fn values_come_out_as_they_went_in(server: &TestServer) {
    let job = server
        .finished(
            "SELECT CAST(9223372036854775807 AS bigint) AS b, CAST('12345678901234567890.1200' AS decimal(38, 4)) AS d, \
             CAST('NaN' AS double) AS n, CAST(1.0 AS double) AS f, DATE '2024-02-29' AS day, \
             TIMESTAMP '2024-02-29 23:59:59.120' AS t, CAST(NULL AS varchar) AS nothing, 'a\"b, \u{1F600}' AS s, true AS yes",
        )
        .await;
    assert_eq!(
        job["page"]["rows"][0],
        json!([
            "9223372036854775807",
            "12345678901234567890.1200",
            "NaN",
            1.0,
            "2024-02-29",
            "2024-02-29 23:59:59.120",
            null,
            "a\"b, \u{1F600}",
            true
        ])
    );
}
