//! The session of a request, from its `X-Trino-*` headers (Trino: `HttpRequestSessionContextFactory`).

use std::str::FromStr;

use actix_web::HttpRequest;
use arrow::array::timezone::Tz;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::sql::SessionNames;

/// A request whose headers do not make a session: 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadHeaders {
    #[error("User must be set")]
    NoUser,
    #[error("Schema is set but catalog is not")]
    SchemaWithoutCatalog,
    #[error("Time zone not supported: {0}")]
    TimeZone(String),
}

/// What the headers of a statement say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SessionHeaders {
    pub(crate) names: SessionNames,
    pub(crate) source: Option<String>,
    /// Whether session properties were set; the engine has none.
    pub(crate) has_properties: bool,
}

impl SessionHeaders {
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, BadHeaders> {
        let text = |name: &str| {
            let value = latin_1(request.headers().get(name)?.as_bytes());
            Some(value.trim().to_owned()).filter(|value| !value.is_empty())
        };
        let user = text("x-trino-user").or_else(|| basic_user(&text("authorization")?)).ok_or(BadHeaders::NoUser)?;
        let (catalog, schema) = (text("x-trino-catalog"), text("x-trino-schema"));
        if schema.is_some() && catalog.is_none() {
            return Err(BadHeaders::SchemaWithoutCatalog);
        }
        let time_zone = text("x-trino-time-zone").unwrap_or_else(|| "UTC".to_owned());
        if Tz::from_str(&time_zone).is_err() {
            return Err(BadHeaders::TimeZone(time_zone));
        }
        Ok(Self {
            names: SessionNames {
                user,
                catalog: catalog.map(|name| name.to_lowercase()),
                schema: schema.map(|name| name.to_lowercase()),
                time_zone,
            },
            source: text("x-trino-source"),
            has_properties: text("x-trino-session").is_some(),
        })
    }
}

/// A byte of a header is a character of ISO 8859-1 to Trino's HTTP server, and to its client.
fn latin_1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// The user of `Authorization: Basic`; the engine asks for no password and looks at none.
fn basic_user(authorization: &str) -> Option<String> {
    let decoded = STANDARD.decode(authorization.strip_prefix("Basic ")?).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    text.split_once(':').map(|(user, _)| user.to_owned()).filter(|user| !user.is_empty())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use actix_web::test::TestRequest;

    use super::{BadHeaders, SessionHeaders};

    #[test]
    fn headers_make_a_session() {
        let request = TestRequest::default()
            .insert_header(("X-Trino-User", "ada"))
            .insert_header(("X-Trino-Catalog", "TPCH"))
            .insert_header(("X-Trino-Schema", "Tiny"))
            .insert_header(("X-Trino-Session", "query_max_run_time=1h"))
            .to_http_request();
        let session = SessionHeaders::of(&request).expect("a session");
        assert_eq!(session.names.catalog.as_deref(), Some("tpch"));
        assert_eq!(session.names.schema.as_deref(), Some("tiny"));
        assert_eq!(session.names.time_zone, "UTC");
        assert!(session.has_properties);
        let accented = HeaderValue::from_bytes(b"J\xfcrgen").unwrap();
        let accented = TestRequest::default().insert_header(("X-Trino-User", accented)).to_http_request();
        assert_eq!(SessionHeaders::of(&accented).map(|session| session.names.user), Ok("Jürgen".to_owned()));
        let basic = TestRequest::default().insert_header(("Authorization", "Basic YWRhOg==")).to_http_request();
        assert_eq!(SessionHeaders::of(&basic).map(|session| session.names.user), Ok("ada".to_owned()));
    }

    #[test]
    fn what_makes_no_session_says_why() {
        let with = |headers: &[(&'static str, &'static str)]| {
            let request = headers.iter().fold(TestRequest::default(), |request, header| request.insert_header(*header));
            SessionHeaders::of(&request.to_http_request()).map(|_| ())
        };
        assert_eq!(with(&[]), Err(BadHeaders::NoUser));
        assert_eq!(with(&[("X-Trino-User", "ada"), ("X-Trino-Schema", "s")]), Err(BadHeaders::SchemaWithoutCatalog));
        assert_eq!(
            with(&[("X-Trino-User", "ada"), ("X-Trino-Time-Zone", "Mars")]),
            Err(BadHeaders::TimeZone("Mars".to_owned()))
        );
    }
}
