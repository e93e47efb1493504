//! HTTP/1.1 as far as the stand-in needs it, by hand: no server library comes in for tests alone.

use std::io;

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use url::form_urlencoded;

/// The largest body that is read.
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// A request, taken apart.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// Path and query as they came.
    pub(super) target: String,
    /// The segments below `/api/v1`, decoded; `None` for a path that is somewhere else.
    pub(super) segments: Option<Vec<String>>,
    pub(super) query: Vec<(String, String)>,
    pub(super) authorization: Option<String>,
    pub(super) body: Vec<u8>,
}

impl Request {
    /// The first value of a parameter.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; `Null` when there is none.
    pub(super) fn json(&self) -> Result<Value, Reply> {
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body)
            .map_err(|error| Reply::error(400, &format!("Unable to process JSON: {error}")))
    }

    /// Reads one request; `None` when the client closed the connection.
    pub(super) async fn read(from: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Self>> {
        let Some(line) = read_line(from).await? else { return Ok(None) };
        let mut words = line.split(' ');
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Err(io::ErrorKind::InvalidData.into());
        };
        let (mut length, mut authorization) = (0, None);
        while let Some(line) = read_line(from).await?
            && !line.is_empty()
        {
            let (name, value) = line.split_once(':').unwrap_or((&line, ""));
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().unwrap_or(0),
                "authorization" => authorization = Some(value.trim().to_owned()),
                _ => {}
            }
        }
        let mut body = vec![0; MAX_BODY_BYTES.min(length)];
        from.read_exact(&mut body).await?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Ok(Some(Self {
            method: method.to_owned(),
            target: target.to_owned(),
            segments: path.strip_prefix("/api/v1/").map(|rest| rest.split('/').map(decoded).collect()),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            authorization,
            body,
        }))
    }
}

fn decoded(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

async fn read_line(from: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    let read = from.read_until(b'\n', &mut line).await?;
    let line: String = line.into_iter().map(char::from).collect();
    Ok((read > 0).then(|| line.trim_end().to_owned()))
}

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) body: Vec<u8>,
    pub(super) location: Option<String>,
}

impl Reply {
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self { status, content_type: "application/json", body: body.to_string().into_bytes(), location: None }
    }

    pub(super) fn ok(body: &Value) -> Self {
        Self::json(200, body)
    }

    pub(super) fn empty(status: u16) -> Self {
        Self { status, content_type: "application/json", body: Vec::new(), location: None }
    }

    pub(super) fn html() -> Self {
        let body = b"<!doctype html><html><head><title>OpenMetadata</title></head><body></body></html>".to_vec();
        Self { status: 200, content_type: "text/html", body, location: None }
    }

    pub(super) fn text(status: u16) -> Self {
        let body = format!("{status} page not found\n").into_bytes();
        Self { status, content_type: "text/plain", body, location: None }
    }

    pub(super) fn error(code: u16, message: &str) -> Self {
        Self::json(code, &json!({"code": code, "message": message}))
    }

    pub(super) async fn write(&self, to: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {} Stand-in\r\ncontent-type: {}\r\n", self.status, self.content_type);
        if let Some(location) = &self.location {
            head.push_str(&format!("location: {location}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", self.body.len()));
        to.write_all(head.as_bytes()).await?;
        to.write_all(&self.body).await?;
        to.flush().await
    }
}

/// A request and its answer, as the stand-in recorded them.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// `GET`, `PUT`, `POST` or `DELETE`.
    pub method: String,
    /// Path and query as they came.
    pub target: String,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The request's body; `Null` when there was none, or no JSON.
    pub request: Value,
    /// The status of the answer.
    pub status: u16,
    /// The answer's body; `Null` when there was none, or no JSON.
    pub response: Value,
}

impl Exchange {
    pub(super) fn new(request: &Request, reply: &Reply) -> Self {
        Self {
            method: request.method.clone(),
            target: request.target.clone(),
            authorization: request.authorization.clone(),
            request: serde_json::from_slice(&request.body).unwrap_or_default(),
            status: reply.status,
            response: serde_json::from_slice(&reply.body).unwrap_or_default(),
        }
    }
}
