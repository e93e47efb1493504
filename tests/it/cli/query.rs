//! `query` and what belongs to it: `jobs`, `result`, `cancel`, `convert`.

use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::program::{Ended, PATIENCE, command, end_of, interrupt, warren, warren_with};
use crate::harness::{Stack, TestServer};

const NATIONS: &str = "select nationkey, name from tpch_demo.tpch.tiny.nation order by nationkey limit 2";
/// A query that the embedded engine does not end within the test.
const ENDLESS: &str = "select count(*) from tpch_demo.tpch.sf1.lineitem a, tpch_demo.tpch.sf1.lineitem b \
     where a.extendedprice + b.extendedprice < 0";

/// A server, and a folder that commands run in.
struct Walk {
    server: TestServer,
    folder: tempfile::TempDir,
    url: String,
}

impl Walk {
    async fn run(&self, arguments: &[&str]) -> Ended {
        warren(self.folder.path(), arguments, &[("WARREN_SERVER", &self.url)]).await
    }

    fn file(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.path().join(name)).unwrap()
    }

    /// A query as a process that goes on.
    fn start(&self, sql: &str) -> tokio::process::Child {
        command(self.folder.path(), &["query", sql, "--tag", "endless"], &[("WARREN_SERVER", &self.url)])
            .spawn()
            .unwrap()
    }

    /// The newest job with that tag, once it runs.
    async fn running(&self) -> String {
        loop {
            let jobs = self.server.get("/api/v1/jobs?status=RUNNING&tag=endless").await.json();
            if let Some(id) = jobs["items"][0]["id"].as_str() {
                return id.to_owned();
            }
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queries_go_through_the_api_and_come_out_in_every_format() {
    let server = TestServer::start(Stack::Embedded).await;
    let folder = tempfile::tempdir().unwrap();
    let url = server.url("").trim_end_matches('/').to_owned();
    let walk = Walk { server, folder, url };
    rows_come_in_every_format(&walk).await;
    the_query_comes_from_anywhere(&walk).await;
    a_query_that_fails_is_explained(&walk).await;
    a_result_that_was_cut_is_told(&walk).await;
    a_job_is_followed_from_elsewhere(&walk).await;
    what_would_run_is_shown(&walk).await;
    ctrl_c_cancels_the_job(&walk).await;
    somebody_else_cancels_the_job(&walk).await;
    a_reader_that_has_enough_is_no_error(&walk).await;
    walk.server.stop().await;
}

async fn rows_come_in_every_format(walk: &Walk) {
    let csv = walk.run(&["query", NATIONS, "--format", "csv"]).await.expect(0);
    assert_eq!((csv.out(), csv.err.as_str()), ("nationkey,name\n0,ALGERIA\n1,ARGENTINA\n", ""));
    let table = walk.run(&["query", NATIONS]).await.expect(0);
    assert_eq!(
        table.out(),
        "╭───────────┬───────────╮\n\
         │ nationkey ┆ name      │\n\
         ╞═══════════╪═══════════╡\n\
         │         0 ┆ ALGERIA   │\n\
         │         1 ┆ ARGENTINA │\n\
         ╰───────────┴───────────╯\n"
    );
    let markdown = walk.run(&["query", NATIONS, "--format", "markdown"]).await.expect(0);
    assert_eq!(markdown.out(), "| nationkey | name |\n| ---: | --- |\n| 0 | ALGERIA |\n| 1 | ARGENTINA |\n");
    let ndjson = walk.run(&["query", NATIONS, "--format", "ndjson"]).await.expect(0);
    let rows: Vec<Value> = ndjson.out().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows[1], json!({"nationkey": "1", "name": "ARGENTINA"}));
    let document = walk.run(&["query", NATIONS, "--format", "json"]).await.expect(0);
    assert_eq!(serde_json::from_slice::<Value>(&document.out).unwrap()["rows"][0], json!(["0", "ALGERIA"]));
    let arrow = walk.run(&["query", NATIONS, "--format", "arrow"]).await.expect(0);
    assert!(!arrow.out.is_empty());
    let parquet = walk.run(&["query", NATIONS, "-o", "nations.parquet"]).await.expect(0);
    assert!(parquet.out.is_empty() && parquet.err.contains("2 rows in "), "{}", parquet.err);
    assert!(walk.file("nations.parquet").starts_with(b"PAR1"));
    walk.run(&["query", NATIONS, "-o", "nations.csv"]).await.expect(0);
    assert_eq!(walk.file("nations.csv"), csv.out);
    let nowhere = walk.run(&["query", NATIONS, "-o", "nowhere/nations.csv"]).await.expect(2);
    assert!(nowhere.err.contains("cannot write"), "{}", nowhere.err);
    let left: Vec<_> = std::fs::read_dir(walk.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

async fn the_query_comes_from_anywhere(walk: &Walk) {
    std::fs::write(walk.folder.path().join("q.sql"), "select 1 as one").unwrap();
    let file = walk.run(&["query", "-f", "q.sql", "--format", "csv"]).await.expect(0);
    assert_eq!(file.out(), "one\n1\n");
    let variables = [("WARREN_SERVER", walk.url.as_str())];
    let arguments = [
        "query",
        "-",
        "--format",
        "csv",
        "--catalog",
        "tpch",
        "--schema",
        "tiny",
        "--model",
        "r=tpch_demo.tpch.tiny.region",
    ];
    let sql = "select r.name, n.name as nation from r join nation n on n.regionkey = r.regionkey order by 1, 2 limit 1";
    let input = warren_with(walk.folder.path(), &arguments, &variables, sql).await.expect(0);
    assert_eq!(input.out(), "name,nation\nAFRICA,ALGERIA\n");
    let flag =
        warren(walk.folder.path(), &["query", "select 1 as a", "--format", "csv", "--server", &walk.url], &[]).await;
    assert_eq!(flag.expect(0).out(), "a\n1\n");
}

async fn a_query_that_fails_is_explained(walk: &Walk) {
    let failed = walk.run(&["query", "select *\nfrom tpch_dem.tpch.tiny.nation n"]).await.expect(1);
    assert_eq!(failed.out(), "");
    let expect = "\
error: line 2, column 6: no rule maps 'tpch_dem.tpch.tiny.nation' to a Trino catalog; tried the rules for tpch_demo.* (NO_CATALOG_MAPPING)
  |
2 | from tpch_dem.tpch.tiny.nation n
  |      ^^^^^^^^^^^^^^^^^^^^^^^^^
";
    assert!(failed.err.starts_with(expect), "{}", failed.err);
    assert!(failed.err.contains("  perhaps: tpch_demo\n"), "{}", failed.err);
    let unknown = walk.run(&["query", "select nam from tpch_demo.tpch.tiny.nation"]).await.expect(1);
    assert!(unknown.err.contains("COLUMN_NOT_FOUND") && unknown.err.contains("  |        ^"), "{}", unknown.err);
    let empty = walk.run(&["query", " -- nothing\n"]).await.expect(1);
    assert!(empty.err.contains("EMPTY_SQL"), "{}", empty.err);
}

async fn a_result_that_was_cut_is_told(walk: &Walk) {
    let all = "select name from tpch_demo.tpch.tiny.nation";
    let cut = walk.run(&["query", all, "--limit", "3", "--format", "csv"]).await.expect(0);
    assert_eq!((cut.out().lines().count(), cut.err.as_str()), (4, "note: the result was cut at 3 rows by limit\n"));
    walk.run(&["query", all, "--limit", "3", "--fail-on-truncate", "--format", "csv"]).await.expect(5);
    walk.run(&["query", all, "--limit", "25", "--fail-on-truncate", "--format", "csv"]).await.expect(0);
    let long = walk.run(&["query", "select orderkey from tpch_demo.tpch.tiny.orders"]).await.expect(0);
    assert_eq!(long.out().lines().count(), 1004, "a table has at most 1000 rows");
    assert!(long.err.starts_with("note: these are the first 1,000 of 15,000 rows"), "{}", long.err);
    let markdown =
        walk.run(&["query", "select orderkey from tpch_demo.tpch.tiny.orders", "--format", "markdown"]).await;
    assert_eq!(markdown.expect(0).out().lines().count(), 15_002);
}

async fn a_job_is_followed_from_elsewhere(walk: &Walk) {
    let detached = walk.run(&["query", NATIONS, "--detach", "--tag", "apart"]).await.expect(0);
    let id = detached.out().trim();
    assert_eq!(walk.run(&["jobs", "wait", id]).await.expect(0).out(), "FINISHED\n");
    let result = walk.run(&["result", id, "--format", "csv"]).await.expect(0);
    assert_eq!(result.out(), "nationkey,name\n0,ALGERIA\n1,ARGENTINA\n");
    let shown = walk.run(&["jobs", "show", id]).await.expect(0);
    for fact in [
        "status     FINISHED\n",
        "limit      2\n",
        "tags       apart\n",
        "reads      tpch_demo.tpch.tiny.nation = tpch.tiny.nation\n",
    ] {
        assert!(shown.out().contains(fact), "{fact} in {}", shown.out());
    }
    let listed = walk.run(&["jobs", "list", "--tag", "apart"]).await.expect(0);
    assert!(listed.out().contains(id) && listed.out().lines().count() == 5, "{}", listed.out());
    let listed = walk.run(&["jobs", "list", "--tag", "apart", "--format", "json"]).await.expect(0);
    assert_eq!(serde_json::from_slice::<Value>(&listed.out).unwrap()["items"][0]["id"], id);
    assert_eq!(walk.run(&["cancel", id]).await.expect(0).out(), "FINISHED\n", "what has ended stays as it is");
    let failed = walk.run(&["query", "select 1 from", "--detach"]).await.expect(0);
    let failed = failed.out().trim();
    assert!(walk.run(&["jobs", "wait", failed]).await.expect(1).err.contains("SYNTAX_ERROR"));
    walk.run(&["result", failed]).await.expect(1);
    let missing = walk.run(&["result", "019acb0e-27a1-7c52-9a43-6ad8b5d5a001"]).await.expect(2);
    assert!(missing.err.contains("NOT_FOUND"), "{}", missing.err);
    walk.run(&["jobs", "show", "../jobs?x=y#"]).await.expect(2);
}

async fn what_would_run_is_shown(walk: &Walk) {
    let convert = walk.run(&["convert", "select * from tpch_demo.tpch.tiny.nation limit 3"]).await.expect(0);
    assert_eq!(convert.out(), "select * from \"tpch\".\"tiny\".\"nation\"\n");
    assert_eq!(
        convert.err,
        "statement: Query\nreads: tpch_demo.tpch.tiny.nation = tpch.tiny.nation\nlimit: 3, applied when it runs\n"
    );
    let refused = walk.run(&["convert", "select 'a"]).await.expect(1);
    assert!(refused.err.contains("1 | select 'a\n  |        ^^\n"), "{}", refused.err);
}

async fn ctrl_c_cancels_the_job(walk: &Walk) {
    let child = walk.start(ENDLESS);
    let id = walk.running().await;
    interrupt(&child).await;
    let ended = end_of(child).await.expect(130);
    assert!(ended.out.is_empty() && ended.err.contains(&format!("canceling job {id}")), "{}", ended.err);
    let job = walk.server.get(&format!("/api/v1/jobs/{id}?wait_ms=20000")).await.json();
    assert_eq!(job["status"], "CANCELED");
}

/// A job that has finished, as far as the command line looks at it.
const FINISHED: &str = r#"{"id": "019acb0e-27a1-7c52-9a43-6ad8b5d5a001", "version": 3, "status": "FINISHED",
    "user_query": "select 1", "created": "2026-01-01T00:00:00Z", "owner": "warren", "attempt": 1,
    "progress": {"rows": 1, "bytes": 1}}"#;

/// The next request to a server that a test plays itself.
async fn asked(listener: &TcpListener) -> TcpStream {
    let mut connection = timeout(PATIENCE, listener.accept()).await.unwrap().unwrap().0;
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        head.push(timeout(PATIENCE, connection.read_u8()).await.unwrap().unwrap());
    }
    connection
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_ends_a_command_whose_server_falls_silent() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let arguments = ["query", "select 1", "-o", "rows.csv"];
    let start = || command(folder.path(), &arguments, &[("WARREN_SERVER", &url)]).spawn().unwrap();

    let child = start();
    let _unanswered = asked(&listener).await;
    interrupt(&child).await;
    let ended = end_of(child).await.expect(130);
    assert!(ended.err.contains("`warren jobs list` shows whether it made a job"), "{}", ended.err);

    let child = start();
    let mut submitted = asked(&listener).await;
    let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ";
    submitted.write_all(format!("{head}{}\r\n\r\n{FINISHED}", FINISHED.len()).as_bytes()).await.unwrap();
    let mut download = asked(&listener).await;
    download
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 1000\r\n\r\na\n1\n")
        .await
        .unwrap();
    assert!(folder.path().join("rows.csv.part").exists(), "the file is begun");
    interrupt(&child).await;
    end_of(child).await.expect(130);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "half a file is left behind");
}

async fn somebody_else_cancels_the_job(walk: &Walk) {
    let child = walk.start(ENDLESS);
    let id = walk.running().await;
    walk.run(&["cancel", &id]).await.expect(0);
    let ended = end_of(child).await.expect(4);
    assert_eq!(ended.err, format!("error: job {id} was canceled\n"));
    walk.run(&["jobs", "wait", &id]).await.expect(4);
}

async fn a_reader_that_has_enough_is_no_error(walk: &Walk) {
    let arguments = ["query", "select * from tpch_demo.tpch.tiny.lineitem", "--format", "csv"];
    let mut child = closed(walk.folder.path(), &arguments, &walk.url);
    drop(child.stdout.take());
    let ended = end_of(child).await.expect(0);
    assert_eq!(ended.err, "");
}

fn closed(folder: &Path, arguments: &[&str], url: &str) -> tokio::process::Child {
    command(folder, arguments, &[("WARREN_SERVER", url)]).stdin(Stdio::null()).spawn().unwrap()
}
