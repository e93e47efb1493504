//! A short text of an answer that is no page, for an error message: no markup, no stack trace, no secret.

use secrecy::{ExposeSecret, SecretString};

/// How many characters of an answer an error repeats.
const MAX_CHARS: usize = 200;

/// How many bytes of an answer are looked at for that.
pub(crate) const MAX_BYTES: usize = 8 * 1024;

/// What must not show: a proxy may repeat the request, with its headers and its path, in its error page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Secrets(Vec<SecretString>);

impl Secrets {
    pub(crate) fn new(secrets: Vec<SecretString>) -> Self {
        Self(secrets)
    }
}

/// The beginning of `body` as one line of at most 200 characters.
pub(crate) fn excerpt(body: &[u8], secrets: &Secrets) -> String {
    let body = body.get(..MAX_BYTES).unwrap_or(body);
    let mut text = String::from_utf8_lossy(body).into_owned();
    for secret in &secrets.0 {
        if !secret.expose_secret().is_empty() {
            text = text.replace(secret.expose_secret(), "***");
        }
    }
    if let Some(trace) = text.find("\n\tat ") {
        text.truncate(trace);
    }
    shorten(&hide_capabilities(&without_markup(&text)))
}

/// Leaves out tags, comments, and all of `script` and `style`.
fn without_markup(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        plain.push_str(&rest[..open]);
        let tag = &rest[open..];
        if !tag[1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
            plain.push('<');
            rest = &tag[1..];
            continue;
        }
        let end = match tag.get(..7).unwrap_or(tag).to_ascii_lowercase() {
            name if name.starts_with("<script") => "</script>",
            name if name.starts_with("<style") => "</style>",
            name if name.starts_with("<!--") => "-->",
            _ => ">",
        };
        plain.push(' ');
        rest = tag.to_ascii_lowercase().find(end).map_or("", |at| &tag[at + end.len()..]);
    }
    plain.push_str(rest);
    plain
}

/// Hides what follows `/v1/statement/`: the path of a page opens the page.
fn hide_capabilities(text: &str) -> String {
    const MARK: &str = "/v1/statement/";
    let mut parts = text.split(MARK);
    let mut hidden = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | ')')).unwrap_or(part.len());
        hidden.push_str(MARK);
        hidden.push('…');
        hidden.push_str(&part[end..]);
    }
    hidden
}

/// One line of at most [`MAX_CHARS`] characters.
fn shorten(text: &str) -> String {
    let line = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let mut line = line.collect::<Vec<_>>().join(" ");
    if let Some((at, _)) = line.char_indices().nth(MAX_CHARS) {
        line.truncate(at);
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expect: &str) {
        let secrets = Secrets::new(vec!["hunter2".into(), "".into()]);
        assert_eq!(excerpt(body.as_bytes(), &secrets), expect, "{body}");
    }

    #[test]
    fn markup_and_its_scripts_are_left_out() {
        check(
            "<html><head><title>502 Bad Gateway</title></head>\n<body><h1>nginx</h1></body></html>",
            "502 Bad Gateway nginx",
        );
        check("a<script>var t = '<b>';</script>b<STYLE>p{}</STYLE>c<!-- x > y -->d", "a b c d");
        check("1 < 2 and <unclosed", "1 < 2 and");
        check("ünïcode <bé>x</bé>", "ünïcode x");
        check("<", "<");
        check("", "");
    }

    #[test]
    fn secrets_and_capabilities_are_hidden() {
        check("Authorization: Bearer hunter2!", "Authorization: Bearer ***!");
        check(
            "Cannot GET /v1/statement/executing/2026_1/ySECRET/3 here, \"http://h/v1/statement/queued/a/b/1\"",
            "Cannot GET /v1/statement/… here, \"http://h/v1/statement/…\"",
        );
    }

    #[test]
    fn a_stack_trace_ends_the_text() {
        check(
            "java.lang.IllegalStateException: no\n\tat io.trino.A.b(A.java:1)\n\tat c",
            "java.lang.IllegalStateException: no",
        );
    }

    #[test]
    fn a_long_text_is_bounded_in_characters() {
        let text = excerpt("ü".repeat(5_000).as_bytes(), &Secrets::default());
        assert_eq!(text.chars().count(), 201);
        assert!(text.ends_with('…'));
        assert_eq!(excerpt(&[0xff, b'a', 0, b'b'], &Secrets::default()), "\u{fffd}a b");
    }
}
