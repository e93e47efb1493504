//! What Warren knows of one Trino cluster before it talks to it: where it is, who Warren is there, and its limits.
//!
//! Building the HTTP client out of it lives in `transport`; the identity of a query lives in `session`.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use crate::retry::{Jitter, RetryPolicy, Sleeper, TokioSleeper};

/// How Warren proves to Trino who it is. The user of a query is another matter: see [`crate::Session::user`].
#[derive(Clone, Debug, Default)]
pub enum Auth {
    /// Trino asks for nothing (`http-server.authentication.type` is not set).
    #[default]
    None,
    /// Trino's `PASSWORD` authentication.
    Basic {
        /// The principal.
        user: String,
        /// Its password.
        password: SecretString,
    },
    /// Trino's `JWT` authentication: the token goes into `Authorization: Bearer`.
    Bearer(SecretString),
}

/// What of the coordinator's certificate is checked; the words of Trino's own `SSLVerification` setting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verification {
    /// The chain of trust and the host's name.
    #[default]
    Full,
    /// The chain of trust only; for coordinators that answer under a name that their certificate does not carry.
    Ca,
    /// Nothing. Whoever stands between Warren and Trino reads everything, the credentials too.
    None,
}

/// How an `https` cluster is trusted. Without effect on an `http` one.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// Certificates that are trusted beside the system's own, each file's bytes as PEM (one file may hold several).
    pub extra_roots_pem: Vec<Vec<u8>>,
    /// What is checked.
    pub verification: Verification,
}

/// How long one request may take. Trino holds a poll for up to 1 s, so none of these should be under 10 s but `info`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Until the connection stands, TLS included. Default 10 s.
    pub connect: Duration,
    /// The longest silence while an answer is awaited or read. Default 30 s.
    pub idle: Duration,
    /// One whole page, body included. Default 5 minutes.
    pub request: Duration,
    /// A request that does not move a query on: cancel, heartbeat, state. Default 10 s.
    pub control: Duration,
    /// `GET /v1/info`, which readiness waits for. Default 5 s.
    pub info: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            request: Duration::from_secs(300),
            control: Duration::from_secs(10),
            info: Duration::from_secs(5),
        }
    }
}

/// Everything [`crate::Client::new`] needs. The fields are public: start with [`ClusterOptions::new`] and set what
/// differs.
#[derive(Clone, Debug)]
pub struct ClusterOptions {
    /// The coordinator or the balancer before it: `http` or `https`, a host, perhaps a port and a path prefix.
    pub url: Url,
    /// Warren's own credentials.
    pub auth: Auth,
    /// Send credentials over plain `http` to a host that is not loopback. Trino refuses passwords there, so this is
    /// for a cluster behind a TLS proxy inside one trusted network. Default `false`.
    pub allow_plaintext_credentials: bool,
    /// How an `https` cluster is trusted.
    pub tls: Tls,
    /// An HTTP proxy on the way to the cluster. The environment's proxy variables are not read.
    pub proxy: Option<Url>,
    /// Limits of one request.
    pub timeouts: Timeouts,
    /// When and for how long a request is tried again.
    pub retry: RetryPolicy,
    /// The largest body of a page in bytes, after decompression. A page is about 1 MB, yet holds at least one row,
    /// however large that row is. Default 128 MiB.
    pub max_page_bytes: usize,
    /// `X-Trino-Source` of sessions that name none; resource groups select by it. Default `warren`.
    pub source: String,
    /// Waits between two tries; tests put a stand-in here.
    pub sleeper: Arc<dyn Sleeper>,
    /// Spreads the waits of many clients.
    pub jitter: Jitter,
}

impl ClusterOptions {
    /// The defaults for a cluster at `url`.
    #[must_use]
    pub fn new(url: Url) -> Self {
        Self {
            url,
            auth: Auth::None,
            allow_plaintext_credentials: false,
            tls: Tls::default(),
            proxy: None,
            timeouts: Timeouts::default(),
            retry: RetryPolicy::default(),
            max_page_bytes: 128 * 1024 * 1024,
            source: "warren".to_owned(),
            sleeper: Arc::new(TokioSleeper),
            jitter: Jitter::none(),
        }
    }
}

/// Why no client could be made of [`ClusterOptions`]. Each is a mistake in the configuration.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The URL is neither `http` nor `https`.
    #[error("a trino url must start with http:// or https://, not {scheme}://")]
    Scheme {
        /// What it starts with.
        scheme: String,
    },
    /// The URL names no host.
    #[error("a trino url must name a host, as in http://trino.example.org:8080")]
    NoHost,
    /// The URL holds a user or a password.
    #[error("a trino url must not hold credentials; set the user and the password or token instead")]
    CredentialsInUrl,
    /// The URL has a query or a fragment.
    #[error("a trino url must end after its path, without `?` or `#`")]
    QueryOrFragment,
    /// Credentials would travel in the clear.
    #[error("credentials for {host} would travel unencrypted over http; use https, or allow plaintext credentials")]
    PlaintextCredentials {
        /// The host.
        host: String,
    },
    /// A user, password or token cannot be written into an `Authorization` header.
    #[error("the trino {what} cannot be sent in an HTTP header: {reason}")]
    Credentials {
        /// `user`, `password` or `token`.
        what: &'static str,
        /// What is wrong with it, without the value.
        reason: &'static str,
    },
    /// The default source cannot be sent.
    #[error(transparent)]
    Source(#[from] crate::session::HeaderError),
    /// An extra root certificate is not PEM.
    #[error("extra root certificate {number} is not a PEM certificate")]
    RootCertificate {
        /// Which one, counted from 1.
        number: usize,
        /// What the TLS library says.
        #[source]
        source: reqwest::Error,
    },
    /// The proxy's URL does not work.
    #[error("the proxy of the trino cluster is not a usable url")]
    Proxy {
        /// What the HTTP library says.
        #[source]
        source: reqwest::Error,
    },
    /// The HTTP client could not be made, most often because the system has no root certificates.
    #[error("the HTTP client for trino could not be made")]
    Http {
        /// What the HTTP library says.
        #[source]
        source: reqwest::Error,
    },
}
