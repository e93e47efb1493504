//! Requests that are not what they should be: each gets a status, a code and a text that says what to do.

use reqwest::Method;
use serde_json::json;

use super::{assert_problem, counting, id, path, server_with};
use crate::harness::{Answer, TestServer};

const LIMITS: &[(&str, &str)] =
    &[("WARREN_MAX_BODY_BYTES", "2000"), ("WARREN_MAX_SQL_BYTES", "1000"), ("WARREN_MAX_PAGE_ROWS", "50")];

async fn post_text(server: &TestServer, content_type: Option<&str>, body: &str) -> Answer {
    let request = server.request(Method::POST, "/api/v1/jobs").body(body.to_owned());
    let request = match content_type {
        Some(content_type) => request.header("content-type", content_type),
        None => request,
    };
    server.send(request).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_not_what_it_should_be_makes_no_job() {
    let fake = counting(1).await;
    let server = server_with(&fake, LIMITS).await;
    let long_sql = format!(r#"{{"query": "SELECT '{}'"}}"#, "x".repeat(1000));
    let long_body = format!(r#"{{"query": "{}"}}"#, " ".repeat(2000));
    for (body, status, code, text) in [
        ("SELECT 1", 400, "MALFORMED_JSON", "line 1, column 1"),
        (r#"{"query": "SELECT 1""#, 400, "MALFORMED_JSON", "EOF while parsing"),
        (r#"["SELECT 1"]"#, 400, "INVALID_REQUEST", "not a JSON object"),
        ("{}", 400, "INVALID_REQUEST", "`/query` is missing"),
        (r#"{"qeury": "SELECT 1"}"#, 400, "INVALID_REQUEST", "did you mean `query`?"),
        (r#"{"query": "SELECT 1", "query": "SELECT 2"}"#, 400, "INVALID_REQUEST", "is there twice"),
        (r#"{"query": 7}"#, 400, "INVALID_REQUEST", "expected a string"),
        (r#"{"query": "SELECT 1", "limit": -1}"#, 400, "INVALID_REQUEST", "from 0 to"),
        (r#"{"query": "SELECT 1", "limit": 99999999999999999999}"#, 400, "INVALID_REQUEST", "`/limit`"),
        (r#"{"query": "SELECT 1", "wait_ms": 60001}"#, 400, "INVALID_REQUEST", "at most 60000 is allowed"),
        (
            r#"{"query": "SELECT 1", "parameters": [1]}"#,
            400,
            "INVALID_REQUEST",
            "`/parameters` is not valid: this server does not support it",
        ),
        (r#"{"query": "SELECT 1", "cache": "off"}"#, 400, "INVALID_REQUEST", "`/cache`"),
        (r#"{"query": "SELECT '\u0000'"}"#, 400, "INVALID_REQUEST", "NUL"),
        (r#"{"query": "SELECT 1", "tags": ["a\nb"]}"#, 400, "INVALID_REQUEST", "control character"),
        (r#"{"query": "SELECT 1", "tags": ["한글"]}"#, 400, "INVALID_REQUEST", "'한', which is not allowed"),
        (r#"{"query": ""}"#, 400, "EMPTY_SQL", "no statement"),
        (r#"{"query": " -- nothing\n /* at all */ ;"}"#, 400, "EMPTY_SQL", "no statement"),
        (long_sql.as_str(), 413, "SQL_TOO_LARGE", "1000 are allowed"),
        (long_body.as_str(), 413, "BODY_TOO_LARGE", "at most 2000 bytes"),
    ] {
        assert_problem(&post_text(&server, Some("application/json"), body).await, status, code, text);
    }
    let jobs = server.get("/api/v1/jobs").await.json();
    assert_eq!(jobs["items"], json!([]), "none of them made a job");
    assert!(fake.submitted().is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_any_web_page_could_send_is_refused() {
    let fake = counting(1).await;
    let server = server_with(&fake, LIMITS).await;
    for content_type in
        [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("multipart/form-data")]
    {
        let answer = post_text(&server, content_type, r#"{"query": "SELECT 1"}"#).await;
        assert_problem(&answer, 415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type: application/json");
    }
    let convert =
        server.request(Method::POST, "/api/v1/sql/convert").header("content-type", "application/sql").body("SELECT 1");
    assert_problem(&server.send(convert).await, 415, "UNSUPPORTED_MEDIA_TYPE", "application/sql");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_that_cannot_run_is_refused_with_its_place() {
    let fake = counting(1).await;
    let server = server_with(&fake, LIMITS).await;
    for (sql, code, (line, column, offset, length), text, hint) in [
        (
            "SELECT 1; SELECT 2",
            "MULTIPLE_STATEMENTS",
            (1, 9, 8, 1),
            "there is more than one statement",
            "send one statement at a time",
        ),
        (
            "SELECT * FROM t WHERE a = 'open",
            "UNTERMINATED",
            (1, 27, 26, 5),
            "a string begins here and does not end",
            "close it; a quote inside of quotes is written twice",
        ),
        (
            "SELECT n,\n  `a` FROM t",
            "SYNTAX_ERROR",
            (2, 3, 12, 1),
            "identifiers are put in double quotes, not in backquotes",
            "check the SQL at the marked place",
        ),
        (
            "SELECT 1 LIMIT 99999999999999999999",
            "LIMIT_OUT_OF_RANGE",
            (1, 16, 15, 20),
            "the count 99999999999999999999 does not fit a 64-bit integer",
            "use a count of at most 9223372036854775807",
        ),
        (
            "SELECT * FROM nowhere.shop.public.orders",
            "NO_CATALOG_MAPPING",
            (1, 15, 14, 26),
            "no rule maps 'nowhere.shop.public.orders' to a Trino catalog; tried the rules for tpch_demo.*",
            "add a [[mapping]]",
        ),
        (
            "SELECT * FROM tpch_dem.tpch.tiny.nation",
            "NO_CATALOG_MAPPING",
            (1, 15, 14, 25),
            "no rule maps 'tpch_dem.tpch.tiny.nation' to a Trino catalog; tried the rules for tpch_demo.*",
            "check the service and the database",
        ),
    ] {
        let job = server.run(sql).await;
        let error = &job["error"];
        assert_eq!((&job["status"], &error["code"]), (&json!("FAILED"), &json!(code)), "{sql}: {job:#}");
        assert_eq!(error["status"], 422, "{sql}: {error:#}");
        let position = json!({"line": line, "column": column, "offset": offset, "length": length});
        assert_eq!(error["position"], position, "{sql}: {error:#}");
        assert_eq!(error["detail"], text, "{sql}");
        assert!(error["hint"].as_str().unwrap().contains(hint), "{sql}: {error:#}");
        let converted = server.post("/api/v1/sql/convert", &json!({"query": sql})).await;
        assert_problem(&converted, 422, code, text);
        assert_eq!(&converted.json(), error, "{sql}: the same answer without a job");
        let near = if sql.contains("tpch_dem.") { json!(["tpch_demo"]) } else { json!([]) };
        assert_eq!(error["suggestions"], near, "{sql}");
    }
    assert!(fake.submitted().is_empty(), "none of them reached trino");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_exist_is_said_not_to() {
    let fake = counting(1).await;
    let server = server_with(&fake, LIMITS).await;
    let unknown = "/api/v1/jobs/019acb0e-27a1-7c52-9a43-6ad8b5d5a001";
    for (method, end) in [
        (Method::GET, ""),
        (Method::DELETE, ""),
        (Method::POST, "/cancel"),
        (Method::GET, "/events"),
        (Method::GET, "/models"),
        (Method::GET, "/result"),
        (Method::GET, "/result/rows"),
        (Method::GET, "/result/download?format=csv"),
    ] {
        let answer = server.send(server.request(method.clone(), &format!("{unknown}{end}"))).await;
        assert_problem(&answer, 404, "NOT_FOUND", "there is no job 019acb0e");
        let answer = server.send(server.request(method, &format!("/api/v1/jobs/no-id{end}"))).await;
        assert_problem(&answer, 404, "NOT_FOUND", "there is no job no-id");
    }
    assert_problem(&server.get("/api/v1/job").await, 404, "NOT_FOUND", "described at /docs/");
    assert_problem(&server.get("/nothing").await, 404, "NOT_FOUND", "nothing at this path");
    let answer = server.send(server.request(Method::PUT, "/api/v1/jobs")).await;
    assert_problem(&answer, 405, "METHOD_NOT_ALLOWED", "no method PUT");
    let mut allowed: Vec<&str> = answer.header("allow").unwrap().split(", ").collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "POST"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parameters_are_refused_by_name() {
    let fake = counting(60).await;
    let server = server_with(&fake, LIMITS).await;
    let job = server.finished("SELECT n FROM t").await;
    let own = path(&job);
    for (target, code, text) in [
        ("/api/v1/jobs?limt=1".to_owned(), "INVALID_REQUEST", "did you mean `limit`?"),
        ("/api/v1/jobs?limit=501".to_owned(), "INVALID_REQUEST", "from 1 to 500"),
        ("/api/v1/jobs?limit=0".to_owned(), "INVALID_REQUEST", "from 1 to 500"),
        ("/api/v1/jobs?limit=all".to_owned(), "INVALID_REQUEST", "\"all\""),
        ("/api/v1/jobs?cursor=abc".to_owned(), "INVALID_REQUEST", "not a cursor"),
        ("/api/v1/jobs?status=DONE".to_owned(), "INVALID_REQUEST", "there is no status 'DONE'"),
        ("/api/v1/jobs?created_after=today".to_owned(), "INVALID_REQUEST", "`created_after`"),
        (format!("{own}?wait_ms=-1"), "INVALID_REQUEST", "`wait_ms`"),
        (format!("{own}?wait_ms=60001"), "INVALID_REQUEST", "at most 60000 is allowed"),
        (format!("{own}/result/rows?limit=51"), "INVALID_REQUEST", "at most 50 rows"),
        (format!("{own}/result/rows?limit=0"), "INVALID_REQUEST", "from 1 to"),
        (format!("{own}/result/rows?offset=-1"), "INVALID_REQUEST", "from 0 to"),
        (format!("{own}/result/rows?numbers=roman"), "INVALID_REQUEST", "`exact` or `native`"),
        (format!("{own}/result/download?format=xlsx"), "UNKNOWN_FORMAT", "json, ndjson, csv, arrow, parquet"),
        (format!("{own}/result/download"), "UNKNOWN_FORMAT", "`format` is missing"),
    ] {
        assert_problem(&server.get(&target).await, 400, code, text);
    }
    let image = server.request(Method::GET, &format!("{own}/result/rows")).header("accept", "image/png");
    assert_problem(&server.send(image).await, 406, "NOT_ACCEPTABLE", "text/csv");
    assert!(!id(&job).is_empty());
    server.stop().await;
}
