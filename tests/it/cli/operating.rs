//! Running a server: `serve`, `token`, `migrate`, `doctor`, `config`, `openapi`.

use std::path::Path;

use serde_json::Value;
use warren_openmetadata::ServerVersion;
use warren_openmetadata::testing::{ADMIN_TOKEN, BOT_TOKEN, StandIn};
use warren_trino::testing::FakeTrino;

use super::program::{Running, warren};

/// Variables of an installation in a folder.
fn variables<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [("WARREN_LISTEN", "127.0.0.1:0"), ("WARREN_DATA_DIR", "data"), ("WARREN_LOG", "warn")]
        .into_iter()
        .chain(more.iter().copied())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_tokens_nobody_is_let_in_without_one() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let settings = variables(&[("WARREN_AUTH", "tokens")]);
    let refused = warren(folder, &["serve"], &settings).await.expect(2);
    assert!(
        refused.err.contains("no API token exists") && refused.err.contains("warren token create"),
        "{}",
        refused.err
    );

    let created = warren(folder, &["token", "create", "ci", "--user", "sena"], &settings).await.expect(0);
    let token = created.out().trim();
    assert!(token.starts_with("wrn_") && token.len() > 40, "{token}");
    assert!(!created.err.contains(token) && created.err.contains("token 'ci' for sena"), "{}", created.err);
    let twice = warren(folder, &["token", "create", "ci"], &settings).await.expect(2);
    assert!(twice.err.contains("a token of that name works already"), "{}", twice.err);

    let mut serve = Running::start(folder, &["serve"], &settings);
    let url = serve.line().await;
    let stranger = warren(folder, &["query", "select 1"], &[("WARREN_SERVER", &url)]).await.expect(2);
    assert!(stranger.err.contains("UNAUTHENTICATED") && stranger.err.contains("WARREN_API_TOKEN"), "{}", stranger.err);
    let known = [("WARREN_SERVER", url.as_str()), ("WARREN_API_TOKEN", token)];
    let mine = warren(folder, &["query", "select 1 as a", "--format", "csv"], &known).await.expect(0);
    assert_eq!(mine.out(), "a\n1\n");
    let jobs = warren(folder, &["jobs", "list", "--format", "json"], &known).await.expect(0);
    assert_eq!(serde_json::from_slice::<Value>(&jobs.out).unwrap()["items"][0]["owner"], "sena");

    let listed = warren(folder, &["token", "list"], &settings).await.expect(0);
    assert!(
        listed.out().contains("┆ ci   ┆ sena ┆ user  ┆ works") && !listed.out().contains(token),
        "{}",
        listed.out()
    );
    warren(folder, &["token", "revoke", "ci"], &settings).await.expect(0);
    warren(folder, &["token", "revoke", "ci"], &settings).await.expect(2);
    warren(folder, &["query", "select 1"], &known).await.expect(2);
    serve.interrupt().await;
    serve.end().await.expect(0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let settings = variables(&[]);
    let pending = warren(folder.path(), &["migrate", "--pending"], &settings).await.expect(0);
    assert!(!pending.out.is_empty());
    let applied = warren(folder.path(), &["migrate"], &settings).await.expect(0);
    assert_eq!(applied.out(), pending.out());
    let again = warren(folder.path(), &["migrate"], &settings).await.expect(0);
    assert_eq!((again.out(), again.err.as_str()), ("", "the database is up to date\n"));
}

async fn sick(folder: &Path, more: &[(&str, &str)]) -> String {
    let doctor = warren(folder, &["doctor"], &variables(more)).await.expect(3);
    let sick: Vec<&str> = doctor.out().lines().filter(|line| line.starts_with("fail")).collect();
    assert_eq!(sick.len(), 1, "{}", doctor.out());
    sick[0].to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_finds_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let healthy = warren(folder, &["doctor"], &variables(&[])).await.expect(0);
    let parts: Vec<&str> = healthy.out().lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert_eq!(parts, ["database", "results", "mapping", "embedded", "catalogs"], "{}", healthy.out());

    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let trino = format!("http://127.0.0.1:{port}");
    assert!(sick(folder, &[("WARREN_TRINO_URL", &trino)]).await.starts_with("fail  trino "));
    let database = format!("postgres://warren:geheim@127.0.0.1:{port}/warren");
    let line = sick(folder, &[("WARREN_DATABASE_URL", &database)]).await;
    assert!(line.starts_with("fail  database ") && !line.contains("geheim"), "{line}");
    std::fs::write(folder.join("nowhere.toml"), "[[mapping]]\nservice = 'pg'\ncatalog = 'pg_shop'\n").unwrap();
    let line = sick(folder, &[("WARREN_CATALOG_FILE", "nowhere.toml")]).await;
    assert!(line.contains("the mapping leads to pg_shop, but trino has only"), "{line}");
    std::fs::write(folder.join("broken.toml"), "[[mapping]]\nservise = 'pg'\n").unwrap();
    let line = sick(folder, &[("WARREN_CATALOG_FILE", "broken.toml")]).await;
    assert!(line.starts_with("fail  mapping ") && line.contains("servise"), "{line}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_asks_openmetadata_who_warren_is() {
    let folder = tempfile::tempdir().unwrap();
    let stand_in = StandIn::start(ServerVersion::new(1, 13, 6)).await.unwrap();
    let url = stand_in.base_url().to_string();
    let fake = FakeTrino::start().await.unwrap();
    let trino = fake.url().to_string();
    let parts = [("WARREN_TRINO_URL", trino.as_str()), ("WARREN_OPENMETADATA_URL", &url)];
    let with = |token| variables(&[parts.as_slice(), &[("WARREN_OPENMETADATA_TOKEN", token)]].concat());
    let line = async |token| {
        let doctor = warren(folder.path(), &["doctor"], &with(token)).await;
        doctor.out().lines().find(|line| line.contains("openmetadata")).unwrap().to_owned()
    };
    assert!(
        line(BOT_TOKEN).await.starts_with("ok    openmetadata version 1.13.6, as the bot"),
        "{}",
        line(BOT_TOKEN).await
    );
    assert!(line(ADMIN_TOKEN).await.ends_with("who is no bot"), "{}", line(ADMIN_TOKEN).await);
    let refused = line("geheim").await;
    assert!(refused.starts_with("fail  openmetadata ") && !refused.contains("geheim"), "{refused}");

    let page = stand_in.base_url().join("/").unwrap().to_string();
    let settings = variables(&[("WARREN_TRINO_URL", &trino), ("WARREN_OPENMETADATA_URL", &page)]);
    let doctor = warren(folder.path(), &["doctor"], &settings).await.expect(3);
    let line = doctor.out().lines().find(|line| line.contains("openmetadata")).unwrap();
    assert!(line.starts_with("fail  openmetadata ") && line.contains("the base URL must end in /api"), "{line}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_openmetadata_that_cannot_be_counted_on_is_told_of_at_the_start() {
    let fake = FakeTrino::start().await.unwrap();
    let (trino, known) = (fake.url().to_string(), StandIn::start(ServerVersion::new(2, 0, 7)).await.unwrap());
    let old = StandIn::start(ServerVersion::new(1, 3, 9)).await.unwrap();
    let new = StandIn::start(ServerVersion::new(2, 1, 0)).await.unwrap();
    for (url, expect) in [
        (old.base_url(), "1.3.9"),
        (new.base_url(), "2.1.0"),
        (known.base_url().join("/").unwrap(), "the base URL must end in /api"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let settings = variables(&[("WARREN_TRINO_URL", &trino), ("WARREN_OPENMETADATA_URL", url.as_str())]);
        let mut serve = Running::start(folder.path(), &["serve"], &settings);
        serve.line().await;
        let told = serve.error_with(expect).await;
        let is_version = expect.len() == 5;
        assert_eq!(told.contains("Warren was made for OpenMetadata 1.4 to 2.0"), is_version, "{told}");
        serve.interrupt().await;
        serve.end().await.expect(0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_program_knows_of_itself_needs_no_server() {
    let folder = tempfile::tempdir().unwrap();
    let document = warren(folder.path(), &["openapi"], &[]).await.expect(0);
    let document: Value = serde_json::from_slice(&document.out).unwrap();
    assert!(document["paths"]["/api/v1/jobs"]["post"].is_object());
    let config = warren(folder.path(), &["config"], &[("WARREN_HTTP_WORKERS", "7")]).await.expect(0);
    assert!(config.out().contains(" = 7  (WARREN_HTTP_WORKERS)\n"), "{}", config.out());
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "nothing is made by looking");
}
