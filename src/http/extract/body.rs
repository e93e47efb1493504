//! The body: at most as many bytes as the server takes, of a media type that it knows, and JSON without fields that do
//! not exist. `text/plain` and bodies without a type are refused on purpose: any web page can make a browser send those
//! to a server on the loopback address without asking, and cannot send `application/json`.

use std::fmt;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::{FromRequest, HttpRequest, web};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use futures::future::LocalBoxFuture;
use serde::Deserialize;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde_json::Value;

use super::members::{Members, Origin};
use crate::http::core::Core;
use crate::http::problem::ApiError;
use crate::problem::{Code, Problem};

/// A JSON body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Body<T>(pub(crate) T);

/// The media types that bodies have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MediaType {
    /// `application/json`.
    Json,
    /// `application/sql` (RFC 6922).
    Sql,
}

impl<T: DeserializeOwned> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            match read_body(&request, payload).await? {
                (MediaType::Json, bytes) => Ok(Self(Self::read(&bytes)?)),
                (MediaType::Sql, _) => Err(unsupported("application/sql")),
            }
        })
    }
}

impl<T: DeserializeOwned> Body<T> {
    /// Reads a JSON object.
    ///
    /// # Errors
    /// When it is no JSON, no object, or has a member that does not exist or may not have its value.
    pub(crate) fn read(bytes: &[u8]) -> Result<T, ApiError> {
        let entries: Entries = serde_json::from_slice(bytes).map_err(|error| malformed(&error))?;
        Members::read(entries.0).map_err(|error| error.into_problem(Origin::Body).into())
    }
}

/// The whole body with its type.
///
/// # Errors
/// When the body has another type, is too large, or breaks off.
pub(crate) async fn read_body(request: &HttpRequest, mut payload: Payload) -> Result<(MediaType, Bytes), ApiError> {
    let media_type = media_type(header_text(request, CONTENT_TYPE.as_str()))?;
    let most = request.app_data::<web::Data<Core>>().map_or(0, |core| core.app().limits.max_body_bytes);
    let announced = header_text(request, CONTENT_LENGTH.as_str()).and_then(|length| length.parse().ok());
    if announced.is_some_and(|length: usize| length > most) {
        return Err(too_large(most));
    }
    let mut body = BytesMut::with_capacity(announced.unwrap_or(0));
    while let Some(chunk) = payload.next().await {
        let chunk =
            chunk.map_err(|error| ApiError::new(Code::InvalidRequest, format!("the body broke off: {error}")))?;
        if body.len() + chunk.len() > most {
            return Err(too_large(most));
        }
        body.extend_from_slice(&chunk);
    }
    Ok((media_type, body.freeze()))
}

/// A header as text, if it is there and is text.
pub(crate) fn header_text<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

fn media_type(header: Option<&str>) -> Result<MediaType, ApiError> {
    let essence = header.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/json" => Ok(MediaType::Json),
        "application/sql" => Ok(MediaType::Sql),
        other => Err(unsupported(other)),
    }
}

fn unsupported(media_type: &str) -> ApiError {
    let detail = match media_type {
        "" => "the body has no Content-Type".to_owned(),
        other => format!("a body of type '{}' is not taken here", super::echo(other)),
    };
    Problem::new(Code::UnsupportedMediaType, detail).with_hint("send `Content-Type: application/json`").into()
}

fn too_large(most: usize) -> ApiError {
    ApiError::new(Code::BodyTooLarge, format!("a body has at most {most} bytes"))
}

fn malformed(error: &serde_json::Error) -> Problem {
    if error.is_data() {
        return Problem::new(Code::InvalidRequest, "the body is not a JSON object")
            .with_hint("send an object such as {\"query\": \"select 1\"}");
    }
    let detail = format!("line {}, column {}: {}", error.line(), error.column(), reason(error));
    Problem::new(Code::MalformedJson, detail).with_hint("send one JSON object")
}

/// The error without the position that `serde_json` appends.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split_once(" at line ").map_or(text.clone(), |(reason, _)| reason.to_owned())
}

/// The members of a JSON object, also those that are there twice.
struct Entries(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = members.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::{Integer, Label, NotSupported};
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the errors are looked at")]
    struct Request {
        query: String,
        limit: Option<Integer<0, { i64::MAX }>>,
        queue: Option<Label<8>>,
        #[serde(default)]
        session: BTreeMap<String, String>,
        cache: Option<NotSupported>,
    }

    fn check(body: &str, code: &str, detail: &str) {
        let error = Body::<Request>::read(body.as_bytes()).unwrap_err();
        let problem = error.problem();
        assert_eq!((problem.code.as_str(), problem.detail.as_str()), (code, detail), "{body}");
    }

    #[test]
    fn what_is_no_json_is_refused_with_the_place() {
        check("", "MALFORMED_JSON", "line 1, column 0: EOF while parsing a value");
        check("{\"query\": \"select 1\"", "MALFORMED_JSON", "line 1, column 20: EOF while parsing an object");
        check("{\n  query: 1}", "MALFORMED_JSON", "line 2, column 3: key must be a string");
        check("{} {}", "MALFORMED_JSON", "line 1, column 4: trailing characters");
        check("[1]", "INVALID_REQUEST", "the body is not a JSON object");
        check("\"select 1\"", "INVALID_REQUEST", "the body is not a JSON object");
    }

    #[test]
    fn fields_are_refused_by_pointer() {
        let invalid = |body, detail| check(body, "INVALID_REQUEST", detail);
        invalid("{}", "the field `/query` is missing");
        invalid("{\"query\":\"a\",\"query\":\"b\"}", "the field `/query` is there twice");
        invalid("{\"query\":1}", "the field `/query` is not valid: invalid type: integer `1`, expected a string");
        invalid(
            "{\"query\":\"\",\"limit\":-1}",
            "the field `/limit` is not valid: invalid value: integer `-1`, expected a whole number from 0 to 9223372036854775807",
        );
        invalid(
            "{\"query\":\"\",\"limit\":18446744073709551615}",
            "the field `/limit` is not valid: invalid value: integer `18446744073709551615`, expected a whole number from 0 to 9223372036854775807",
        );
        invalid(
            "{\"query\":\"\",\"limit\":\"5\"}",
            "the field `/limit` is not valid: invalid type: string \"5\", expected a whole number from 0 to 9223372036854775807",
        );
        invalid("{\"query\":\"\",\"queue\":\"\"}", "the field `/queue` is not valid: the text is empty");
        invalid(
            "{\"query\":\"\",\"queue\":\"a\\u0000\"}",
            "the field `/queue` is not valid: the text has a control character",
        );
        invalid(
            "{\"query\":\"\",\"queue\":\"123456789\"}",
            "the field `/queue` is not valid: the text has 9 bytes, at most 8 are allowed",
        );
        invalid(
            "{\"query\":\"\",\"session\":{\"a\":1}}",
            "the field `/session` is not valid: invalid type: integer `1`, expected a string",
        );
        invalid(
            "{\"query\":\"\",\"cache\":{}}",
            "the field `/cache` is not valid: this server does not support it yet",
        );
        invalid("{\"qurey\":\"\"}", "there is no field `/qurey`");
    }

    #[test]
    fn the_nearest_field_is_offered() {
        let error = Body::<Request>::read(b"{\"qurey\":\"\"}").unwrap_err();
        let problem = error.problem();
        assert_eq!(problem.suggestions, ["query"]);
        assert_eq!(problem.hint.as_deref(), Some("did you mean `query`?"));
    }

    #[test]
    fn media_types() {
        let check = |header, expect: Result<MediaType, &str>| {
            let found = media_type(header).map_err(|error| error.problem().detail.clone());
            assert_eq!(found, expect.map_err(str::to_owned));
        };
        check(Some("application/json"), Ok(MediaType::Json));
        check(Some("Application/JSON; charset=utf-8"), Ok(MediaType::Json));
        check(Some("application/sql"), Ok(MediaType::Sql));
        check(Some("text/plain"), Err("a body of type 'text/plain' is not taken here"));
        check(None, Err("the body has no Content-Type"));
    }
}
