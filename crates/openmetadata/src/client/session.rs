//! What all clones of a client share: the token as it was last given, the server's version, the circuit breaker.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use crate::breaker::{Breaker, BreakerPolicy};
use crate::error::Error;
use crate::token::TokenSource;
use crate::version::ServerVersion;

pub(super) struct Session {
    breaker: Mutex<Breaker>,
    version: Mutex<Option<(Instant, ServerVersion)>>,
    /// Held while the version is asked for, so that many calls at once ask once.
    pub(super) version_gate: tokio::sync::Mutex<()>,
    /// Held while the source is asked, so that it is asked once however many calls were refused.
    token: tokio::sync::Mutex<Option<SecretString>>,
}

impl Session {
    pub(super) fn new(policy: BreakerPolicy) -> Self {
        Self {
            breaker: Mutex::new(Breaker::new(policy)),
            version: Mutex::default(),
            version_gate: tokio::sync::Mutex::default(),
            token: tokio::sync::Mutex::default(),
        }
    }

    /// The version, when it was read less than `age` before `now`.
    pub(super) fn version(&self, now: Instant, age: Duration) -> Option<ServerVersion> {
        let (read_at, version) = (*locked(&self.version))?;
        (now.saturating_duration_since(read_at) < age).then_some(version)
    }

    pub(super) fn keep_version(&self, now: Instant, version: ServerVersion) {
        if !version.is_known() {
            tracing::warn!(%version, "Warren was made for OpenMetadata 1.4 to 2.0");
        }
        *locked(&self.version) = Some((now, version));
    }

    /// Whether a request may go out; if not, how long it takes until one may.
    pub(super) fn admit(&self, now: Instant) -> Result<(), Duration> {
        locked(&self.breaker).admit(now)
    }

    /// Tells the breaker how a call ended, after all its tries: an answer of any kind is a sign of life, and a call of
    /// which nothing was sent says nothing.
    pub(super) fn note<T>(&self, outcome: &Result<T, Error>, now: Instant) {
        match outcome {
            Err(Error::CircuitOpen { .. } | Error::NoToken { .. }) => {}
            Err(error) if error.is_outage() => locked(&self.breaker).failure(now),
            _ => locked(&self.breaker).success(),
        }
    }

    /// The token, from the source when there is none yet.
    pub(super) async fn token(&self, source: &dyn TokenSource) -> Result<SecretString, Error> {
        let mut held = self.token.lock().await;
        if let Some(token) = &*held {
            return Ok(token.clone());
        }
        let token = source.token().await.map_err(|source| Error::NoToken { source })?;
        *held = Some(token.clone());
        Ok(token)
    }

    /// Another token than the one that was refused: that of somebody who was faster, or the source's; `None` when the
    /// source has no other.
    pub(super) async fn renewed(
        &self,
        source: &dyn TokenSource,
        refused: &SecretString,
    ) -> Result<Option<SecretString>, Error> {
        let differs = |token: &SecretString| token.expose_secret() != refused.expose_secret();
        let mut held = self.token.lock().await;
        if let Some(token) = held.as_ref().filter(|token| differs(token)) {
            return Ok(Some(token.clone()));
        }
        let token = source.token().await.map_err(|source| Error::NoToken { source })?;
        *held = Some(token.clone());
        Ok(Some(token).filter(differs))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
