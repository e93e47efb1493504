//! What names become, by the order of precedence, on servers of every generation.

use serde_json::json;
use warren_trino::testing::Script;

use super::{Bench, VERSIONS, warnings};

/// A query, what it becomes, and the service type and properties of its database.
async fn check(bench: &Bench, query: &str, expect: &str) {
    let converted = bench.converted(query).await;
    assert_eq!(converted["converted_query"], expect, "{converted:#}");
}

#[tokio::test]
async fn the_first_that_says_something_wins() {
    for version in VERSIONS {
        let bench = Bench::with(version, &[]).await;
        for fqn in ["pg_prod.sales.public.orders", "pg_prod.crm.public.people", "trino_prod.hive.web.clicks"] {
            bench.table(fqn);
        }
        bench.catalogue.edit("database", "pg_prod.crm", &json!({"extension": {"trinoCatalog": "crm_pg"}})).unwrap();
        check(&bench, "TABLE pg_prod.sales.public.orders", r#"TABLE "pg_sales"."public"."orders""#).await;
        check(&bench, "TABLE pg_prod.crm.public.people", r#"TABLE "crm_pg"."public"."people""#).await;
        check(&bench, "TABLE trino_prod.hive.web.clicks", r#"TABLE "hive"."web"."clicks""#).await;
        check(&bench, "SHOW TABLES FROM pg_prod.crm.public", r#"SHOW TABLES FROM "crm_pg"."public""#).await;
        bench.stop().await;
    }
}

/// Trino has these catalogs.
fn has_catalogs(bench: &Bench, names: &[&str]) {
    let rows = json!(names.iter().map(|name| [name]).collect::<Vec<_>>()).to_string();
    bench.trino.on_query(move |sql| match sql {
        "SHOW CATALOGS" => Script::new().column("Catalog", "varchar").page(rows.as_str()),
        _ => Script::new(),
    });
}

/// Makes a service of this kind with a table in it.
fn service(bench: &Bench, kind: &str, config: &serde_json::Value, table: &str) {
    let name = table.split('.').next().unwrap();
    let service = json!({"name": name, "serviceType": kind, "connection": {"config": config}});
    bench.catalogue.put("databaseService", &service).unwrap();
    bench.table(table);
}

#[tokio::test]
async fn of_two_that_say_something_the_earlier_wins() {
    let bench = Bench::start().await;
    has_catalogs(&bench, &["pg_prod__crm", "shop", "shop__default", "my_shop", "ours__lake"]);
    let url = bench.trino.url();
    let address = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let trino = json!({"type": "Trino", "username": "x", "hostPort": address});
    service(&bench, "Trino", &trino, "ours.lake.mart.daily");
    service(&bench, "Mysql", &json!({}), "shop.default.eu.orders");
    for fqn in ["pg_prod.sales.public.orders", "pg_prod.crm.public.people", "trino_prod.hive.web.clicks"] {
        bench.table(fqn);
    }
    let property = json!({"extension": {"trinoCatalog": "property"}});
    for database in ["pg_prod.sales", "trino_prod.hive", "pg_prod.crm"] {
        bench.catalogue.edit("database", database, &property).unwrap();
    }
    // A rule before the property, a service of the settings before it, and it before a catalog's name.
    check(&bench, "TABLE pg_prod.sales.public.orders", r#"TABLE "pg_sales"."public"."orders""#).await;
    check(&bench, "TABLE trino_prod.hive.web.clicks", r#"TABLE "hive"."web"."clicks""#).await;
    check(&bench, "TABLE pg_prod.crm.public.people", r#"TABLE "property"."public"."people""#).await;
    // The address before a catalog's name, and the longer name before the shorter one.
    check(&bench, "TABLE ours.lake.mart.daily", r#"TABLE "lake"."mart"."daily""#).await;
    check(&bench, "TABLE shop.default.eu.orders", r#"TABLE "shop__default"."eu"."orders""#).await;
    // The property before the address.
    service(&bench, "Trino", &json!({"type": "Trino", "username": "x", "hostPort": address}), "own.lake.mart.daily");
    bench.catalogue.edit("database", "own.lake", &property).unwrap();
    check(&bench, "TABLE own.lake.mart.daily", r#"TABLE "property"."mart"."daily""#).await;
    bench.stop().await;
}

#[tokio::test]
async fn a_catalog_with_the_name_of_a_service_is_all_of_it_only_where_its_databases_are_labels() {
    let bench = Bench::start().await;
    has_catalogs(&bench, &["my_shop", "other"]);
    service(&bench, "Mysql", &json!({}), "My-Shop.default.eu.orders");
    service(&bench, "Informix", &json!({}), "other.one.eu.orders");
    let query = r#"TABLE "My-Shop".default.eu.orders"#;
    check(&bench, query, r#"TABLE "my_shop"."eu"."orders""#).await;
    let problem = bench.refused("TABLE other.one.eu.orders", 422, "NO_CATALOG_MAPPING").await;
    assert!(problem["detail"].as_str().unwrap().ends_with("a Trino catalog named 'other__one'"), "{problem:#}");
    bench.stop().await;
}

#[tokio::test]
async fn a_service_with_the_address_of_this_trino_is_this_trino() {
    let bench = Bench::start().await;
    let url = bench.trino.url();
    let address = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let connection = json!({"config": {"type": "Trino", "username": "x", "hostPort": address}});
    let service = json!({"name": "ours", "serviceType": "Trino", "connection": connection});
    bench.catalogue.put("databaseService", &service).unwrap();
    bench.table("ours.lake.mart.daily");
    check(&bench, "TABLE ours.lake.mart.daily", r#"TABLE "lake"."mart"."daily""#).await;
    bench.stop().await;
}

#[tokio::test]
async fn the_receipt_says_what_the_name_meant() {
    let bench = Bench::start().await;
    let id = bench.table("pg_prod.sales.public.orders");
    let converted = bench.converted("SELECT * FROM pg_prod.sales.public.orders").await;
    let model = &converted["models"][0];
    assert_eq!(
        (&model["model_id_of_om"], &model["model_version_of_om"], &model["trino_model_name"]),
        (&json!(id), &json!("0.1"), &json!("pg_sales.public.orders"))
    );
    let columns = &converted["lineage"]["columns"];
    assert_eq!((&columns[0]["name"], &columns[1]["name"]), (&json!("id"), &json!("total")), "{converted:#}");
    assert_eq!(converted["lineage"]["complete"], true);
    bench.stop().await;
}

#[tokio::test]
async fn a_reference_model_is_an_fqn_or_an_id_and_shadows_no_cte() {
    let bench = Bench::start().await;
    let id = bench.table("pg_prod.sales.public.orders");
    let convert = |query: &'static str, meant: String| {
        let body = json!({"query": query, "reference_models": {"o": meant}});
        let server = &bench.server;
        async move { server.post("/api/v1/sql/convert", &body).await.json() }
    };
    for meant in [id.clone(), id.to_uppercase(), "pg_prod.sales.public.orders".to_owned()] {
        let converted = convert("SELECT o.id FROM o", meant).await;
        let text = converted["converted_query"].as_str().unwrap();
        assert!(text.contains(r#""pg_sales"."public"."orders""#), "{converted:#}");
        assert_eq!(converted["models"][0]["model_id_of_om"], json!(id));
    }
    let shadowed = convert("WITH o AS (SELECT 1 x) SELECT x FROM o", id.clone()).await;
    assert_eq!(shadowed["converted_query"], "WITH o AS (SELECT 1 x) SELECT x FROM o");
    let unknown = convert("TABLE o", "0b2c5d2e-7a1f-4a54-9d41-9d2a3f0d6a11".to_owned()).await;
    assert_eq!(unknown["code"], "UNKNOWN_REFERENCE_MODEL", "{unknown:#}");
    bench.stop().await;
}

#[tokio::test]
async fn a_container_is_a_table_by_rule() {
    let bench = Bench::start().await;
    bench.catalogue.put("storageService", &json!({"name": "s3_lake", "serviceType": "S3"})).unwrap();
    bench.catalogue.put("container", &json!({"name": "raw", "service": "s3_lake"})).unwrap();
    let raw = bench.catalogue.entity("container", "s3_lake.raw").unwrap();
    let parent = json!({"id": raw["id"], "type": "container"});
    let file = json!({"name": "2024.csv", "service": "s3_lake", "parent": parent});
    bench.catalogue.put("container", &file).unwrap();
    let expect = r#"SELECT * FROM "lake"."raw"."raw/2024.csv""#;
    check(&bench, r#"SELECT * FROM "s3_lake.raw.""2024.csv""""#, expect).await;
    bench.stop().await;
}

#[tokio::test]
async fn what_is_made_need_not_be_known() {
    let bench = Bench::start().await;
    bench.table("pg_prod.sales.public.orders");
    let query = "CREATE VIEW trino_prod.lake.mart.daily AS SELECT id FROM pg_prod.sales.public.orders";
    let converted = bench.converted(query).await;
    assert_eq!(
        converted["converted_query"],
        r#"CREATE VIEW "lake"."mart"."daily" AS SELECT id FROM "pg_sales"."public"."orders""#
    );
    assert_eq!(converted["warnings"], json!([]));
    // A moment later it is there, and no ingestion has run yet.
    let read = bench.converted("TABLE trino_prod.lake.mart.daily").await;
    assert!(warnings(&read).contains("NOT_IN_OPENMETADATA"), "{read:#}");
    bench.stop().await;
}

#[tokio::test]
async fn words_of_the_ingestion_are_read() {
    let bench = Bench::start().await;
    bench.table("pg_prod.sales.public.a__reserved__quote__b");
    let query = "TABLE pg_prod.sales.public.a__reserved__quote__b";
    check(&bench, query, r#"TABLE "pg_sales"."public"."a""b""#).await;
    bench.stop().await;
}

#[tokio::test]
async fn names_of_every_shape_are_asked_for_as_they_are() {
    let bench = Bench::start().await;
    let long = "t".repeat(256);
    for name in ["a b", "a/b", "50%", "#1?", "{x}", "주문", "it's", "t.1", "a\"b", "a+b&c=d", long.as_str()] {
        let fqn = warren_openmetadata::Fqn::from_raw_parts(["pg_prod", "sales", "public", name]).unwrap();
        let id = bench.table(&fqn.to_string());
        let quoted = name.replace('"', "\"\"");
        let converted = bench.converted(&format!("TABLE pg_prod.sales.public.\"{quoted}\"")).await;
        assert_eq!(converted["models"][0]["model_id_of_om"], json!(id), "{name}");
        assert_eq!(converted["converted_query"], format!("TABLE \"pg_sales\".\"public\".\"{quoted}\""));
    }
    bench.stop().await;
}
