//! Columns of a result know which columns of the catalogue they are, in every format that has a place for it.

use arrow::datatypes::Schema;
use arrow::ipc::reader::StreamReader;
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};
use warren_trino::testing::Script;

use super::Bench;

/// The metadata of each column of a file, without Trino's.
fn origins(schema: &Schema) -> Vec<(Option<Value>, Option<String>)> {
    let of = |key: &str, field: usize| schema.field(field).metadata().get(key).cloned();
    let sources = |field| of("warren.sources", field).map(|json| serde_json::from_str(&json).unwrap());
    (0..schema.fields().len()).map(|field| (sources(field), of("warren.description", field))).collect()
}

#[tokio::test]
async fn a_result_says_what_its_columns_are() {
    let bench = Bench::start().await;
    let long = "é".repeat(4_100);
    let columns = json!([
        {"name": "Id", "dataType": "BIGINT", "description": "The number of the order"},
        {"name": "total", "dataType": "DOUBLE", "description": long},
    ]);
    bench.catalogue.seed_table("pg_prod.sales.public.orders", columns).unwrap();
    bench.trino.on_query(|_| {
        let script = Script::new().column("id", "bigint").column("total", "double").column("sum", "double");
        script.page("[[1,2.5,3.5]]")
    });
    let job = bench.server.finished("SELECT id, total, total + 1 AS sum FROM pg_prod.sales.public.orders").await;
    let source = |column: &str, usage: &str| {
        let (fqn, trino) = ("pg_prod.sales.public.orders", "pg_sales.public.orders");
        json!([{"fqn": fqn, "trino": trino, "column": column, "use": usage}])
    };
    let cut = "é".repeat(4_000);
    let expect = [
        (source("Id", "identity"), Some("The number of the order")),
        (source("total", "identity"), Some(cut.as_str())),
        (source("total", "expression"), None),
    ];

    let path = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    let manifest = bench.server.get(&format!("{path}/result")).await.json();
    let rows = bench.server.get(&format!("{path}/result/rows")).await.json();
    let lineage = bench.server.get(&format!("{path}/lineage")).await.json();
    for answer in [&manifest, &rows, &lineage, &job["page"]] {
        let columns = answer["columns"].as_array().unwrap();
        let shown: Vec<_> = columns.iter().map(|own| (own["sources"].clone(), own["description"].as_str())).collect();
        assert_eq!(shown, expect, "{answer:#}");
    }

    let expect = expect.map(|(sources, description)| (Some(sources), description.map(str::to_owned)));
    let parquet = bench.server.download(&job, "parquet").await;
    let parquet = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(parquet.body.to_vec())).unwrap();
    assert_eq!(origins(parquet.schema()), expect);
    let arrow = bench.server.download(&job, "arrow").await;
    let arrow = StreamReader::try_new(&arrow.body[..], None).unwrap();
    assert_eq!(origins(&arrow.schema()), expect);
    bench.stop().await;
}

#[tokio::test]
async fn columns_that_are_not_those_of_the_lineage_have_no_sources() {
    let bench = Bench::start().await;
    let columns = json!([{"name": "id", "dataType": "BIGINT", "description": "The number"}]);
    bench.catalogue.seed_table("pg_prod.sales.public.orders", columns.clone()).unwrap();
    bench.catalogue.seed_table("pg_prod.sales.public.people", columns).unwrap();
    let query = "SELECT o.*, p.id AS x FROM pg_prod.sales.public.orders o, pg_prod.sales.public.people p";
    for (names, sources) in [
        (["ID", "X"].as_slice(), [1, 1].as_slice()),
        // A column that was not there at the last ingestion, and one that has another name since.
        (&["id", "fresh", "x"], &[0, 0, 0]),
        (&["number", "x"], &[0, 0]),
    ] {
        bench.trino.on_query(move |_| {
            let script = names.iter().fold(Script::new(), |script, name| script.column(name, "bigint"));
            script.page(json!([vec![1; names.len()]]).to_string())
        });
        let job = bench.server.finished(query).await;
        let columns = job["page"]["columns"].as_array().unwrap();
        let found: Vec<_> = columns.iter().map(|own| own["sources"].as_array().map_or(0, Vec::len)).collect();
        assert_eq!(found, sources, "{job:#}");
        let described = columns.iter().filter(|own| own["description"] == "The number").count();
        assert_eq!(described, sources.iter().sum::<usize>(), "{job:#}");
    }
    bench.stop().await;
}
