//! The client: how a call is sent, and sent again. What can be asked is in the modules below, by subject.

mod events;
mod fingerprint;
mod ingestion;
mod lineage;
mod lists;
mod read;
mod search;
mod session;
mod write;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use tracing::Instrument as _;

pub use lists::ListOptions;
pub use read::{Field, Get, Include, Key};
pub use search::{SearchHit, SearchIndex, SearchPage, SearchQuery, escape_query, escape_wildcard};

use crate::error::Error;
use crate::fqn::Fqn;
use crate::options::{BuildError, Options};
use crate::retry::Retries;
use crate::transport::{Call, Transport};
use crate::version::{Capabilities, ServerVersion};
use session::Session;

/// A client of one server. Cloning it shares the connections, the token and the circuit breaker.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    deadline: Duration,
    /// When the last call has to be over, where all calls share their time.
    ends: Option<Instant>,
}

struct Inner {
    transport: Transport,
    options: Options,
    session: Session,
}

impl Client {
    /// Makes the client. No request is sent.
    ///
    /// # Errors
    /// [`BuildError`], for each way in which `options` can be wrong.
    pub fn new(options: Options) -> Result<Self, BuildError> {
        let transport = Transport::new(&options)?;
        let session = Session::new(options.breaker);
        let deadline = options.deadline;
        Ok(Self { inner: Arc::new(Inner { transport, options, session }), deadline, ends: None })
    }

    /// The same client, whose calls take no longer than this with all their tries. One that runs out of time counts as
    /// a failure for the circuit breaker, which both share.
    #[must_use]
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        Self { deadline, ..self.clone() }
    }

    /// The same client, whose calls take no longer than this from now on, all of them together.
    #[must_use]
    pub fn within(&self, time: Duration) -> Self {
        Self { ends: Some(self.inner.options.sleeper.now() + time), ..self.clone() }
    }

    /// The server's version; asked once in [`Options::version_age`].
    ///
    /// # Errors
    /// Any outage; [`Error::Html`] when the base URL is wrong; [`Error::Version`].
    pub async fn version(&self) -> Result<ServerVersion, Error> {
        if let Some(version) = self.known_version() {
            return Ok(version);
        }
        let _gate = self.inner.session.version_gate.lock().await;
        if let Some(version) = self.known_version() {
            return Ok(version);
        }
        let answer: read::VersionAnswer = self.json(Call::get(&["system", "version"]).public()).await?;
        let version = answer.version.parse()?;
        self.inner.session.keep_version(self.inner.options.sleeper.now(), version);
        Ok(version)
    }

    fn known_version(&self) -> Option<ServerVersion> {
        let Options { sleeper, version_age, .. } = &self.inner.options;
        self.inner.session.version(sleeper.now(), *version_age)
    }

    /// What the server can do, by its version.
    ///
    /// # Errors
    /// As [`Client::version`].
    pub async fn capabilities(&self) -> Result<Capabilities, Error> {
        Ok(self.version().await?.capabilities())
    }

    /// The text of a name for this server. Only a name with a quote in it needs the server's version.
    async fn text(&self, fqn: &Fqn) -> Result<String, Error> {
        if fqn.is_universal() {
            return Ok(fqn.to_string());
        }
        let version = self.version().await?;
        fqn.text(version.capabilities().grammar).map_err(|source| Error::UnsupportedName { source, version })
    }

    /// Sends `call` and reads its answer.
    async fn json<T: DeserializeOwned>(&self, call: Call) -> Result<T, Error> {
        let body = self.send(call).await?;
        serde_json::from_slice(&body).map_err(|source| Error::Malformed { source })
    }

    /// Sends `call` until it is answered, or trying again is no use. The circuit breaker counts the call once, not its
    /// tries: else one call alone would open the circuit for everybody.
    async fn send(&self, call: Call) -> Result<Bytes, Error> {
        let span = tracing::debug_span!("openmetadata", method = %call.method, path = %call.path);
        let outcome = self.try_until_answered(call).instrument(span).await;
        self.inner.session.note(&outcome, self.inner.options.sleeper.now());
        outcome
    }

    async fn try_until_answered(&self, call: Call) -> Result<Bytes, Error> {
        let Options { sleeper, jitter, retry, token, .. } = &self.inner.options;
        let own_end = sleeper.now() + self.deadline;
        let ends = self.ends.map_or(own_end, |ends| ends.min(own_end));
        let mut retries =
            Retries { policy: *retry, sleeper: &**sleeper, jitter, repeat: call.repeat, ends, failures: 0 };
        let source = token.as_deref().filter(|_| !call.is_public);
        let mut bearer = match source {
            Some(source) => Some(self.inner.session.token(source).await?),
            None => None,
        };
        let mut has_renewed = false;
        let mut last_failure = None;
        loop {
            if let Err(retry_in) = self.inner.session.admit(sleeper.now()) {
                return Err(last_failure.unwrap_or(Error::CircuitOpen { retry_in }));
            }
            let Some(left) = retries.time_left() else { return Err(last_failure.unwrap_or(Error::Timeout)) };
            let timeout = left.min(self.inner.options.request_timeout);
            let outcome = self.inner.transport.fetch(&call, bearer.as_ref(), timeout).await;
            match (outcome, source, &bearer) {
                (Ok(body), ..) => return Ok(body),
                (Err(error @ Error::Unauthorized { .. }), Some(source), Some(refused)) if !has_renewed => {
                    has_renewed = true;
                    match self.inner.session.renewed(source, refused).await? {
                        Some(renewed) => bearer = Some(renewed),
                        None => return Err(error),
                    }
                }
                (Err(error), ..) => {
                    if !retries.again(&error).await {
                        return Err(error);
                    }
                    last_failure = Some(error);
                }
            }
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.inner.options.base_url.as_str()).finish_non_exhaustive()
    }
}
