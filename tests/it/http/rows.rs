//! Rows in the form that a client accepts, page by page, and whole files.

use reqwest::Method;
use serde_json::json;

use warren_trino::testing::{FakeTrino, Script};

use super::{assert_problem, counting, id, path, server_with};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_lead_from_one_to_the_next_in_every_form() {
    let fake = counting(5).await;
    let server = server_with(&fake, &[]).await;
    let job = server.finished("SELECT n FROM t").await;
    let rows = format!("{}/result/rows", path(&job));
    let get = async |target: String, accept: &'static str| {
        server.send(server.request(Method::GET, &target).header("accept", accept)).await
    };
    let csv = get(format!("{rows}?limit=2"), "text/csv").await;
    assert_eq!(csv.text(), "n\n0\n1\n");
    assert!(csv.header("content-type").unwrap().starts_with("text/csv"));
    assert_eq!(csv.header("link"), Some(format!("<{rows}?offset=2&limit=2>; rel=\"next\"").as_str()));

    let lines = get(format!("{rows}?offset=2&limit=2&numbers=native"), "application/x-ndjson").await;
    assert_eq!(lines.text(), "{\"n\":2}\n{\"n\":3}\n");
    assert!(lines.header("link").unwrap().contains("offset=4&limit=2&numbers=native"));

    let last = get(format!("{rows}?offset=4&limit=2"), "*/*").await;
    assert_eq!(last.json()["rows"], json!([["4"]]));
    assert_eq!((last.header("link"), &last.json()["next_offset"]), (None, &json!(null)));

    let beyond = get(format!("{rows}?offset=9223372036854775807&limit=2"), "application/json").await;
    assert_eq!((beyond.status.as_u16(), beyond.json()["rows"].clone()), (200, json!([])));
    let arrow = get(rows, "application/vnd.apache.arrow.stream").await;
    assert!(!arrow.body.is_empty());
    assert_eq!(arrow.header("content-type"), Some("application/vnd.apache.arrow.stream"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_result_that_expired_is_gone() {
    let fake = counting(3).await;
    let server = server_with(&fake, &[]).await;
    let job = server.finished("SELECT n FROM t").await;
    let app = server.service().app();
    app.store.expire_result(id(&job).parse().unwrap(), app.clock.now()).await.unwrap();
    for target in ["result", "result/rows", "result/download?format=csv"] {
        let answer = server.get(&format!("{}/{target}", path(&job))).await;
        assert_problem(&answer, 410, "RESULT_EXPIRED", "run the query again");
    }
    let job = server.get(&path(&job)).await.json();
    assert_eq!((&job["status"], &job["result"]["status"]), (&json!("FINISHED"), &json!("EXPIRED")));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wide_rows_make_short_pages_that_lead_on() {
    let fake = FakeTrino::start().await.unwrap();
    let wide: Vec<(usize, String)> = (0..24).map(|n| (n, "x".repeat(1024 * 1024))).collect();
    let pages = wide.chunks(4).map(|rows| json!(rows).to_string());
    let script = pages.fold(Script::new().column("n", "integer").column("s", "varchar"), Script::page);
    fake.on_query(move |_| script.clone());
    let server = server_with(&fake, &[]).await;
    let job = server.finished("SELECT n, s FROM t").await;
    let (mut page, mut numbers) = (job["page"].clone(), Vec::new());
    loop {
        let rows = page["rows"].as_array().unwrap();
        assert!(!rows.is_empty() && rows.len() < 24, "{} rows", rows.len());
        numbers.extend(rows.iter().map(|row| row[0].as_u64().unwrap()));
        let Some(offset) = page["next_offset"].as_u64() else { break };
        let target = format!("{}/result/rows?offset={offset}", path(&job));
        let answer = server.get(&target).await;
        page = answer.json();
        assert_eq!(answer.header("link").is_some(), page["next_offset"].is_u64());
    }
    assert_eq!(numbers, (0..24).collect::<Vec<u64>>());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_has_a_name_and_a_type() {
    let fake = counting(3).await;
    let server = server_with(&fake, &[]).await;
    let job = server.finished("SELECT n FROM t").await;
    for (format, media_type) in [
        ("csv", "text/csv"),
        ("json", "application/json"),
        ("ndjson", "application/x-ndjson"),
        ("parquet", "application/vnd.apache.parquet"),
        ("arrow", "application/vnd.apache.arrow.stream"),
    ] {
        let answer = server.download(&job, format).await;
        assert!(answer.header("content-type").unwrap().starts_with(media_type), "{format}");
        let name = format!("attachment; filename=\"job-{}.{format}\"", id(&job));
        assert_eq!(answer.header("content-disposition"), Some(name.as_str()));
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_manifest_says_what_there_is() {
    let fake = counting(3).await;
    let server = server_with(&fake, &[]).await;
    let job = server.finished("SELECT n FROM t").await;
    let manifest = server.get(&format!("{}/result", path(&job))).await.json();
    assert_eq!((&manifest["job_id"], &manifest["status"]), (&job["id"], &json!("READY")));
    assert_eq!(
        (&manifest["rows"], &manifest["truncated"], &manifest["expires_at"]),
        (&json!(3), &json!(null), &json!(null))
    );
    let sources = json!([{"fqn": null, "trino": "t", "column": "n", "use": "identity"}]);
    assert_eq!(manifest["columns"], json!([{"name": "n", "type": "bigint", "sources": sources, "description": null}]));
    assert_eq!(manifest["parts"][0]["row_offset"], 0);
    assert_eq!(manifest["bytes"], manifest["parts"][0]["bytes"]);
    assert_eq!(manifest["path"], job["result_path"]);
    assert_eq!(manifest["links"]["rows"], format!("{}/result/rows", path(&job)));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_browser_keeps_is_shown_to_nobody_else() {
    let fake = counting(3).await;
    let server = server_with(&fake, &[]).await;
    let job = server.finished("SELECT n FROM t").await;
    let rows = format!("{}/result/rows", path(&job));
    let get = async |target: &str, headers: &[(&str, &str)]| {
        let request = server.request(Method::GET, target);
        server.send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
    };
    for target in [rows.clone(), format!("{}/result/download?format=csv", path(&job))] {
        let fresh = get(&target, &[]).await;
        assert_eq!(fresh.header("cache-control"), Some("private, no-cache"), "{target}");
        assert_eq!(fresh.header("vary"), Some("Accept, Authorization, X-Warren-User"), "{target}");
        let tag = fresh.header("etag").unwrap().to_owned();
        let again = get(&target, &[("if-none-match", &tag)]).await;
        assert_eq!((again.status.as_u16(), again.header("etag")), (304, Some(tag.as_str())), "{target}");
        assert!(again.body.is_empty());
        assert_eq!(again.header("cache-control"), Some("private, no-cache"));
        let other = get(&target, &[("if-none-match", &tag), ("x-warren-user", "other")]).await;
        assert_problem(&other, 404, "NOT_FOUND", "there is no job");
    }
    let tag = get(&rows, &[]).await.header("etag").unwrap().to_owned();
    for (target, accept) in [(format!("{rows}?offset=1"), "*/*"), (rows.clone(), "text/csv")] {
        let answer = get(&target, &[("if-none-match", &tag), ("accept", accept)]).await;
        assert_eq!(answer.status.as_u16(), 200, "{target} as {accept} is something else");
    }
    assert_eq!(server.send(server.request(Method::DELETE, &path(&job))).await.status.as_u16(), 204);
    assert_problem(&get(&rows, &[("if-none-match", &tag)]).await, 404, "NOT_FOUND", "there is no job");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_result_that_somebody_took_away_has_expired() {
    let fake = counting(3).await;
    let server = server_with(&fake, &[]).await;
    let job = server.finished("SELECT n FROM t").await;
    let folder = url::Url::parse(job["result_path"].as_str().unwrap()).unwrap().to_file_path().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    for end in ["/result", "/result/rows", "/result/download?format=csv"] {
        let answer = server.get(&format!("{}{end}", path(&job))).await;
        assert_problem(&answer, 410, "RESULT_EXPIRED", "run the query again");
        assert_eq!((answer.json()["retryable"].clone(), answer.header("retry-after")), (json!(false), None));
    }
    server.stop().await;
}
