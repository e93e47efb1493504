//! What each failure is called, and that none of them is taken for another.

use std::time::Duration;

use serde_json::json;
use warren_openmetadata::ServerVersion;
use warren_openmetadata::testing::{Fault, Hard};
use warren_trino::testing::{Gate, Script, ScriptedError, Step};

use super::{Bench, warnings};

const ORDERS: &str = "pg_prod.crm.public.orders";
const QUERY: &str = "TABLE pg_prod.crm.public.orders";

/// A table in a database whose catalog only OpenMetadata knows.
async fn bench() -> Bench {
    bench_with(ServerVersion::new(2, 0, 7), &[]).await
}

async fn bench_with(version: ServerVersion, change: &[(&str, &str)]) -> Bench {
    let bench = Bench::with(version, change).await;
    bench.table(ORDERS);
    bench.catalogue.edit("database", "pg_prod.crm", &json!({"extension": {"trinoCatalog": "crm"}})).unwrap();
    bench
}

#[tokio::test]
async fn openmetadata_is_down() {
    for fault in [Fault::Status(503), Fault::Text(404), Fault::Closed, Fault::Slow(Duration::from_secs(20))] {
        let bench = bench_with(
            ServerVersion::new(2, 0, 7),
            &[("WARREN_OPENMETADATA_LOOKUP_MS", "200"), ("WARREN_OPENMETADATA_FRESH_MS", "0")],
        )
        .await;
        bench.converted(QUERY).await;
        bench.catalogue.break_always(Some(fault));
        let stale = bench.converted(QUERY).await;
        assert!(warnings(&stale).contains("STALE_METADATA"), "{stale:#}");
        let problem = bench.refused("TABLE pg_prod.crm.public.people", 503, "CATALOG_UNAVAILABLE").await;
        assert_eq!(problem["retryable"], true);
        // A rule of the mapping file needs nobody.
        let by_rule = bench.converted("TABLE pg_prod.sales.public.anything").await;
        assert!(warnings(&by_rule).contains("CATALOG_UNAVAILABLE"), "{by_rule:#}");
        // Nor do the tables of this Trino, and what is made.
        let own = "CREATE TABLE trino_prod.lake.mart.t AS SELECT * FROM trino_prod.lake.mart.s";
        assert!(warnings(&bench.converted(own).await).contains("CATALOG_UNAVAILABLE"));
        bench.converted("CREATE TABLE pg_prod.crm.public.made AS SELECT 1 x").await;
        // An ordinary name with a dot in it is none of OpenMetadata's; one of a service that is known is.
        let plain = r#"SELECT * FROM "my.table""#;
        assert_eq!(bench.converted(plain).await["converted_query"], plain);
        bench.refused(r#"SELECT * FROM "pg_prod.file""#, 503, "CATALOG_UNAVAILABLE").await;
        // No job is made that could not end.
        let submitted = bench.server.post("/api/v1/jobs", &json!({"query": "TABLE pg_prod.crm.public.people"})).await;
        assert_eq!(submitted.status.as_u16(), 503, "{}", submitted.text());
        assert_eq!(bench.server.get("/api/v1/jobs").await.json()["items"], json!([]));
        assert_eq!(bench.server.get("/readyz").await.status.as_u16(), 200);
        bench.catalogue.break_always(None);
        bench.stop().await;
    }
}

#[tokio::test]
async fn the_search_is_down() {
    let bench = bench_with(ServerVersion::new(2, 0, 7), &[("WARREN_OPENMETADATA_FRESH_MS", "0")]).await;
    let (folded, unknown) = ("TABLE pg_prod.crm.public.Orders", "TABLE pg_prod.crm.public.ordrs");
    let other = "TABLE pg_prod.crm.PUBLIC.ORDERS";
    bench.table("pg_prod.crm.public.Bills");
    let bills = "TABLE pg_prod.crm.public.bills";
    bench.converted(bills).await;
    // Names that are near are an offer only.
    bench.catalogue.break_requests("GET /api/v1/search/query", &Fault::Status(500), 2);
    assert!(warnings(&bench.converted(bills).await).contains("CASE_FOLDED"));
    let problem = bench.refused(unknown, 422, "UNKNOWN_TABLE").await;
    assert!(problem["suggestions"].as_array().is_none_or(Vec::is_empty), "{problem:#}");
    // Without the search it is not known what differs in case only, but for what was said before.
    bench.catalogue.break_requests("GET /api/v1/search", &Fault::Status(500), 100);
    let stale = bench.converted(bills).await;
    assert!(warnings(&stale).contains("STALE_METADATA"), "{stale:#}");
    bench.refused("TABLE pg_prod.crm.public.ordrss", 503, "CATALOG_UNAVAILABLE").await;
    bench.converted(QUERY).await;
    for query in [folded, other] {
        bench.refused(query, 503, "CATALOG_UNAVAILABLE").await;
    }
    bench.stop().await;
}

#[tokio::test]
async fn only_the_database_is_out_of_date() {
    let bench = bench_with(ServerVersion::new(2, 0, 7), &[("WARREN_OPENMETADATA_FRESH_MS", "0")]).await;
    assert_eq!(bench.converted(QUERY).await["warnings"], json!([]));
    bench.catalogue.break_requests("GET /api/v1/databases", &Fault::Status(500), 1);
    let stale = bench.converted(QUERY).await;
    assert!(warnings(&stale).contains("STALE_METADATA") && warnings(&stale).contains("the catalog of"), "{stale:#}");
    bench.stop().await;
}

#[tokio::test]
async fn a_web_page_answers() {
    let bench = bench().await;
    bench.catalogue.break_always(Some(Fault::Html));
    let problem = bench.refused(QUERY, 502, "CATALOG_REFUSED").await;
    assert!(problem["detail"].as_str().unwrap().contains("must end in /api"), "{problem:#}");
    bench.stop().await;
}

#[tokio::test]
async fn the_token_is_refused() {
    let bench = bench().await;
    bench.catalogue.rotate_bot_token("another");
    let problem = bench.refused(QUERY, 502, "CATALOG_REFUSED").await;
    assert!(!problem.to_string().contains("stand-in-bot-token"), "{problem:#}");
    bench.stop().await;
}

#[tokio::test]
async fn a_token_in_a_file_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, warren_openmetadata::testing::BOT_TOKEN).unwrap();
    let settings = [("WARREN_OPENMETADATA_TOKEN", ""), ("WARREN_OPENMETADATA_TOKEN_FILE", file.to_str().unwrap())];
    let bench = bench_with(ServerVersion::new(2, 0, 7), &settings).await;
    bench.converted("TABLE trino_prod.lake.mart.a").await;
    bench.catalogue.rotate_bot_token("another");
    std::fs::write(&file, "another").unwrap();
    bench.converted(QUERY).await;
    bench.stop().await;
}

#[tokio::test]
async fn access_is_denied() {
    let bench = bench().await;
    bench.catalogue.break_requests("GET /api/v1/tables", &Fault::Status(403), 1);
    bench.refused(QUERY, 403, "ACCESS_DENIED").await;
    // Who may not see files may have ordinary names with dots in them.
    bench.catalogue.break_requests("GET /api/v1/containers", &Fault::Status(403), 1);
    bench.converted(r#"SELECT * FROM "my.table""#).await;
    // The tables of a service may be used without seeing it.
    let trino = json!({"name": "theirs", "serviceType": "Trino", "connection": {"config": {"type": "Trino"}}});
    bench.catalogue.put("databaseService", &trino).unwrap();
    bench.table("theirs.lake.mart.daily");
    bench.catalogue.edit("database", "theirs.lake", &json!({"extension": {"trinoCatalog": "lake"}})).unwrap();
    bench.catalogue.break_requests("GET /api/v1/services", &Fault::Status(403), 1);
    bench.converted("TABLE theirs.lake.mart.daily").await;
    assert_eq!(bench.catalogue.faults_left(), 0);
    bench.stop().await;
}

#[tokio::test]
async fn a_name_that_openmetadata_cannot_read() {
    let bench = bench().await;
    bench.catalogue.break_requests("GET /api/v1/tables", &Fault::Status(400), 1);
    let problem = bench.refused(QUERY, 422, "UNSUPPORTED_NAME").await;
    assert!(!problem.to_string().contains("scripted"), "what OpenMetadata says is for the log: {problem:#}");
    bench.stop().await;
}

#[tokio::test]
async fn too_many_requests() {
    let bench = bench().await;
    bench.catalogue.break_requests("GET /api/v1/tables", &Fault::Status(429), 10);
    bench.refused(QUERY, 503, "CATALOG_UNAVAILABLE").await;
    bench.stop().await;
}

#[tokio::test]
async fn a_table_is_unknown() {
    let bench = bench().await;
    let problem = bench.refused("TABLE pg_prod.crm.public.ordrs", 422, "UNKNOWN_TABLE").await;
    assert_eq!(problem["suggestions"], json!([ORDERS]), "{problem:#}");
    assert_eq!(problem["position"]["column"], 7);
    bench.refused("TABLE pg_prod.nowhere.public.orders", 422, "UNKNOWN_TABLE").await;
    bench.stop().await;
}

#[tokio::test]
async fn no_catalog_is_known() {
    let bench = bench().await;
    bench.table("mysql_prod.default.shop.orders");
    let problem = bench.refused("TABLE mysql_prod.default.shop.orders", 422, "NO_CATALOG_MAPPING").await;
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("trinoCatalog") && detail.contains("'mysql_prod__default'"), "{detail}");
    bench.stop().await;
}

#[tokio::test]
async fn a_table_was_deleted_softly() {
    let bench = bench().await;
    bench.catalogue.delete("table", ORDERS, Hard::No).unwrap();
    bench.refused(QUERY, 422, "TABLE_DELETED").await;
    bench.stop().await;
    let bench = bench_with(ServerVersion::new(2, 0, 7), &[("WARREN_OPENMETADATA_ALLOW_DELETED", "true")]).await;
    bench.catalogue.delete("table", ORDERS, Hard::No).unwrap();
    bench.converted(QUERY).await;
    bench.stop().await;
}

#[tokio::test]
async fn a_table_was_made_again() {
    let bench = bench_with(ServerVersion::new(2, 0, 7), &[("WARREN_OPENMETADATA_FRESH_MS", "0")]).await;
    let before = bench.converted(QUERY).await["models"][0]["model_id_of_om"].clone();
    bench.catalogue.delete("table", ORDERS, Hard::Yes).unwrap();
    let after = bench.table(ORDERS);
    assert_ne!(before, json!(after));
    assert_eq!(bench.converted(QUERY).await["models"][0]["model_id_of_om"], json!(after));
    bench.stop().await;
}

#[tokio::test]
async fn case_is_forgiven_where_it_leaves_no_doubt() {
    let bench = bench().await;
    let folded = bench.converted("TABLE pg_prod.crm.public.ORDERS").await;
    assert!(warnings(&folded).contains("CASE_FOLDED"), "{folded:#}");
    assert_eq!(folded["models"][0]["fully_qualified_name"], ORDERS);
    bench.table("pg_prod.crm.public.Orders");
    bench.converted(QUERY).await;
    let problem = bench.refused("TABLE pg_prod.crm.public.oRDERS", 422, "AMBIGUOUS_NAME").await;
    assert_eq!(problem["suggestions"], json!(["pg_prod.crm.public.Orders", ORDERS]));
    bench.stop().await;
}

#[tokio::test]
async fn a_name_cannot_be_written_on_an_old_server() {
    let bench = bench_with(ServerVersion::new(1, 13, 0), &[]).await;
    bench.refused(r#"TABLE pg_prod.crm.public."a""b""#, 422, "UNSUPPORTED_NAME").await;
    bench.stop().await;
}

#[tokio::test]
async fn a_name_is_out_of_date() {
    let bench = bench().await;
    bench.trino.on_query(|_| {
        Script::new().fails(ScriptedError::user(
            "TABLE_NOT_FOUND",
            46,
            "line 1:7: Table 'crm.public.orders' does not exist",
            Some((1, 7)),
        ))
    });
    let job = bench.server.run(QUERY).await;
    assert_eq!((&job["status"], &job["error"]["code"]), (&json!("FAILED"), &json!("STALE_FQN")), "{job:#}");
    assert_eq!(job["error"]["trino"]["error_name"], "TABLE_NOT_FOUND");
    assert_eq!(bench.requests("/tables/name/"), 2, "asked before the query, and once more after it");
    bench.stop().await;
}

#[tokio::test]
async fn a_name_that_is_out_of_date_means_something_else_by_now() {
    let bench = bench_with(ServerVersion::new(2, 0, 7), &[("WARREN_OPENMETADATA_FRESH_MS", "0")]).await;
    let gate = Gate::new();
    let held = gate.clone();
    bench.trino.on_query(move |_| {
        let text = "line 1:7: Table 'crm.public.orders' does not exist";
        let error = ScriptedError::user("TABLE_NOT_FOUND", 46, text, Some((1, 7)));
        Script::new().fails(error).gate(Step::Submit, &held)
    });
    let moved = async {
        gate.reached().await;
        let property = json!({"extension": {"trinoCatalog": "crm_2"}});
        bench.catalogue.edit("database", "pg_prod.crm", &property).unwrap();
        gate.open();
    };
    let (job, ()) = futures::join!(bench.server.run(QUERY), moved);
    let error = &job["error"];
    assert_eq!((&error["code"], &error["retryable"]), (&json!("STALE_FQN"), &json!(true)), "{job:#}");
    assert!(error["hint"].as_str().unwrap().contains("means 'crm_2.public.orders' by now"), "{job:#}");
    bench.stop().await;
}

#[tokio::test]
async fn a_catalog_is_missing_in_trino() {
    let bench = bench().await;
    bench.trino.on_query(|_| {
        let error = ScriptedError::user("CATALOG_NOT_FOUND", 44, "line 1:7: Catalog 'crm' not found", Some((1, 7)));
        Script::new().fails(error)
    });
    let job = bench.server.run(QUERY).await;
    assert_eq!(job["error"]["code"], "MAPPING_BROKEN", "{job:#}");
    assert!(job["error"]["detail"].as_str().unwrap().contains("OpenMetadata"), "{job:#}");
    bench.stop().await;
}
