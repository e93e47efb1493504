//! Catalogs that Warren makes from the services of OpenMetadata, and drops again.

use std::fs::File;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::{Value, json};
use tokio::time::timeout;
use warren::managed_catalogs::{Made, ManagedCatalog, ManagedCatalogState};
use warren::time::{Clock, System};
use warren_openmetadata::ServerVersion;
use warren_openmetadata::testing::{ADMIN_TOKEN, BOT_TOKEN, Hard, StandIn};
use warren_trino::testing::{FakeTrino, Gate, Script, ScriptedError, Step};

use super::Bench;
use crate::harness::{Stack, TestServer};

const ON: (&str, &str) = ("WARREN_MANAGED_CATALOGS", "dynamic");
const EVER_FRESH: (&str, &str) = ("WARREN_OPENMETADATA_FRESH_MS", "0");
const TABLE: &str = "shop.crm.public.orders";
const QUERY: &str = "TABLE shop.crm.public.orders";
const SECRET: &str = "corr3ct-h0rse";

async fn bench(change: &[(&str, &str)]) -> Bench {
    let settings: Vec<_> = [ON].iter().chain(change).copied().collect();
    Bench::with(ServerVersion::new(2, 0, 7), &settings).await
}

fn postgres(password: &str) -> Value {
    json!({"type": "Postgres", "username": "ro", "hostPort": "pg:5432", "authType": {"password": password}})
}

/// A service with a table in it; the first eight digits of its id.
fn service(catalogue: &StandIn, kind: &str, config: &Value, table: &str) -> String {
    let name = table.split('.').next().unwrap();
    let service = json!({"name": name, "serviceType": kind, "connection": {"config": config}});
    catalogue.put("databaseService", &service).unwrap();
    catalogue.seed_table(table, json!([{"name": "id", "dataType": "BIGINT"}])).unwrap();
    let service = catalogue.entity("databaseService", name).unwrap();
    service["id"].as_str().unwrap()[..8].to_owned()
}

fn statements(trino: &FakeTrino, beginning: &str) -> Vec<String> {
    let all = trino.submitted().into_iter().map(|query| query.sql);
    all.filter(|sql| sql.starts_with(beginning)).collect()
}

fn created(trino: &FakeTrino) -> Vec<String> {
    statements(trino, "CREATE CATALOG")
}

/// What Trino answers to `SHOW CATALOGS`; everything else works.
fn shows(trino: &FakeTrino, names: &[&str]) {
    let rows = json!(names.iter().map(|name| [name]).collect::<Vec<_>>()).to_string();
    trino.on_query(move |sql| match sql {
        "SHOW CATALOGS" => Script::new().column("Catalog", "varchar").page(rows.as_str()),
        _ => Script::new(),
    });
}

#[tokio::test]
async fn a_database_without_a_catalog_gets_one() {
    let bench = bench(&[("WARREN_MANAGED_CATALOGS_USER", "maker")]).await;
    let id = service(&bench.catalogue, "Postgres", &postgres("it's"), TABLE);
    let converted = bench.converted(QUERY).await;
    let name = format!("om_shop_crm_{id}");
    assert_eq!(converted["converted_query"], format!(r#"TABLE "{name}"."public"."orders""#), "{converted:#}");
    let expect = format!(
        "CREATE CATALOG \"{name}\" USING postgresql WITH (\"connection-url\" = \
         'jdbc:postgresql://pg:5432/crm', \"connection-user\" = 'ro', \"connection-password\" = 'it''s')"
    );
    assert_eq!(created(&bench.trino), [expect]);
    let made = bench.trino.submitted().into_iter().find(|query| query.sql.starts_with("CREATE")).unwrap();
    assert_eq!(made.header("x-trino-user"), Some("maker"));
    bench.converted("TABLE shop.crm.public.orders -- again").await;
    assert_eq!(created(&bench.trino).len(), 1);
    bench.stop().await;
}

#[tokio::test]
async fn databases_of_one_service_share_a_catalog_where_its_engine_does() {
    let bench = bench(&[]).await;
    let config = json!({"username": "ro", "hostPort": "m:3306", "authType": {"password": "x"}});
    let id = service(&bench.catalogue, "Mysql", &config, "my.default.shop.orders");
    bench.table("my.other.shop.people");
    for table in ["my.default.shop.orders", "my.other.shop.people"] {
        let converted = bench.converted(&format!("TABLE {table}")).await;
        assert!(converted["converted_query"].as_str().unwrap().contains(&format!("om_my_{id}\".")), "{converted:#}");
    }
    assert_eq!(created(&bench.trino).len(), 1);
    bench.stop().await;
}

#[tokio::test]
async fn nothing_is_made_unless_it_is_asked_for() {
    let bench = Bench::start().await;
    service(&bench.catalogue, "Postgres", &postgres("x"), TABLE);
    bench.refused(QUERY, 422, "NO_CATALOG_MAPPING").await;
    assert_eq!(created(&bench.trino).len(), 0);
    bench.stop().await;
}

#[tokio::test]
async fn looking_at_a_table_makes_nothing() {
    let bench = bench(&[]).await;
    service(&bench.catalogue, "Postgres", &postgres("x"), TABLE);
    let path = format!("/api/v1/catalog/tables/{TABLE}");
    assert_eq!(bench.server.get(&path).await.json()["trino_model_name"], Value::Null);
    assert_eq!(created(&bench.trino).len(), 0);
    bench.converted(QUERY).await;
    let shown = bench.server.get(&path).await.json();
    assert!(shown["trino_model_name"].as_str().unwrap().starts_with("om_shop_crm_"), "{shown:#}");
    bench.stop().await;
}

#[tokio::test]
async fn what_reaches_the_database_already_wins() {
    let bench = bench(&[]).await;
    service(&bench.catalogue, "Postgres", &postgres("x"), TABLE);
    shows(&bench.trino, &["shop__crm"]);
    let converted = bench.converted(QUERY).await;
    assert_eq!(converted["converted_query"], r#"TABLE "shop__crm"."public"."orders""#);
    assert_eq!(created(&bench.trino).len(), 0);
    bench.stop().await;
}

#[tokio::test]
async fn a_masked_password_is_no_password() {
    let bench = bench(&[("WARREN_OPENMETADATA_TOKEN", ADMIN_TOKEN)]).await;
    service(&bench.catalogue, "Postgres", &postgres(SECRET), TABLE);
    let problem = bench.refused(QUERY, 422, "NO_CATALOG_MAPPING").await;
    assert!(problem["detail"].as_str().unwrap().contains("needs a bot token"), "{problem:#}");
    assert_eq!(created(&bench.trino).len(), 0);
    bench.stop().await;
    // Trino looks the password up itself, so that nobody need see it.
    let template = ("WARREN_MANAGED_CATALOGS_SECRET_TEMPLATE", "${ENV:WARREN_{SERVICE}_PASSWORD}");
    let bench = self::bench(&[("WARREN_OPENMETADATA_TOKEN", ADMIN_TOKEN), template]).await;
    service(&bench.catalogue, "Postgres", &postgres(SECRET), TABLE);
    bench.converted(QUERY).await;
    let made = created(&bench.trino);
    assert!(made[0].ends_with("\"connection-password\" = '${ENV:WARREN_SHOP_PASSWORD}')"), "{made:?}");
    bench.stop().await;
}

#[tokio::test]
async fn what_cannot_be_a_catalog_is_refused_by_name() {
    let cases = [
        ("Snowflake", json!({"username": "u", "password": "x"}), "of the type Snowflake"),
        ("Postgres", postgres("${ENV:HOME}"), "the password of the service holds '${'"),
        ("Postgres", postgres("a\nb"), "the password of the service holds a control character"),
        ("Postgres", json!({"username": "u", "hostPort": "pg:5432/x?a=b"}), "hostPort of the service is not one host"),
        ("Postgres", json!({"hostPort": "pg:5432", "password": "x"}), "has no username"),
    ];
    for (kind, config, expect) in cases {
        let bench = bench(&[]).await;
        service(&bench.catalogue, kind, &config, TABLE);
        let problem = bench.refused(QUERY, 422, "NO_CATALOG_MAPPING").await;
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(expect), "{detail}");
        assert!(!detail.contains("HOME"), "{detail}");
        assert_eq!(created(&bench.trino).len(), 0);
        assert_eq!(bench.server.service().app().store.managed_catalogs().await.unwrap(), []);
        bench.stop().await;
    }
}

#[tokio::test]
async fn somebody_elses_catalog_is_left_alone() {
    let bench = bench(&[("WARREN_MANAGED_CATALOGS_GRACE_MS", "0")]).await;
    let id = service(&bench.catalogue, "Postgres", &postgres("x"), TABLE);
    let name = format!("om_shop_crm_{id}");
    shows(&bench.trino, &[&name]);
    let problem = bench.refused(QUERY, 422, "NO_CATALOG_MAPPING").await;
    assert!(problem["detail"].as_str().unwrap().contains("that Warren did not make"), "{problem:#}");
    bench.catalogue.delete("databaseService", "shop", Hard::Yes).unwrap();
    let app = bench.server.service().app();
    for day in 1..4 {
        app.tend_managed_catalogs(System.now() + TimeDelta::days(day)).await.unwrap();
    }
    assert_eq!((created(&bench.trino).len(), statements(&bench.trino, "DROP").len()), (0, 0));
    bench.stop().await;
}

#[tokio::test]
async fn a_catalog_that_appears_at_the_last_moment_is_left_alone() {
    let bench = bench(&[("WARREN_MANAGED_CATALOGS_GRACE_MS", "0")]).await;
    service(&bench.catalogue, "Postgres", &postgres("x"), TABLE);
    bench.trino.on_query(|sql| {
        let taken = ScriptedError::user("ALREADY_EXISTS", 22, "Catalog already exists", None);
        if sql.starts_with("CREATE") { Script::refused(taken) } else { Script::new() }
    });
    let problem = bench.refused(QUERY, 422, "NO_CATALOG_MAPPING").await;
    assert!(problem["detail"].as_str().unwrap().contains("that Warren did not make"), "{problem:#}");
    assert!(created(&bench.trino)[0].starts_with("CREATE CATALOG \"om_shop_crm_"), "{:?}", created(&bench.trino));
    assert_eq!(bench.server.service().app().store.managed_catalogs().await.unwrap(), []);
    bench.stop().await;
}

/// A row that another process left behind when it died, in this state, and what Trino shows of catalogs.
async fn left_behind(made: Made) -> (Bench, String) {
    let bench = bench(&[("WARREN_MANAGED_CATALOGS_GRACE_MS", "0")]).await;
    service(&bench.catalogue, "Postgres", &postgres("x"), TABLE);
    bench.converted(QUERY).await;
    let store = &bench.server.service().app().store;
    let row = store.managed_catalogs().await.unwrap().remove(0);
    assert!(store.forget_managed_catalog(&row).await.unwrap());
    let until = row.created - TimeDelta::seconds(1);
    let row = ManagedCatalog { state: ManagedCatalogState::Creating { until, made }, version: 1, ..row };
    assert!(store.begin_managed_catalog(&row).await.unwrap());
    shows(&bench.trino, &[&row.name]);
    (bench, row.name)
}

#[tokio::test]
async fn what_a_process_left_behind_that_had_not_looked_is_not_taken_for_warrens() {
    let (bench, _) = left_behind(Made::No).await;
    bench.refused(QUERY, 422, "NO_CATALOG_MAPPING").await;
    assert_eq!(created(&bench.trino).len(), 1, "the one of before");
    let app = bench.server.service().app();
    assert_eq!(app.store.managed_catalogs().await.unwrap(), []);
    app.tend_managed_catalogs(System.now() + TimeDelta::days(1)).await.unwrap();
    assert_eq!(statements(&bench.trino, "DROP").len(), 0);
    bench.stop().await;
    // One that had looked, and noted that the name was free.
    let (bench, name) = left_behind(Made::Perhaps).await;
    bench.converted(QUERY).await;
    assert!(created(&bench.trino)[1].starts_with(&format!("CREATE CATALOG IF NOT EXISTS \"{name}\"")));
    bench.stop().await;
}

#[tokio::test]
async fn a_catalog_that_trino_does_not_make_is_tried_again() {
    let bench = bench(&[]).await;
    service(&bench.catalogue, "Postgres", &postgres(SECRET), TABLE);
    bench.trino.on_query(|sql| {
        let echo = ScriptedError::user("PERMISSION_DENIED", 4, &format!("cannot run {sql}"), None);
        if sql.starts_with("CREATE") { Script::refused(echo) } else { Script::new() }
    });
    for tries in 1..3 {
        let problem = bench.refused(QUERY, 503, "CATALOG_UNAVAILABLE").await;
        assert_eq!(problem["retryable"], true);
        let text = problem.to_string();
        assert!(text.contains("PERMISSION_DENIED") && !text.contains(SECRET) && !text.contains("jdbc"), "{text}");
        assert_eq!(created(&bench.trino).len(), tries);
    }
    let rows = bench.server.service().app().store.managed_catalogs().await.unwrap();
    assert_eq!(rows[0].state, ManagedCatalogState::Broken { error: "PERMISSION_DENIED".to_owned(), made: Made::No });
    bench.trino.on_query(|_| Script::new());
    bench.converted(QUERY).await;
    bench.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_queries_at_once_make_one_catalog() {
    let bench = bench(&[]).await;
    service(&bench.catalogue, "Postgres", &postgres("x"), TABLE);
    let query = json!({"query": QUERY});
    let submits = (0..50).map(|_| bench.server.post("/api/v1/sql/convert", &query));
    for answer in join_all(submits).await {
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    }
    assert_eq!(created(&bench.trino).len(), 1);
    bench.stop().await;
}

/// A server on a database that lies in this folder.
async fn replica(catalogue: &StandIn, trino: &FakeTrino, folder: &Path) -> TestServer {
    let (url, trino) = (catalogue.base_url().to_string(), trino.url().to_string());
    let database = format!("sqlite://{}/w.db", folder.display());
    TestServer::start_with(Stack::Embedded, |_, settings| {
        let own = [
            ON,
            ("WARREN_OPENMETADATA_URL", url.as_str()),
            ("WARREN_OPENMETADATA_TOKEN", BOT_TOKEN),
            ("WARREN_OPENMETADATA_REPAIR_MS", "0"),
            ("WARREN_DATABASE_URL", &database),
            ("WARREN_TRINO_URL", &trino),
            ("WARREN_LOG", "error"),
        ];
        settings.extend(own.map(|(name, value)| (name.to_owned(), value.to_owned())));
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_processes_one_makes_it() {
    let catalogue = StandIn::start(ServerVersion::new(2, 0, 7)).await.unwrap();
    let (trino, gate) = (FakeTrino::start().await.unwrap(), Gate::new());
    let folder = tempfile::tempdir().unwrap();
    service(&catalogue, "Postgres", &postgres("x"), TABLE);
    let held = gate.clone();
    trino.on_query(
        move |sql| {
            if sql.starts_with("CREATE") { Script::new().gate(Step::Submit, &held) } else { Script::new() }
        },
    );
    let first = replica(&catalogue, &trino, folder.path()).await;
    let second = replica(&catalogue, &trino, folder.path()).await;
    let query = json!({"query": QUERY});
    let making = first.post("/api/v1/sql/convert", &query);
    let meanwhile = async {
        gate.reached().await;
        let busy = second.post("/api/v1/sql/convert", &query).await;
        gate.open();
        busy
    };
    let (made, busy) = futures::join!(making, meanwhile);
    assert_eq!(made.status.as_u16(), 200, "{}", made.text());
    assert_eq!((busy.status.as_u16(), &busy.json()["code"]), (503, &json!("CATALOG_UNAVAILABLE")));
    assert_eq!(second.post("/api/v1/sql/convert", &query).await.json()["models"], made.json()["models"]);
    assert_eq!(created(&trino).len(), 1);
    first.stop().await;
    second.stop().await;
}

#[tokio::test]
async fn a_changed_connection_makes_another_catalog_and_the_old_one_goes_after_a_grace() {
    let bench = bench(&[EVER_FRESH]).await;
    let id = service(&bench.catalogue, "Postgres", &postgres("before"), TABLE);
    let (old, new) = (format!("om_shop_crm_{id}"), format!("om_shop_crm_{id}_2"));
    bench.converted(QUERY).await;
    shows(&bench.trino, &[&old, "tpch", "om_shop_crm_ffffffff"]);
    let change = json!({"connection": {"config": postgres("after")}});
    bench.catalogue.edit("databaseService", "shop", &change).unwrap();
    let converted = bench.converted(QUERY).await;
    assert_eq!(converted["converted_query"], format!(r#"TABLE "{new}"."public"."orders""#), "{converted:#}");
    assert!(created(&bench.trino)[1].contains(&format!("\"{new}\"")) && created(&bench.trino)[1].contains("'after'"));
    let (app, now) = (bench.server.service().app(), System.now());
    let drops = || statements(&bench.trino, "DROP");
    app.tend_managed_catalogs(now).await.unwrap();
    app.tend_managed_catalogs(now + TimeDelta::seconds(599)).await.unwrap();
    assert_eq!(drops(), Vec::<String>::new(), "what runs on the old one is not disturbed");
    for minutes in 11..14 {
        app.tend_managed_catalogs(now + TimeDelta::minutes(minutes)).await.unwrap();
    }
    assert_eq!(drops(), [format!("DROP CATALOG IF EXISTS \"{old}\"")]);
    let rows = app.store.managed_catalogs().await.unwrap();
    assert_eq!(rows.iter().map(|row| &row.name).collect::<Vec<_>>(), [&new]);
    bench.stop().await;
}

#[tokio::test]
async fn a_connection_that_changed_to_the_worse_leaves_the_old_catalog_in_place() {
    let bench = bench(&[EVER_FRESH]).await;
    let id = service(&bench.catalogue, "Postgres", &postgres("before"), TABLE);
    bench.converted(QUERY).await;
    bench.trino.on_query(|sql| {
        let error = ScriptedError::user("INVALID_CATALOG_PROPERTY", 69, "no", None);
        if sql.starts_with("CREATE") { Script::refused(error) } else { Script::new() }
    });
    let serves_on = format!(r#"TABLE "om_shop_crm_{id}"."public"."orders""#);
    // OpenMetadata shows less than before, Warren refuses what it says, and Trino refuses what Warren makes of it.
    let address = json!({"username": "ro", "hostPort": "pg:5432/x?a=b", "password": "x"});
    for config in [postgres("*********"), address, postgres("after")] {
        bench.catalogue.edit("databaseService", "shop", &json!({"connection": {"config": config}})).unwrap();
        assert_eq!(bench.converted(QUERY).await["converted_query"], serves_on, "{config}");
    }
    assert_eq!(created(&bench.trino).len(), 2);
    let app = bench.server.service().app();
    for minutes in [0, 20, 40] {
        app.tend_managed_catalogs(System.now() + TimeDelta::minutes(minutes)).await.unwrap();
    }
    assert_eq!(statements(&bench.trino, "DROP").len(), 0);
    bench.stop().await;
}

#[tokio::test]
async fn a_service_that_is_gone_for_good_takes_its_catalog_along() {
    let bench = bench(&[]).await;
    let id = service(&bench.catalogue, "Postgres", &postgres("x"), TABLE);
    bench.converted(QUERY).await;
    let (app, now) = (bench.server.service().app(), System.now());
    let look = async |minutes| app.tend_managed_catalogs(now + TimeDelta::minutes(minutes)).await.unwrap();
    bench.catalogue.delete("databaseService", "shop", Hard::No).unwrap();
    look(1).await;
    look(20).await;
    assert_eq!(statements(&bench.trino, "DROP").len(), 0, "it can be restored");
    bench.catalogue.break_always(Some(warren_openmetadata::testing::Fault::Status(503)));
    look(21).await;
    look(40).await;
    assert_eq!(statements(&bench.trino, "DROP").len(), 0, "nothing is known of it");
    bench.catalogue.break_always(None);
    bench.catalogue.delete("databaseService", "shop", Hard::Yes).unwrap();
    // The breaker of the client opens again some time after an outage, so that the look is repeated.
    let app_rows = async || app.store.managed_catalogs().await.unwrap();
    timeout(Duration::from_secs(60), async {
        while !app_rows().await.iter().all(|row| row.state.is_dropping()) {
            look(50).await;
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    look(59).await;
    assert_eq!(statements(&bench.trino, "DROP").len(), 0);
    look(60).await;
    look(70).await;
    assert_eq!(statements(&bench.trino, "DROP"), [format!("DROP CATALOG IF EXISTS \"om_shop_crm_{id}\"")]);
    assert_eq!(app_rows().await, []);
    bench.stop().await;
}

#[tokio::test]
async fn a_service_that_is_there_again_keeps_its_catalog() {
    let bench = bench(&[]).await;
    service(&bench.catalogue, "Postgres", &postgres("x"), TABLE);
    bench.converted(QUERY).await;
    let (app, now) = (bench.server.service().app(), System.now());
    let row = app.store.managed_catalogs().await.unwrap().remove(0);
    let dropping = ManagedCatalogState::Dropping { due: now, made: Made::Yes };
    app.store.move_managed_catalog(&row, dropping, now).await.unwrap().unwrap();
    app.tend_managed_catalogs(now + TimeDelta::hours(1)).await.unwrap();
    assert_eq!(statements(&bench.trino, "DROP").len(), 0);
    assert_eq!(app.store.managed_catalogs().await.unwrap()[0].state, ManagedCatalogState::Ready);
    bench.stop().await;
}

#[tokio::test]
async fn what_warren_did_not_make_is_forgotten_without_a_drop() {
    let bench = bench(&[]).await;
    service(&bench.catalogue, "Postgres", &postgres("x"), TABLE);
    bench.converted(QUERY).await;
    let (app, now) = (bench.server.service().app(), System.now());
    let row = app.store.managed_catalogs().await.unwrap().remove(0);
    let dropping = ManagedCatalogState::Dropping { due: now, made: Made::No };
    app.store.move_managed_catalog(&row, dropping, now).await.unwrap().unwrap();
    app.tend_managed_catalogs(now).await.unwrap();
    assert_eq!(statements(&bench.trino, "DROP").len(), 0);
    assert_eq!(app.store.managed_catalogs().await.unwrap(), []);
    bench.stop().await;
}

#[tokio::test]
async fn a_password_that_trino_looks_up_may_change_in_openmetadata() {
    let template = ("WARREN_MANAGED_CATALOGS_SECRET_TEMPLATE", "${ENV:WARREN_{SERVICE}_PASSWORD}");
    let bench = bench(&[EVER_FRESH, template]).await;
    service(&bench.catalogue, "Postgres", &postgres("before"), TABLE);
    bench.converted(QUERY).await;
    let change = json!({"connection": {"config": postgres("after")}});
    bench.catalogue.edit("databaseService", "shop", &change).unwrap();
    bench.converted(QUERY).await;
    assert_eq!(created(&bench.trino).len(), 1);
    service(&bench.catalogue, "Postgres", &postgres("x"), "주문.crm.public.orders");
    let problem = bench.refused("TABLE \"주문\".crm.public.orders", 422, "NO_CATALOG_MAPPING").await;
    assert!(problem["detail"].as_str().unwrap().contains("characters outside ASCII"), "{problem:#}");
    bench.stop().await;
}

#[tokio::test]
async fn trino_is_asked_once_for_its_catalogs_however_many_wait_for_them() {
    let bench = Bench::start().await;
    service(&bench.catalogue, "Postgres", &postgres("x"), TABLE);
    bench.trino.on_query(|_| Script::refused(ScriptedError::user("GENERIC_INTERNAL_ERROR", 65_536, "no", None)));
    let query = json!({"query": QUERY});
    for answer in join_all((0..20).map(|_| bench.server.post("/api/v1/sql/convert", &query))).await {
        let problem = answer.json();
        assert_eq!((answer.status.as_u16(), &problem["code"]), (503, &json!("CATALOG_UNAVAILABLE")), "{problem:#}");
    }
    assert_eq!(statements(&bench.trino, "SHOW CATALOGS").len(), 1);
    bench.stop().await;
}

/// Everything that the real program writes: its log at the most detailed level, its database, its answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_is_nowhere_but_in_the_statement() {
    let catalogue = StandIn::start(ServerVersion::new(2, 0, 7)).await.unwrap();
    let (trino, folder) = (FakeTrino::start().await.unwrap(), tempfile::tempdir().unwrap());
    service(&catalogue, "Postgres", &postgres(SECRET), TABLE);
    let fails = std::sync::Arc::new(AtomicBool::new(true));
    let failing = fails.clone();
    trino.on_query(move |sql| {
        let echo = ScriptedError::user("GENERIC_USER_ERROR", 0, &format!("wrong: {sql}"), None);
        let is_refused = sql.starts_with("CREATE") && failing.load(Ordering::SeqCst);
        if is_refused { Script::refused(echo) } else { Script::new().column("id", "varchar").page(r#"[["a"]]"#) }
    });
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (url, log) = (format!("http://127.0.0.1:{port}"), folder.path().join("log"));
    let program = |command: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_warren"));
        program
            .arg(command)
            .current_dir(folder.path())
            .env("WARREN_LISTEN", format!("127.0.0.1:{port}"))
            .env("WARREN_DATA_DIR", folder.path())
            .env("WARREN_TRINO_URL", trino.url().as_str())
            .env("WARREN_OPENMETADATA_URL", catalogue.base_url().as_str())
            .env("WARREN_OPENMETADATA_TOKEN", BOT_TOKEN)
            .env("WARREN_MANAGED_CATALOGS", "dynamic")
            .env("WARREN_LOG", "trace");
        program
    };
    let (out, err) = (File::create(&log).unwrap(), File::create(folder.path().join("errors")).unwrap());
    let mut process = program("serve").stdin(Stdio::null()).stdout(out).stderr(err).spawn().unwrap();
    let client = reqwest::Client::builder().build().unwrap();
    timeout(Duration::from_secs(60), async {
        while client.get(format!("{url}/readyz")).send().await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    let mut said = String::new();
    for (path, is_failing) in [("sql/convert", true), ("sql/convert", false), ("jobs", false)] {
        fails.store(is_failing, Ordering::SeqCst);
        let body = json!({"query": QUERY, "wait_ms": 20_000});
        let body = if path == "jobs" { body } else { json!({"query": QUERY}) };
        let answer = client.post(format!("{url}/api/v1/{path}")).json(&body).send().await.unwrap();
        assert_eq!(answer.status().is_success(), !is_failing, "{path}");
        said += &answer.text().await.unwrap();
    }
    for path in ["/metrics", "/api/v1/jobs", "/readyz"] {
        said += &client.get(format!("{url}{path}")).send().await.unwrap().text().await.unwrap();
    }
    process.kill().unwrap();
    process.wait().unwrap();
    let config = program("config").output().unwrap();
    said += &String::from_utf8_lossy(&config.stdout);
    assert_eq!(created(&trino).len(), 2);
    assert!(created(&trino)[1].contains(SECRET) && said.contains("managed_catalogs.mode"), "{said}");
    assert!(!said.contains(SECRET), "{said}");
    let mut files = Vec::new();
    all_files(folder.path(), &mut files);
    let has = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    for (path, bytes) in &files {
        assert!(!has(bytes, SECRET), "{path}");
        assert!(!has(bytes, "jdbc:postgresql"), "{path}");
    }
    let seen = |text: &str| files.iter().any(|(_, bytes)| has(bytes, text));
    assert!(
        seen("a managed catalog cannot be made") && seen("a managed catalog was made"),
        "the log was looked through"
    );
    assert!(seen("om_shop_crm_"), "the database was looked through");
}

fn all_files(folder: &Path, into: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all_files(&path, into);
        } else {
            into.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
}
