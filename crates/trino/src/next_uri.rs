//! Where a cluster is, and the URIs that it hands out to go on with a query.
//!
//! A `nextUri` is a capability: whoever holds it reads the rows, with no credentials (Trino's `Slug` class, resource
//! security `PUBLIC`). So it never shows in a log, and it is never followed to another host than the cluster's own.

use std::fmt;

use url::{Host, Url};

use crate::cluster::BuildError;

/// The validated address of a cluster: `http(s)://host[:port][/prefix]/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterUrl(Url);

impl ClusterUrl {
    /// Checks `url` and makes its path end in a slash.
    ///
    /// # Errors
    /// The `Scheme`, `NoHost`, `CredentialsInUrl` and `QueryOrFragment` variants of [`BuildError`].
    pub fn new(mut url: Url) -> Result<Self, BuildError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(BuildError::Scheme { scheme: url.scheme().to_owned() });
        }
        if !url.has_host() {
            return Err(BuildError::NoHost);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BuildError::CredentialsInUrl);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(BuildError::QueryOrFragment);
        }
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok(Self(url))
    }

    /// The address as a URL whose path ends in a slash.
    #[must_use]
    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// Whether the host is this machine: `localhost`, `127.0.0.0/8` or `::1`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        }
    }

    /// Whether requests to it are encrypted.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The URL of a path below the cluster's address, segment by segment; each segment is percent-encoded.
    pub(crate) fn join(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    /// Takes the path and query of a URI that the cluster answered with, or that was stored, and puts them onto the
    /// cluster's own origin. A balancer may answer with the inner host of a coordinator, which Warren may not reach
    /// and must not send its credentials to.
    ///
    /// # Errors
    /// [`NextUriError`] when `raw` is no URI of Trino's client protocol.
    pub fn next_uri(&self, raw: &str) -> Result<NextUri, NextUriError> {
        let given = Url::parse(raw).map_err(|source| NextUriError::NotAUri { source })?;
        if !matches!(given.scheme(), "http" | "https") {
            return Err(NextUriError::Scheme { scheme: given.scheme().to_owned() });
        }
        let prefix = self.0.path();
        let below = given.path().strip_prefix(prefix).unwrap_or_else(|| given.path().trim_start_matches('/'));
        if !below.starts_with("v1/") {
            return Err(NextUriError::Path);
        }
        let mut url = self.0.clone();
        url.set_path(&format!("{prefix}{below}"));
        url.set_query(given.query());
        Ok(NextUri(url))
    }
}

impl fmt::Display for ClusterUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where the next page of a query is. It always lies on the cluster's own origin.
///
/// It is a secret of the query's owner: `Debug` leaves the secret part out, and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct NextUri(Url);

impl NextUri {
    /// The whole URI, to store it durably before it is followed. Never log it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether the query left Trino's queue, so that a heartbeat is understood.
    #[must_use]
    pub fn is_executing(&self) -> bool {
        self.parts().is_some_and(|(phase, ..)| phase == "executing")
    }

    /// The query's id as the URI carries it; `None` for the URI of a proxy that has a form of its own.
    #[must_use]
    pub fn query_id(&self) -> Option<&str> {
        self.parts().map(|(_, id, _)| id)
    }

    /// The token: which page of the query this is. `None` for the URI of a proxy that has a form of its own.
    #[must_use]
    pub fn token(&self) -> Option<u64> {
        self.parts().and_then(|(.., token)| token.parse().ok())
    }

    pub(crate) fn url(&self) -> &Url {
        &self.0
    }

    /// Phase, query id and token of `…/v1/statement/{phase}/{id}/{slug}/{token}`.
    fn parts(&self) -> Option<(&str, &str, &str)> {
        let (_, rest) = self.0.path().split_once("/v1/statement/")?;
        let mut segments = rest.split('/');
        let (phase, id, _slug) = (segments.next()?, segments.next()?, segments.next()?);
        let token = segments.next()?;
        segments.next().is_none().then_some((phase, id, token))
    }
}

impl fmt::Debug for NextUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parts() {
            Some((phase, id, token)) => write!(f, "NextUri({phase}/{id}/…/{token})"),
            None => write!(f, "NextUri(…)"),
        }
    }
}

/// Why a text is not the URI of a next page. The text itself is not part of the error, for it is a secret.
#[derive(Debug, thiserror::Error)]
pub enum NextUriError {
    /// It is no absolute URI.
    #[error("the next page's uri is not an absolute uri")]
    NotAUri {
        /// What the parser says.
        #[source]
        source: url::ParseError,
    },
    /// It is not HTTP.
    #[error("the next page's uri starts with {scheme}:, not http: or https:")]
    Scheme {
        /// What it starts with.
        scheme: String,
    },
    /// Its path is not below `/v1/`.
    #[error("the next page's uri does not lie below /v1/, so it is none of trino's")]
    Path,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(url: &str) -> ClusterUrl {
        ClusterUrl::new(url.parse().unwrap()).unwrap()
    }

    #[test]
    fn an_address_that_cannot_be_a_cluster_is_refused() {
        fn check(url: &str, expect: &str) {
            assert_eq!(ClusterUrl::new(url.parse().unwrap()).unwrap_err().to_string(), expect, "{url}");
        }
        check("ftp://trino", "a trino url must start with http:// or https://, not ftp://");
        check("jdbc:trino://h:1/c", "a trino url must start with http:// or https://, not jdbc://");
        let credentials = "a trino url must not hold credentials; set the user and the password or token instead";
        check("http://ana:pw@trino:8080", credentials);
        check("http://ana@trino:8080", credentials);
        check("http://trino:8080/?a=b", "a trino url must end after its path, without `?` or `#`");
        check("http://trino:8080/#x", "a trino url must end after its path, without `?` or `#`");
    }

    #[test]
    fn a_next_uri_stays_on_the_clusters_own_origin() {
        fn check(base: &str, raw: &str, expect: &str) {
            assert_eq!(cluster(base).next_uri(raw).unwrap().as_str(), expect, "{raw} at {base}");
        }
        let page = "v1/statement/executing/20261123_1_2_abc/y1/3";
        check("http://trino:8080", &format!("http://trino:8080/{page}"), &format!("http://trino:8080/{page}"));
        check("https://gw", &format!("http://10.0.0.7:8080/{page}"), &format!("https://gw/{page}"));
        check("https://gw", &format!("https://evil.example/{page}?a=b"), &format!("https://gw/{page}?a=b"));
        check("https://gw/one", &format!("https://gw/one/{page}"), &format!("https://gw/one/{page}"));
        check("https://gw/one", &format!("http://inner:1/{page}"), &format!("https://gw/one/{page}"));
        check("https://gw", &format!("https://u:p@gw/{page}"), &format!("https://gw/{page}"));
    }

    #[test]
    fn what_is_no_next_uri_is_refused_without_being_repeated() {
        fn check(raw: &str, expect: &str) {
            let error = cluster("http://trino:8080").next_uri(raw).unwrap_err();
            assert_eq!(error.to_string(), expect, "{raw}");
        }
        check("/v1/statement/queued/a/b/1", "the next page's uri is not an absolute uri");
        check("file:///etc/passwd", "the next page's uri starts with file:, not http: or https:");
        check("http://trino:8080/admin", "the next page's uri does not lie below /v1/, so it is none of trino's");
        check("http://trino:8080/v1/../admin", "the next page's uri does not lie below /v1/, so it is none of trino's");
    }

    #[test]
    fn the_secret_part_is_not_shown() {
        let uri =
            cluster("http://t:1").next_uri("http://t:1/v1/statement/executing/20261123_1_2_abc/ySECRET/3").unwrap();
        assert_eq!(format!("{uri:?}"), "NextUri(executing/20261123_1_2_abc/…/3)");
        assert_eq!((uri.query_id(), uri.token(), uri.is_executing()), (Some("20261123_1_2_abc"), Some(3), true));
        let uri = cluster("http://t:1").next_uri("http://t:1/v1/proxy?uri=SECRET&hmac=SECRET").unwrap();
        assert_eq!(format!("{uri:?}"), "NextUri(…)");
        assert_eq!((uri.query_id(), uri.token(), uri.is_executing()), (None, None, false));
    }

    #[test]
    fn loopback_is_known_by_name_and_by_address() {
        fn check(url: &str, expect: bool) {
            assert_eq!(cluster(url).is_loopback(), expect, "{url}");
        }
        check("http://localhost:8080", true);
        check("http://127.0.0.1:8080", true);
        check("http://[::1]:8080", true);
        check("http://10.0.0.1:8080", false);
        check("http://localhost.example.org", false);
    }

    #[test]
    fn a_path_segment_cannot_climb_out() {
        let url = cluster("http://t:1/x").join(&["v1", "query", "../../admin?a#b"]);
        assert_eq!(url.as_str(), "http://t:1/x/v1/query/..%2F..%2Fadmin%3Fa%23b");
    }
}
