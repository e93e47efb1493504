//! The client against a coordinator that misbehaves: what it tries again, what it gives up on, what it sends.

#![expect(clippy::unwrap_used, reason = "a file of tests")]

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use warren_trino::testing::{FakeTrino, Fault, Gate, InstantSleeper, Script, ScriptedError, Step};
use warren_trino::{Client, ClusterOptions, Error, HeaderProblem, Liveness, NextUri, Page, QueryState, Session};

/// A fake coordinator that does the same to every statement, and a client for which time passes at once.
struct Bench {
    fake: FakeTrino,
    client: Client,
    clock: Arc<InstantSleeper>,
}

impl Bench {
    async fn new(script: Script) -> Self {
        Self::with(script, |_options| {}).await
    }

    async fn with(script: Script, change: impl FnOnce(&mut ClusterOptions)) -> Self {
        let fake = FakeTrino::start().await.unwrap();
        fake.on_query(move |_sql| script.clone());
        let clock = Arc::new(InstantSleeper::new());
        let mut options = ClusterOptions::new(fake.url());
        options.sleeper = clock.clone();
        change(&mut options);
        Self { client: Client::new(options).unwrap(), fake, clock }
    }

    fn waits_ms(&self) -> Vec<u128> {
        self.clock.waits().iter().map(Duration::as_millis).collect()
    }

    fn count(&self, method: &str) -> usize {
        self.fake.requests().iter().filter(|request| request.method == method).count()
    }
}

async fn submit(client: &Client) -> Result<Page, Error> {
    client.submit("select 1", &Session::new("ana")).await
}

/// The rows of each page, and the last page.
async fn drain(client: &Client) -> Result<(Vec<String>, Page), Error> {
    let mut page = submit(client).await?;
    let mut rows = Vec::new();
    while let Some(next) = page.next.take() {
        page = client.advance(&next).await?;
        rows.extend(page.rows_json().map(|json| String::from_utf8(json.to_vec()).unwrap()));
    }
    Ok((rows, page))
}

/// The first page of results of a query, which is not asked for yet.
async fn first_executing(client: &Client) -> (String, NextUri) {
    let mut page = submit(client).await.unwrap();
    loop {
        let next = page.next.take().unwrap();
        if next.is_executing() {
            return (page.query_id, next);
        }
        page = client.advance(&next).await.unwrap();
    }
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

fn three_pages() -> Script {
    Script::new().queued(2).column("n", "bigint").page("[[1],[2]]").page("").page("[[3]]")
}

#[tokio::test]
async fn a_query_is_followed_to_its_end() {
    let bench = Bench::new(three_pages().warning("careful").update("INSERT", Some(3))).await;
    let (rows, last) = drain(&bench.client).await.unwrap();
    assert_eq!(rows, ["[[1],[2]]", "[[3]]"]);
    assert_eq!((last.stats.state, last.error), (QueryState::Finished, None));
    assert_eq!((last.update_type.as_deref(), last.update_count), (Some("INSERT"), Some(3)));
    assert_eq!(last.warnings[0].message, "careful");
    assert_eq!(last.columns.unwrap()[0].name, "n");
    assert_eq!(bench.waits_ms(), Vec::<u128>::new());
}

#[tokio::test]
async fn a_failed_query_is_a_page_and_not_an_error() {
    let failure = ScriptedError::user("DIVISION_BY_ZERO", 8, "Division by zero", None);
    let bench = Bench::new(three_pages().fails(failure)).await;
    let (rows, last) = drain(&bench.client).await.unwrap();
    assert_eq!((rows.len(), last.error.unwrap().name.as_str()), (2, "DIVISION_BY_ZERO"));
    assert_eq!(last.stats.state, QueryState::Failed);
}

#[tokio::test]
async fn a_large_page_that_breaks_off_is_fetched_again() {
    let big = format!("[[\"{}\"]]", "x".repeat(200_000));
    let script = Script::new().column("s", "varchar").page(big.clone());
    let bench = Bench::new(script.fault(Step::Executing(0), Fault::CutInBody, 2)).await;
    assert_eq!(drain(&bench.client).await.unwrap().0, [big]);
    assert_eq!(bench.waits_ms(), [100, 200]);
}

#[tokio::test]
async fn a_page_is_fetched_again_until_it_comes_whole() {
    for fault in
        [Fault::Status(502), Fault::Status(503), Fault::Status(504), Fault::Closed, Fault::LostAnswer, Fault::CutInBody]
    {
        let script = three_pages()
            .fault(Step::Queued(2), fault.clone(), 1)
            .fault(Step::Executing(0), fault.clone(), 3)
            .fault(Step::Executing(3), fault.clone(), 2);
        let bench = Bench::new(script).await;
        let (rows, _) = drain(&bench.client).await.unwrap();
        assert_eq!(rows, ["[[1],[2]]", "[[3]]"], "{fault:?}");
        assert_eq!(bench.waits_ms(), [100, 100, 200, 400, 100, 200], "{fault:?}");
    }
}

#[tokio::test]
async fn a_statement_is_sent_again_while_nothing_polled_it() {
    let bench = Bench::new(three_pages().fault(Step::Submit, Fault::Status(503), 2)).await;
    assert_eq!(drain(&bench.client).await.unwrap().0.len(), 2);
    assert_eq!((bench.count("POST"), bench.fake.submitted().len()), (3, 1));

    let bench = Bench::new(three_pages().fault(Step::Submit, Fault::LostAnswer, 1)).await;
    assert_eq!(drain(&bench.client).await.unwrap().0.len(), 2);
    let started: Vec<bool> = bench.fake.submitted().iter().map(|query| query.started).collect();
    assert_eq!(started, [false, true]);
}

#[tokio::test]
async fn a_busy_balancer_is_given_the_time_it_asks_for() {
    let script = three_pages().fault(Step::Submit, Fault::Busy { retry_after_secs: 7 }, 1).fault(
        Step::Executing(1),
        Fault::Busy { retry_after_secs: 3_600 },
        1,
    );
    let bench = Bench::new(script).await;
    assert_eq!(drain(&bench.client).await.unwrap().0.len(), 2);
    assert_eq!(bench.waits_ms(), [7_000, 30_000]);
}

#[tokio::test]
async fn a_cut_answer_is_asked_for_once_more() {
    for fault in [Fault::TruncatedJson, Fault::EmptyBody] {
        let bench = Bench::new(three_pages().fault(Step::Executing(0), fault.clone(), 1)).await;
        assert_eq!(drain(&bench.client).await.unwrap().0, ["[[1],[2]]", "[[3]]"]);

        let bench = Bench::new(three_pages().fault(Step::Executing(0), fault.clone(), 2)).await;
        assert!(matches!(drain(&bench.client).await, Err(Error::CutShort)), "{fault:?}");
        assert_eq!(bench.waits_ms(), [100]);
    }
}

#[tokio::test]
async fn something_that_is_not_trino_is_told_at_once() {
    let bench = Bench::new(three_pages().fault(Step::Executing(0), Fault::Html, 9)).await;
    let error = drain(&bench.client).await.unwrap_err();
    let expect =
        "something that is not trino answered (text/html; charset=utf-8): Sign in Welcome; check the cluster's url";
    assert_eq!(error.to_string(), expect);

    let bench = Bench::new(three_pages().fault(Step::Submit, Fault::Redirect, 9)).await;
    let error = drain(&bench.client).await.unwrap_err();
    assert_eq!(error.to_string(), "trino answered with HTTP 302");
    assert_eq!((bench.count("POST"), bench.waits_ms().len()), (1, 0));
}

#[tokio::test]
async fn statuses_have_their_meaning_and_are_not_tried_again() {
    async fn check(status: u16, expect: &str) {
        let bench = Bench::new(three_pages().fault(Step::Executing(1), Fault::Status(status), 9)).await;
        let error = drain(&bench.client).await.unwrap_err();
        assert_eq!(error.to_string(), expect);
        assert_eq!((error.is_retryable(), bench.waits_ms().len()), (false, 0), "{status}");
    }
    check(400, "trino answered with HTTP 400: scripted").await;
    check(401, "trino does not accept warren's credentials (HTTP 401): scripted").await;
    let forbidden =
        "trino does not let warren do this for the user (HTTP 403): scripted; check its impersonation rules";
    check(403, forbidden).await;
    check(404, "trino does not know the query (any more)").await;
    check(410, "the page is gone: a later page of the query was asked for already").await;
    check(500, "trino answered with HTTP 500: scripted").await;
}

#[tokio::test]
async fn patience_ends_at_the_deadline() {
    let bench = Bench::new(three_pages().fault(Step::Executing(0), Fault::Status(503), 1_000)).await;
    let error = drain(&bench.client).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { status: 503, .. }) && error.is_retryable());
    let total: Duration = bench.clock.waits().iter().sum();
    assert!(total <= Duration::from_secs(120) && total > Duration::from_secs(110), "{total:?}");
}

#[tokio::test]
async fn a_coordinator_that_is_down_is_told_apart() {
    let Bench { fake, client, clock } = Bench::new(three_pages()).await;
    let (_, next) = first_executing(&client).await;
    drop(fake);
    let error = client.advance(&next).await.unwrap_err();
    assert!(matches!(error, Error::Connect { .. } | Error::Broken { .. }), "{error:?}");
    assert!(error.is_retryable() && !clock.waits().is_empty());
    let slug = next.as_str().split('/').nth(7).unwrap();
    assert!(slug.starts_with('y') && !shown(&error).contains(slug), "{}", shown(&error));
    assert!(matches!(client.info().await, Err(Error::Connect { .. })));
}

#[tokio::test]
async fn a_coordinator_that_is_silent_is_told_apart() {
    let gate = Gate::new();
    let script = three_pages().gate(Step::Executing(0), &gate);
    let bench = Bench::with(script, |options| {
        options.timeouts.request = Duration::from_millis(50);
        options.retry.deadline = Duration::ZERO;
    })
    .await;
    let (_, next) = first_executing(&bench.client).await;
    assert!(matches!(bench.client.advance(&next).await, Err(Error::Timeout)));
    gate.open();
    assert_eq!(bench.client.advance(&next).await.unwrap().rows_json(), Some(b"[[1],[2]]".as_slice()));
}

#[tokio::test]
async fn a_slow_answer_is_waited_for() {
    let gate = Gate::new();
    let bench = Bench::new(three_pages().gate(Step::Executing(1), &gate)).await;
    let opened = async {
        gate.reached().await;
        gate.open();
    };
    let (drained, ()) = tokio::join!(drain(&bench.client), opened);
    assert_eq!(drained.unwrap().0, ["[[1],[2]]", "[[3]]"]);
}

#[tokio::test]
async fn a_page_over_the_cap_is_refused() {
    for (size, cap, ok) in
        [(4_000, 10_000, true), (4_000, 4_000, false), (200_000, 210_000, true), (200_000, 100_000, false)]
    {
        let big = format!("[[\"{}\"]]", "x".repeat(size));
        let script = Script::new().column("s", "varchar").page(big.clone());
        let bench = Bench::with(script, |options| options.max_page_bytes = cap).await;
        match drain(&bench.client).await {
            Ok((rows, _)) => assert_eq!((rows, ok), (vec![big.clone()], true)),
            Err(error) => {
                assert!(matches!(error, Error::TooLarge { limit_bytes } if limit_bytes == cap && !ok), "{error:?}");
            }
        }
    }
}

#[tokio::test]
async fn another_process_goes_on_from_the_stored_uri() {
    let bench = Bench::new(three_pages()).await;
    let (_, next) = first_executing(&bench.client).await;
    let page = bench.client.advance(&next).await.unwrap();
    let stored = page.next.unwrap().as_str().to_owned();

    let other = Client::new(ClusterOptions::new(bench.fake.url())).unwrap();
    let page = other.advance(&other.next_uri(&stored).unwrap()).await.unwrap();
    let page = other.advance(&page.next.unwrap()).await.unwrap();
    assert_eq!(page.rows_json(), Some(b"[[3]]".as_slice()));

    bench.fake.forget_queries();
    let gone = other.advance(&page.next.unwrap()).await;
    assert!(matches!(gone, Err(Error::Unknown)), "{gone:?}");
}

#[tokio::test]
async fn the_inner_host_of_a_balanced_coordinator_is_not_followed() {
    let bench = Bench::new(three_pages()).await;
    bench.fake.answer_as("https://coordinator.internal.example:8443");
    assert_eq!(drain(&bench.client).await.unwrap().0.len(), 2);
}

#[tokio::test]
async fn a_canceled_query_ends_while_somebody_polls_it() {
    let script = Script::new().column("n", "bigint").fault(Step::State, Fault::Status(404), 1).hangs();
    let bench = Bench::new(script).await;
    let (id, next) = first_executing(&bench.client).await;
    assert_eq!(bench.client.query_state(&id, "ana").await.unwrap(), None);
    assert_eq!(bench.client.query_state(&id, "ana").await.unwrap(), Some(QueryState::Planning));
    let (polled, canceled) = tokio::join!(bench.client.advance(&next), bench.client.cancel(&next, &id, "ana"));
    canceled.unwrap();
    assert_eq!(polled.unwrap().error.unwrap().name, "USER_CANCELED");
    assert_eq!(bench.fake.canceled(), [id.as_str()]);
    assert_eq!(bench.client.query_state(&id, "ana").await.unwrap(), Some(QueryState::Failed));
    assert_eq!(bench.client.query_state("20200101_000000_00000_aaaaa", "ana").await.unwrap(), None);
}

#[tokio::test]
async fn a_query_whose_page_is_unknown_is_canceled_by_its_id() {
    let bench = Bench::new(three_pages()).await;
    let (id, next) = first_executing(&bench.client).await;
    let forged = bench.client.next_uri(&next.as_str().replace("/y", "/z")).unwrap();
    bench.client.cancel(&forged, &id, "ana").await.unwrap();
    assert_eq!(bench.fake.canceled(), [id]);
    let by_id = bench.fake.requests().pop().unwrap();
    assert_eq!((by_id.method.as_str(), by_id.header("x-trino-user")), ("DELETE", Some("ana")));
}

#[tokio::test]
async fn a_cancel_is_tried_again() {
    let script = three_pages().fault(Step::Cancel, Fault::Status(503), 1).fault(Step::Cancel, Fault::LostAnswer, 1);
    let bench = Bench::new(script).await;
    let (id, next) = first_executing(&bench.client).await;
    bench.client.cancel(&next, &id, "ana").await.unwrap();
    assert_eq!((bench.fake.canceled().len(), bench.count("DELETE")), (1, 3));
}

#[tokio::test]
async fn a_heartbeat_moves_nothing() {
    let script =
        three_pages().fault(Step::Heartbeat, Fault::Status(405), 1).fault(Step::Heartbeat, Fault::Status(503), 1);
    let bench = Bench::new(script).await;
    let (_, next) = first_executing(&bench.client).await;
    assert_eq!(bench.client.heartbeat(&next).await.unwrap(), Liveness::Unsupported);
    assert!(matches!(bench.client.heartbeat(&next).await, Err(Error::Unavailable { .. })));
    assert_eq!(bench.client.heartbeat(&next).await.unwrap(), Liveness::Alive);
    assert_eq!(bench.fake.submitted()[0].heartbeats, 1);
    assert!(bench.client.advance(&next).await.unwrap().rows_json().is_some());
    bench.fake.forget_queries();
    assert_eq!(bench.client.heartbeat(&next).await.unwrap(), Liveness::Forgotten);
}

#[tokio::test]
async fn a_statement_is_sent_as_it_is_with_its_session() {
    let bench = Bench::with(Script::new(), |options| options.source = "nightly".into()).await;
    let mut session = Session::new("ana");
    session.catalog = Some("tpch".into());
    session.properties = [("a".into(), "1,2".into()), ("b.c".into(), "x y".into())].into();
    bench.client.submit("select '日本' -- ü\n", &session).await.unwrap();
    let query = bench.fake.submitted().pop().unwrap();
    assert_eq!(query.sql, "select '日本' -- ü\n");
    let headers = ["x-trino-user", "x-trino-catalog", "x-trino-source", "content-type", "accept-encoding"];
    let sent = headers.map(|name| query.header(name).unwrap());
    assert_eq!(sent, ["ana", "tpch", "nightly", "text/plain; charset=utf-8", "identity"]);
    assert_eq!(query.request.header_values("x-trino-session").collect::<Vec<_>>(), ["a=1%2C2", "b.c=x%20y"]);
    assert!(query.header("user-agent").unwrap().starts_with("warren/"));
    assert_eq!(query.header("authorization"), None);
}

#[tokio::test]
async fn nothing_is_sent_for_a_session_that_cannot_be() {
    let bench = Bench::new(Script::new()).await;
    let error = bench.client.submit("select 1", &Session::new("ana\r\nx: y")).await.unwrap_err();
    assert!(matches!(&error, Error::Header(header) if header.problem == HeaderProblem::ControlCharacter), "{error:?}");
    assert!(bench.client.query_state("q", "").await.is_err());
    assert_eq!(bench.fake.requests(), []);
}

#[tokio::test]
async fn info_is_asked_once() {
    let bench = Bench::new(Script::new()).await;
    let info = bench.client.info().await.unwrap();
    assert_eq!((info.version.as_str(), info.environment.as_str()), ("476", "fake"));
    assert_eq!((info.coordinator, info.starting), (true, false));
    bench.fake.set_starting(true);
    assert!(bench.client.info().await.unwrap().starting);
    bench.fake.break_next(&Fault::Status(503), 1);
    assert!(matches!(bench.client.info().await, Err(Error::Unavailable { .. })));
    bench.fake.break_next(&Fault::Html, 1);
    assert!(matches!(bench.client.info().await, Err(Error::NotJson { .. })));
    assert_eq!((bench.count("GET"), bench.waits_ms().len()), (4, 0));
}
