//! All queries of an engine, by id, and their end: abandoned ones are stopped, old ones forgotten.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;

use super::driver::{self, Work};
use super::secret::Secret;
use super::{NoPage, Query, page::Page};
use crate::execute::{Interrupt, Request, Runner};
use crate::failure::{ErrorCode, QueryFailure};
use crate::options::Sources;
use crate::server::SessionHeaders;

/// Ended queries that are remembered, so that their last page can be asked for again. Each holds a page at most.
const HISTORY: usize = 32;

/// Letters of the end of a query id: without those that look alike, as Trino's.
const COORDINATOR_LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// The queries of an engine.
pub(crate) struct Registry {
    queries: Mutex<HashMap<String, Arc<Query>>>,
    counter: AtomicU32,
    coordinator: String,
    sources: Sources,
    runner: Arc<Runner>,
    threads: Handle,
    page_bytes: usize,
    client_timeout: Duration,
}

/// What a registry needs beside its queries.
pub(crate) struct Parts {
    pub(crate) runner: Arc<Runner>,
    pub(crate) sources: Sources,
    pub(crate) threads: Handle,
    pub(crate) page_bytes: usize,
    pub(crate) client_timeout: Duration,
}

impl Registry {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { runner, sources, threads, page_bytes, client_timeout } = parts;
        let random = (sources.random)();
        let letters = random[..5].iter().map(|byte| char::from(COORDINATOR_LETTERS[usize::from(byte % 32)]));
        Self {
            queries: Mutex::new(HashMap::new()),
            counter: AtomicU32::new(0),
            coordinator: letters.collect(),
            sources,
            runner,
            threads,
            page_bytes,
            client_timeout,
        }
    }

    fn queries(&self) -> MutexGuard<'_, HashMap<String, Arc<Query>>> {
        self.queries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers a query; it starts with the first request for a page.
    pub(crate) fn register(&self, sql: String, session: SessionHeaders) -> Arc<Query> {
        let now = (self.sources.now)();
        let number = self.counter.fetch_add(1, Ordering::Relaxed) % 100_000;
        let id = format!("{}_{number:05}_{}", now.format("%Y%m%d_%H%M%S"), self.coordinator);
        let secret = Secret::new((self.sources.random)());
        let query = Arc::new(Query::new(id.clone(), sql, session, now, secret));
        self.queries().insert(id, Arc::clone(&query));
        query
    }

    /// A query by its id.
    pub(crate) fn find(&self, id: &str) -> Option<Arc<Query>> {
        self.queries().get(id).cloned()
    }

    /// Answers a request for a page in the queue of `query`.
    pub(crate) async fn queued(&self, query: &Query, token: u64) -> Result<Page, NoPage> {
        let start = || {
            let work = Work {
                runner: Arc::clone(&self.runner),
                request: Request {
                    sql: query.sql.clone(),
                    session: query.session.names.clone(),
                    interrupt: Interrupt::default(),
                },
                page_bytes: self.page_bytes,
            };
            driver::start(work, &self.threads)
        };
        query.queued(token, start).await
    }

    /// Stops what nobody asks about and forgets what nobody will ask about.
    pub(crate) fn sweep(&self) {
        let timeout_ms = u64::try_from(self.client_timeout.as_millis()).unwrap_or(u64::MAX);
        let mut queries = self.queries();
        let mut ended: Vec<(u64, String)> = queries
            .values()
            .filter(|query| query.has_ended())
            .map(|query| (query.silent_ms(), query.id.clone()))
            .collect();
        ended.sort_unstable();
        let forgotten = ended
            .into_iter()
            .enumerate()
            .filter(|(index, (silent_ms, _))| *index >= HISTORY || *silent_ms > timeout_ms.saturating_mul(2));
        for (_, (_, id)) in forgotten {
            queries.remove(&id);
        }
        for query in queries.values().filter(|query| query.silent_ms() > timeout_ms) {
            let seconds = self.client_timeout.as_secs_f64();
            let message = format!("Query {} has not been accessed by the client for {seconds}s", query.id);
            query.fail(QueryFailure::new(ErrorCode::AbandonedQuery, message));
        }
    }

    /// How often [`Registry::sweep`] should run.
    pub(crate) fn sweep_interval(&self) -> Duration {
        (self.client_timeout / 4).clamp(Duration::from_millis(10), Duration::from_secs(1))
    }

    /// Stops every query.
    pub(crate) fn stop_all(&self) {
        for query in self.queries().values() {
            query.fail(QueryFailure::new(ErrorCode::UserCanceled, "the engine stops"));
        }
    }
}
