//! The rules of the client protocol: tokens, pages, cancelling, abandoned queries.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::json;
use warren_embedded::{Engine, EngineOptions};

use crate::support::{Fixture, next_uri};

/// A query that would run for hours, page after page.
const ENDLESS: &str = "select l.orderkey from tpch.sf100.lineitem l";

/// A query that would run for hours before its first row.
const SLOW: &str =
    "select count(*) from tpch.sf100.lineitem a cross join tpch.sf1.lineitem b where a.orderkey + b.orderkey < 0";

#[tokio::test]
async fn a_query_starts_with_its_first_get_and_ends_without_a_next_page() {
    let fixture = Fixture::start().await;
    let posted = fixture.submit("select count(*) from nation").await;
    let id = posted["id"].as_str().expect("an id").to_owned();
    assert_eq!(posted["stats"]["state"], "QUEUED");
    assert_eq!(posted["stats"]["queued"], true);
    assert!(posted.get("data").is_none() && posted.get("columns").is_none());
    let queued = next_uri(&posted).expect("a next page");
    assert!(queued.contains(&format!("/v1/statement/queued/{id}/y")) && queued.ends_with("/1"), "{queued}");
    let info = fixture.get(&fixture.uri(&format!("v1/query/{id}"))).await;
    assert_eq!(info["state"], "QUEUED");
    let started = fixture.get(&queued).await;
    let executing = next_uri(&started).expect("a next page");
    assert!(executing.contains("/v1/statement/executing/") && executing.ends_with("/0"), "{executing}");
    let last = fixture.get(&executing).await;
    assert_eq!(last["data"], json!([[25]]));
    assert_eq!(last["stats"]["state"], "FINISHED");
    assert_eq!(last["stats"]["progressPercentage"], 100.0);
    assert_eq!(last["warnings"], json!([]));
    assert!(last.get("nextUri").is_none());
    let info = fixture.get(&fixture.uri(&format!("v1/query/{id}"))).await;
    assert_eq!(info["state"], "FINISHED");
    fixture.engine.stop().await;
}

#[tokio::test]
async fn the_last_page_can_be_asked_for_again_and_no_other() {
    let options = EngineOptions { page_bytes: 10_000, ..EngineOptions::default() };
    let fixture = Fixture::start_with(options).await;
    let posted = fixture.submit("select custkey, name from customer order by custkey").await;
    let queued = next_uri(&posted).expect("a next page");
    let first_uri = next_uri(&fixture.get(&queued).await).expect("a next page");
    assert_eq!(next_uri(&fixture.get(&queued).await).as_ref(), Some(&first_uri));
    let first = fixture.get(&first_uri).await;
    assert_eq!(fixture.get(&first_uri).await["data"], first["data"]);
    let second_uri = next_uri(&first).expect("a next page");
    let second = fixture.get(&second_uri).await;
    assert_eq!(fixture.send(Method::GET, &first_uri).await.status(), StatusCode::GONE);
    assert_eq!(fixture.get(&second_uri).await["data"], second["data"]);
    // Another token has another slug, so a token alone opens nothing.
    let guessed = format!("{}/2", second_uri.strip_suffix("/1").expect("token 1"));
    assert_eq!(fixture.send(Method::GET, &guessed).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(fixture.send(Method::HEAD, &second_uri).await.status(), StatusCode::OK);
    let mut pages = vec![first, second];
    while let Some(uri) = next_uri(&pages[pages.len() - 1]) {
        pages.push(fixture.get(&uri).await);
    }
    let rows: Vec<_> = pages.iter().filter_map(|page| page["data"].as_array()).flatten().collect();
    assert_eq!(rows.len(), 1500);
    assert_eq!(*rows[1499], json!([1500, "Customer#000001500"]));
    assert!(pages.len() > 4, "{} pages", pages.len());
    for page in &pages {
        assert_eq!(page["columns"][0]["typeSignature"], json!({"rawType": "bigint", "arguments": []}));
        assert!(page["data"].to_string().len() < 11_000);
    }
    fixture.engine.stop().await;
}

#[tokio::test]
async fn only_the_pages_that_are_asked_for_are_made() {
    let options = EngineOptions { page_bytes: 1000, ..EngineOptions::default() };
    let fixture = Fixture::start_with(options).await;
    let mut page = fixture.submit(ENDLESS).await;
    let mut rows = 0;
    for _ in 0..5 {
        page = fixture.get(&next_uri(&page).expect("a next page")).await;
        rows += page["data"].as_array().map_or(0, Vec::len);
    }
    assert!(rows > 0);
    assert_eq!(page["stats"]["state"], "RUNNING");
    assert_eq!(page["stats"]["processedRows"], rows);
    let next = next_uri(&page).expect("a next page");
    assert_eq!(fixture.send(Method::DELETE, &next).await.status(), StatusCode::NO_CONTENT);
    fixture.engine.stop().await;
}

#[tokio::test]
async fn cancelling_ends_a_query() {
    let fixture = Fixture::start().await;
    for through_query in [false, true] {
        let posted = fixture.submit(SLOW).await;
        let id = posted["id"].as_str().expect("an id").to_owned();
        let executing = next_uri(&fixture.get(&next_uri(&posted).expect("a next page")).await).expect("a next page");
        let query = fixture.uri(&format!("v1/query/{id}"));
        assert_eq!(fixture.get(&query).await["state"], "RUNNING");
        let target = if through_query { &query } else { &executing };
        assert_eq!(fixture.send(Method::DELETE, target).await.status(), StatusCode::NO_CONTENT);
        let page = fixture.get(&executing).await;
        assert_eq!(page["error"]["errorName"], "USER_CANCELED");
        assert!(page.get("nextUri").is_none());
        assert_eq!(fixture.get(&query).await["state"], "FAILED");
    }
    let posted = fixture.submit(SLOW).await;
    let queued = next_uri(&posted).expect("a next page");
    assert_eq!(fixture.send(Method::DELETE, &queued).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(fixture.get(&queued).await["error"]["errorName"], "USER_CANCELED");
    assert_eq!(fixture.text("select 1").await, "[[1]]");
    fixture.engine.stop().await;
}

#[tokio::test]
async fn a_cancelled_query_computes_no_more() {
    // With one thread for queries, the next query has an answer only if the cancelled one has left the thread.
    let fixture = Fixture::start_with(EngineOptions { threads: 1, ..EngineOptions::default() }).await;
    for sql in [
        "select count(*) from orders o, lineitem l where o.orderkey between l.orderkey + 100000 and l.partkey - 100000",
        "select count(*) from lineitem a, lineitem b, orders c where a.partkey + b.partkey + c.custkey < 0",
        "select count(*) from lineitem a join lineitem b on a.linenumber = b.linenumber and a.orderkey + b.orderkey < 0",
    ] {
        let posted = fixture.submit(sql).await;
        let executing = next_uri(&fixture.get(&next_uri(&posted).expect("a next page")).await).expect("a next page");
        let waiting = fixture.get(&executing).await;
        let next = next_uri(&waiting).expect("the query runs for longer than a second");
        assert_eq!(fixture.send(Method::DELETE, &next).await.status(), StatusCode::NO_CONTENT);
        assert_eq!(fixture.text("select count(*) from nation").await, "[[25]]");
    }
    fixture.engine.stop().await;
}

#[tokio::test]
async fn a_cancel_reaches_a_client_that_waits() {
    let fixture = Fixture::start().await;
    let posted = fixture.submit(SLOW).await;
    let executing = next_uri(&fixture.get(&next_uri(&posted).expect("a next page")).await).expect("a next page");
    let (page, deleted) = tokio::join!(fixture.get(&executing), fixture.send(Method::DELETE, &executing));
    assert_eq!(deleted.status(), StatusCode::NO_CONTENT);
    let last = match next_uri(&page) {
        Some(next) => fixture.get(&next).await,
        None => page,
    };
    assert_eq!(last["error"]["errorName"], "USER_CANCELED");
    fixture.engine.stop().await;
}

#[tokio::test]
async fn a_query_that_nobody_asks_about_is_dropped() {
    let options = EngineOptions { client_timeout: Duration::from_millis(50), ..EngineOptions::default() };
    let fixture = Fixture::start_with(options).await;
    let posted = fixture.submit(SLOW).await;
    let query = fixture.uri(&format!("v1/query/{}", posted["id"].as_str().expect("an id")));
    fixture.get(&next_uri(&posted).expect("a next page")).await;
    let mut states = Vec::new();
    loop {
        let response = fixture.send(Method::GET, &query).await;
        if response.status() == StatusCode::GONE {
            break;
        }
        let info: serde_json::Value = response.json().await.expect("JSON");
        states.push((info["state"].clone(), info["errorCode"]["name"].clone()));
    }
    assert!(states.contains(&(json!("FAILED"), json!("ABANDONED_QUERY"))), "{states:?}");
    fixture.engine.stop().await;
}

#[tokio::test]
async fn requests_that_are_not_of_the_protocol_are_refused() {
    let fixture = Fixture::start().await;
    let statement = fixture.uri("v1/statement");
    let post = |body: &'static str| fixture.client.post(&statement).body(body);
    let refused = [
        (post(" ").header("X-Trino-User", "test"), StatusCode::BAD_REQUEST, "SQL statement is empty"),
        (post("select 1"), StatusCode::BAD_REQUEST, "User must be set"),
        (
            post("select 1").header("X-Trino-User", "t").header("X-Trino-Schema", "s"),
            StatusCode::BAD_REQUEST,
            "Schema is set but catalog is not",
        ),
        (fixture.client.get(fixture.uri("v1/statement/executing/x/y/0")), StatusCode::NOT_FOUND, "Query not found"),
        (fixture.client.get(fixture.uri("v1/query/x")), StatusCode::GONE, "Query not found"),
    ];
    for (request, status, text) in refused {
        let response = request.send().await.expect("an answer");
        assert_eq!((response.status(), response.text().await.expect("text").as_str()), (status, text));
    }
    assert_eq!(fixture.send(Method::HEAD, &statement).await.status(), StatusCode::OK);
    let info = fixture.get(&fixture.uri("v1/info")).await;
    assert_eq!((&info["starting"], &info["coordinator"]), (&json!(false), &json!(true)));
    fixture.engine.stop().await;
}

#[tokio::test]
async fn a_session_is_what_the_headers_say() {
    let fixture = Fixture { catalog: None, schema: None, ..Fixture::start().await };
    let error = fixture.run("select * from nation").await.error().unwrap_or_default();
    assert!(error.starts_with("MISSING_SCHEMA_NAME 1:15"), "{error}");
    let error = fixture.run("select * from tiny.nation").await.error().unwrap_or_default();
    assert!(error.starts_with("MISSING_CATALOG_NAME 1:15"), "{error}");
    assert_eq!(fixture.text("select count(*) from tpch.tiny.nation").await, "[[25]]");
    let posted = fixture.submit("use tpch.sf1").await;
    let executing = next_uri(&fixture.get(&next_uri(&posted).expect("a next page")).await).expect("a next page");
    let response = fixture.send(Method::GET, &executing).await;
    assert_eq!(
        response.headers().get("X-Trino-Set-Catalog").map(reqwest::header::HeaderValue::as_bytes),
        Some(&b"tpch"[..])
    );
    assert_eq!(
        response.headers().get("X-Trino-Set-Schema").map(reqwest::header::HeaderValue::as_bytes),
        Some(&b"sf1"[..])
    );
    let properties = fixture
        .client
        .post(fixture.uri("v1/statement"))
        .header("X-Trino-User", "test")
        .header("X-Trino-Session", "query_max_run_time=1h")
        .body("select 1");
    let page: serde_json::Value = properties.send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(page["warnings"][0]["warningCode"]["name"], "SESSION_PROPERTIES_IGNORED");
    fixture.engine.stop().await;
}

#[tokio::test]
async fn a_stopped_engine_leaves_its_port() {
    let fixture = Fixture::start().await;
    let address = fixture.engine.url().socket_addrs(|| None).expect("an address")[0];
    let posted = fixture.submit(SLOW).await;
    fixture.get(&next_uri(&posted).expect("a next page")).await;
    let busy = Engine::start(EngineOptions { listen: address, ..EngineOptions::default() }).await;
    assert!(busy.is_err_and(|error| error.to_string().contains("cannot listen")));
    fixture.engine.stop().await;
    let again =
        Engine::start(EngineOptions { listen: address, ..EngineOptions::default() }).await.expect("the port is free");
    drop(again);
}
