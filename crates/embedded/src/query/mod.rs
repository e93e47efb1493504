//! One query of a client: its life from `POST` to its last page, and the rules of tokens (Trino: `QueuedStatementResource`,
//! `ExecutingStatementResource`, `Query`). [`driver`] produces rows, [`page`] writes JSON, [`registry`] knows all queries.

pub(crate) mod driver;
pub(crate) mod page;
pub(crate) mod registry;
pub(crate) mod secret;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc::Receiver;
use tokio::time::Instant;

use self::driver::{Chunk, Driver};
use self::page::{Page, PageBody};
use self::secret::{Phase, Secret};
use crate::failure::{ErrorCode, QueryFailure};
use crate::server::SessionHeaders;

/// How long a request for a page waits for one (Trino: a fixed second).
const PAGE_WAIT: Duration = Duration::from_secs(1);

/// A request for a page that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoPage {
    /// The page was replaced by a later one: 410.
    #[error("the page was replaced by a later one")]
    Gone,
    /// There is no such page: 404.
    #[error("there is no such page")]
    NotFound,
}

/// Where a query is.
#[derive(Debug, Clone)]
enum Life {
    /// Nobody asked for its first page; it has not started.
    Registered,
    /// Its driver runs.
    Running(Driver),
    /// It gave its last page.
    Finished,
    /// It failed, or was cancelled or abandoned.
    Failed(QueryFailure),
}

/// The state of a query as the protocol names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StateName {
    Queued,
    Running,
    Finished,
    Failed,
}

impl StateName {
    /// The name on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Running => "RUNNING",
            Self::Finished => "FINISHED",
            Self::Failed => "FAILED",
        }
    }
}

/// The pages of a query, as far as they were asked for.
struct Cursor {
    chunks: Option<Receiver<Result<Chunk, QueryFailure>>>,
    /// The token and body of the last page handed out; it may be asked for again.
    last: Option<(u64, PageBody)>,
    next: u64,
    ended: bool,
}

/// A query.
pub(crate) struct Query {
    pub(crate) id: String,
    pub(crate) sql: String,
    pub(crate) session: SessionHeaders,
    pub(crate) created: DateTime<Utc>,
    secret: Secret,
    started: Instant,
    heartbeat_ms: AtomicU64,
    rows: AtomicU64,
    bytes: AtomicU64,
    life: Mutex<Life>,
    cursor: tokio::sync::Mutex<Cursor>,
}

impl Query {
    pub(crate) fn new(
        id: String,
        sql: String,
        session: SessionHeaders,
        created: DateTime<Utc>,
        secret: Secret,
    ) -> Self {
        Self {
            id,
            sql,
            session,
            created,
            secret,
            started: Instant::now(),
            heartbeat_ms: AtomicU64::new(0),
            rows: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            life: Mutex::new(Life::Registered),
            cursor: tokio::sync::Mutex::new(Cursor { chunks: None, last: None, next: 0, ended: false }),
        }
    }

    /// Whether a URI's slug is the one that belongs to this phase and token.
    pub(crate) fn admits(&self, phase: Phase, token: u64, slug: &str) -> bool {
        self.secret.slug(phase, token) == slug
    }

    /// Notes that the client is still there.
    pub(crate) fn touch(&self) {
        self.heartbeat_ms.store(self.elapsed_ms(), Ordering::Relaxed);
    }

    /// Milliseconds since the query was registered.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Milliseconds since the client was last heard of.
    pub(crate) fn silent_ms(&self) -> u64 {
        self.elapsed_ms().saturating_sub(self.heartbeat_ms.load(Ordering::Relaxed))
    }

    /// Rows handed out so far.
    pub(crate) fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    /// Bytes of row JSON handed out so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    fn life(&self) -> MutexGuard<'_, Life> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn state(&self) -> StateName {
        match &*self.life() {
            Life::Registered => StateName::Queued,
            Life::Running(_) => StateName::Running,
            Life::Finished => StateName::Finished,
            Life::Failed(_) => StateName::Failed,
        }
    }

    pub(crate) fn failure(&self) -> Option<QueryFailure> {
        match &*self.life() {
            Life::Failed(failure) => Some(failure.clone()),
            _ => None,
        }
    }

    pub(crate) fn has_ended(&self) -> bool {
        matches!(&*self.life(), Life::Finished | Life::Failed(_))
    }

    /// The path of the page after `POST`.
    pub(crate) fn queued_path(&self) -> String {
        self.path(Phase::Queued, 1)
    }

    fn path(&self, phase: Phase, token: u64) -> String {
        format!("/v1/statement/{}/{}/{}/{token}", phase.name(), self.id, self.secret.slug(phase, token))
    }

    /// Answers `GET queued/…`: the first one starts the query.
    pub(crate) async fn queued(&self, token: u64, start: impl FnOnce() -> driver::Started) -> Result<Page, NoPage> {
        self.touch();
        if token != 1 {
            return Err(NoPage::Gone);
        }
        let mut cursor = self.cursor.lock().await;
        {
            let mut life = self.life();
            if matches!(&*life, Life::Registered) {
                let started = start();
                *life = Life::Running(started.driver);
                cursor.chunks = Some(started.chunks);
            }
        }
        let body = match self.failure() {
            Some(failure) => PageBody::failed(failure),
            None => PageBody::waiting(self.path(Phase::Executing, 0)),
        };
        Ok(Page { body, state: self.state() })
    }

    /// Answers `GET executing/…`.
    pub(crate) async fn executing(&self, token: u64) -> Result<Page, NoPage> {
        self.touch();
        let mut cursor = self.cursor.lock().await;
        if let Some((last, body)) = &cursor.last
            && *last == token
        {
            return Ok(Page { body: body.clone(), state: self.state() });
        }
        if token < cursor.next {
            return Err(NoPage::Gone);
        }
        if token > cursor.next || cursor.ended {
            return Err(NoPage::NotFound);
        }
        let body = self.next_body(&mut cursor, token).await;
        cursor.last = Some((token, body.clone()));
        cursor.next = token + 1;
        self.touch();
        Ok(Page { body, state: self.state() })
    }

    async fn next_body(&self, cursor: &mut Cursor, token: u64) -> PageBody {
        if let Some(failure) = self.failure() {
            return self.end(cursor, PageBody::failed(failure));
        }
        let next_path = self.path(Phase::Executing, token + 1);
        let Some(chunks) = cursor.chunks.as_mut() else {
            return PageBody::waiting(next_path);
        };
        match tokio::time::timeout(PAGE_WAIT, chunks.recv()).await {
            Err(_elapsed) => PageBody::waiting(next_path),
            Ok(Some(Ok(chunk))) => {
                self.rows.fetch_add(chunk.rows, Ordering::Relaxed);
                self.bytes.fetch_add(chunk.data.len() as u64, Ordering::Relaxed);
                if chunk.last {
                    self.finish();
                    self.end(cursor, PageBody::rows(chunk, None))
                } else {
                    PageBody::rows(chunk, Some(next_path))
                }
            }
            Ok(Some(Err(failure))) => {
                self.fail(failure.clone());
                self.end(cursor, PageBody::failed(failure))
            }
            Ok(None) => {
                self.fail(QueryFailure::new(ErrorCode::GenericInternalError, "the query stopped without a result"));
                let failure = self.failure();
                self.end(cursor, failure.map_or_else(PageBody::default, PageBody::failed))
            }
        }
    }

    fn end(&self, cursor: &mut Cursor, body: PageBody) -> PageBody {
        cursor.chunks = None;
        cursor.ended = true;
        body
    }

    fn finish(&self) {
        let mut life = self.life();
        if !matches!(&*life, Life::Failed(_)) {
            *life = Life::Finished;
        }
    }

    /// Ends the query with a failure unless it has ended, and stops its driver.
    pub(crate) fn fail(&self, failure: QueryFailure) {
        let mut life = self.life();
        match &*life {
            Life::Finished | Life::Failed(_) => return,
            Life::Registered => {}
            Life::Running(driver) => driver.stop(),
        }
        *life = Life::Failed(failure);
    }

    /// Cancels the query for its client: nothing of it runs on, and its pages are gone.
    pub(crate) async fn cancel(&self) {
        self.fail(QueryFailure::new(ErrorCode::UserCanceled, "Query was canceled"));
        let mut cursor = self.cursor.lock().await;
        cursor.chunks = None;
        if self.failure().is_some() {
            cursor.last = None;
        }
    }
}
