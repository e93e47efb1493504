//! The catalogue for people: over OpenMetadata of both ends of the range of versions, and over a mapping file alone.

use serde_json::{Value, json};
use warren_openmetadata::ServerVersion;
use warren_openmetadata::testing::{BOT_TOKEN, Fault, Hard, StandIn};
use warren_trino::testing::FakeTrino;

use super::{assert_problem, counting};
use crate::harness::{Stack, TestServer};

const VERSIONS: [ServerVersion; 2] = [ServerVersion::new(1, 4, 0), ServerVersion::new(2, 0, 7)];

const MAPPING: &str = r#"
[[mapping]]
service = "sales_pg"
database = "shop"
catalog = "pg_shop"

[[mapping]]
service = "old_*"
catalog = "old"

[[mapping]]
service = "minio_*"
kind = "container"
catalog = "lake"
schema = "files"
table = "{path}"

[[table]]
fqn = 's3_lake.raw."2024.csv"'
trino = "lake.files.y2024"

[[table]]
fqn = 'notes.here.only.wiki'
trino = "lake.files.wiki"
"#;

const ORDERS: &str = "/api/v1/catalog/tables/sales_pg.shop.public.orders";

/// A catalogue, and a server that asks it.
struct Shop {
    catalogue: StandIn,
    server: TestServer,
    _trino: FakeTrino,
}

async fn server(trino: &FakeTrino, more: &[(&str, String)]) -> TestServer {
    TestServer::start_with(Stack::Embedded, |folder, settings| {
        std::fs::write(folder.join("mapping.toml"), MAPPING).unwrap();
        settings.insert("WARREN_CATALOG_FILE".to_owned(), "mapping.toml".to_owned());
        settings.insert("WARREN_TRINO_URL".to_owned(), trino.url().to_string());
        settings.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    })
    .await
}

impl Shop {
    async fn open(version: ServerVersion) -> Self {
        let catalogue = StandIn::start(version).await.unwrap();
        fill(&catalogue);
        let trino = counting(3).await;
        let url = catalogue.base_url().to_string();
        let settings = [("WARREN_OPENMETADATA_URL", url), ("WARREN_OPENMETADATA_TOKEN", BOT_TOKEN.to_owned())];
        let server = server(&trino, &settings).await;
        Self { catalogue, server, _trino: trino }
    }

    async fn search(&self, query: &str) -> Value {
        let answer = self.server.get(&format!("/api/v1/catalog/search?{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }
}

/// Three tables and a file of a shop, with what people said about them.
fn fill(catalogue: &StandIn) {
    let columns = json!([
        {"name": "id", "dataType": "BIGINT", "dataTypeDisplay": "bigint", "constraint": "PRIMARY_KEY"},
        {"name": "order", "dataType": "VARCHAR", "dataLength": 9, "description": "Which one."},
        {"name": "a__reserved__quote__b", "dataType": "INT", "tags": [tag("PII.Sensitive", "Confirmed"), tag("PII.None", "Suggested")]},
    ]);
    catalogue.seed_table("sales_pg.shop.public.orders", columns).unwrap();
    catalogue.seed_table("sales_pg.shop.public.order_items", json!([])).unwrap();
    catalogue.seed_table("crm.main.public.orders", json!([])).unwrap();
    let ann = catalogue.put("user", &json!({"name": "ann", "email": "ann@example.com", "displayName": "Ann"})).unwrap();
    let owners = json!([{"id": ann["id"], "type": "user", "name": "ann", "displayName": "Ann"}]);
    let said = json!({"description": "What was ordered,\nby whom.\n\nMore.", "owners": owners, "tags": [tag("Tier.Tier1", "Confirmed")]});
    catalogue.edit("table", "sales_pg.shop.public.orders", &said).unwrap();
    catalogue.put("storageService", &json!({"name": "s3_lake", "serviceType": "S3"})).unwrap();
    let raw = catalogue.put("container", &json!({"name": "raw", "service": "s3_lake"})).unwrap();
    let model = json!({"columns": [{"name": "day", "dataType": "DATE"}]});
    let parent = json!({"id": raw["id"], "type": "container"});
    let file = json!({"name": "2024.csv", "service": "s3_lake", "parent": parent, "dataModel": model, "description": "Old orders."});
    catalogue.put("container", &file).unwrap();
}

fn tag(fqn: &str, state: &str) -> Value {
    json!({"tagFQN": fqn, "source": "Classification", "labelType": "Manual", "state": state})
}

fn names(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["fully_qualified_name"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_and_files_are_found_by_words() {
    for version in VERSIONS {
        let shop = Shop::open(version).await;
        let page = shop.search("q=orders").await;
        let file = r#"s3_lake.raw."2024.csv""#;
        assert_eq!(names(&page), ["crm.main.public.orders", file, "sales_pg.shop.public.orders"]);
        assert_eq!((&page["source"], &page["next_cursor"]), (&json!("openmetadata"), &json!(null)));
        let expect = json!({
            "fully_qualified_name": "sales_pg.shop.public.orders", "kind": "table", "name": "orders",
            "description": "What was ordered, by whom.", "trino_model_name": "pg_shop.public.orders",
            "tags": ["Tier.Tier1"], "owners": ["Ann"],
        });
        assert_eq!(page["items"][2], expect);
        assert_eq!(page["items"][0]["trino_model_name"], json!(null), "no rule is for crm");
        assert_eq!(page["items"][1]["kind"], "container");
        assert_eq!(page["items"][1]["trino_model_name"], "lake.files.y2024");

        assert_eq!(names(&shop.search("q=orders&kind=container").await), [file]);
        assert_eq!(names(&shop.search("q=sales&kind=service").await), ["sales_pg"]);
        assert_eq!(names(&shop.search("q=whom+ordered").await), ["sales_pg.shop.public.orders"]);
        // Nothing that somebody types is an operator or a wildcard.
        for odd in ["*", "ord?rs", "a:b", "\"orders", "(orders", "orders OR nothing", "/.*/", "a\\", "~", "<>"] {
            let answer = shop.server.get(&format!("/api/v1/catalog/search?q={}", encoded(odd))).await;
            assert_eq!(answer.status, 200, "{odd}");
            let found = answer.json();
            assert!(odd == "<>" || names(&found).is_empty(), "{odd}: {found:#}");
        }
        shop.server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_a_search_are_walked() {
    let shop = Shop::open(VERSIONS[1]).await;
    for number in 0..7 {
        shop.catalogue.seed_table(&format!("crm.main.log.day{number}"), json!([])).unwrap();
        shop.catalogue.put("container", &json!({"name": format!("log{number}"), "service": "s3_lake"})).unwrap();
    }
    let mut found = Vec::new();
    let mut query = "q=log&limit=4".to_owned();
    loop {
        let page = shop.search(&query).await;
        assert!(page["items"].as_array().unwrap().len() <= 4);
        found.extend(names(&page).into_iter().map(str::to_owned));
        let Some(next) = page["next_cursor"].as_str() else { break };
        query = format!("q=log&limit=4&cursor={next}");
    }
    assert_eq!(found.len(), 14, "{found:?}");
    assert_eq!(found[..3], ["crm.main.log.day0", "s3_lake.log0", "crm.main.log.day1"].map(str::to_owned));
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 14);
    for wrong in [
        "",
        "q=",
        "q=%20",
        "q=a&kind=x",
        "q=a&limit=0",
        "q=a&limit=101",
        "q=a&cursor=x",
        "q=a&cursor=9999-0",
        "q=a&page=2",
    ] {
        let answer = shop.server.get(&format!("/api/v1/catalog/search?{wrong}")).await;
        assert_problem(&answer, 400, "INVALID_REQUEST", "");
    }
    shop.server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_has_a_page_with_a_query_that_runs() {
    for version in VERSIONS {
        let shop = Shop::open(version).await;
        let table = shop.server.get(ORDERS).await.json();
        let stored = shop.catalogue.entity("table", "sales_pg.shop.public.orders").unwrap();
        let expect = json!({
            "source": "openmetadata", "fully_qualified_name": "sales_pg.shop.public.orders", "kind": "table",
            "name": "orders", "id": stored["id"], "version": 0.2, "deleted": false, "service_type": "Postgres",
            "description": "What was ordered,\nby whom.\n\nMore.", "tags": ["Tier.Tier1"], "owners": ["Ann"],
            "columns": [
                {"name": "id", "type": "bigint", "description": null, "tags": [], "constraint": "PRIMARY_KEY"},
                {"name": "order", "type": "VARCHAR", "description": "Which one.", "tags": [], "constraint": null},
                {"name": "a__reserved__quote__b", "type": "INT", "description": null, "tags": ["PII.Sensitive"], "constraint": null},
            ],
            "trino_model_name": "pg_shop.public.orders",
            "snippet": r#"SELECT id, "order", "a""b" FROM sales_pg.shop.public.orders LIMIT 10"#,
        });
        assert_eq!(table, expect);
        let job = shop.server.finished(table["snippet"].as_str().unwrap()).await;
        assert_eq!(job["converted_query"], r#"SELECT id, "order", "a""b" FROM "pg_shop"."public"."orders""#);

        let file = shop.server.get(&path(r#"s3_lake.raw."2024.csv""#)).await.json();
        assert_eq!((&file["kind"], &file["service_type"]), (&json!("container"), &json!("S3")), "{file:#}");
        assert_eq!(file["snippet"], r#"SELECT day FROM s3_lake.raw."2024.csv" LIMIT 10"#);
        shop.server.finished(file["snippet"].as_str().unwrap()).await;

        let unmapped = shop.server.get(&path("crm.main.public.orders")).await.json();
        assert_eq!((&unmapped["trino_model_name"], &unmapped["snippet"]), (&json!(null), &json!(null)));
        // What the stewards of a database say in OpenMetadata counts, and so does what a rule makes of a file.
        shop.catalogue.seed_table("bi.main.mart.views", json!([])).unwrap();
        shop.catalogue.edit("database", "bi.main", &json!({"extension": {"trinoCatalog": "bi_pg"}})).unwrap();
        shop.catalogue.put("storageService", &json!({"name": "minio_eu", "serviceType": "S3"})).unwrap();
        shop.catalogue.put("container", &json!({"name": "a.csv", "service": "minio_eu"})).unwrap();
        for (fqn, trino, from) in [
            ("bi.main.mart.views", "bi_pg.mart.views", "bi.main.mart.views"),
            (r#"minio_eu."a.csv""#, "lake.files.a.csv", r#""minio_eu.""a.csv""""#),
        ] {
            let page = shop.server.get(&path(fqn)).await.json();
            assert_eq!(
                (&page["trino_model_name"], &page["snippet"]),
                (&json!(trino), &json!(format!("SELECT * FROM {from} LIMIT 10")))
            );
            shop.server.finished(page["snippet"].as_str().unwrap()).await;
            let found = shop.search(&format!("q={}", encoded(fqn))).await;
            assert_eq!(found["items"][0]["trino_model_name"], trino, "{found:#}");
        }
        // What OpenMetadata does not know the mapping file may.
        let own = shop.server.get(&path("notes.here.only.wiki")).await.json();
        assert_eq!((&own["source"], &own["trino_model_name"]), (&json!("mapping"), &json!("lake.files.wiki")));

        shop.catalogue.delete("table", "sales_pg.shop.public.orders", Hard::No).unwrap();
        let gone = shop.server.get(ORDERS).await.json();
        assert_eq!((&gone["deleted"], &gone["snippet"]), (&json!(true), &json!(null)));
        shop.server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_of_every_shape_have_a_page() {
    let shop = Shop::open(VERSIONS[1]).await;
    for name in [
        r#"sales_pg.shop."my.schema"."t.1""#,
        "sales_pg.shop.a b.c/d",
        "sales_pg.shop.한글.x%2Fy+z",
        r#"sales_pg.shop.q."a""b""#,
        "sales_pg.shop.public.select",
    ] {
        shop.catalogue.seed_table(name, json!([{"name": "x y", "dataType": "INT"}])).unwrap();
        let page = shop.server.get(&path(name)).await;
        assert_eq!(page.status, 200, "{name}: {}", page.text());
        let page = page.json();
        assert_eq!(page["fully_qualified_name"], name);
        let job = shop.server.finished(page["snippet"].as_str().unwrap()).await;
        let models = shop.server.get(&format!("/api/v1/jobs/{}/models", job["id"].as_str().unwrap())).await.json();
        assert_eq!(models["items"][0]["fully_qualified_name"], name);
    }
    shop.server.stop().await;
    let old = Shop::open(VERSIONS[0]).await;
    let quoted = old.server.get(&path(r#"sales_pg.shop.q."a""b""#)).await;
    assert_problem(&quoted, 422, "UNSUPPORTED_NAME", "1.13.1");
    old.server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_nobody_knows_is_answered_with_near_ones() {
    for version in VERSIONS {
        let shop = Shop::open(version).await;
        let answer = shop.server.get(&path("sales_pg.shop.public.ORDER")).await;
        assert_problem(&answer, 404, "NOT_FOUND", "sales_pg.shop.public.ORDER");
        let near = answer.json()["suggestions"].clone();
        assert_eq!(near[0], "sales_pg.shop.public.orders", "{near}");
        assert_eq!(near[1], "sales_pg.shop.public.order_items", "{near}");
        assert_problem(&shop.server.get(&path("a.b")).await, 404, "NOT_FOUND", "a.b");
        let malformed = shop.server.get(&path("sales_pg..orders")).await;
        assert_problem(&malformed, 400, "INVALID_REQUEST", "part 2");
        let position = json!({"line": 1, "column": 10, "offset": 9, "length": 7});
        assert_eq!(malformed.json()["position"], position);
        shop.server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_openmetadata_that_refuses_is_told_apart_from_one_that_is_down() {
    let shop = Shop::open(VERSIONS[1]).await;
    let searching = "/api/v1/catalog/search?q=orders";
    for (fault, status, code) in [
        (Fault::Status(403), 403, "ACCESS_DENIED"),
        (Fault::Status(401), 502, "CATALOG_REFUSED"),
        (Fault::Html, 502, "CATALOG_REFUSED"),
        (Fault::CutJson, 502, "CATALOG_REFUSED"),
        (Fault::Status(429), 503, "CATALOG_UNAVAILABLE"),
        (Fault::Status(500), 503, "CATALOG_UNAVAILABLE"),
        (Fault::Status(503), 503, "CATALOG_UNAVAILABLE"),
    ] {
        shop.catalogue.break_always(Some(fault.clone()));
        for path in [searching, ORDERS] {
            let answer = shop.server.get(path).await;
            assert_problem(&answer, status, code, "");
            assert_eq!(answer.json()["retryable"], status == 503, "{fault:?}");
            assert!(!answer.text().contains("scripted"), "what OpenMetadata says is for the log");
        }
    }
    shop.server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mapping_file_alone_says_what_it_knows() {
    let trino = counting(1).await;
    let server = server(&trino, &[]).await;
    let search = async |query: &str| server.get(&format!("/api/v1/catalog/search?{query}")).await.json();
    let page = search("q=S&limit=2").await;
    assert_eq!(
        (&page["source"], names(&page)),
        (&json!("mapping"), vec![r#"s3_lake.raw."2024.csv""#, "notes.here.only.wiki"])
    );
    let rest = search(&format!("q=S&limit=2&cursor={}", page["next_cursor"].as_str().unwrap())).await;
    assert_eq!((names(&rest), &rest["next_cursor"]), (vec!["sales_pg"], &json!(null)), "{rest:#}");
    assert_eq!(rest["items"][0]["kind"], "service");
    assert_eq!(names(&search("q=lake+y2024").await), [r#"s3_lake.raw."2024.csv""#], "Trino's names count");
    assert_eq!(names(&search("q=a&kind=table").await), ["notes.here.only.wiki"]);

    let by_rule = server.get(ORDERS).await.json();
    assert_eq!((&by_rule["source"], &by_rule["columns"]), (&json!("mapping"), &json!([])));
    assert_eq!(by_rule["snippet"], "SELECT * FROM sales_pg.shop.public.orders LIMIT 10");
    server.finished(by_rule["snippet"].as_str().unwrap()).await;
    let answer = server.get(&path("sales_pgg.shop.public.orders")).await;
    assert_problem(&answer, 404, "NOT_FOUND", "no rule maps");
    assert_eq!(answer.json()["suggestions"], json!(["sales_pg"]));
    assert_problem(&server.get(&path("a.b.c")).await, 404, "NOT_FOUND", "the mapping file has no 'a.b.c'");
    server.stop().await;
}

/// The path of a table's page.
fn path(fqn: &str) -> String {
    format!("/api/v1/catalog/tables/{}", encoded(fqn))
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
