//! How long a request waits for its job: `wait_ms`, or the preference `wait` of RFC 7240.

use std::time::Duration;

use actix_web::http::header::HeaderMap;

use crate::app::Limits;
use crate::http::extract::Integer;
use crate::http::problem::ApiError;
use crate::problem::{Code, Problem};

/// The header of RFC 7240.
pub(crate) const PREFER: &str = "Prefer";
/// What is said back when a preference was followed.
pub(crate) const PREFERENCE_APPLIED: &str = "Preference-Applied";

/// `wait_ms` of a request: 0 or more; how much more is the server's setting.
pub(crate) type WaitMs = Integer<0, 86_400_000>;

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// The most time.
    pub(crate) most: Duration,
    /// The seconds of the preference, where it decided.
    pub(crate) preferred_s: Option<u64>,
}

impl Waiting {
    /// What `wait_ms` says, or else what the client prefers, or else not at all. A preference beyond what the server
    /// does is cut, as preferences may be; `wait_ms` beyond it is a mistake.
    ///
    /// # Errors
    /// When `wait_ms` is more than the server waits.
    pub(crate) fn of(wait_ms: Option<WaitMs>, headers: &HeaderMap, limits: &Limits) -> Result<Self, ApiError> {
        if let Some(wait_ms) = wait_ms {
            let most = Duration::from_millis(wait_ms.unsigned());
            if most > limits.max_wait {
                let detail =
                    format!("`wait_ms` is {}, at most {} is allowed", most.as_millis(), limits.max_wait.as_millis());
                return Err(Problem::new(Code::InvalidRequest, detail)
                    .with_hint("wait again with another request")
                    .into());
            }
            return Ok(Self { most, preferred_s: None });
        }
        let preferred_s = preferred_wait_s(headers).map(|seconds| seconds.min(limits.max_wait.as_secs()));
        Ok(Self { most: Duration::from_secs(preferred_s.unwrap_or(0)), preferred_s })
    }
}

/// The first `wait` among the preferences of a request.
fn preferred_wait_s(headers: &HeaderMap) -> Option<u64> {
    let headers = headers.get_all(PREFER).filter_map(|value| value.to_str().ok());
    let mut preferences = headers.flat_map(|value| value.split(',')).filter_map(|preference| {
        let (name, value) = preference.split(';').next()?.split_once('=')?;
        name.trim().eq_ignore_ascii_case("wait").then(|| value.trim().trim_matches('"').parse().ok())?
    });
    preferences.next()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn check(prefer: &[&'static str], expect: Option<u64>) {
        let name = HeaderName::from_static("prefer");
        let mut headers = HeaderMap::new();
        prefer.iter().for_each(|value| headers.append(name.clone(), HeaderValue::from_static(value)));
        assert_eq!(preferred_wait_s(&headers), expect, "{prefer:?}");
    }

    #[test]
    fn preferences_are_read() {
        check(&[], None);
        check(&["wait=5"], Some(5));
        check(&["respond-async, Wait = 10"], Some(10));
        check(&["respond-async", "wait=\"7\"; foo=bar"], Some(7));
        check(&["wait=soon, wait=3"], Some(3));
        check(&["wait"], None);
        check(&["wait=-1"], None);
    }

    #[test]
    fn the_body_decides_before_the_preference_and_is_bounded() {
        let limits = Limits { max_wait: Duration::from_secs(60), ..Limits::default() };
        let name = HeaderName::from_static("prefer");
        let headers: HeaderMap = std::iter::once((name, HeaderValue::from_static("wait=100"))).collect();
        let wait_ms = |text: &str| serde_json::from_str::<WaitMs>(text).unwrap();

        let waiting = Waiting::of(None, &headers, &limits).unwrap();
        assert_eq!(waiting, Waiting { most: Duration::from_secs(60), preferred_s: Some(60) });
        let waiting = Waiting::of(Some(wait_ms("1500")), &headers, &limits).unwrap();
        assert_eq!(waiting, Waiting { most: Duration::from_millis(1500), preferred_s: None });
        let waiting = Waiting::of(None, &HeaderMap::new(), &limits).unwrap();
        assert_eq!(waiting, Waiting { most: Duration::ZERO, preferred_s: None });
        let problem = Waiting::of(Some(wait_ms("60001")), &headers, &limits).unwrap_err();
        assert_eq!(problem.problem().detail, "`wait_ms` is 60001, at most 60000 is allowed");
    }
}
