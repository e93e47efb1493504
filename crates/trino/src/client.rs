//! The client: what may be asked of a coordinator, and which of it may be asked again.

use std::fmt;
use std::sync::Arc;

use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::cluster::{BuildError, ClusterOptions};
use crate::error::Error;
use crate::next_uri::{ClusterUrl, NextUri, NextUriError};
use crate::page::{Page, PageError};
use crate::retry::Retries;
use crate::session::{self, Session};
use crate::stats::QueryState;
use crate::transport::{Answer, Call, Transport};

/// A client of one cluster. Cloning it shares the connections.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    transport: Transport,
    cluster: ClusterUrl,
    options: ClusterOptions,
}

/// Whether a query still waits for its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Liveness {
    /// It does, and its clock (`query.client.timeout`) starts anew.
    Alive,
    /// Trino does not know it (any more).
    Forgotten,
    /// The coordinator takes no heartbeats (before version 475, or behind a proxy that refuses `HEAD`): only fetching
    /// pages keeps a query alive there.
    Unsupported,
}

/// What `GET /v1/info` says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "WireInfo")]
pub struct ServerInfo {
    /// Trino's version, such as `476`.
    pub version: String,
    /// `node.environment` of the cluster.
    pub environment: String,
    /// Whether this node is a coordinator; a worker runs no queries for clients.
    pub coordinator: bool,
    /// Whether it is still starting, so that it takes no queries yet.
    pub starting: bool,
}

impl Client {
    /// Makes the client. No request is sent.
    ///
    /// # Errors
    /// [`BuildError`], for each way in which `options` can be wrong.
    pub fn new(options: ClusterOptions) -> Result<Self, BuildError> {
        let cluster = ClusterUrl::new(options.url.clone())?;
        session::check_source(&options.source)?;
        let transport = Transport::new(&options, &cluster)?;
        Ok(Self { inner: Arc::new(Inner { transport, cluster, options }) })
    }

    /// Where the cluster is.
    #[must_use]
    pub fn cluster(&self) -> &ClusterUrl {
        &self.inner.cluster
    }

    /// The URI of a next page out of durable storage. If the cluster moved since, it points to where the cluster is now.
    ///
    /// # Errors
    /// [`NextUriError`] when `stored` is not what [`NextUri::as_str`] gave.
    pub fn next_uri(&self, stored: &str) -> Result<NextUri, NextUriError> {
        self.inner.cluster.next_uri(stored)
    }

    /// Registers a query. Trino starts it with the first [`Client::advance`]; one that is never asked for is dropped
    /// and never runs (`QueuedStatementResource`). So a `POST` whose answer got lost is sent again: nobody can have
    /// polled the first one.
    ///
    /// # Errors
    /// [`Error::Header`] before anything is sent; else any other variant, after [`crate::RetryPolicy::deadline`] when
    /// it is a retryable one.
    pub async fn submit(&self, sql: &str, session: &Session) -> Result<Page, Error> {
        let headers = session.headers(&self.inner.options.source)?;
        let url = self.inner.cluster.join(&["v1", "statement"]);
        let call = Call::new(Method::POST, url, self.inner.options.timeouts.request);
        self.page(call.with_headers(headers).with_statement(sql)).await
    }

    /// Fetches the page at `next`. Trino holds the request for up to 1 s while there is nothing new, so a caller needs
    /// no pause between two calls. The same `next` may be fetched again until its successor was (`Query.java`), also by
    /// another process.
    ///
    /// # Errors
    /// [`Error::Gone`] when a later page was fetched, [`Error::Unknown`] when Trino does not know the query; else any
    /// other variant, after [`crate::RetryPolicy::deadline`] when it is a retryable one.
    pub async fn advance(&self, next: &NextUri) -> Result<Page, Error> {
        self.page(Call::new(Method::GET, next.url().clone(), self.inner.options.timeouts.request)).await
    }

    /// Cancels a query. One that has ended, or that Trino forgot, counts as canceled. When `next` is a page that was
    /// left behind, the query is killed by its id, as `user`.
    ///
    /// # Errors
    /// [`Error::Header`] when `user` cannot be sent, [`Error::Forbidden`] when `user` may not kill the query; else any
    /// other variant, after [`crate::RetryPolicy::deadline`] when it is a retryable one. The query may then still run.
    pub async fn cancel(&self, next: &NextUri, query_id: &str, user: &str) -> Result<(), Error> {
        let user = session::user_header(user)?;
        let call = Call::new(Method::DELETE, next.url().clone(), self.inner.options.timeouts.control);
        if self.status(call).await?.is_success() {
            return Ok(());
        }
        let url = self.inner.cluster.join(&["v1", "query", query_id]);
        let call = Call::new(Method::DELETE, url, self.inner.options.timeouts.control).with_headers(user);
        match self.status(call).await? {
            StatusCode::METHOD_NOT_ALLOWED => Err(Error::Http { status: 405, excerpt: String::new() }),
            _ => Ok(()),
        }
    }

    /// Tells Trino that somebody still wants the query, without fetching a page. Send one every 30 s or so while pages
    /// wait for the store; Trino abandons a query that nobody asked for in `query.client.timeout` (5 minutes).
    ///
    /// # Errors
    /// Any variant but [`Error::Header`]; nothing is tried again, for the next heartbeat is that.
    pub async fn heartbeat(&self, next: &NextUri) -> Result<Liveness, Error> {
        let call = Call::new(Method::HEAD, next.url().clone(), self.inner.options.timeouts.control);
        Ok(match self.inner.transport.status(call).await? {
            StatusCode::METHOD_NOT_ALLOWED => Liveness::Unsupported,
            StatusCode::NOT_FOUND | StatusCode::GONE => Liveness::Forgotten,
            _ => Liveness::Alive,
        })
    }

    /// The state of a query by its id, asked as `user`; `None` when Trino does not know it (any more).
    ///
    /// # Errors
    /// [`Error::Header`] when `user` cannot be sent, [`Error::Forbidden`] when `user` may not see the query; else any
    /// other variant, after [`crate::RetryPolicy::deadline`] when it is a retryable one.
    pub async fn query_state(&self, query_id: &str, user: &str) -> Result<Option<QueryState>, Error> {
        #[derive(Deserialize)]
        struct QueryInfo {
            state: QueryState,
        }
        let mut url = self.inner.cluster.join(&["v1", "query", query_id]);
        url.set_query(Some("pruned=true"));
        let call = Call::new(Method::GET, url, self.inner.options.timeouts.control);
        let call = call.with_headers(session::user_header(user)?);
        match self.answer(call, |answer| self.json::<QueryInfo>(answer)).await {
            Ok(info) => Ok(Some(info.state)),
            Err(Error::Unknown | Error::Gone) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What the coordinator says of itself. Trino asks for no credentials here. Asked once, within the short
    /// [`crate::Timeouts::info`].
    ///
    /// # Errors
    /// Any variant but [`Error::Header`].
    pub async fn info(&self) -> Result<ServerInfo, Error> {
        let url = self.inner.cluster.join(&["v1", "info"]);
        let answer = self.inner.transport.fetch(Call::new(Method::GET, url, self.inner.options.timeouts.info)).await?;
        self.json(&answer)
    }

    async fn page(&self, call: Call) -> Result<Page, Error> {
        self.answer(call, |answer| {
            Page::parse(answer.body.clone(), &self.inner.cluster).map_err(|error| self.page_error(error, answer))
        })
        .await
    }

    /// Sends `call` until `read` takes its answer, or the retry policy ends it.
    async fn answer<T>(&self, call: Call, read: impl Fn(&Answer) -> Result<T, Error>) -> Result<T, Error> {
        let mut retries = self.retries();
        loop {
            let outcome = self.inner.transport.fetch(call.clone()).await.and_then(|answer| read(&answer));
            match outcome {
                Ok(value) => return Ok(value),
                Err(error) => retries.again(error).await?,
            }
        }
    }

    /// Sends `call` until a status comes back, or the retry policy ends it.
    async fn status(&self, call: Call) -> Result<StatusCode, Error> {
        let mut retries = self.retries();
        loop {
            match self.inner.transport.status(call.clone()).await {
                Ok(status) => return Ok(status),
                Err(error) => retries.again(error).await?,
            }
        }
    }

    fn retries(&self) -> Retries<'_> {
        let options = &self.inner.options;
        Retries::new(&options.retry, &*options.sleeper, &options.jitter)
    }

    fn json<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, Error> {
        serde_json::from_slice(&answer.body).map_err(|error| {
            let problem = match error.is_eof() {
                true => PageError::CutShort,
                false if answer.body.trim_ascii_start().starts_with(b"{") => PageError::Shape(error),
                false => PageError::NotAnObject,
            };
            self.page_error(problem, answer)
        })
    }

    fn page_error(&self, error: PageError, answer: &Answer) -> Error {
        match error {
            PageError::CutShort => Error::CutShort,
            PageError::NotAnObject => self.inner.transport.not_json(answer),
            source => Error::Malformed { source },
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("cluster", &self.inner.cluster.as_url().as_str()).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireInfo {
    node_version: WireVersion,
    #[serde(default)]
    environment: String,
    #[serde(default)]
    coordinator: bool,
    #[serde(default)]
    starting: bool,
}

#[derive(Deserialize)]
struct WireVersion {
    version: String,
}

impl From<WireInfo> for ServerInfo {
    fn from(wire: WireInfo) -> Self {
        Self {
            version: wire.node_version.version,
            environment: wire.environment,
            coordinator: wire.coordinator,
            starting: wire.starting,
        }
    }
}
