//! How a server is reached.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::breaker::BreakerPolicy;
use crate::retry::{Jitter, RetryPolicy, Sleeper, TokioSleeper};
use crate::token::TokenSource;

/// Where a server is, how its token comes, and how long to wait for what.
#[derive(Clone, Debug)]
pub struct Options {
    /// The base URL; it ends in `/api`.
    pub base_url: Url,
    /// Where the token comes from; without one, requests go out without it.
    pub token: Option<Arc<dyn TokenSource>>,
    /// The longest wait for a connection. Default 5 s.
    pub connect_timeout: Duration,
    /// The longest wait for one answer. Default 30 s.
    pub request_timeout: Duration,
    /// The longest time of a call, with all its tries. Default 60 s.
    pub deadline: Duration,
    /// How long a server's version is believed. Default 10 min.
    pub version_age: Duration,
    /// The cap on one answer. Default 64 MiB.
    pub max_body_bytes: usize,
    /// When a request is sent again.
    pub retry: RetryPolicy,
    /// When nothing is sent for a while.
    pub breaker: BreakerPolicy,
    /// The spread of the waits. Default none; give it a source of randomness where many run at once.
    pub jitter: Jitter,
    /// The clock of waits, deadlines and the breaker.
    pub sleeper: Arc<dyn Sleeper>,
    /// More root certificates, in PEM.
    pub extra_roots_pem: Vec<Vec<u8>>,
}

impl Options {
    /// The defaults for a server at `base_url`.
    #[must_use]
    pub fn new(base_url: Url) -> Self {
        Self {
            base_url,
            token: None,
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(30),
            deadline: Duration::from_secs(60),
            version_age: Duration::from_secs(600),
            max_body_bytes: 64 * 1024 * 1024,
            retry: RetryPolicy::default(),
            breaker: BreakerPolicy::default(),
            jitter: Jitter::none(),
            sleeper: Arc::new(TokioSleeper),
            extra_roots_pem: Vec::new(),
        }
    }

    /// As before, with this source of tokens.
    #[must_use]
    pub fn with_token(mut self, source: impl TokenSource + 'static) -> Self {
        self.token = Some(Arc::new(source));
        self
    }
}

/// Why a client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The base URL is not `http` or `https`, has no host, or has credentials, a query or a fragment.
    #[error("the base URL of OpenMetadata must be http(s)://host[:port]/api, without user, query and fragment")]
    Url,
    /// A root certificate cannot be read.
    #[error("root certificate {number} cannot be read")]
    RootCertificate {
        /// Which, from 1.
        number: usize,
        /// What the HTTP library says.
        #[source]
        source: reqwest::Error,
    },
    /// The HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up")]
    Http {
        /// What the HTTP library says.
        #[source]
        source: reqwest::Error,
    },
}
