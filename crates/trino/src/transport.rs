//! One HTTP exchange with a coordinator: what every request carries, the cap on what comes back, and the meaning of a
//! status. Trying again is the client's business.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Certificate, Method, Proxy, Response, StatusCode, redirect};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::cluster::{Auth, BuildError, ClusterOptions, Verification};
use crate::error::Error;
use crate::excerpt::{self, Secrets, excerpt};
use crate::next_uri::ClusterUrl;

/// Trino closes a connection that was idle for 200 s; Warren does it first, so that no request meets a closed one.
const POOL_IDLE: Duration = Duration::from_secs(90);

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
    pub(crate) timeout: Duration,
}

impl Call {
    pub(crate) fn new(method: Method, url: Url, timeout: Duration) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: None, timeout }
    }

    pub(crate) fn with_headers(mut self, headers: HeaderMap) -> Self {
        self.headers = headers;
        self
    }

    /// A statement. Trino reads it as UTF-8 whatever the content type says.
    pub(crate) fn with_statement(mut self, sql: &str) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        self.body = Some(Bytes::copy_from_slice(sql.as_bytes()));
        self
    }
}

/// An answer that was 200.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) content_type: String,
    pub(crate) body: Bytes,
}

/// The connection pool of one cluster, its credentials and its caps.
pub(crate) struct Transport {
    http: reqwest::Client,
    secrets: Secrets,
    max_body_bytes: usize,
}

impl Transport {
    pub(crate) fn new(options: &ClusterOptions, cluster: &ClusterUrl) -> Result<Self, BuildError> {
        let mut always = HeaderMap::new();
        let mut secrets = Secrets::default();
        if let Some((header, hidden)) = authorization(&options.auth)? {
            if !cluster.is_https() && !cluster.is_loopback() && !options.allow_plaintext_credentials {
                let host = cluster.as_url().host_str().unwrap_or_default().to_owned();
                return Err(BuildError::PlaintextCredentials { host });
            }
            secrets = Secrets::new(hidden);
            always.insert(AUTHORIZATION, header);
        }
        // On loopback compressing costs more than it saves.
        let compressed = !cluster.is_loopback();
        if !compressed {
            always.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        let mut builder = reqwest::Client::builder()
            .use_rustls_tls()
            .default_headers(always)
            .user_agent(concat!("warren/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .pool_idle_timeout(POOL_IDLE)
            .connect_timeout(options.timeouts.connect)
            .read_timeout(options.timeouts.idle)
            .gzip(compressed)
            .no_proxy();
        if let Some(proxy) = &options.proxy {
            builder = builder.proxy(Proxy::all(proxy.clone()).map_err(|source| BuildError::Proxy { source })?);
        }
        builder = trust(builder, options, cluster)?;
        let http = builder.build().map_err(|source| BuildError::Http { source })?;
        Ok(Self { http, secrets, max_body_bytes: options.max_page_bytes })
    }

    /// Sends `call` once and reads the answer, when it is 200.
    pub(crate) async fn fetch(&self, call: Call) -> Result<Answer, Error> {
        let response = self.send(call).await?;
        if response.status() != StatusCode::OK {
            return Err(self.refusal(response).await);
        }
        let content_type = header_text(&response, &CONTENT_TYPE).unwrap_or("no content type").to_owned();
        let body = read_whole(response, self.max_body_bytes).await?;
        Ok(Answer { content_type, body })
    }

    /// Sends `call` once and takes the status alone for an answer.
    pub(crate) async fn status(&self, call: Call) -> Result<StatusCode, Error> {
        let response = self.send(call).await?;
        let status = response.status();
        let is_answer = status.is_success()
            || matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::METHOD_NOT_ALLOWED);
        if is_answer { Ok(status) } else { Err(self.refusal(response).await) }
    }

    /// The error for a 200 whose body is no JSON.
    pub(crate) fn not_json(&self, answer: &Answer) -> Error {
        Error::NotJson { content_type: answer.content_type.clone(), excerpt: excerpt(&answer.body, &self.secrets) }
    }

    async fn send(&self, call: Call) -> Result<Response, Error> {
        let request = self.http.request(call.method, call.url).headers(call.headers).timeout(call.timeout);
        let request = match call.body {
            Some(body) => request.body(body),
            None => request,
        };
        request.send().await.map_err(Error::from_http)
    }

    /// What a status that is no success means.
    async fn refusal(&self, response: Response) -> Error {
        let status = response.status();
        let retry_after = header_text(&response, &RETRY_AFTER).and_then(|seconds| seconds.trim().parse().ok());
        let excerpt = excerpt(&read_beginning(response).await, &self.secrets);
        match status {
            StatusCode::UNAUTHORIZED => Error::Unauthorized { excerpt },
            StatusCode::FORBIDDEN => Error::Forbidden { excerpt },
            StatusCode::NOT_FOUND => Error::Unknown,
            StatusCode::GONE => Error::Gone,
            StatusCode::TOO_MANY_REQUESTS => Error::Overloaded { retry_after: retry_after.map(Duration::from_secs) },
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
                Error::Unavailable { status: status.as_u16(), excerpt }
            }
            other => Error::Http { status: other.as_u16(), excerpt },
        }
    }
}

/// The `Authorization` header and the texts in it that must not show.
fn authorization(auth: &Auth) -> Result<Option<(HeaderValue, Vec<SecretString>)>, BuildError> {
    let (line, secrets) = match auth {
        Auth::None => return Ok(None),
        Auth::Basic { user, password } => {
            if user.is_empty() || user.contains(':') {
                return Err(BuildError::Credentials { what: "user", reason: "it is empty or holds a colon" });
            }
            let pair = STANDARD.encode(format!("{user}:{}", password.expose_secret()));
            (format!("Basic {pair}"), vec![pair.into(), password.clone()])
        }
        Auth::Bearer(token) => {
            if token.expose_secret().is_empty() {
                return Err(BuildError::Credentials { what: "token", reason: "it is empty" });
            }
            (format!("Bearer {}", token.expose_secret()), vec![token.clone()])
        }
    };
    let mut header = HeaderValue::from_str(&line)
        .map_err(|_invalid_byte| BuildError::Credentials { what: "token", reason: "it holds a control character" })?;
    header.set_sensitive(true);
    Ok(Some((header, secrets)))
}

/// The certificates. An `http` cluster needs none, which saves reading the system's store and keeping it in memory.
fn trust(
    builder: reqwest::ClientBuilder,
    options: &ClusterOptions,
    cluster: &ClusterUrl,
) -> Result<reqwest::ClientBuilder, BuildError> {
    if !cluster.is_https() {
        return Ok(builder.tls_built_in_root_certs(false));
    }
    let mut builder = builder.https_only(true);
    for (index, pem) in options.tls.extra_roots_pem.iter().enumerate() {
        let unreadable = |source| BuildError::RootCertificate { number: index + 1, source };
        for certificate in Certificate::from_pem_bundle(pem).map_err(unreadable)? {
            builder = builder.add_root_certificate(certificate);
        }
    }
    Ok(match options.tls.verification {
        Verification::Full => builder,
        Verification::Ca => builder.danger_accept_invalid_hostnames(true),
        Verification::None => builder.danger_accept_invalid_certs(true),
    })
}

fn header_text<'a>(response: &'a Response, name: &reqwest::header::HeaderName) -> Option<&'a str> {
    response.headers().get(name).and_then(|value| value.to_str().ok())
}

/// The body in one piece: as it came when it came in one, else copied together once.
async fn read_whole(mut response: Response, limit_bytes: usize) -> Result<Bytes, Error> {
    let declared = response.content_length().and_then(|length| usize::try_from(length).ok());
    if declared.is_some_and(|length| length > limit_bytes) {
        return Err(Error::TooLarge { limit_bytes });
    }
    let Some(first) = response.chunk().await.map_err(Error::from_http)? else { return Ok(Bytes::new()) };
    if declared == Some(first.len()) {
        return Ok(first);
    }
    let mut body = BytesMut::with_capacity(declared.unwrap_or(first.len() * 2));
    let mut next = Some(first);
    while let Some(chunk) = next {
        if body.len() + chunk.len() > limit_bytes {
            return Err(Error::TooLarge { limit_bytes });
        }
        body.extend_from_slice(&chunk);
        next = response.chunk().await.map_err(Error::from_http)?;
    }
    Ok(body.freeze())
}

/// As much of a body as an error message needs; what breaks on the way ends it.
async fn read_beginning(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    while body.len() < excerpt::MAX_BYTES
        && let Ok(Some(chunk)) = response.chunk().await
    {
        body.extend_from_slice(&chunk);
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_the_password_and_what_is_sent_of_it_are_secret() {
        fn check(auth: &Auth, line: &str, hidden: &[&str]) {
            let (header, secrets) = authorization(auth).unwrap().unwrap();
            assert_eq!(header.to_str().unwrap(), line);
            assert!(header.is_sensitive());
            assert_eq!(secrets.iter().map(ExposeSecret::expose_secret).collect::<Vec<_>>(), hidden);
        }
        let basic = Auth::Basic { user: "ana".into(), password: "pw".into() };
        check(&basic, "Basic YW5hOnB3", &["YW5hOnB3", "pw"]);
        check(&Auth::Bearer("token".into()), "Bearer token", &["token"]);
        assert!(authorization(&Auth::None).unwrap().is_none());
    }
}
