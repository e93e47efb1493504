//! Everything that can go wrong between Warren and a coordinator, one variant per thing a caller can branch on.
//!
//! A query that Trino ran and that failed is no error here: it is a page with a [`crate::QueryError`] in it.

use std::time::Duration;

use crate::page::PageError;
use crate::session::HeaderError;

/// Why a request to Trino gave no page.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value of the session cannot be sent; nothing was.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// No connection came about: nobody listens there, the name is unknown, or the certificate is not trusted.
    #[error("trino cannot be reached; check its url and that it is running")]
    Connect {
        /// What the HTTP library says, without the URL.
        #[source]
        source: reqwest::Error,
    },
    /// Trino did not answer in time.
    #[error("trino did not answer in time; it may be overloaded, or a timeout of the cluster may be too short")]
    Timeout,
    /// The connection broke while a request was sent or its answer was read.
    #[error("the connection to trino broke")]
    Broken {
        /// What the HTTP library says, without the URL.
        #[source]
        source: reqwest::Error,
    },
    /// 502, 503 or 504: a balancer has no coordinator to ask at the moment.
    #[error("trino is not available at the moment (HTTP {status}){}", quoted(.excerpt))]
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// The beginning of the answer's text.
        excerpt: String,
    },
    /// 429: a balancer asks to come back later.
    #[error("trino, or a balancer before it, takes no more requests at the moment (HTTP 429)")]
    Overloaded {
        /// When to come back, if it said so in seconds.
        retry_after: Option<Duration>,
    },
    /// 401: Warren's own credentials are missing or wrong.
    #[error("trino does not accept warren's credentials (HTTP 401){}", quoted(.excerpt))]
    Unauthorized {
        /// The beginning of the answer's text.
        excerpt: String,
    },
    /// 403: Warren is known, but may not do this; most often it may not run queries as the session's user.
    #[error("trino does not let warren do this for the user (HTTP 403){}; check its impersonation rules", quoted(.excerpt))]
    Forbidden {
        /// The beginning of the answer's text.
        excerpt: String,
    },
    /// 404: Trino knows no such query or page (any more).
    #[error("trino does not know the query (any more)")]
    Unknown,
    /// 410: the page was left behind; a later one was asked for already.
    #[error("the page is gone: a later page of the query was asked for already")]
    Gone,
    /// Any other status.
    #[error("trino answered with HTTP {status}{}", quoted(.excerpt))]
    Http {
        /// The HTTP status.
        status: u16,
        /// The beginning of the answer's text.
        excerpt: String,
    },
    /// A 200 that is no JSON, such as the log-in page of a proxy.
    #[error("something that is not trino answered ({content_type}){}; check the cluster's url", quoted(.excerpt))]
    NotJson {
        /// The answer's `Content-Type`, `no content type` when it had none.
        content_type: String,
        /// The beginning of the answer's text.
        excerpt: String,
    },
    /// The JSON of an answer ends in the middle. Trino does that when a value of the page cannot be written.
    #[error("trino's answer was cut short; a value of the result may not be writable as JSON")]
    CutShort,
    /// The JSON of an answer is not what the protocol says.
    #[error("trino's answer does not follow its client protocol")]
    Malformed {
        /// What does not.
        #[source]
        source: PageError,
    },
    /// The body is over the cap of [`crate::ClusterOptions::max_page_bytes`].
    #[error("a page of the result is larger than {limit_bytes} bytes; select fewer columns or shorter values")]
    TooLarge {
        /// The cap.
        limit_bytes: usize,
    },
}

impl Error {
    /// Whether the same request may work a little later. [`crate::Client`] has tried for
    /// [`crate::RetryPolicy::deadline`] already when it returns such an error.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Connect { .. }
            | Self::Timeout
            | Self::Broken { .. }
            | Self::Unavailable { .. }
            | Self::Overloaded { .. } => true,
            Self::Header(_)
            | Self::Unauthorized { .. }
            | Self::Forbidden { .. }
            | Self::Unknown
            | Self::Gone
            | Self::Http { .. }
            | Self::NotJson { .. }
            | Self::CutShort
            | Self::Malformed { .. }
            | Self::TooLarge { .. } => false,
        }
    }

    /// How long the server asked to wait.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Overloaded { retry_after } => *retry_after,
            _ => None,
        }
    }

    /// Sorts what the HTTP library reports, without the URL: the path of a page is a capability.
    pub(crate) fn from_http(error: reqwest::Error) -> Self {
        let source = error.without_url();
        if source.is_connect() {
            Self::Connect { source }
        } else if source.is_timeout() {
            Self::Timeout
        } else {
            Self::Broken { source }
        }
    }
}

/// An excerpt as the end of a sentence; nothing when there is none.
fn quoted(excerpt: &str) -> String {
    if excerpt.is_empty() { String::new() } else { format!(": {excerpt}") }
}
