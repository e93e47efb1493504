//! The HTTP transport of OpenLineage: one event a POST.

use std::time::Duration;

use reqwest::StatusCode;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::RunEvent;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(30);

/// Where events go.
#[derive(Clone, Debug)]
pub struct OpenLineageOptions {
    /// The whole URL of the receiver.
    pub url: Url,
    /// What goes with each request.
    pub token: Option<SecretString>,
    /// The namespace of Warren's jobs.
    pub namespace: String,
}

/// A receiver of events.
#[derive(Clone, Debug)]
pub struct OpenLineage {
    options: OpenLineageOptions,
    http: reqwest::Client,
}

/// Why an event was not taken.
#[derive(Debug, thiserror::Error)]
pub enum EmitError {
    /// No answer came.
    #[error("the receiver of OpenLineage's events cannot be reached")]
    Http {
        /// What the HTTP library says, without the URL.
        #[source]
        source: reqwest::Error,
    },
    /// It answered something else than that it took the event.
    #[error("the receiver of OpenLineage's events answered with HTTP {status}")]
    Refused {
        /// The status.
        status: u16,
    },
}

impl EmitError {
    /// Whether the receiver, or the way to it, failed, and not this event: no answer, 429, 5xx, or a token that is not
    /// taken any more. The same event may be taken later.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Http { .. } => true,
            Self::Refused { status } => matches!(status, 401 | 429 | 500..=599),
        }
    }

    /// Whether no event will be taken for a while. A 500 does not say that: one event alone may lead to it.
    #[must_use]
    pub fn concerns_every_event(&self) -> bool {
        match self {
            Self::Http { .. } => true,
            Self::Refused { status } => matches!(status, 429 | 503),
        }
    }
}

impl OpenLineage {
    /// A client; nothing is sent yet.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn new(options: OpenLineageOptions) -> Result<Self, EmitError> {
        // A redirect would turn the POST into a GET, and the token would go elsewhere.
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(no_answer)?;
        Ok(Self { options, http })
    }

    /// Delivers an event. It may arrive twice: when its answer is lost, it is sent again.
    ///
    /// # Errors
    /// When the receiver does not take it.
    pub async fn emit(&self, event: &RunEvent) -> Result<(), EmitError> {
        let OpenLineageOptions { url, token, namespace } = &self.options;
        let mut request = self.http.post(url.clone()).json(&event.json(namespace));
        if let Some(token) = token {
            request = request.bearer_auth(token.expose_secret());
        }
        let status: StatusCode = request.send().await.map_err(no_answer)?.status();
        if status.is_success() { Ok(()) } else { Err(EmitError::Refused { status: status.as_u16() }) }
    }
}

fn no_answer(error: reqwest::Error) -> EmitError {
    EmitError::Http { source: error.without_url() }
}
