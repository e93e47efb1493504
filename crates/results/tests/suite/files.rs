//! Whole results as files, and pages as documents.

use std::sync::Arc;

use arrow::datatypes::{Field, Schema};
use arrow::ipc::reader::StreamReader;
use bytes::Bytes;
use futures::TryStreamExt as _;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use warren_results::types::{DESCRIPTION_KEY, SOURCES_KEY};
use warren_results::{
    ColumnOrigin, ColumnSource, CsvOptions, CsvQuoting, DownloadOptions, Format, Manifest, ManifestColumn,
    ManifestExtras, Numbers, ResultStore, WriterOptions,
};
use warren_trino::Column;

use crate::support::{columns, commit_time, memory, name, named, store_pages};

async fn download(store: &ResultStore, manifest: &Manifest, format: Format, options: &DownloadOptions) -> Vec<u8> {
    let chunks: Vec<Bytes> = store.download(manifest, format, options).try_collect().await.unwrap();
    chunks.concat()
}

async fn text(columns: &[Column], pages: &[&str], format: Format, options: &DownloadOptions) -> String {
    let store = memory();
    let manifest = store_pages(&store, &name("r"), columns, pages, WriterOptions::default()).await;
    String::from_utf8(download(&store, &manifest, format, options).await).unwrap()
}

/// Two parts of two and one rows.
async fn two_parts(store: &ResultStore) -> Manifest {
    let options = WriterOptions { part_rows: 2, ..WriterOptions::default() };
    let pages = ["[[1,\"a\"],[2,null]]", "[[3,\"c\"]]"];
    let manifest = store_pages(store, &name("r"), &columns(&["bigint", "varchar"]), &pages, options).await;
    assert_eq!(manifest.parts.len(), 2);
    manifest
}

#[tokio::test]
async fn csv_looks_like_trinos() {
    let columns = [
        named("n", "bigint"),
        named("a b", "varchar"),
        named("n", "double"),
        named("x\"y", "array(varchar)"),
        named("m", "map(varchar, integer)"),
        named("r", "row(x integer, varchar)"),
        named("b", "varbinary"),
        named("t", "timestamp(3)"),
    ];
    let rows = concat!(
        r#"[[1,"plain",1.0E10,["a",null],{"k":1},[1,null],"AAH/","2020-01-01 00:00:00.000"],"#,
        r#"[null,"a,\"b\"\n","NaN",null,null,null,null,null],[2,"",0.5,[],{},[null,"z"],"",null]]"#,
    );
    let csv = text(&columns, &[rows], Format::Csv, &DownloadOptions::default()).await;
    let expect = concat!(
        "n,a b,n,\"x\"\"y\",m,r,b,t\n",
        "1,plain,1.0E10,\"[a, NULL]\",{k=1},\"{x=1, NULL}\",00 01 ff,2020-01-01 00:00:00.000\n",
        ",\"a,\"\"b\"\"\n\",NaN,,,,,\n",
        "2,\"\",0.5,[],{},\"{x=NULL, z}\",\"\",\n",
    );
    assert_eq!(csv, expect);
    let csv = CsvOptions { quoting: CsvQuoting::Always, ..CsvOptions::default() };
    let csv = text(&columns[..1], &["[[1],[null]]"], Format::Csv, &DownloadOptions { csv, ..Default::default() }).await;
    assert_eq!(csv, "\"n\"\n\"1\"\n\"\"\n");
}

#[tokio::test]
async fn csv_tells_a_null_from_its_text() {
    let options = |null_text: &str| DownloadOptions {
        csv: CsvOptions { null_text: null_text.to_owned(), ..CsvOptions::default() },
        ..DownloadOptions::default()
    };
    let columns = columns(&["varchar", "varchar"]);
    let rows = "[[null,\"NULL\"],[\"\",\"x\"]]";
    assert_eq!(text(&columns, &[rows], Format::Csv, &options("NULL")).await, "c0,c1\nNULL,\"NULL\"\n,x\n");
    assert_eq!(text(&columns, &[rows], Format::Csv, &options("")).await, "c0,c1\n,NULL\n\"\",x\n");
    // An empty line would be no row for many readers.
    assert_eq!(text(&columns[..1], &["[[null],[\"a\"]]"], Format::Csv, &options("")).await, "c0\n\"\"\na\n");
}

#[tokio::test]
async fn ndjson_has_an_object_for_each_row() {
    let columns = [named("a", "bigint"), named("a", "row(x double)"), named("q\"", "varchar")];
    let rows = "[[1,[1.5],\"x\"],[null,null,null]]";
    let ndjson = text(&columns, &[rows], Format::Ndjson, &DownloadOptions::default()).await;
    let expect =
        concat!("{\"a\":\"1\",\"a_2\":[1.5],\"q\\\"\":\"x\"}\n", "{\"a\":null,\"a_2\":null,\"q\\\"\":null}\n",);
    assert_eq!(ndjson, expect);
    let native = DownloadOptions { numbers: Numbers::Native, ..DownloadOptions::default() };
    assert!(text(&columns, &[rows], Format::Ndjson, &native).await.starts_with("{\"a\":1,"));
}

/// Two columns, of which it is known where the first one comes from.
async fn with_origin(store: &ResultStore, pages: &[&str], options: WriterOptions) -> Manifest {
    let source = ColumnSource {
        fqn: Some("s.d.s.t".to_owned()),
        trino: "c.s.t".to_owned(),
        column: "id".to_owned(),
        usage: "identity".to_owned(),
    };
    let origin = ColumnOrigin { sources: vec![source], description: Some("Its number".to_owned()) };
    let columns = columns(&["bigint", "varchar"]);
    let mut writer = store.writer_with_origins(name("r"), &columns, vec![origin], options);
    for page in pages {
        writer.write(Bytes::copy_from_slice(page.as_bytes())).await.unwrap();
    }
    writer.finish(ManifestExtras::at(commit_time())).await.unwrap()
}

/// What the fields of a schema say of where their columns come from.
fn origins(schema: &Schema) -> Vec<(Option<serde_json::Value>, Option<String>)> {
    let of = |field: &Arc<Field>| {
        let sources = field.metadata().get(SOURCES_KEY).map(|json| serde_json::from_str(json).unwrap());
        let description = field.metadata().get(DESCRIPTION_KEY).cloned();
        (sources, description)
    };
    schema.fields().iter().map(of).collect()
}

#[tokio::test]
async fn files_say_where_their_columns_come_from() {
    let small_parts = WriterOptions { part_rows: 2, ..WriterOptions::default() };
    let pages = ["[[1,\"a\"],[2,null]]", "[[3,\"c\"]]"];
    let source = serde_json::json!([{"fqn": "s.d.s.t", "trino": "c.s.t", "column": "id", "use": "identity"}]);
    let expect = [(Some(source), Some("Its number".to_owned())), (None, None)];
    for (options, parts, pages) in
        [(WriterOptions::default(), 1, &pages[..]), (small_parts, 2, &pages), (WriterOptions::default(), 0, &[])]
    {
        let store = memory();
        let manifest = with_origin(&store, pages, options).await;
        assert_eq!(manifest.parts.len(), parts);
        let again = store.manifest(&manifest.name).await.unwrap();
        assert_eq!(again, manifest);
        for manifest in [manifest, again] {
            let parquet = download(&store, &manifest, Format::Parquet, &DownloadOptions::default()).await;
            let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(parquet)).unwrap();
            assert_eq!(origins(reader.schema()), expect);
            let arrow = download(&store, &manifest, Format::Arrow, &DownloadOptions::default()).await;
            let reader = StreamReader::try_new(arrow.as_slice(), None).unwrap();
            assert_eq!(origins(&reader.schema()), expect);
        }
    }
}

#[test]
fn a_manifest_from_before_origins_is_read() {
    let json = serde_json::json!({"name": "c0", "type": "bigint", "signature": {"rawType": "bigint", "arguments": []}, "arrow_name": "c0"});
    let column: ManifestColumn = serde_json::from_value(json).unwrap();
    assert_eq!(column.origin, ColumnOrigin::default());
}

#[tokio::test]
async fn json_is_a_page_with_every_row() {
    let store = memory();
    let manifest = with_origin(&store, &["[[1,\"a\"],[2,null]]"], WriterOptions::default()).await;
    let json = download(&store, &manifest, Format::Json, &DownloadOptions::default()).await;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let expect = serde_json::json!({
        "columns": [
            {"name": "c0", "type": "bigint",
             "sources": [{"fqn": "s.d.s.t", "trino": "c.s.t", "column": "id", "use": "identity"}],
             "description": "Its number"},
            {"name": "c1", "type": "varchar", "sources": [], "description": null},
        ],
        "offset": 0, "total_rows": 2, "next_offset": null, "partial": false,
        "rows": [["1", "a"], ["2", null]],
    });
    assert_eq!(json, expect);
    let page = store.rows(&manifest, 0, 1).await.unwrap().encode(Format::Json, &DownloadOptions::default()).unwrap();
    let page: serde_json::Value = serde_json::from_slice(&page).unwrap();
    assert_eq!((&page["next_offset"], &page["rows"]), (&1.into(), &serde_json::json!([["1", "a"]])));
}

#[tokio::test]
async fn every_format_goes_over_several_parts() {
    let store = memory();
    let manifest = two_parts(&store).await;
    let options = DownloadOptions { numbers: Numbers::Trino, ..DownloadOptions::default() };
    let csv = download(&store, &manifest, Format::Csv, &options).await;
    assert_eq!(csv, b"c0,c1\n1,a\n2,\n3,c\n");
    let json = download(&store, &manifest, Format::Json, &options).await;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["rows"], serde_json::json!([[1, "a"], [2, null], [3, "c"]]));
    let ndjson = download(&store, &manifest, Format::Ndjson, &options).await;
    assert_eq!(ndjson.iter().filter(|byte| **byte == b'\n').count(), 3);
}

/// The rows of Arrow batches as text, to compare them whatever batches they are in.
fn shown(batches: &[arrow::record_batch::RecordBatch]) -> Vec<String> {
    let rows = batches
        .iter()
        .flat_map(|batch| (0..batch.num_rows()).map(move |row| format!("{:?}", batch.slice(row, 1).columns())));
    rows.collect()
}

fn read_arrow(bytes: &[u8]) -> Vec<arrow::record_batch::RecordBatch> {
    let reader = StreamReader::try_new(bytes, None).unwrap();
    let type_text = reader.schema().field(0).metadata().get("trino.type").cloned();
    assert_eq!(type_text.as_deref(), Some("bigint"));
    reader.collect::<Result<_, _>>().unwrap()
}

fn read_parquet(bytes: Vec<u8>) -> Vec<arrow::record_batch::RecordBatch> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes)).unwrap();
    let type_text = reader.schema().field(0).metadata().get("trino.type").cloned();
    assert_eq!(type_text.as_deref(), Some("bigint"));
    reader.build().unwrap().collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn arrow_and_parquet_hold_the_same_rows() {
    let store = memory();
    let manifest = two_parts(&store).await;
    let options = DownloadOptions::default();
    let expect = shown(&store.rows(&manifest, 0, 10).await.unwrap().batches);
    assert_eq!(expect.len(), 3);
    assert_eq!(shown(&read_arrow(&download(&store, &manifest, Format::Arrow, &options).await)), expect);
    assert_eq!(shown(&read_parquet(download(&store, &manifest, Format::Parquet, &options).await)), expect);
    let page = store.rows(&manifest, 1, 2).await.unwrap();
    assert_eq!(shown(&read_arrow(&page.encode(Format::Arrow, &options).unwrap())), expect[1..]);
    assert_eq!(shown(&read_parquet(page.encode(Format::Parquet, &options).unwrap())), expect[1..]);
}

#[tokio::test]
async fn one_part_is_downloaded_as_it_is() {
    let store = memory();
    let columns = columns(&["bigint"]);
    let manifest = store_pages(&store, &name("r"), &columns, &["[[1]]"], WriterOptions::default()).await;
    let bytes = download(&store, &manifest, Format::Parquet, &DownloadOptions::default()).await;
    assert_eq!(bytes.len() as u64, manifest.parts[0].bytes);
}

#[tokio::test]
async fn results_without_rows_are_files_too() {
    let store = memory();
    let options = DownloadOptions::default();
    let empty = store_pages(&store, &name("e"), &columns(&["bigint"]), &["[]"], WriterOptions::default()).await;
    assert_eq!((empty.rows, empty.parts.len(), empty.columns.len()), (0, 0, 1));
    assert_eq!(download(&store, &empty, Format::Csv, &options).await, b"c0\n");
    assert!(download(&store, &empty, Format::Ndjson, &options).await.is_empty());
    assert!(read_arrow(&download(&store, &empty, Format::Arrow, &options).await).is_empty());
    assert!(read_parquet(download(&store, &empty, Format::Parquet, &options).await).is_empty());

    let nothing = store_pages(&store, &name("n"), &[], &[], WriterOptions::default()).await;
    assert_eq!((nothing.rows, nothing.bytes, nothing.columns.len()), (0, 0, 0));
    assert!(download(&store, &nothing, Format::Csv, &options).await.is_empty());
    let json = download(&store, &nothing, Format::Json, &options).await;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!((&json["columns"], &json["rows"]), (&serde_json::json!([]), &serde_json::json!([])));
    assert!(!download(&store, &nothing, Format::Arrow, &options).await.is_empty());
    assert!(!download(&store, &nothing, Format::Parquet, &options).await.is_empty());
}
