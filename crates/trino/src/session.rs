//! Who runs a query and under which settings, as the request headers of `POST /v1/statement`.
//!
//! The rules are those of Trino's `HttpRequestSessionContextFactory`: scalars are taken as they are, lists are split
//! at `,` and then at `=`, and only the value after the `=` is decoded. What would change on that way is refused here,
//! before anything is sent.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

const USER: &str = "x-trino-user";
const SOURCE: &str = "x-trino-source";
const CATALOG: &str = "x-trino-catalog";
const SCHEMA: &str = "x-trino-schema";
const TIME_ZONE: &str = "x-trino-time-zone";
const CLIENT_TAGS: &str = "x-trino-client-tags";
const CLIENT_INFO: &str = "x-trino-client-info";
const TRACE_TOKEN: &str = "x-trino-trace-token";
const SESSION: &str = "x-trino-session";
const CAPABILITIES: &str = "x-trino-client-capabilities";

/// With it time types keep their precision; without it Trino rounds them to milliseconds. The newer `NUMBER` and
/// `VARIANT` are not asked for: without them Trino sends these values as text, which loses nothing.
const CAPABILITIES_VALUE: &str = "PARAMETRIC_DATETIME";

/// What of a property's value needs no `%`: the unreserved characters of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The session of one query. Only `user` has to be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// The user that the query runs as, whose rights Trino checks. With [`crate::Auth`] of another principal this is
    /// impersonation, which the cluster's access control must allow.
    pub user: String,
    /// What sends the query; resource groups select by it. `None` takes the cluster's default.
    pub source: Option<String>,
    /// The catalog of names without one. Trino turns it to lower case.
    pub catalog: Option<String>,
    /// The schema of names without one; needs a catalog.
    pub schema: Option<String>,
    /// A zone id such as `Europe/Berlin` or `+02:00`; `None` takes the coordinator's.
    pub time_zone: Option<String>,
    /// Labels that resource groups and event listeners see. No comma in any of them.
    pub client_tags: Vec<String>,
    /// A token that shows up in Trino's logs beside the query, to find it from Warren's.
    pub trace_token: Option<String>,
    /// Free text that event listeners see.
    pub client_info: Option<String>,
    /// Session properties: `query_max_run_time`, or `catalog.property`.
    pub properties: BTreeMap<String, String>,
}

impl Session {
    /// A session of `user` with nothing else set.
    pub fn new(user: impl Into<String>) -> Self {
        Self { user: user.into(), ..Self::default() }
    }

    /// The headers of the `POST`, with `default_source` where the session names none.
    pub(crate) fn headers(&self, default_source: &str) -> Result<HeaderMap, HeaderError> {
        let mut headers = user_header(&self.user)?;
        if self.schema.is_some() && self.catalog.is_none() {
            return Err(HeaderProblem::SchemaWithoutCatalog.of(SCHEMA));
        }
        let scalars = [
            (SOURCE, Some(self.source.as_deref().unwrap_or(default_source))),
            (CATALOG, self.catalog.as_deref()),
            (SCHEMA, self.schema.as_deref()),
            (TIME_ZONE, self.time_zone.as_deref()),
            (TRACE_TOKEN, self.trace_token.as_deref()),
            (CLIENT_INFO, self.client_info.as_deref()),
        ];
        for (name, value) in scalars {
            if let Some(value) = value {
                headers.insert(HeaderName::from_static(name), scalar(name, value)?);
            }
        }
        if !self.client_tags.is_empty() {
            headers.insert(HeaderName::from_static(CLIENT_TAGS), tags(&self.client_tags)?);
        }
        for (property, value) in &self.properties {
            headers.append(HeaderName::from_static(SESSION), assignment(property, value)?);
        }
        headers.insert(HeaderName::from_static(CAPABILITIES), HeaderValue::from_static(CAPABILITIES_VALUE));
        Ok(headers)
    }
}

/// The one header that a request about a query needs.
pub(crate) fn user_header(user: &str) -> Result<HeaderMap, HeaderError> {
    Ok(HeaderMap::from_iter([(HeaderName::from_static(USER), scalar(USER, user)?)]))
}

/// Checks a value for [`crate::ClusterOptions::source`].
pub(crate) fn check_source(source: &str) -> Result<(), HeaderError> {
    scalar(SOURCE, source).map(|_| ())
}

/// A value that Trino takes as it stands, in ISO-8859-1: so Trino's HTTP server reads the bytes of a header.
///
/// Blanks at the ends are refused since HTTP trims them: `" root"` would become another user.
fn scalar(name: &'static str, value: &str) -> Result<HeaderValue, HeaderError> {
    let problem = if value.is_empty() {
        HeaderProblem::Empty
    } else if value.chars().any(char::is_control) {
        HeaderProblem::ControlCharacter
    } else if value.trim() != value {
        HeaderProblem::OuterBlanks
    } else {
        let latin: Option<Vec<u8>> = value.chars().map(|c| u8::try_from(c).ok()).collect();
        match latin.and_then(|bytes| HeaderValue::from_bytes(&bytes).ok()) {
            Some(value) => return Ok(value),
            None => HeaderProblem::NotLatin,
        }
    };
    Err(problem.of(name))
}

/// All tags in one header line, for Trino reads the first line only.
fn tags(tags: &[String]) -> Result<HeaderValue, HeaderError> {
    for tag in tags {
        scalar(CLIENT_TAGS, tag)?;
        if tag.contains(',') {
            return Err(HeaderProblem::Comma.of(CLIENT_TAGS));
        }
    }
    scalar(CLIENT_TAGS, &tags.join(","))
}

/// `property=encoded value`.
fn assignment(property: &str, value: &str) -> Result<HeaderValue, HeaderError> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '$' | '@');
    if property.is_empty() || !property.chars().all(is_name) {
        return Err(HeaderProblem::PropertyName.of(SESSION));
    }
    scalar(SESSION, &format!("{property}={}", utf8_percent_encode(value, ENCODED)))
}

/// A value of a session that cannot be sent as a request header. The value is not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request header {name} cannot be sent: {problem}")]
pub struct HeaderError {
    /// The header, in lower case.
    pub name: &'static str,
    /// What is wrong with its value.
    pub problem: HeaderProblem,
}

/// What is wrong with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderProblem {
    /// It is empty.
    #[error("the value is empty")]
    Empty,
    /// It holds a line break or another control character.
    #[error("the value holds a control character")]
    ControlCharacter,
    /// It holds a character beyond ISO-8859-1, which a header of Trino's protocol cannot carry.
    #[error("the value holds a character beyond ISO-8859-1 (Latin-1)")]
    NotLatin,
    /// It begins or ends with a blank, which HTTP would drop.
    #[error("the value begins or ends with a blank")]
    OuterBlanks,
    /// A tag holds a comma, at which Trino would split it.
    #[error("a tag holds a comma")]
    Comma,
    /// The name of a session property is no name.
    #[error("the name of a session property may hold letters, digits, `_`, `-` and `.` only")]
    PropertyName,
    /// A schema is given without a catalog.
    #[error("a schema needs a catalog")]
    SchemaWithoutCatalog,
}

impl HeaderProblem {
    fn of(self, name: &'static str) -> HeaderError {
        HeaderError { name, problem: self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(session: &Session) -> Vec<String> {
        let headers = session.headers("warren").unwrap();
        let mut lines: Vec<_> = headers.iter().map(|(k, v)| format!("{k}: {}", v.to_str().unwrap())).collect();
        lines.sort();
        lines
    }

    #[test]
    fn a_bare_session_sends_user_source_and_capabilities() {
        let expect =
            ["x-trino-client-capabilities: PARAMETRIC_DATETIME", "x-trino-source: warren", "x-trino-user: ana"];
        assert_eq!(lines(&Session::new("ana")), expect);
    }

    #[test]
    fn every_part_has_its_header() {
        let session = Session {
            user: "ana@example.org".into(),
            source: Some("nightly".into()),
            catalog: Some("tpch".into()),
            schema: Some("tiny".into()),
            time_zone: Some("Europe/Berlin".into()),
            client_tags: vec!["a".into(), "b c".into()],
            trace_token: Some("job-1".into()),
            client_info: Some("{\"team\": \"x\"}".into()),
            properties: BTreeMap::from([
                ("query_max_run_time".into(), "2h".into()),
                ("hive.path".into(), "a=b,c d+é\n".into()),
                ("empty".into(), String::new()),
            ]),
        };
        let expect = [
            "x-trino-catalog: tpch",
            "x-trino-client-capabilities: PARAMETRIC_DATETIME",
            "x-trino-client-info: {\"team\": \"x\"}",
            "x-trino-client-tags: a,b c",
            "x-trino-schema: tiny",
            "x-trino-session: empty=",
            "x-trino-session: hive.path=a%3Db%2Cc%20d%2B%C3%A9%0A",
            "x-trino-session: query_max_run_time=2h",
            "x-trino-source: nightly",
            "x-trino-time-zone: Europe/Berlin",
            "x-trino-trace-token: job-1",
            "x-trino-user: ana@example.org",
        ];
        assert_eq!(lines(&session), expect);
    }

    #[test]
    fn what_would_arrive_as_something_else_is_refused() {
        fn check(change: impl FnOnce(&mut Session), name: &str, problem: HeaderProblem) {
            let mut session = Session::new("ana");
            session.catalog = Some("tpch".into());
            change(&mut session);
            let error = session.headers("warren").unwrap_err();
            assert_eq!((error.name, error.problem), (name, problem));
        }
        check(|s| s.user.clear(), USER, HeaderProblem::Empty);
        check(|s| s.user = " root".into(), USER, HeaderProblem::OuterBlanks);
        check(|s| s.user = "ana\r\nX-Trino-Role: system=ALL".into(), USER, HeaderProblem::ControlCharacter);
        check(|s| s.user = "a\tb".into(), USER, HeaderProblem::ControlCharacter);
        check(|s| s.user = "a\u{7f}".into(), USER, HeaderProblem::ControlCharacter);
        check(|s| s.user = "жан".into(), USER, HeaderProblem::NotLatin);
        check(|s| s.catalog = Some(String::new()), CATALOG, HeaderProblem::Empty);
        check(|s| s.catalog = Some("a\0".into()), CATALOG, HeaderProblem::ControlCharacter);
        check(|s| s.schema = Some("a\n".into()), SCHEMA, HeaderProblem::ControlCharacter);
        check(|s| (s.schema, s.catalog) = (Some("tiny".into()), None), SCHEMA, HeaderProblem::SchemaWithoutCatalog);
        check(|s| s.time_zone = Some("\u{85}".into()), TIME_ZONE, HeaderProblem::ControlCharacter);
        check(|s| s.trace_token = Some("a ".into()), TRACE_TOKEN, HeaderProblem::OuterBlanks);
        check(|s| s.client_info = Some("a\nb".into()), CLIENT_INFO, HeaderProblem::ControlCharacter);
        check(|s| s.source = Some("日本".into()), SOURCE, HeaderProblem::NotLatin);
        check(|s| s.client_tags = vec!["a,b".into()], CLIENT_TAGS, HeaderProblem::Comma);
        check(|s| s.client_tags = vec!["a".into(), String::new()], CLIENT_TAGS, HeaderProblem::Empty);
        for name in ["", "a=b", "a,b", "a b", "a\n", "ä"] {
            check(|s| drop(s.properties.insert(name.into(), "1".into())), SESSION, HeaderProblem::PropertyName);
        }
    }

    #[test]
    fn letters_of_latin_1_are_one_byte_each() {
        let headers = Session::new("josé ÿ").headers("warren").unwrap();
        assert_eq!(headers.get(USER).unwrap().as_bytes(), b"jos\xe9 \xff");
    }

    #[test]
    fn the_message_does_not_repeat_the_value() {
        let error = Session::new("s3cr\u{7}t").headers("warren").unwrap_err();
        let expect = "the request header x-trino-user cannot be sent: the value holds a control character";
        assert_eq!(error.to_string(), expect);
    }

    proptest::proptest! {
        #[test]
        fn any_property_value_comes_back_whole(value in ".*") {
            let mut session = Session::new("ana");
            session.properties.insert("p".into(), value.clone());
            let headers = session.headers("warren").unwrap();
            let sent = headers.get(SESSION).unwrap().to_str().unwrap();
            let (_, encoded) = sent.split_once('=').unwrap();
            proptest::prop_assert!(!encoded.contains([',', '=', '+']));
            let decoded = percent_encoding::percent_decode_str(encoded).decode_utf8().unwrap();
            proptest::prop_assert_eq!(decoded, value);
        }
    }
}
