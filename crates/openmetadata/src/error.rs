//! Everything that can go wrong between Warren and OpenMetadata, one variant per thing a caller can branch on.

use std::time::Duration;

use crate::fqn::FqnError;
use crate::token::TokenError;
use crate::version::{ServerVersion, VersionError};

/// Why a request to OpenMetadata gave no answer that can be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A name that this server cannot have; nothing was sent.
    #[error("{source} (this server is {version})")]
    UnsupportedName {
        /// What is wrong with it.
        source: FqnError,
        /// The server's version.
        version: ServerVersion,
    },
    /// 404: there is no such entity, or no such edge.
    #[error("OpenMetadata has no such entity{}", quoted(.message))]
    NotFound {
        /// What the server says.
        message: String,
    },
    /// 401, also after the token was asked for anew.
    #[error("OpenMetadata does not accept the token{}", quoted(.message))]
    Unauthorized {
        /// What the server says.
        message: String,
    },
    /// The source of the token has none.
    #[error("there is no token for OpenMetadata")]
    NoToken {
        /// Why.
        #[source]
        source: TokenError,
    },
    /// 403: the token's user may not do this.
    #[error("OpenMetadata does not allow this{}", quoted(.message))]
    Forbidden {
        /// What the server says.
        message: String,
    },
    /// 429: a limit of the deployment, which lasts.
    #[error("OpenMetadata takes no more of these requests for now (HTTP 429)")]
    RateLimited {
        /// When to come back, if it said so in seconds.
        retry_after: Option<Duration>,
    },
    /// 502, 503 or 504, or a 404 that is not OpenMetadata's own: a proxy answered in its place.
    #[error("OpenMetadata is not available at the moment (HTTP {status}){}", quoted(.message))]
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// What the server or the proxy before it says.
        message: String,
    },
    /// No connection came about: nobody listens there, the name is unknown, or the certificate is not trusted.
    #[error("OpenMetadata cannot be reached; check its url and that it is running")]
    Connect {
        /// What the HTTP library says, without the URL.
        #[source]
        source: reqwest::Error,
    },
    /// No answer came in time.
    #[error("OpenMetadata did not answer in time")]
    Timeout,
    /// The connection broke while a request was sent or its answer was read.
    #[error("the connection to OpenMetadata broke")]
    Broken {
        /// What the HTTP library says, without the URL.
        #[source]
        source: reqwest::Error,
    },
    /// Too many calls failed one after the other, so this one was not sent.
    #[error("OpenMetadata failed several times in a row; it is asked again in {} s", .retry_in.as_secs().max(1))]
    CircuitOpen {
        /// When a request will be let through again.
        retry_in: Duration,
    },
    /// A page for people came where JSON was due: OpenMetadata's own console, or a proxy's log-in page.
    #[error("a web page answered in the place of OpenMetadata's API; the base URL must end in /api")]
    Html,
    /// An answer that is no JSON, or not of the shape that the API has.
    #[error("OpenMetadata's answer cannot be read")]
    Malformed {
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// A list that does not go on: the server gave the cursor that it was given.
    #[error("a list of OpenMetadata does not go on; its cursor stays the same")]
    CursorStuck,
    /// The server says no version that can be read.
    #[error(transparent)]
    Version(#[from] VersionError),
    /// The body is over the cap of [`crate::Options::max_body_bytes`].
    #[error("an answer of OpenMetadata is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The cap.
        limit_bytes: usize,
    },
    /// 400: the request is wrong.
    #[error("OpenMetadata refused the request{}", quoted(.message))]
    BadRequest {
        /// What the server says.
        message: String,
    },
    /// 400 for lineage with columns: most often one of them is not in OpenMetadata (yet). Without them it may work.
    #[error("OpenMetadata refused the lineage of the columns{}", quoted(.message))]
    UnknownColumns {
        /// What the server says.
        message: String,
    },
    /// 409 or 412: it exists already, or was changed by somebody else.
    #[error("OpenMetadata has this already, or somebody changed it{}", quoted(.message))]
    Conflict {
        /// What the server says.
        message: String,
    },
    /// 400 for the start of a pipeline that was deployed a moment ago; it works within two minutes.
    #[error("the ingestion pipeline cannot be started yet{}", quoted(.message))]
    PipelineNotReady {
        /// What the server says.
        message: String,
    },
    /// HTTP 200, but the runner of the pipelines refused.
    #[error("the runner of ingestion pipelines answered {code}{}", quoted(.reason))]
    TriggerRefused {
        /// The code in the answer's body.
        code: i64,
        /// What the runner says.
        reason: String,
    },
    /// Any other status.
    #[error("OpenMetadata answered with HTTP {status}{}", quoted(.message))]
    Http {
        /// The HTTP status.
        status: u16,
        /// What the server says.
        message: String,
    },
}

impl Error {
    /// Whether the same request may work later without anybody doing something about it.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.is_outage()
            || matches!(self, Self::CircuitOpen { .. } | Self::PipelineNotReady { .. } | Self::RateLimited { .. })
    }

    /// Whether OpenMetadata, or the way to it, failed. Such an answer is tried again and counts for the circuit
    /// breaker. A 500 does not: old servers give it for a name that they cannot read, so one caller's mistake would
    /// stop everybody.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Connect { .. } | Self::Timeout | Self::Broken { .. })
    }

    /// What went wrong without what the server says of it, for people who are not to read the server's words.
    #[must_use]
    pub fn in_own_words(&self) -> String {
        let text = self.to_string();
        let own = text.strip_suffix(&quoted(self.message())).map(str::to_owned);
        own.unwrap_or(text)
    }

    /// What the server says; nothing where it says nothing.
    fn message(&self) -> &str {
        match self {
            Self::NotFound { message }
            | Self::Unauthorized { message }
            | Self::Forbidden { message }
            | Self::Unavailable { message, .. }
            | Self::BadRequest { message }
            | Self::UnknownColumns { message }
            | Self::Conflict { message }
            | Self::PipelineNotReady { message }
            | Self::TriggerRefused { reason: message, .. }
            | Self::Http { message, .. } => message,
            Self::UnsupportedName { .. }
            | Self::NoToken { .. }
            | Self::RateLimited { .. }
            | Self::Connect { .. }
            | Self::Timeout
            | Self::Broken { .. }
            | Self::CircuitOpen { .. }
            | Self::Html
            | Self::Malformed { .. }
            | Self::CursorStuck
            | Self::Version(_)
            | Self::TooLarge { .. } => "",
        }
    }

    /// Sorts what the HTTP library reports.
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

/// What a server says as the end of a sentence; nothing when it says nothing.
fn quoted(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}
