//! Entity tags: what a client has of a job or of its rows, and whether that is still what there is (RFC 9110, 13.1.2).

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderMap, IF_NONE_MATCH, VARY};

/// A browser may keep the answer, a shared cache may not, and each time the server is asked whether this caller may
/// still have it: they may be somebody else by now, and the job may be deleted.
pub(crate) const REVALIDATE: &str = "private, no-cache";
/// What an answer depends on beside its path: the form that is accepted, and who asks.
pub(crate) const VARIES: &str = "Accept, Authorization, X-Warren-User";

/// The tags that a client has, by `If-None-Match`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// None.
    Nothing,
    /// Any: `*`.
    Anything,
    /// These, without their quotes.
    Tags(Vec<String>),
}

impl Known {
    /// What the headers of a request say.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let tags =
            headers.get_all(IF_NONE_MATCH).filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        let mut known = Vec::new();
        for tag in tags.map(str::trim) {
            if tag == "*" {
                return Self::Anything;
            }
            // The comparison is the weak one, so that `W/` does not count.
            let opaque = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
            known.extend(opaque.map(str::to_owned));
        }
        if known.is_empty() { Self::Nothing } else { Self::Tags(known) }
    }

    /// Whether the client has what has this tag.
    pub(crate) fn matches(&self, tag: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Anything => true,
            Self::Tags(tags) => tags.iter().any(|known| known == tag),
        }
    }
}

/// A tag as a header says it.
pub(crate) fn quoted(tag: &str) -> String {
    format!("\"{tag}\"")
}

/// The answer to a client that has the rows already.
pub(crate) fn unchanged_rows(tag: &str) -> HttpResponse {
    HttpResponse::NotModified()
        .insert_header((CACHE_CONTROL, REVALIDATE))
        .insert_header((VARY, VARIES))
        .insert_header((ETAG, quoted(tag)))
        .finish()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn check(header: &[&'static str], expect: &[&str]) {
        let mut headers = HeaderMap::new();
        header.iter().for_each(|value| headers.append(IF_NONE_MATCH, HeaderValue::from_static(value)));
        let expect = match expect {
            [] => Known::Nothing,
            ["*"] => Known::Anything,
            tags => Known::Tags(tags.iter().map(|tag| (*tag).to_owned()).collect()),
        };
        assert_eq!(Known::of(&headers), expect, "{header:?}");
    }

    #[test]
    fn the_tags_of_a_client_are_read() {
        check(&[], &[]);
        check(&["\"3\""], &["3"]);
        check(&["W/\"3\", \"4-1\""], &["3", "4-1"]);
        check(&["\"3\"", "\"5\""], &["3", "5"]);
        check(&["*"], &["*"]);
        check(&["3", "\""], &[]);
    }

    #[test]
    fn a_client_has_what_it_names() {
        let known = Known::Tags(vec!["3".to_owned()]);
        assert!(known.matches("3") && !known.matches("4") && Known::Anything.matches("9"));
        assert!(!Known::Nothing.matches(""));
    }
}
