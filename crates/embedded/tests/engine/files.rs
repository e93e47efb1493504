//! The catalog `files`.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use warren_embedded::EngineOptions;

use crate::support::Fixture;

const CUSTOMERS: &str =
    "Id,Name,Joined,Score,Code\n1,Ada,2020-01-31,1.5,007\n2,\"Bo, \"\"B\"\"\",,,008\n3,\"two\nlines\",2021-02-03,2,9\n";

async fn start(folder: &TempDir) -> Fixture {
    let options = EngineOptions { files_dir: Some(folder.path().to_owned()), ..EngineOptions::default() };
    Fixture { catalog: Some("files"), schema: Some("default"), ..Fixture::start_with(options).await }
}

fn write(folder: &Path, name: &str, content: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, content).expect("a file");
}

#[tokio::test]
async fn csv_files_are_tables() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "Customers.CSV", CUSTOMERS);
    write(folder.path(), "sales data/2024.01.csv", "customer,amount\n1,10\n1,5\n3,7\n");
    let fixture = start(&folder).await;
    let answer = fixture.run("select * from customers order by id").await;
    assert_eq!(answer.error(), None);
    assert_eq!(answer.columns(), ["id bigint", "name varchar", "joined date", "score double", "code varchar"]);
    assert_eq!(
        Value::from(answer.rows()),
        json!([
            [1, "Ada", "2020-01-31", 1.5, "007"],
            [2, "Bo, \"B\"", null, null, "008"],
            [3, "two\nlines", "2021-02-03", 2.0, "9"]
        ])
    );
    assert_eq!(
        fixture
            .text("select c.name, sum(s.amount) from files.default.\"customers.csv\" c join files.\"sales data\".\"2024.01\" s on s.customer = c.id group by c.name order by 2 desc limit 1")
            .await,
        r#"[["Ada",15]]"#
    );
    assert_eq!(
        fixture
            .text("select n.name from tpch.tiny.nation n join customers c on c.id = n.nationkey order by 1 limit 1")
            .await,
        r#"[["ARGENTINA"]]"#
    );
    assert_eq!(fixture.text("show schemas").await, r#"[["default"],["information_schema"],["sales data"]]"#);
    assert_eq!(fixture.text("show tables").await, r#"[["customers"]]"#);
    assert_eq!(
        fixture.text("select table_schema, table_name from information_schema.tables where table_schema <> 'information_schema' order by 1").await,
        r#"[["default","customers"],["sales data","2024.01"]]"#
    );
    fixture.engine.stop().await;
}

#[tokio::test]
async fn json_and_parquet_files_are_tables() {
    let folder = tempfile::tempdir().expect("a folder");
    write(
        folder.path(),
        "events.json",
        "{\"Id\": 1, \"tags\": [\"a\"], \"at\": {\"X\": 1.5}}\n{\"Id\": 2, \"tags\": null}\n",
    );
    write(folder.path(), "list.json", "[\n {\"a\": 1},\n {\"a\": 2}\n]\n");
    fs::write(folder.path().join("numbers.parquet"), parquet()).expect("a file");
    let fixture = start(&folder).await;
    let answer = fixture.run("select id, tags, at from events order by id").await;
    assert_eq!(answer.error(), None);
    assert_eq!(answer.columns(), ["id bigint", "tags array(varchar)", "at row(X double)"]);
    assert_eq!(Value::from(answer.rows()), json!([[1, ["a"], [1.5]], [2, null, null]]));
    assert_eq!(fixture.text("select sum(a) from list").await, "[[3]]");
    assert_eq!(fixture.text("select amount from numbers where n > 1").await, r#"[["2.50"]]"#);
    assert_eq!(fixture.text("describe numbers").await, r#"[["n","integer","",""],["amount","decimal(5,2)","",""]]"#);
    fixture.engine.stop().await;
}

fn parquet() -> Vec<u8> {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Decimal128Array, Int32Array, RecordBatch};
    use datafusion::parquet::arrow::ArrowWriter;

    let amounts = Decimal128Array::from(vec![100, 250]).with_precision_and_scale(5, 2).expect("decimals");
    let columns: [(&str, ArrayRef); 2] = [("N", Arc::new(Int32Array::from(vec![1, 2]))), ("amount", Arc::new(amounts))];
    let batch = RecordBatch::try_from_iter(columns).expect("a batch");
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("rows");
    writer.close().expect("a file");
    file
}

#[tokio::test]
async fn a_file_that_changes_is_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "t.csv", "a\n1\n");
    let fixture = start(&folder).await;
    assert_eq!(fixture.text("select * from t").await, "[[1]]");
    write(folder.path(), "t.csv", "a,b\nx,2\ny,3\n");
    assert_eq!(fixture.text("select * from t order by 1").await, r#"[["x",2],["y",3]]"#);
    fs::remove_file(folder.path().join("t.csv")).expect("the file");
    let error = fixture.run("select * from t").await.error().unwrap_or_default();
    assert!(error.starts_with("TABLE_NOT_FOUND 1:15"), "{error}");
    fixture.engine.stop().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "twice.csv", "a,A\n1,2\n");
    write(folder.path(), "ragged.csv", "a,b\n1\n");
    write(folder.path(), "broken.parquet", "not parquet");
    write(folder.path(), "both.csv", "a\n1\n");
    write(folder.path(), "both.json", "{\"a\": 1}\n");
    let fixture = start(&folder).await;
    for (sql, expect) in [
        ("select * from twice", "DUPLICATE_COLUMN_NAME"),
        ("select * from ragged", "GENERIC_USER_ERROR"),
        ("select * from both", "AMBIGUOUS_NAME"),
        ("create table x as select 1 as a", "NOT_SUPPORTED 1:1"),
    ] {
        let error = fixture.run(sql).await.error().unwrap_or_else(|| "no error".to_owned());
        assert!(error.starts_with(expect), "{sql}\n  is  {error}\n  not {expect}");
    }
    assert!(fixture.run("select * from broken").await.error().is_some());
    assert_eq!(fixture.text("select * from \"both.json\"").await, "[[1]]");
    assert_eq!(fixture.text("show tables like 'both%'").await, r#"[["both.csv"],["both.json"]]"#);
    fixture.engine.stop().await;
}

#[tokio::test]
async fn an_engine_without_the_folder_does_not_start() {
    let options = EngineOptions { files_dir: Some("/does/not/exist".into()), ..EngineOptions::default() };
    let error = warren_embedded::Engine::start(options).await.expect_err("no folder");
    assert!(error.to_string().contains("/does/not/exist"), "{error}");
}
