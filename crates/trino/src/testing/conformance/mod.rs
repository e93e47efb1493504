//! What a coordinator has to do for Warren, as cases that run against any of them: a real Trino 476, the fake, and the
//! embedded engine as far as it goes.
//!
//! A coordinator needs the catalog `tpch` with the schema `tiny`. The fake plays it with [`script`].

use std::fmt::Debug;

use serde_json::value::RawValue;

use super::http::RecordedRequest;
use super::script::{Script, ScriptedError};
use crate::client::{Client, Liveness};
use crate::error::Error;
use crate::next_uri::{NextUri, NextUriError};
use crate::page::Page;
use crate::query_error::{ErrorKind, Location, QueryError};
use crate::session::Session;
use crate::stats::QueryState;

mod types;

/// One case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// `/v1/info` tells a coordinator that runs.
    Info,
    /// A query gives its columns and rows.
    Rows,
    /// A large result comes in several pages, no row lost or doubled.
    Paging,
    /// The last page can be fetched again, with the same rows.
    Replay,
    /// A page before the last one is gone.
    LeftBehind,
    /// A canceled query ends on the coordinator.
    Cancel,
    /// A failure has a name, a kind, and a place.
    ErrorWithPlace,
    /// Every type has the text, the tree and the JSON that Warren expects.
    Types,
    /// User, catalog, schema, time zone and properties arrive.
    SessionHeaders,
    /// A heartbeat is understood.
    Heartbeat,
    /// A query that does not exist is told apart.
    UnknownQuery,
}

/// How a coordinator failed a case.
#[derive(Debug, thiserror::Error)]
pub enum Violation {
    /// A request failed that should work.
    #[error("a request failed")]
    Request(#[from] Error),
    /// The query failed that should work.
    #[error("the query failed: {0}")]
    Query(QueryError),
    /// A URI could not be made for the case.
    #[error("a uri was refused")]
    Uri(#[from] NextUriError),
    /// Rows are not JSON.
    #[error("rows are not JSON")]
    Rows(#[from] serde_json::Error),
    /// Something is not as it should be.
    #[error("{what}: expected {expected}, found {found}")]
    Differs {
        /// What was looked at.
        what: String,
        /// As it should be.
        expected: String,
        /// As it is.
        found: String,
    },
}

const ROWS: &str = "select nationkey, name from tpch.tiny.nation where nationkey < 3 order by nationkey";
const PAGING: &str = "select orderkey, comment from tpch.tiny.lineitem";
const PAGING_ROWS: usize = 60_175;
const ENDLESS: &str =
    "select count(*) from tpch.sf1000.lineitem a join tpch.sf1000.lineitem b on a.partkey = b.suppkey";
const UNKNOWN_COLUMN: &str = "select\n  no_such_column\nfrom tpch.tiny.nation";
const SESSION: &str = "select current_user, current_catalog, current_schema, current_timezone()";
const PROPERTY: &str = "show session like 'query_max_run_time'";

impl Case {
    /// Every case.
    pub const ALL: [Self; 11] = [
        Self::Info,
        Self::Rows,
        Self::Paging,
        Self::Replay,
        Self::LeftBehind,
        Self::Cancel,
        Self::ErrorWithPlace,
        Self::Types,
        Self::SessionHeaders,
        Self::Heartbeat,
        Self::UnknownQuery,
    ];

    /// Runs the case.
    ///
    /// # Errors
    /// The first [`Violation`] that is met.
    pub async fn run(self, client: &Client) -> Result<(), Violation> {
        match self {
            Self::Info => info(client).await,
            Self::Rows => rows(client).await,
            Self::Paging => paging(client).await,
            Self::Replay => replay(client).await,
            Self::LeftBehind => left_behind(client).await,
            Self::Cancel => cancel(client).await,
            Self::ErrorWithPlace => error_with_place(client).await,
            Self::Types => types::run(client).await,
            Self::SessionHeaders => session_headers(client).await,
            Self::Heartbeat => heartbeat(client).await,
            Self::UnknownQuery => unknown_query(client).await,
        }
    }
}

/// What the fake does to pass the cases.
#[must_use]
pub fn script(request: &RecordedRequest) -> Script {
    let header = |name| request.header(name).unwrap_or_default();
    match request.body.as_str() {
        ROWS => Script::new()
            .queued(1)
            .column("nationkey", "bigint")
            .column("name", "varchar(25)")
            .page("")
            .page(r#"[[0,"ALGERIA"],[1,"ARGENTINA"],[2,"BRAZIL"]]"#),
        PAGING => {
            (0..4).fold(Script::new().column("orderkey", "bigint").column("comment", "varchar(44)"), |script, page| {
                let keys = (page * PAGING_ROWS / 4)..((page + 1) * PAGING_ROWS / 4);
                let rows: Vec<String> = keys.map(|key| format!("[{key},\"],\\\"stats\\\":{{\"]")).collect();
                script.page(format!("[{}]", rows.join(",")))
            })
        }
        ENDLESS => Script::new().column("_col0", "bigint").page("").hangs(),
        UNKNOWN_COLUMN => {
            let message = "line 2:3: Column 'no_such_column' cannot be resolved";
            Script::refused(ScriptedError::user("COLUMN_NOT_FOUND", 47, message, Some((2, 3))))
        }
        SESSION => {
            let names = ["x-trino-user", "x-trino-catalog", "x-trino-schema", "x-trino-time-zone"];
            let values = names.map(|name| serde_json::Value::from(header(name)));
            let script = values.iter().fold(Script::new(), |script, _| script.column("_col", "varchar"));
            script.page(serde_json::json!([values]).to_string())
        }
        PROPERTY => {
            let value = header("x-trino-session").split_once('=').map_or("", |(_, value)| value);
            let row = serde_json::json!([["query_max_run_time", value, "100.00d", "varchar", ""]]);
            ["Name", "Value", "Default", "Type", "Description"]
                .iter()
                .fold(Script::new(), |script, name| script.column(name, "varchar"))
                .page(row.to_string())
        }
        types if types::is_statement(types) => types::script(),
        other => {
            let message = format!("the conformance script does not know: {other}");
            Script::refused(ScriptedError::user("NOT_SUPPORTED", 13, &message, None))
        }
    }
}

async fn info(client: &Client) -> Result<(), Violation> {
    let info = client.info().await?;
    same("coordinator", &true, &info.coordinator)?;
    same("starting", &false, &info.starting)?;
    same("a version", &true, &!info.version.is_empty())
}

async fn rows(client: &Client) -> Result<(), Violation> {
    let result = drain(client, ROWS, &user()).await?;
    let columns =
        result.columns().iter().map(|column| format!("{} {}", column.name, column.type_text)).collect::<Vec<_>>();
    same("columns", "nationkey bigint, name varchar(25)", columns.join(", ").as_str())?;
    same("rows", r#"[0,"ALGERIA"] [1,"ARGENTINA"] [2,"BRAZIL"]"#, result.rows()?.join(" ").as_str())
}

async fn paging(client: &Client) -> Result<(), Violation> {
    let result = drain(client, PAGING, &user()).await?;
    same("several pages", &true, &(result.pages.iter().filter(|page| page.rows_json().is_some()).count() > 1))?;
    same("number of rows", &PAGING_ROWS, &result.rows()?.len())
}

async fn replay(client: &Client) -> Result<(), Violation> {
    let (at, page) = first_rows(client, PAGING).await?;
    let again = client.advance(&at).await?;
    same("the page fetched again", &page.rows_json(), &again.rows_json())?;
    same("its next uri", &page.next, &again.next)?;
    end(client, again).await
}

async fn left_behind(client: &Client) -> Result<(), Violation> {
    let (at, page) = first_rows(client, PAGING).await?;
    let Some(next) = &page.next else { return differs("a page after the first", "one", "none") };
    let later = client.advance(next).await?;
    match client.advance(&at).await {
        Err(Error::Gone) => end(client, later).await,
        other => differs("a page before the last one", "gone", &format!("{other:?}")),
    }
}

async fn cancel(client: &Client) -> Result<(), Violation> {
    let mut page = client.submit(ENDLESS, &user()).await?;
    let id = page.query_id.clone();
    while let Some(next) = page.next.take() {
        if next.is_executing() {
            client.cancel(&next, &id, USER).await?;
            return canceled(client, &next, &id).await;
        }
        page = client.advance(&next).await?;
    }
    differs("a query without an end", "a page of results", &format!("{page:?}"))
}

/// The query is gone from the coordinator, and a second cancel does no harm.
async fn canceled(client: &Client, next: &NextUri, id: &str) -> Result<(), Violation> {
    client.cancel(next, id, USER).await?;
    match client.advance(next).await {
        Ok(Page { error: Some(error), .. }) => same("error", "USER_CANCELED", error.name.as_str())?,
        Err(Error::Gone | Error::Unknown) => {}
        other => return differs("the next page of a canceled query", "its error", &format!("{other:?}")),
    }
    match client.query_state(id, USER).await? {
        None | Some(QueryState::Failed) => Ok(()),
        Some(state) => differs("the state of a canceled query", "FAILED", state.as_str()),
    }
}

async fn error_with_place(client: &Client) -> Result<(), Violation> {
    match drain(client, UNKNOWN_COLUMN, &user()).await {
        Err(Violation::Query(error)) => {
            same("name", "COLUMN_NOT_FOUND", error.name.as_str())?;
            same("kind", &ErrorKind::User, &error.kind)?;
            same("place", &Some(Location { line: 2, column: 3 }), &error.location)
        }
        other => {
            differs("a query with an unknown column", "its error", &format!("{:?}", other.map(|result| result.pages)))
        }
    }
}

async fn session_headers(client: &Client) -> Result<(), Violation> {
    let mut session = Session::new("josé");
    session.catalog = Some("tpch".to_owned());
    session.schema = Some("tiny".to_owned());
    session.time_zone = Some("Asia/Tokyo".to_owned());
    session.client_tags = vec!["conformance".to_owned(), "second tag".to_owned()];
    session.client_info = Some("{\"case\": \"session headers\"}".to_owned());
    session.trace_token = Some("trace-1".to_owned());
    session.properties.insert("query_max_run_time".to_owned(), "7m".to_owned());
    let rows = drain(client, SESSION, &session).await?.rows()?.join(" ");
    same("session", r#"["josé","tpch","tiny","Asia/Tokyo"]"#, rows.as_str())?;
    let rows = drain(client, PROPERTY, &session).await?.rows()?.join(" ");
    same("the property's row", &true, &rows.starts_with(r#"["query_max_run_time","7m","100.00d""#))
}

async fn heartbeat(client: &Client) -> Result<(), Violation> {
    let (_, page) = first_rows(client, PAGING).await?;
    let Some(next) = &page.next else { return differs("a page after the first", "one", "none") };
    same("a heartbeat", &Liveness::Alive, &client.heartbeat(next).await?)?;
    let forgotten = unknown_uri(client, "executing")?;
    same("a heartbeat of no query", &Liveness::Forgotten, &client.heartbeat(&forgotten).await?)?;
    same("a heartbeat moves nothing", &true, &client.advance(next).await?.rows_json().is_some())?;
    end(client, page).await
}

async fn unknown_query(client: &Client) -> Result<(), Violation> {
    for phase in ["queued", "executing"] {
        match client.advance(&unknown_uri(client, phase)?).await {
            Err(Error::Unknown) => {}
            other => return differs("a page of no query", "unknown", &format!("{other:?}")),
        }
    }
    same("the state of no query", &None, &client.query_state(UNKNOWN_ID, USER).await?)?;
    Ok(client.cancel(&unknown_uri(client, "executing")?, UNKNOWN_ID, USER).await?)
}

const USER: &str = "conformance";
const UNKNOWN_ID: &str = "20200101_000000_00000_aaaaa";

fn user() -> Session {
    Session::new(USER)
}

fn unknown_uri(client: &Client, phase: &str) -> Result<NextUri, Violation> {
    let cluster = client.cluster();
    Ok(client.next_uri(&format!("{cluster}v1/statement/{phase}/{UNKNOWN_ID}/y0123/0"))?)
}

/// All pages of a query that ended well.
struct Drained {
    pages: Vec<Page>,
}

impl Drained {
    fn columns(&self) -> &[crate::page::Column] {
        self.pages.iter().rev().find_map(|page| page.columns.as_deref()).unwrap_or_default()
    }

    /// Each row as its JSON.
    fn rows(&self) -> Result<Vec<String>, Violation> {
        let mut rows = Vec::new();
        for json in self.pages.iter().filter_map(Page::rows_json) {
            let page: Vec<&RawValue> = serde_json::from_slice(json)?;
            rows.extend(page.into_iter().map(|row| row.get().to_owned()));
        }
        Ok(rows)
    }
}

async fn drain(client: &Client, sql: &str, session: &Session) -> Result<Drained, Violation> {
    let mut pages = vec![client.submit(sql, session).await?];
    while let Some(next) = pages.last().and_then(|page| page.next.clone()) {
        pages.push(client.advance(&next).await?);
    }
    match pages.last().and_then(|page| page.error.clone()) {
        Some(error) => Err(Violation::Query(error)),
        None => Ok(Drained { pages }),
    }
}

/// The first page with rows, and where it was.
async fn first_rows(client: &Client, sql: &str) -> Result<(NextUri, Page), Violation> {
    let mut page = client.submit(sql, &user()).await?;
    while let Some(next) = page.next.take() {
        page = client.advance(&next).await?;
        if page.rows_json().is_some() {
            return Ok((next, page));
        }
    }
    differs("a query with rows", "a page with rows", "none")
}

/// Leaves no query behind.
async fn end(client: &Client, page: Page) -> Result<(), Violation> {
    match &page.next {
        Some(next) => Ok(client.cancel(next, &page.query_id, USER).await?),
        None => Ok(()),
    }
}

fn same<E, F>(what: &str, expected: &E, found: &F) -> Result<(), Violation>
where
    E: PartialEq<F> + Debug + ?Sized,
    F: Debug + ?Sized,
{
    if expected == found { Ok(()) } else { differs(what, &format!("{expected:?}"), &format!("{found:?}")) }
}

fn differs<T>(what: &str, expected: &str, found: &str) -> Result<T, Violation> {
    Err(Violation::Differs { what: what.to_owned(), expected: expected.to_owned(), found: found.to_owned() })
}
