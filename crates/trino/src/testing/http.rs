//! HTTP/1.1 as far as the fake needs it, by hand: a library would not let it break the rules.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The largest body that is read; a statement of a test is far smaller.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

/// A larger reply goes out in chunks of this size and without its length, as from Trino's HTTP server.
const CHUNK_BYTES: usize = 32 * 1024;

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRequest {
    /// `GET`, `POST`, `HEAD` or `DELETE`.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The headers in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as UTF-8; what is none is replaced.
    pub body: String,
}

impl RecordedRequest {
    /// The first value of a header; `name` in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All values of a header; `name` in lower case.
    pub fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Reads one request; `None` when the client closed the connection.
    pub(super) async fn read(from: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Self>> {
        let Some(line) = read_line(from).await? else { return Ok(None) };
        let mut words = line.split(' ');
        let (Some(method), Some(path)) = (words.next(), words.next()) else {
            return Err(io::ErrorKind::InvalidData.into());
        };
        let (method, path) = (method.to_owned(), path.to_owned());
        let mut headers = Vec::new();
        while let Some(line) = read_line(from).await?
            && !line.is_empty()
        {
            let (name, value) = line.split_once(':').unwrap_or((&line, ""));
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut request = Self { method, path, headers, body: String::new() };
        let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; MAX_BODY_BYTES.min(length)];
        from.read_exact(&mut body).await?;
        request.body = String::from_utf8_lossy(&body).into_owned();
        Ok(Some(request))
    }
}

/// A line of the head; its bytes are ISO-8859-1, as for Trino's HTTP server.
async fn read_line(from: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    let read = from.read_until(b'\n', &mut line).await?;
    let line: String = line.into_iter().map(char::from).collect();
    Ok((read > 0).then(|| line.trim_end().to_owned()))
}

/// How much of a reply reaches the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    /// All of it.
    Whole,
    /// The head and half of the body; then the connection is closed.
    HalfOfBody,
    /// Not a byte; the connection is closed.
    Nothing,
}

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
    pub(super) delivery: Delivery,
}

impl Reply {
    pub(super) fn json(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, "application/json", body)
    }

    pub(super) fn text(status: u16, body: &str) -> Self {
        Self::new(status, "text/plain", body)
    }

    pub(super) fn html(body: &str) -> Self {
        Self::new(200, "text/html; charset=utf-8", body)
    }

    pub(super) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), delivery: Delivery::Whole }
    }

    pub(super) fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type", content_type.to_owned())];
        Self { status, headers, body: body.into(), delivery: Delivery::Whole }
    }

    /// Writes the reply to a request of `method`. What comes back says whether the connection can go on.
    pub(super) async fn write(&self, to: &mut (impl AsyncWrite + Unpin), method: &str) -> io::Result<bool> {
        if self.delivery == Delivery::Nothing {
            return Ok(false);
        }
        let is_chunked = self.body.len() > CHUNK_BYTES;
        let mut head = format!("HTTP/1.1 {} Scripted\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        match self.status {
            204 => {}
            _ if is_chunked => head.push_str("transfer-encoding: chunked\r\n"),
            _ => head.push_str(&format!("content-length: {}\r\n", self.body.len())),
        }
        head.push_str("\r\n");
        to.write_all(head.as_bytes()).await?;
        let is_whole = self.delivery == Delivery::Whole;
        let body = if is_whole { &self.body } else { self.body.get(..self.body.len() / 2).unwrap_or_default() };
        match method {
            "HEAD" => {}
            _ if is_chunked => write_chunks(to, body, is_whole.then_some("0\r\n\r\n")).await?,
            _ => to.write_all(body).await?,
        }
        to.flush().await?;
        Ok(is_whole)
    }
}

/// Writes a body in chunks, and the mark of its end when there is one.
async fn write_chunks(to: &mut (impl AsyncWrite + Unpin), body: &[u8], end: Option<&str>) -> io::Result<()> {
    for chunk in body.chunks(CHUNK_BYTES) {
        to.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).await?;
        to.write_all(chunk).await?;
        to.write_all(b"\r\n").await?;
    }
    to.write_all(end.unwrap_or_default().as_bytes()).await
}
