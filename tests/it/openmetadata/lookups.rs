//! How seldom OpenMetadata is asked, and how it makes Warren forget.

use std::path::Path;

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use warren_openmetadata::testing::{BOT_TOKEN, Fault, Hard, StandIn};
use warren_openmetadata::{SIGNATURE_HEADER, ServerVersion, signature_of};

use super::{Bench, VERSIONS};
use crate::harness::{Answer, Stack, TestServer};

const SECRET: &str = "a secret of the webhook";
const ORDERS: &str = "pg_prod.sales.public.orders";
const QUERY: &str = "TABLE pg_prod.sales.public.orders";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_submits_of_one_unknown_name_ask_once() {
    let bench = Bench::start().await;
    bench.table(ORDERS);
    let query = json!({"query": QUERY});
    let submits = (0..1000).map(|_| bench.server.post("/api/v1/sql/convert", &query));
    for answer in join_all(submits).await {
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    }
    assert_eq!(bench.requests("/tables/name/"), 1);
    // The same for a name that nobody knows.
    let query = json!({"query": "TABLE pg_prod.sales.public.nothing"});
    join_all((0..100).map(|_| bench.server.post("/api/v1/sql/convert", &query))).await;
    assert_eq!(bench.requests("/tables/name/"), 2);
    bench.stop().await;
}

#[tokio::test]
async fn another_process_finds_what_this_one_asked() {
    let catalogue = StandIn::start(ServerVersion::new(2, 0, 7)).await.unwrap();
    catalogue.seed_table("trino_prod.lake.mart.orders", json!([{"name": "id", "dataType": "INT"}])).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let first = beside(&catalogue, folder.path()).await;
    let query = json!({"query": "TABLE trino_prod.lake.mart.orders"});
    let before = first.post("/api/v1/sql/convert", &query).await.json();
    first.stop().await;
    catalogue.break_always(Some(Fault::Status(503)));
    let second = beside(&catalogue, folder.path()).await;
    let after = second.post("/api/v1/sql/convert", &query).await.json();
    assert_eq!(before["models"], after["models"], "{after:#}");
    assert_eq!(after["warnings"], json!([]));
    second.stop().await;
}

/// A server on a database that lies in this folder.
async fn beside(catalogue: &StandIn, folder: &Path) -> TestServer {
    let (url, database) = (catalogue.base_url().to_string(), format!("sqlite://{}/w.db", folder.display()));
    TestServer::start_with(Stack::Embedded, |_, settings| {
        let own = [
            ("WARREN_OPENMETADATA_URL", url.as_str()),
            ("WARREN_OPENMETADATA_TOKEN", BOT_TOKEN),
            ("WARREN_OPENMETADATA_TRINO_SERVICES", "trino_prod"),
            ("WARREN_OPENMETADATA_REPAIR_MS", "0"),
            ("WARREN_DATABASE_URL", &database),
            ("WARREN_TRINO_URL", "http://127.0.0.1:9"),
            ("WARREN_LOG", "error"),
        ];
        settings.extend(own.map(|(name, value)| (name.to_owned(), value.to_owned())));
    })
    .await
}

async fn with_webhook(version: ServerVersion) -> Bench {
    Bench::with(version, &[("WARREN_OPENMETADATA_WEBHOOK_SECRET", SECRET)]).await
}

/// Delivers every event that there is, as OpenMetadata does.
async fn deliver_all(bench: &Bench) {
    let url = bench.server.url("/api/v1/openmetadata/events").parse().unwrap();
    for event in bench.catalogue.events() {
        assert_eq!(bench.catalogue.deliver(&event, &url, SECRET).await.unwrap(), 200);
    }
}

async fn id_now(bench: &Bench) -> Value {
    bench.converted(QUERY).await["models"][0]["model_id_of_om"].clone()
}

#[tokio::test]
async fn an_event_makes_a_name_be_asked_again() {
    for version in VERSIONS {
        let bench = with_webhook(version).await;
        let first = bench.table(ORDERS);
        assert_eq!(id_now(&bench).await, json!(first));
        bench.catalogue.delete("table", ORDERS, Hard::Yes).unwrap();
        let second = bench.table(ORDERS);
        assert_eq!(id_now(&bench).await, json!(first), "nothing was said, so that the old answer counts");
        deliver_all(&bench).await;
        assert_eq!(id_now(&bench).await, json!(second), "{version}");
        let asked = bench.requests("/tables/name/");
        // Every event a second time: they are known by their ids.
        deliver_all(&bench).await;
        id_now(&bench).await;
        assert_eq!(bench.requests("/tables/name/"), asked);
        bench.stop().await;
    }
}

#[tokio::test]
async fn what_happens_to_a_database_happens_to_its_tables() {
    let bench = with_webhook(ServerVersion::new(2, 0, 7)).await;
    bench.table(ORDERS);
    bench.table("pg_prod.sales_eu.public.orders");
    for database in ["sales", "sales_eu"] {
        let fqn = format!("pg_prod.{database}");
        bench.catalogue.edit("database", &fqn, &json!({"extension": {"trinoCatalog": "before"}})).unwrap();
    }
    let european = "TABLE pg_prod.sales_eu.public.orders";
    bench.converted(european).await;
    deliver_all(&bench).await;
    bench.converted(QUERY).await;
    bench.converted(european).await;
    let asked = bench.requests("/tables/name/");
    bench.catalogue.edit("database", "pg_prod.sales", &json!({"description": "other"})).unwrap();
    deliver_all(&bench).await;
    bench.converted(QUERY).await;
    bench.converted(european).await;
    assert_eq!(bench.requests("/tables/name/"), asked + 1, "the database with the longer name was left alone");
    bench.stop().await;
}

async fn send(bench: &Bench, body: Vec<u8>, signature: Option<String>) -> Answer {
    let mut request = bench.server.request(Method::POST, "/api/v1/openmetadata/events").body(body);
    if let Some(signature) = signature {
        request = request.header(SIGNATURE_HEADER, signature);
    }
    bench.server.send(request.header("content-type", "application/json")).await
}

#[tokio::test]
async fn a_webhook_that_is_not_openmetadatas_is_refused() {
    let bench = with_webhook(ServerVersion::new(2, 0, 7)).await;
    bench.table(ORDERS);
    let event = bench.catalogue.events()[0].to_string().into_bytes();
    let signed = |body: &[u8], secret: &str| signature_of(body, &secret.to_owned().into()).ok();
    assert_eq!(send(&bench, event.clone(), None).await.status.as_u16(), 401);
    assert_eq!(send(&bench, event.clone(), signed(&event, "another secret")).await.status.as_u16(), 401);
    assert_eq!(send(&bench, event.clone(), signed(b"another body", SECRET)).await.status.as_u16(), 401);
    let large = vec![b' '; 10_000_000];
    assert_eq!(send(&bench, large.clone(), signed(&large, SECRET)).await.status.as_u16(), 413);
    // What is signed and not understood is taken: OpenMetadata would stop delivering otherwise.
    for body in [&b"{}"[..], b"not json", br#"{"id": 1}"#] {
        let answer = send(&bench, body.to_vec(), signed(body, SECRET)).await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    }
    bench.stop().await;
    let silent = Bench::start().await;
    assert_eq!(send(&silent, event.clone(), signed(&event, SECRET)).await.status.as_u16(), 401);
    silent.stop().await;
}
