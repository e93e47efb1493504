//! The client against a server that misbehaves: what it tries again, what it gives up on, what it says and does not say.
#![expect(clippy::unwrap_used, reason = "a file of tests")]

use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::TryStreamExt as _;
use secrecy::SecretString;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use warren_openmetadata::testing::{BOT_TOKEN, Fault, Hard, InstantSleeper, PipelineScript, StandIn};
use warren_openmetadata::{
    Client, ColumnLineage, EntityKind, Error, Fqn, FqnError, Get, Include, LineageDetails, LineageNode, ListOptions,
    Options, ServerVersion, StaticToken, TokenFuture, TokenSource, parse_events, verify_signature,
};

const NEW: &str = "2.0.7";
const OLD: &str = "1.4.0";
const ORDERS: &str = "pg.sales.public.orders";

struct Bench {
    stand_in: StandIn,
    client: Client,
    clock: Arc<InstantSleeper>,
}

impl Bench {
    async fn new(version: &str) -> Self {
        Self::with(version, |options| options.with_token(StaticToken::new(BOT_TOKEN.into()))).await
    }

    async fn with(version: &str, change: impl FnOnce(Options) -> Options) -> Self {
        let stand_in = StandIn::start(version.parse::<ServerVersion>().unwrap()).await.unwrap();
        stand_in.seed_table(ORDERS, json!([{"name": "id", "dataType": "BIGINT"}])).unwrap();
        let clock = Arc::new(InstantSleeper::new());
        let mut options = Options::new(stand_in.base_url());
        options.sleeper = clock.clone();
        Self { client: Client::new(change(options)).unwrap(), stand_in, clock }
    }

    async fn orders(&self) -> Result<(), Error> {
        self.client.table(&fqn(ORDERS), &Get::default()).await.map(|_table| ())
    }

    fn waits_ms(&self) -> Vec<u128> {
        self.clock.waits().iter().map(Duration::as_millis).collect()
    }

    fn targets(&self) -> Vec<String> {
        self.stand_in
            .exchanges()
            .into_iter()
            .map(|exchange| format!("{} {}", exchange.method, exchange.target))
            .collect()
    }
}

fn fqn(text: &str) -> Fqn {
    Fqn::parse(text).unwrap()
}

fn named(text: &str) -> LineageNode {
    LineageNode::Named { kind: EntityKind::Table, fqn: fqn(text) }
}

/// Everything that an error shows, with its causes.
fn shown(error: &Error) -> String {
    let mut text = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(" {error} {error:?}"));
        cause = error.source();
    }
    text
}

#[tokio::test]
async fn an_outage_is_tried_again() {
    for fault in [Fault::Status(502), Fault::Status(503), Fault::Status(504), Fault::Text(404), Fault::Closed] {
        let bench = Bench::new(NEW).await;
        bench.stand_in.break_next(&fault, 3);
        bench.orders().await.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert_eq!(bench.waits_ms(), [100, 200, 400], "{fault:?}");
    }
}

#[tokio::test]
async fn nothing_else_is_tried_again() {
    async fn check(fault: Fault, is_expected: fn(&Error) -> bool) {
        let bench = Bench::new(NEW).await;
        bench.stand_in.break_next(&fault, 1);
        let error = bench.orders().await.unwrap_err();
        assert!(is_expected(&error), "{fault:?}: {error:?}");
        assert_eq!(bench.waits_ms(), [], "{fault:?}");
    }
    check(Fault::Status(400), |error| matches!(error, Error::BadRequest { .. })).await;
    check(Fault::Status(403), |error| matches!(error, Error::Forbidden { .. })).await;
    check(Fault::Status(404), |error| matches!(error, Error::NotFound { .. })).await;
    check(Fault::Status(409), |error| matches!(error, Error::Conflict { .. })).await;
    check(Fault::Status(412), |error| matches!(error, Error::Conflict { .. })).await;
    check(Fault::Status(429), |error| matches!(error, Error::RateLimited { .. }) && error.is_retryable()).await;
    check(Fault::Status(500), |error| matches!(error, Error::Http { status: 500, .. })).await;
    check(Fault::Html, |error| matches!(error, Error::Html) && error.to_string().contains("end in /api")).await;
    check(Fault::Status(302), |error| matches!(error, Error::Html)).await;
    check(Fault::CutJson, |error| matches!(error, Error::Malformed { .. })).await;
}

#[tokio::test]
async fn a_base_url_without_api_is_called_by_its_name() {
    let bench = Bench::new(NEW).await;
    let base = bench.stand_in.base_url().join("/").unwrap();
    let client = Client::new(Options::new(base)).unwrap();
    assert!(matches!(client.version().await, Err(Error::Html)));
}

#[tokio::test]
async fn a_call_ends_at_its_deadline() {
    let bench = Bench::new(NEW).await;
    bench.stand_in.break_always(Some(Fault::Status(503)));
    let short = bench.client.with_deadline(Duration::from_millis(250));
    let error = short.table(&fqn(ORDERS), &Get::default()).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { status: 503, .. }), "{error:?}");
    assert_eq!(bench.waits_ms(), [100]);
    bench.stand_in.break_always(Some(Fault::Slow(Duration::from_secs(20))));
    let began = std::time::Instant::now();
    let slow = bench.client.with_deadline(Duration::from_millis(120));
    assert!(matches!(slow.table(&fqn(ORDERS), &Get::default()).await, Err(Error::Timeout)));
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_404_that_is_not_openmetadatas_says_nothing_of_the_name() {
    let bench = Bench::new(NEW).await;
    bench.stand_in.break_always(Some(Fault::Text(404)));
    let error = bench.orders().await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { status: 404, .. }), "{error:?}");
    assert_eq!(error.in_own_words(), "OpenMetadata is not available at the moment (HTTP 404)");
}

#[tokio::test]
async fn calls_that_share_their_time_end_together() {
    let bench = Bench::new(NEW).await;
    let sharing = bench.client.within(Duration::from_secs(1));
    sharing.table(&fqn(ORDERS), &Get::default()).await.unwrap();
    bench.clock.advance(Duration::from_millis(950));
    bench.stand_in.break_next(&Fault::Status(503), 1);
    sharing.table(&fqn(ORDERS), &Get::default()).await.unwrap_err();
    assert_eq!(bench.waits_ms(), [], "there was no time left for another try");
    bench.clock.advance(Duration::from_millis(50));
    assert!(matches!(sharing.table(&fqn(ORDERS), &Get::default()).await, Err(Error::Timeout)));
}

#[tokio::test]
async fn after_five_calls_that_fail_nothing_is_sent_for_a_while() {
    let bench = Bench::new(NEW).await;
    bench.stand_in.break_always(Some(Fault::Status(503)));
    let hasty = bench.client.with_deadline(Duration::from_secs(1));
    for calls in 1..=5 {
        let error = hasty.table(&fqn(ORDERS), &Get::default()).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable { status: 503, .. }), "{error:?}");
        assert_eq!(bench.targets().len(), 4 * calls, "each call has its tries");
    }
    for _ in 0..10 {
        assert!(matches!(bench.orders().await, Err(Error::CircuitOpen { .. })));
    }
    assert_eq!(bench.targets().len(), 20);
    bench.stand_in.break_always(None);
    bench.clock.advance(Duration::from_secs(31));
    bench.orders().await.unwrap();
    bench.orders().await.unwrap();
}

#[tokio::test]
async fn a_refusal_does_not_open_the_circuit() {
    let bench = Bench::new(NEW).await;
    for status in [400, 403, 404, 429, 500].repeat(3) {
        bench.stand_in.break_next(&Fault::Status(status), 1);
        bench.orders().await.unwrap_err();
    }
    bench.orders().await.unwrap();
}

/// A source whose token is another one after it was told so.
#[derive(Clone, Debug, Default)]
struct Changing {
    now: Arc<std::sync::Mutex<String>>,
    asked: Arc<AtomicUsize>,
}

impl TokenSource for Changing {
    fn token(&self) -> TokenFuture<'_> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let token = SecretString::from(self.now.lock().unwrap().clone());
        Box::pin(std::future::ready(Ok(token)))
    }
}

#[tokio::test]
async fn a_token_that_was_rotated_is_asked_for_once() {
    let source = Changing::default();
    *source.now.lock().unwrap() = BOT_TOKEN.to_owned();
    let bench = Bench::with(NEW, |options| options.with_token(source.clone())).await;
    bench.orders().await.unwrap();
    bench.stand_in.rotate_bot_token("second");
    *source.now.lock().unwrap() = "second".to_owned();
    let orders = fqn(ORDERS);
    let get = Get::default();
    let calls = (0..20).map(|_| bench.client.table(&orders, &get));
    for outcome in futures::future::join_all(calls).await {
        outcome.unwrap();
    }
    assert_eq!(source.asked.load(Ordering::SeqCst), 2);
    bench.stand_in.rotate_bot_token("third");
    let error = bench.orders().await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized { .. }), "{error:?}");
    assert_eq!(source.asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_token_is_never_shown() {
    let bench = Bench::with(NEW, |options| options.with_token(StaticToken::new("t0ps3cret".into()))).await;
    // The stand-in repeats the token in its answer, as careless servers do.
    let error = bench.orders().await.unwrap_err();
    assert!(shown(&error).contains("***"), "{error}");
    for text in [shown(&error), format!("{:?}", bench.client)] {
        assert!(!text.contains("t0ps3cret"), "{text}");
    }
    assert!(!bench.targets().join(" ").contains("t0ps3cret"));
    let unsendable = Bench::with(NEW, |options| options.with_token(StaticToken::new("t0p\ns3cret".into()))).await;
    let error = unsendable.orders().await.unwrap_err();
    assert!(matches!(error, Error::NoToken { .. }) && !shown(&error).contains("s3cret"), "{error:?}");
}

#[tokio::test]
async fn a_password_is_never_shown() {
    let bench = Bench::new(NEW).await;
    let config = json!({"type": "Mysql", "username": "ro", "hostPort": "db:3306", "authType": {"password": "s3cret"}});
    let body = json!({"name": "my", "serviceType": "Mysql", "connection": {"config": config}});
    bench.stand_in.put("databaseService", &body).unwrap();
    let service = bench.client.database_service(&fqn("my"), &Get::default()).await.unwrap();
    assert!(!format!("{service:?}").contains("s3cret"));
    assert_eq!(service.connection.text("/hostPort").as_deref(), Some("db:3306"));
}

#[tokio::test]
async fn every_name_that_can_be_there_is_found() {
    let bench = Bench::new(NEW).await;
    let longest = "표".repeat(256);
    let names =
        ["a.b", "a b", "a/b", "a%2Fb", "a?b#c", "a\"b", "\"a\"", "a;b=c", "{x}", "이름", "a:b", "..", "+", &longest];
    for name in names {
        let fqn = Fqn::from_raw_parts(["sv.c", "d/b", "s c", name]).unwrap();
        bench.stand_in.seed_table(&fqn.to_string(), json!([{"name": "id", "dataType": "INT"}])).unwrap();
        let table = bench.client.table(&fqn, &Get::default()).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((table.head.name.as_str(), table.head.fqn().unwrap()), (name, fqn));
    }
    for name in ["a::b", "a\nb", &"a".repeat(257)] {
        let fqn = Fqn::from_raw_parts(["pg", "sales", "public", name]).unwrap();
        assert!(matches!(bench.client.table(&fqn, &Get::default()).await, Err(Error::NotFound { .. })));
    }
}

#[tokio::test]
async fn a_quote_in_a_name_is_refused_where_the_server_cannot_have_it() {
    let quoted = Fqn::from_raw_parts(["pg", "sales", "public", "a\"b"]).unwrap();
    for (version, is_known) in [("1.13.0", false), ("1.13.1", true)] {
        let bench = Bench::new(version).await;
        match bench.client.table(&quoted, &Get::default()).await.unwrap_err() {
            Error::NotFound { .. } => assert!(is_known, "{version}"),
            Error::UnsupportedName { source: FqnError::QuoteInName { part: 4 }, version: told } => {
                assert!(!is_known && told.to_string() == version);
                assert_eq!(bench.targets(), ["GET /api/v1/system/version"]);
            }
            other => panic!("{version}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn what_was_deleted_comes_when_asked_for_and_what_is_made_again_is_another() {
    let bench = Bench::new(NEW).await;
    let (orders, all) = (fqn(ORDERS), Get::default().include(Include::All));
    let first = bench.client.table(&orders, &all).await.unwrap().head;
    bench.stand_in.delete("table", ORDERS, Hard::No).unwrap();
    assert!(matches!(bench.orders().await, Err(Error::NotFound { .. })));
    assert!(bench.client.table(&orders, &all).await.unwrap().head.deleted);
    bench.stand_in.delete("table", ORDERS, Hard::Yes).unwrap();
    assert!(matches!(bench.client.table(&orders, &all).await, Err(Error::NotFound { .. })));
    bench.stand_in.seed_table(ORDERS, json!([])).unwrap();
    let second = bench.client.table(&orders, &all).await.unwrap().head;
    assert_ne!(first.id, second.id);
}

fn with_column(column: &str) -> LineageDetails {
    let from_columns = vec![format!("{ORDERS}.{column}")];
    let line = ColumnLineage { from_columns, to_column: "pg.sales.public.copy.id".to_owned(), function: None };
    LineageDetails { columns_lineage: vec![line], ..LineageDetails::default() }
}

async fn bench_with_copy(version: &str) -> Bench {
    let bench = Bench::new(version).await;
    bench.stand_in.seed_table("pg.sales.public.copy", json!([{"name": "id", "dataType": "BIGINT"}])).unwrap();
    bench
}

#[tokio::test]
async fn an_unknown_column_has_an_error_of_its_own() {
    let (from, to) = (named(ORDERS), named("pg.sales.public.copy"));
    let bench = bench_with_copy(OLD).await;
    let error = bench.client.put_lineage(&from, &to, &with_column("nope")).await.unwrap_err();
    assert!(matches!(error, Error::UnknownColumns { .. }), "{error:?}");
    bench.client.put_lineage(&from, &to, &LineageDetails::default()).await.unwrap();
    let bench = bench_with_copy(NEW).await;
    bench.client.put_lineage(&from, &to, &with_column("nope")).await.unwrap();
    assert_eq!(bench.stand_in.edge(ORDERS, "pg.sales.public.copy").unwrap()["columnsLineage"], json!([]));
}

#[tokio::test]
async fn lineage_goes_by_names_where_the_server_takes_them() {
    let (from, to) = (named(ORDERS), named("pg.sales.public.copy"));
    let bench = bench_with_copy(NEW).await;
    bench.client.put_lineage(&from, &to, &with_column("id")).await.unwrap();
    let by_name = format!("PUT /api/v1/lineage/table/name/{ORDERS}/table/name/pg.sales.public.copy");
    assert_eq!(bench.targets(), ["GET /api/v1/system/version", &by_name]);
    // A server that says 2.0 and has no such route is asked by ids.
    bench.stand_in.break_next(&Fault::Status(405), 1);
    bench.client.put_lineage(&from, &to, &with_column("id")).await.unwrap();
    assert_eq!(bench.targets().last().unwrap(), "PUT /api/v1/lineage");
    let gone = named("pg.sales.public.gone");
    assert!(matches!(bench.client.put_lineage(&from, &gone, &with_column("id")).await, Err(Error::NotFound { .. })));
    let bench = bench_with_copy("1.13.6").await;
    bench.client.put_lineage(&from, &to, &with_column("id")).await.unwrap();
    assert_eq!(bench.targets().last().unwrap(), "PUT /api/v1/lineage");
}

async fn pipeline(bench: &Bench, script: PipelineScript) -> uuid::Uuid {
    let service = bench.stand_in.entity("databaseService", "pg").unwrap();
    let body = json!({"name": "read", "service": {"id": service["id"], "type": "databaseService"},
        "pipelineType": "metadata", "sourceConfig": {}, "airflowConfig": {}});
    bench.stand_in.put("ingestionPipeline", &body).unwrap();
    bench.stand_in.script_pipeline("pg.read", script).unwrap();
    bench.client.ingestion_pipeline(&fqn("pg.read"), &Get::default()).await.unwrap().head.id
}

#[tokio::test]
async fn a_start_can_be_too_early_or_be_refused() {
    let bench = Bench::new(NEW).await;
    let id = pipeline(&bench, PipelineScript { not_ready: 1, ..PipelineScript::default() }).await;
    let error = bench.client.trigger_pipeline(id).await.unwrap_err();
    assert!(matches!(error, Error::PipelineNotReady { .. }) && error.is_retryable(), "{error:?}");
    bench.client.trigger_pipeline(id).await.unwrap();
    let id = pipeline(&bench, PipelineScript { code: 500, ..PipelineScript::default() }).await;
    let error = bench.client.trigger_pipeline(id).await.unwrap_err();
    assert!(matches!(error, Error::TriggerRefused { code: 500, .. }) && !error.is_retryable(), "{error:?}");
}

#[tokio::test]
async fn what_adds_is_not_repeated_when_it_may_have_arrived() {
    let bench = Bench::new(NEW).await;
    let id = pipeline(&bench, PipelineScript::default()).await;
    let table = bench.client.table(&fqn(ORDERS), &Get::default()).await.unwrap().head.id;
    for fault in [Fault::Closed, Fault::Status(503)] {
        bench.stand_in.break_next(&fault, 1);
        bench.client.trigger_pipeline(id).await.unwrap_err();
        bench.stand_in.break_next(&fault, 1);
        bench.client.add_usage(EntityKind::Table, table, "2026-11-23", 1).await.unwrap_err();
    }
    assert_eq!(bench.waits_ms(), []);
}

#[tokio::test]
async fn a_run_makes_the_tables_of_its_script() {
    let bench = Bench::new(NEW).await;
    let table = json!({"name": "fresh", "databaseSchema": "pg.sales.public", "columns": []});
    let script = PipelineScript {
        states: vec!["running", "partialSuccess"],
        makes_tables: vec![table],
        ..PipelineScript::default()
    };
    let id = pipeline(&bench, script).await;
    bench.client.trigger_pipeline(id).await.unwrap();
    let fresh = fqn("pg.sales.public.fresh");
    for is_there in [false, true] {
        bench.client.pipeline_runs(&fqn("pg.read"), 0, i64::MAX).await.unwrap();
        assert_eq!(bench.client.table(&fresh, &Get::default()).await.is_ok(), is_there);
    }
}

#[tokio::test]
async fn the_version_is_asked_once_in_its_age() {
    let bench = Bench::new(NEW).await;
    for outcome in futures::future::join_all((0..20).map(|_| bench.client.capabilities())).await {
        outcome.unwrap();
    }
    assert_eq!(bench.targets().len(), 1);
    bench.clock.advance(Duration::from_secs(601));
    bench.client.capabilities().await.unwrap();
    assert_eq!(bench.targets().len(), 2);
}

/// A server that gives the same answer to everything, and what it was sent.
async fn fixed(answer: String) -> (url::Url, Arc<std::sync::Mutex<Vec<String>>>, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api", listener.local_addr().unwrap()).parse().unwrap();
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let (mut server, kept) = (JoinSet::new(), seen.clone());
    server.spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 64 * 1024];
            let mut length = 0;
            // Head and body come in one or two pieces on loopback.
            while !String::from_utf8_lossy(&request[..length]).contains("\r\n\r\n{")
                && !request[..length].starts_with(b"GET")
            {
                length += stream.read(&mut request[length..]).await.unwrap();
            }
            kept.lock().unwrap().push(String::from_utf8_lossy(&request[..length]).into_owned());
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                answer.len()
            );
            stream.write_all(format!("{head}{answer}").as_bytes()).await.unwrap();
        }
    });
    (url, seen, server)
}

#[tokio::test]
async fn a_list_that_does_not_go_on_is_an_error() {
    let (url, _, _server) = fixed(json!({"data": [], "paging": {"total": 9, "after": "x"}}).to_string()).await;
    let client = Client::new(Options::new(url)).unwrap();
    let listed: Result<Vec<_>, _> = client.database_services(&ListOptions::default()).try_collect().await;
    assert!(matches!(listed, Err(Error::CursorStuck)), "{listed:?}");
}

#[tokio::test]
async fn an_answer_has_a_cap() {
    let (url, _, _server) = fixed(json!({"version": "2.0.7", "revision": "x".repeat(5_000)}).to_string()).await;
    let mut options = Options::new(url);
    options.max_body_bytes = 4_096;
    let error = Client::new(options).unwrap().version().await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { limit_bytes: 4_096 }), "{error:?}");
}

#[tokio::test]
async fn events_are_read_to_the_last_page() {
    let bench = Bench::new(NEW).await;
    for number in 0..1_005 {
        bench.stand_in.edit("table", ORDERS, &json!({"description": number.to_string()})).unwrap();
    }
    let events = bench.client.events(&["table"], 0).await.unwrap();
    assert_eq!(events.len(), 1_006, "one of them is that it was made");
    let ids: std::collections::BTreeSet<_> = events.iter().map(|event| event.id).collect();
    assert_eq!((ids.len(), bench.targets().len()), (1_006, 2));
}

#[tokio::test]
async fn what_is_delivered_is_signed_and_can_be_read() {
    let bench = Bench::new(NEW).await;
    let (url, seen, _server) = fixed(String::new()).await;
    let event = bench.stand_in.events().pop().unwrap();
    assert_eq!(bench.stand_in.deliver(&event, &url, "s3cret").await.unwrap(), 200);
    let request = seen.lock().unwrap().pop().unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let line = head.lines().find(|line| line.to_lowercase().starts_with("x-om-signature:")).unwrap();
    let signature = line.split_once(':').unwrap().1;
    verify_signature(body.as_bytes(), signature, &"s3cret".into()).unwrap();
    verify_signature(body.as_bytes(), signature, &"other".into()).unwrap_err();
    let read = parse_events(body.as_bytes()).unwrap();
    assert_eq!(read[0].entity_fully_qualified_name.as_deref(), Some(ORDERS));
    assert_eq!(read[0].entity.as_ref().unwrap()["name"], "orders");
}

#[tokio::test]
async fn a_subscription_is_told_once_of_what_it_is_about() {
    let bench = Bench::new(NEW).await;
    let (url, seen, _server) = fixed(String::new()).await;
    let config = json!({"endpoint": url, "authType": {"type": "bearer", "secretKey": "s3cret"}});
    let body = json!({"name": "w", "alertType": "Notification", "resources": ["table"],
        "destinations": [{"category": "External", "type": "Webhook", "config": config}]});
    bench.stand_in.put("eventsubscription", &body).unwrap();
    assert_eq!(bench.stand_in.deliver_due().await.unwrap(), [200]);
    assert_eq!(bench.stand_in.deliver_due().await.unwrap(), [0_u16; 0]);
    bench.stand_in.edit("table", ORDERS, &json!({"description": "new"})).unwrap();
    bench.stand_in.edit("database", "pg.sales", &json!({"description": "new"})).unwrap();
    assert_eq!(bench.stand_in.deliver_due().await.unwrap(), [200]);
    assert_eq!(seen.lock().unwrap().len(), 2);
}
