//! The command line in memory: what each command prints where, and how it exits, as far as that needs no server.

use std::ffi::OsString;
use std::io::{self, Cursor, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use clap::CommandFactory;
use insta::assert_snapshot;

use super::client::{ClientError, Fault};
use super::error::CliError;
use super::{Cli, Context, Exit, Stream, render, run};
use crate::problem::{Code, Position, Problem, TrinoFault};

/// What was written to a stream.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a command did.
struct Outcome {
    exit: Exit,
    out: String,
    err: String,
}

/// Runs a command line in a folder.
async fn warren(folder: &Path, arguments: &[&str], input: &str, environment: &[(&str, &str)]) -> Outcome {
    let (out, err) = (Written::default(), Written::default());
    let mut context = Context {
        environment: environment.iter().copied().collect(),
        working_dir: folder.to_owned(),
        input: Box::new(Cursor::new(input.as_bytes().to_vec())),
        out: Stream::plain(out.clone()),
        err: Stream::plain(err.clone()),
    };
    let arguments = std::iter::once("warren").chain(arguments.iter().copied()).map(OsString::from);
    let exit = run(arguments, &mut context).await;
    Outcome { exit, out: out.text(), err: err.text() }
}

#[test]
fn the_command_line_is_well_formed() {
    Cli::command().debug_assert();
}

#[test]
fn each_command_explains_itself() {
    let mut whole = Cli::command().term_width(100);
    whole.build();
    let mut pages = vec![whole.render_long_help().to_string()];
    let commands: Vec<_> = whole.get_subcommands().filter(|command| command.get_name() != "help").cloned().collect();
    for mut command in commands {
        pages.push(command.render_long_help().to_string());
        let own = command.get_subcommands().filter(|own| own.get_name() != "help");
        pages.extend(own.cloned().collect::<Vec<_>>().into_iter().map(|mut own| own.render_long_help().to_string()));
    }
    assert_snapshot!(pages.join("\n────────\n\n"));
}

#[tokio::test]
async fn a_mistake_in_the_arguments_is_told_on_stderr() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in
        [&["querry"][..], &["query"], &["query", "a", "-f", "b"], &["jobs"], &["query", "a", "--format", "xml"]]
    {
        let outcome = warren(folder.path(), arguments, "", &[]).await;
        assert_eq!(outcome.exit, Exit::Usage, "{arguments:?}");
        assert!(outcome.out.is_empty() && !outcome.err.is_empty(), "{arguments:?}");
    }
    let help = warren(folder.path(), &["--help"], "", &[]).await;
    assert_eq!((help.exit, help.err.as_str()), (Exit::Ok, ""));
    assert!(help.out.contains("warren <COMMAND>"), "{}", help.out);
}

#[tokio::test]
async fn a_configuration_that_is_refused_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = warren(folder.path(), &["config"], "", &[("WARREN_TRINO_ULR", "x")]).await;
    assert_eq!(outcome.exit, Exit::Usage);
    assert_snapshot!(outcome.err, @r"
    error: the configuration is refused: there is no variable WARREN_TRINO_ULR
      hint: did you mean WARREN_TRINO_URL?
    ");
    let outcome = warren(folder.path(), &["serve", "--listen", "0.0.0.0:0", "--set", "auth.mode=none"], "", &[]).await;
    assert_eq!(outcome.exit, Exit::Usage);
    assert_snapshot!(outcome.err, @r"
    error: the configuration is refused: 0.0.0.0:0 can be reached from other machines, and auth.mode = none lets everybody in
      hint: leave WARREN_AUTH out or set it to tokens, and make a token with `warren token create`; or listen on 127.0.0.1
    ");
}

#[tokio::test]
async fn settings_are_shown_with_their_origin_and_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("warren.toml"), "[worker]\nslots = 3\n").unwrap();
    let environment = [("WARREN_DATABASE_URL", "postgres://ana:geheim@db/warren"), ("AWS_SECRET_ACCESS_KEY", "geheim")];
    let outcome = warren(folder.path(), &["config", "--changed", "--set", "http.workers=4"], "", &environment).await;
    assert_eq!(outcome.exit, Exit::Ok, "{}", outcome.err);
    let out = outcome.out.replace(&folder.path().display().to_string(), "FOLDER");
    assert_snapshot!(out, @r"
    database.url          = postgres://ana:***@db/warren  (WARREN_DATABASE_URL)
    worker.slots          = 3  (FOLDER/warren.toml; WARREN_WORKER_SLOTS)
    http.workers          = 4  (--set; WARREN_HTTP_WORKERS)
    AWS_SECRET_ACCESS_KEY = ***  (AWS_SECRET_ACCESS_KEY)
    ");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_as_such() {
    let folder = tempfile::tempdir().unwrap();
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = format!("http://127.0.0.1:{port}");
    let outcome = warren(folder.path(), &["query", "select 1"], "", &[("WARREN_SERVER", &server)]).await;
    assert_eq!((outcome.exit, outcome.out.as_str()), (Exit::Unavailable, ""));
    assert!(outcome.err.starts_with(&format!("error: {server} does not answer: ")), "{}", outcome.err);
    assert!(outcome.err.contains("hint: is it running?"), "{}", outcome.err);
    let outcome = warren(folder.path(), &["query", "select 1", "--server", "localhost:8080"], "", &[]).await;
    assert_eq!(outcome.exit, Exit::Unavailable, "{}", outcome.err);
    assert!(outcome.err.contains("'localhost:8080' is no address of a server"), "{}", outcome.err);
}

const STATEMENTS: &str = "\
select a from sales_pg.shop.public.orders o limit 3;
-- A comment belongs to the statement behind it; a semicolon in it ends nothing.
insert into trino_prod.hive.web.clicks select * from x;

selec 1;
select *
  from sales_pgg.shop.public.orders;
";

#[tokio::test]
async fn statements_of_a_file_are_judged_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("q.sql"), STATEMENTS).unwrap();
    let outcome = warren(folder.path(), &["check", "q.sql"], "", &[]).await;
    assert_eq!(outcome.exit, Exit::Failed);
    assert_snapshot!(format!("{}---\n{}", outcome.out, outcome.err));
}

#[tokio::test]
async fn names_are_looked_up_with_a_mapping_file() {
    let folder = tempfile::tempdir().unwrap();
    let mapping = "[[mapping]]\nservice = 'sales_pg'\ndatabase = 'shop'\ncatalog = 'pg_shop'\n";
    std::fs::write(folder.path().join("map.toml"), mapping).unwrap();
    let arguments = ["check", "-", "--catalog-file", "map.toml"];
    let outcome = warren(folder.path(), &arguments, STATEMENTS, &[]).await;
    assert_eq!(outcome.exit, Exit::Failed);
    assert_snapshot!(format!("{}---\n{}", outcome.out, outcome.err));
}

#[tokio::test]
async fn lines_of_json_are_answered_by_lines_of_json() {
    let folder = tempfile::tempdir().unwrap();
    let input = "{\"sql\": \"with w as (select 1) select * from w, a.b.c.d offset 1 limit 2\", \"id\": 7}\n{\"sql\": \"selec 1\"}\n";
    let outcome = warren(folder.path(), &["check", "--jsonl", "-"], input, &[]).await;
    assert_eq!(outcome.exit, Exit::Failed);
    assert_snapshot!(format!("{}---\n{}", outcome.out, outcome.err));
    let good = warren(folder.path(), &["check", "--jsonl", "-"], "{\"sql\": \"select 1;\"}\n", &[]).await;
    assert_eq!(good.exit, Exit::Ok, "{}", good.err);
}

#[tokio::test]
async fn a_line_that_cannot_be_read_is_answered_and_the_next_one_too() {
    let folder = tempfile::tempdir().unwrap();
    let input = b"\n{\"sql\": \"\\ud800\"}\n{\"sql\": \"\xff\"}\n{\"sql\": 1}\n[\n{\"sql\": \"select 1\"}\n";
    std::fs::write(folder.path().join("q.jsonl"), input).unwrap();
    let outcome = warren(folder.path(), &["check", "--jsonl", "q.jsonl"], "", &[]).await;
    let code = |line: &str| {
        let answer: serde_json::Value = serde_json::from_str(line).unwrap();
        answer["error"]["code"].as_str().map(str::to_owned)
    };
    let found: Vec<_> = outcome.out.lines().map(code).collect();
    let [json, request] = ["MALFORMED_JSON", "INVALID_REQUEST"].map(|code| Some(code.to_owned()));
    assert_eq!(found, [json.clone(), json.clone(), json.clone(), request, json, None]);
    assert_eq!(outcome.exit, Exit::Failed);
}

#[tokio::test]
async fn what_the_server_refuses_is_refused_without_a_mapping_too() {
    let folder = tempfile::tempdir().unwrap();
    let input = "{\"sql\": \"execute immediate 'select from'\"}\n";
    let outcome = warren(folder.path(), &["check", "--jsonl", "-"], input, &[]).await;
    assert!(outcome.out.contains("\"code\":\"SYNTAX_ERROR\""), "{}", outcome.out);
    assert!(outcome.out.contains("\"statement\":\"ExecuteImmediate\""), "{}", outcome.out);
}

#[tokio::test]
async fn a_schema_shows_what_took_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let mapping = "[[mapping]]\nservice = 'dwh'\ndatabase = 'lake'\ncatalog = 'lake'\n";
    std::fs::write(folder.path().join("map.toml"), mapping).unwrap();
    let arguments = ["check", "--jsonl", "-", "--catalog-file", "map.toml"];
    let input = "{\"sql\": \"show tables from dwh.lake.mart\"}\n{\"sql\": \"show tables from lake.mart\"}\n";
    let outcome = warren(folder.path(), &arguments, input, &[]).await;
    assert!(
        outcome.out.contains("\"trino\":\"lake.mart\"") && outcome.out.contains("\"trino\":null"),
        "{}",
        outcome.out
    );
}

fn rendered(error: &CliError) -> String {
    let written = Written::default();
    render::error(&mut Stream::plain(written.clone()), error).unwrap();
    written.text()
}

#[test]
fn a_problem_shows_its_place_in_the_query() {
    let problem =
        Problem::new(Code::NoCatalogMapping, "no rule maps 'sales_pgg.shop.public.orders' to a Trino catalog")
            .with_hint("check the service and the database")
            .with_suggestions(vec!["sales_pg".to_owned()])
            .at(Position { line: 2, column: 6, offset: 14, length: 28 });
    let problem = Box::new(Problem {
        trino: Some(TrinoFault { query_id: Some("20261123_1".to_owned()), error_name: None, error_type: None }),
        ..problem
    });
    let sql = Some("select *\nfrom sales_pgg.shop.public.orders o".to_owned());
    assert_snapshot!(rendered(&CliError::Query { problem, sql }), @r"
    error: line 2, column 6: no rule maps 'sales_pgg.shop.public.orders' to a Trino catalog (NO_CATALOG_MAPPING)
      |
    2 | from sales_pgg.shop.public.orders o
      |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      hint: check the service and the database
      perhaps: sales_pg
      trino: query 20261123_1
    ");
}

#[test]
fn the_exit_code_says_whose_turn_it_is() {
    let refused = |code| {
        CliError::Client(ClientError {
            server: "http://h".to_owned(),
            fault: Fault::Refused { problem: Box::new(Problem::new(code, "x")) },
        })
    };
    for (error, expect) in [
        (refused(Code::SyntaxError), Exit::Failed),
        (refused(Code::Unauthenticated), Exit::Usage),
        (refused(Code::NotFound), Exit::Usage),
        (refused(Code::DatabaseUnavailable), Exit::Unavailable),
        (refused(Code::ResultNotReady), Exit::Unavailable),
        (
            CliError::Client(ClientError { server: "h".to_owned(), fault: Fault::NotWarren { status: 200 } }),
            Exit::Unavailable,
        ),
        (CliError::Query { problem: Box::new(Problem::new(Code::QueryFailed, "x")), sql: None }, Exit::Failed),
        (
            CliError::Query { problem: Box::new(Problem::new(Code::TrinoUnavailable, "x")), sql: None },
            Exit::Unavailable,
        ),
        (CliError::Canceled { id: "1".to_owned() }, Exit::Canceled),
        (CliError::usage("x", "y"), Exit::Usage),
    ] {
        assert_eq!(error.exit(), expect, "{error}");
    }
}

#[test]
fn somebody_who_needs_a_token_is_told_how_to_give_it() {
    let problem = Box::new(Problem::new(Code::Unauthenticated, "this server needs a token"));
    let error = CliError::Client(ClientError { server: "http://h".to_owned(), fault: Fault::Refused { problem } });
    assert_snapshot!(rendered(&error), @r"
    error: this server needs a token (UNAUTHENTICATED)
      hint: set WARREN_API_TOKEN; the operator makes a token with `warren token create`
    ");
}

#[test]
fn rows_are_a_table() {
    let page = serde_json::json!({
        "columns": [{"name": "이름", "type": "varchar(25)"}, {"name": "n", "type": "bigint"}, {"name": "d", "type": "array(integer)"}],
        "rows": [["서울", "12", [1, null]], ["New\nYork|x", null, null], ["👩‍🚀", "-9223372036854775808", []]],
        "total_rows": 3,
        "next_offset": null
    });
    let page = serde_json::from_value(page).unwrap();
    let mut wide = Vec::new();
    render::rows(&mut wide, &page, None).unwrap();
    let mut narrow = Vec::new();
    render::rows(&mut narrow, &page, Some(30)).unwrap();
    let mut markdown = Vec::new();
    render::markdown_header(&mut markdown, &page).unwrap();
    render::markdown_rows(&mut markdown, &page).unwrap();
    let text = [wide, narrow, markdown].map(|bytes| String::from_utf8(bytes).unwrap()).join("\n");
    assert_snapshot!(text);
}
