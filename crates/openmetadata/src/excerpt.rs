//! What a server says about a failure, as one short line: no markup, no token.

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::Value;

/// How many characters of a message are kept.
const MAX_CHARS: usize = 300;

/// The shapes of an error that OpenMetadata has: `message` of its own, `responseMessage` of what it did not foresee.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    message: Option<String>,
    response_message: Option<String>,
    /// The status once more; with each `message`.
    code: Option<Value>,
}

/// The message in the body of a failure; the beginning of the body when it is in no known shape; nothing for a page.
pub(crate) fn message(body: &[u8], token: Option<&SecretString>) -> String {
    let text = match serde_json::from_slice::<Failure>(body) {
        Ok(failure) => failure.message.or(failure.response_message).unwrap_or_default(),
        Err(_) if is_html(body) => String::new(),
        Err(_) => String::from_utf8_lossy(body.get(..4 * MAX_CHARS).unwrap_or(body)).into_owned(),
    };
    let hidden = match token.map(SecretString::expose_secret) {
        Some(token) if !token.is_empty() => text.replace(token, "***"),
        _ => text,
    };
    let line = hidden.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX_CHARS) {
        Some((at, _)) => format!("{}…", line.split_at(at).0),
        None => line,
    }
}

/// Whether the body of a failure has the shape of OpenMetadata's own. A proxy says it in a page, in plain text or in other
/// JSON, and knows nothing of what OpenMetadata has.
pub(crate) fn is_own(body: &[u8]) -> bool {
    let failure = serde_json::from_slice::<Failure>(body);
    failure.is_ok_and(|failure| failure.code.is_some_and(|code| code.is_u64()) || failure.response_message.is_some())
}

/// Whether a body is a page for people.
pub(crate) fn is_html(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_proxy_says_is_not_openmetadatas() {
        fn check(body: &str, expect: bool) {
            assert_eq!(is_own(body.as_bytes()), expect, "{body}");
        }
        check(r#"{"code":404,"message":"table instance for a.b not found"}"#, true);
        check(r#"{"code":404,"errorType":"ENTITY_NOT_FOUND","message":"gone"}"#, true);
        check(r#"{"responseMessage":"An exception was thrown"}"#, true);
        check("404 page not found", false);
        check(r#"{"code":"NOT_FOUND","message":"no such route"}"#, false);
        check("<html><body>404</body></html>", false);
        check(r#"{"message":"no Route matched with those values"}"#, false);
        check(r#"{"timestamp":"…","status":404,"error":"Not Found","path":"/api"}"#, false);
        check("", false);
    }

    #[test]
    fn every_known_shape_gives_one_line() {
        fn check(body: &str, expect: &str) {
            assert_eq!(message(body.as_bytes(), Some(&"t0k".into())), expect, "{body}");
        }
        check(r#"{"code":404,"message":"table instance for a.b not found"}"#, "table instance for a.b not found");
        check(r#"{"responseMessage":"An exception\nwas thrown"}"#, "An exception was thrown");
        check(r#"{"code":500}"#, "");
        check(r#"{"code":401,"message":"token t0k expired"}"#, "token *** expired");
        check("upstream  gone", "upstream gone");
        check("<html><body>Sign in</body></html>", "");
        check(&"x".repeat(5_000), &format!("{}…", "x".repeat(300)));
        check("", "");
    }
}
