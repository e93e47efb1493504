//! One HTTP exchange with the server: the URL, what every request carries, the cap on what comes back, and the meaning of
//! a status. Trying again is the client's business.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{Certificate, Method, Response, StatusCode, redirect};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::error::Error;
use crate::excerpt::{is_html, is_own, message};
use crate::options::{BuildError, Options};
use crate::retry::Repeat;
use crate::token::TokenError;

/// What a path segment or a query value may hold as it is; all else is escaped, also `/` and the `;` of Jetty.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// One request. The path is below `/v1`.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) body: Option<Bytes>,
    pub(crate) repeat: Repeat,
    /// The server asks for no token here.
    pub(crate) is_public: bool,
}

impl Call {
    pub(crate) fn new(method: Method, segments: &[&str]) -> Self {
        let mut path = String::from("/v1");
        for segment in segments {
            path.push('/');
            path.extend(utf8_percent_encode(segment, KEPT));
        }
        Self { method, path, query: String::new(), body: None, repeat: Repeat::Harmless, is_public: false }
    }

    pub(crate) fn get(segments: &[&str]) -> Self {
        Self::new(Method::GET, segments)
    }

    /// Adds `name=value` to the query.
    pub(crate) fn with(mut self, name: &str, value: impl AsRef<str>) -> Self {
        if !self.query.is_empty() {
            self.query.push('&');
        }
        self.query.extend(utf8_percent_encode(name, KEPT));
        self.query.push('=');
        self.query.extend(utf8_percent_encode(value.as_ref(), KEPT));
        self
    }

    pub(crate) fn with_body(mut self, body: Vec<u8>) -> Self {
        self.body = Some(body.into());
        self
    }

    pub(crate) fn adding(mut self) -> Self {
        self.repeat = Repeat::Adds;
        self
    }

    pub(crate) fn public(mut self) -> Self {
        self.is_public = true;
        self
    }
}

/// The connection pool of one server and its caps.
pub(crate) struct Transport {
    http: reqwest::Client,
    base: Url,
    max_body_bytes: usize,
}

impl Transport {
    pub(crate) fn new(options: &Options) -> Result<Self, BuildError> {
        let url = &options.base_url;
        let is_plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
        let has_host = matches!(url.scheme(), "http" | "https") && url.host().is_some();
        if !is_plain || !has_host || url.fragment().is_some() {
            return Err(BuildError::Url);
        }
        let mut builder = reqwest::Client::builder()
            .use_rustls_tls()
            .user_agent(concat!("warren/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .connect_timeout(options.connect_timeout);
        if url.scheme() == "http" {
            builder = builder.tls_built_in_root_certs(false);
        }
        for (index, pem) in options.extra_roots_pem.iter().enumerate() {
            let unreadable = |source| BuildError::RootCertificate { number: index + 1, source };
            for certificate in Certificate::from_pem_bundle(pem).map_err(unreadable)? {
                builder = builder.add_root_certificate(certificate);
            }
        }
        let http = builder.build().map_err(|source| BuildError::Http { source })?;
        Ok(Self { http, base: url.clone(), max_body_bytes: options.max_body_bytes })
    }

    /// Sends `call` once and reads the answer, when its status is a success. The body may be empty.
    pub(crate) async fn fetch(
        &self,
        call: &Call,
        token: Option<&SecretString>,
        timeout: Duration,
    ) -> Result<Bytes, Error> {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{}", self.base.path().trim_end_matches('/'), call.path));
        url.set_query(Some(call.query.as_str()).filter(|query| !query.is_empty()));
        let mut request = self.http.request(call.method.clone(), url).timeout(timeout);
        request = request.header(ACCEPT, "application/json");
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, bearer(token)?);
        }
        if let Some(body) = &call.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        let response = request.send().await.map_err(Error::from_http)?;
        let status = response.status();
        let is_page = header(&response, &CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html"));
        let retry_after = header(&response, &RETRY_AFTER).and_then(|seconds| seconds.trim().parse().ok());
        let body = self.read_whole(response).await?;
        match status.is_success() {
            true if is_page || is_html(&body) => Err(Error::Html),
            true => Ok(body),
            false if status == StatusCode::NOT_FOUND && !is_own(&body) => {
                Err(Error::Unavailable { status: status.as_u16(), message: message(&body, token) })
            }
            false => Err(refusal(status, message(&body, token), retry_after)),
        }
    }

    async fn read_whole(&self, mut response: Response) -> Result<Bytes, Error> {
        let limit_bytes = self.max_body_bytes;
        let declared = response.content_length().and_then(|length| usize::try_from(length).ok());
        if declared.is_some_and(|length| length > limit_bytes) {
            return Err(Error::TooLarge { limit_bytes });
        }
        let mut body = BytesMut::with_capacity(declared.unwrap_or_default());
        while let Some(chunk) = response.chunk().await.map_err(Error::from_http)? {
            if body.len() + chunk.len() > limit_bytes {
                return Err(Error::TooLarge { limit_bytes });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}

fn bearer(token: &SecretString) -> Result<HeaderValue, Error> {
    let line = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()));
    let mut line = line.map_err(|_shows_no_token| Error::NoToken { source: TokenError::Unsendable })?;
    line.set_sensitive(true);
    Ok(line)
}

fn header<'a>(response: &'a Response, name: &reqwest::header::HeaderName) -> Option<&'a str> {
    response.headers().get(name).and_then(|value| value.to_str().ok())
}

/// What a status that is no success means. A redirect leads to a log-in page.
fn refusal(status: StatusCode, message: String, retry_after: Option<u64>) -> Error {
    match status.as_u16() {
        300..400 => Error::Html,
        400 => Error::BadRequest { message },
        401 => Error::Unauthorized { message },
        403 => Error::Forbidden { message },
        404 => Error::NotFound { message },
        409 | 412 => Error::Conflict { message },
        429 => Error::RateLimited { retry_after: retry_after.map(Duration::from_secs) },
        status @ 502..=504 => Error::Unavailable { status, message },
        status => Error::Http { status, message },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_segment_whatever_it_holds() {
        fn check(name: &str, expect: &str) {
            assert_eq!(Call::get(&["tables", "name", name]).path, format!("/v1/tables/name/{expect}"));
        }
        check("a.b", "a.b");
        check(r#""svc.v1".db.s."a""b""#, "%22svc.v1%22.db.s.%22a%22%22b%22");
        check("a/b?c#d%e{f};g&h+i", "a%2Fb%3Fc%23d%25e%7Bf%7D%3Bg%26h%2Bi");
        check("표 1", "%ED%91%9C%201");
        assert_eq!(Call::get(&[]).with("q", "a b&c").with("size", "1").query, "q=a%20b%26c&size=1");
    }
}
