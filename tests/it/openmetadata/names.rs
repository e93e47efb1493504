//! Names that are written otherwise than OpenMetadata or Trino has them: case, the words of the ingestion, names to come.

use serde_json::{Value, json};
use warren_openmetadata::ServerVersion;
use warren_openmetadata::testing::Hard;

use super::{Bench, warnings};

const ORDERS: &str = "pg_prod.crm.public.orders";

/// With this mapping file, and a database whose catalog OpenMetadata tells.
async fn bench(mapping: &str) -> Bench {
    bench_of(ServerVersion::new(2, 0, 7), mapping).await
}

async fn bench_of(version: ServerVersion, mapping: &str) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mapping.toml");
    std::fs::write(&file, mapping).unwrap();
    let bench = Bench::with(version, &[("WARREN_CATALOG_FILE", file.to_str().unwrap())]).await;
    bench.table(ORDERS);
    bench.catalogue.edit("database", "pg_prod.crm", &json!({"extension": {"trinoCatalog": "crm"}})).unwrap();
    bench
}

/// The Trino name of the only table of a query.
async fn named(bench: &Bench, query: &str) -> (String, Value) {
    let converted = bench.converted(query).await;
    let name = converted["models"][0]["trino_model_name"].as_str().unwrap_or_default().to_owned();
    (name, converted)
}

#[tokio::test]
async fn a_name_that_is_another_ones_in_lower_case_is_refused() {
    let kept = "[[mapping]]\nservice = 'pg_prod'\ndatabase = 'kept'\ncatalog = 'kept'\ncase = 'preserve'\n";
    let lower = "[[mapping]]\nservice = 'pg_prod'\ndatabase = 'sales'\ncatalog = 'pg_sales'\n";
    let bench = bench(&format!("{kept}{lower}")).await;
    for database in ["crm", "sales", "kept"] {
        bench.table(&format!("pg_prod.{database}.public.orders"));
        bench.table(&format!("pg_prod.{database}.public.Orders"));
        bench.table(&format!("pg_prod.{database}.public.Alone"));
    }
    let id = bench.table("pg_prod.crm.public.Orders");
    for database in ["crm", "sales"] {
        let exact = format!("pg_prod.{database}.public.Orders");
        let problem = bench.refused(&format!("TABLE {exact}"), 422, "AMBIGUOUS_NAME").await;
        assert_eq!(problem["suggestions"], json!([exact, exact.to_lowercase()]), "{problem:#}");
        bench.converted(&format!("TABLE pg_prod.{database}.public.orders")).await;
        let (name, alone) = named(&bench, &format!("TABLE pg_prod.{database}.public.Alone")).await;
        assert!(name.ends_with(".public.alone") && alone["warnings"] == json!([]), "{alone:#}");
    }
    let by_id = json!({"query": "TABLE o", "reference_models": {"o": id}});
    let problem = bench.server.post("/api/v1/sql/convert", &by_id).await.json();
    assert_eq!(problem["code"], "AMBIGUOUS_NAME", "{problem:#}");
    assert_eq!(named(&bench, "TABLE pg_prod.kept.public.Orders").await.0, "kept.public.Orders");
    bench.stop().await;
}

#[tokio::test]
async fn an_entry_of_another_case_gives_way_to_openmetadata() {
    let entry = |name: &str| format!("[[table]]\nfqn = 'pg_prod.crm.public.{name}'\ntrino = 'lake.files.{name}'\n");
    let bench = bench(&["Orders", "Bills", "Ledger"].map(entry).concat()).await;
    bench.table("pg_prod.crm.public.Bills");
    // Exactly as it is written, it is another table.
    assert_eq!(named(&bench, "TABLE pg_prod.crm.public.orders").await.0, "crm.public.orders");
    assert_eq!(named(&bench, "TABLE pg_prod.crm.public.Orders").await.0, "lake.files.Orders");
    // OpenMetadata tells which one is meant, and that one has an entry.
    let (name, bills) = named(&bench, "TABLE pg_prod.crm.public.BILLS").await;
    assert!(name == "lake.files.Bills" && warnings(&bills).contains("CASE_FOLDED"), "{bills:#}");
    // OpenMetadata has nothing of that name.
    let (name, ledger) = named(&bench, "TABLE pg_prod.crm.public.LEDGER").await;
    assert!(name == "lake.files.Ledger" && warnings(&ledger).contains("in the mapping file"), "{ledger:#}");
    bench.stop().await;
}

#[tokio::test]
async fn what_was_deleted_can_be_made_again() {
    let bench = bench("").await;
    let daily = "trino_prod.lake.mart.daily";
    bench.table(daily);
    bench.catalogue.delete("table", daily, Hard::No).unwrap();
    let made = bench.converted(&format!("CREATE VIEW {daily} AS SELECT 1 AS one")).await;
    assert_eq!(made["converted_query"], r#"CREATE VIEW "lake"."mart"."daily" AS SELECT 1 AS one"#);
    assert_eq!((&made["models"][0]["model_id_of_om"], &made["warnings"]), (&json!(null), &json!([])), "{made:#}");
    bench.refused(&format!("TABLE {daily}"), 422, "TABLE_DELETED").await;
    bench.stop().await;
}

#[tokio::test]
async fn what_is_made_in_this_trino_has_the_name_that_its_ingestion_will_write() {
    let bench = bench("").await;
    let query = r#"CREATE TABLE trino_prod.Lake.mart."Daily ""x""" AS SELECT 1 AS one"#;
    let (name, made) = named(&bench, query).await;
    assert_eq!(name, r#"lake.mart.daily "x""#);
    let fqn = "trino_prod.lake.mart.daily __reserved__quote__x__reserved__quote__";
    assert_eq!(made["models"][0]["fully_qualified_name"], fqn, "{made:#}");
    bench.stop().await;
}

#[tokio::test]
async fn a_name_is_found_in_the_words_of_the_ingestion() {
    for version in [ServerVersion::new(1, 13, 0), ServerVersion::new(2, 0, 7)] {
        let bench = bench_of(version, "").await;
        for (name, kept) in [("a\"\"b", "a__reserved__quote__b"), ("a::b", "a__reserved__colon__b")] {
            let id = bench.table(&format!("pg_prod.crm.public.{kept}"));
            let converted = bench.converted(&format!("TABLE pg_prod.crm.public.\"{name}\"")).await;
            assert_eq!(converted["models"][0]["model_id_of_om"], json!(id), "{version} {converted:#}");
            assert_eq!(converted["converted_query"], format!(r#"TABLE "crm"."public"."{name}""#));
            assert_eq!(converted["warnings"], json!([]));
        }
        bench.stop().await;
    }
}

#[tokio::test]
async fn a_rule_for_files_says_nothing_of_tables() {
    let bench = bench(
        "[[mapping]]\nservice = '*'\nkind = 'container'\ncatalog = 'lake'\nschema = '{bucket}'\ntable = '{path}'\n",
    )
    .await;
    assert_eq!(named(&bench, "TABLE pg_prod.crm.public.orders").await.0, "crm.public.orders");
    let shown = bench.converted("SHOW TABLES FROM pg_prod.crm.public").await;
    assert_eq!(shown["converted_query"], r#"SHOW TABLES FROM "crm"."public""#);
    bench.stop().await;
}
