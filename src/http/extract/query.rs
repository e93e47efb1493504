//! The query string: parameters by name, each at most once, none that does not exist.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;

use super::members::{Members, Origin};
use super::text::Text;
use crate::http::problem::ApiError;

/// The parameters of the query string.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameters<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest for Parameters<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request.query_string()).map(Self))
    }
}

fn read<T: DeserializeOwned>(query: &str) -> Result<T, ApiError> {
    let parameters = url::form_urlencoded::parse(query.as_bytes());
    let parameters = parameters.map(|(name, value)| (name.into_owned(), Text(value.into_owned()))).collect();
    Members::read(parameters).map_err(|error| error.into_problem(Origin::QueryString).into())
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use serde::Deserialize;

    use super::super::Integer;
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Example {
        limit: Option<Integer<1, 500>>,
        status: Option<String>,
        created_after: Option<DateTime<Utc>>,
        numbers: Option<Numbers>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Numbers {
        Exact,
        Native,
    }

    fn check(query: &str, expect: Result<(Option<i64>, Option<&str>), &str>) {
        let found = read::<Example>(query);
        match expect {
            Ok((limit, status)) => {
                let found = found.unwrap();
                assert_eq!((found.limit.map(Integer::get), found.status.as_deref()), (limit, status), "{query}");
            }
            Err(detail) => {
                let found = found.unwrap_err().problem().clone();
                assert_eq!((found.code.as_str(), found.detail.as_str()), ("INVALID_REQUEST", detail), "{query}");
            }
        }
    }

    #[test]
    fn parameters_are_read_or_refused_by_name() {
        check("", Ok((None, None)));
        check("limit=500&status=RUNNING%2CQUEUED", Ok((Some(500), Some("RUNNING,QUEUED"))));
        check("status=", Ok((None, Some(""))));
        check(
            "limit=501",
            Err(
                "the parameter `limit` is not valid: invalid value: integer `501`, expected a whole number from 1 to 500",
            ),
        );
        check(
            "limit=",
            Err(
                "the parameter `limit` is not valid: invalid value: string \"\", expected a whole number from 1 to 500",
            ),
        );
        check(
            "limit=9999999999999999999",
            Err(
                "the parameter `limit` is not valid: invalid value: string \"9999999999999999999\", expected a whole number from 1 to 500",
            ),
        );
        check("limit=1&limit=2", Err("the parameter `limit` is there twice"));
        check("limt=1", Err("there is no parameter `limt`"));
        check(
            "numbers=roman",
            Err("the parameter `numbers` is not valid: unknown variant `roman`, expected `exact` or `native`"),
        );
        check(
            "created_after=yesterday",
            Err("the parameter `created_after` is not valid: input contains invalid characters"),
        );
    }

    #[test]
    fn typed_parameters() {
        let found: Example = read("created_after=2026-03-01T00:00:00Z&numbers=native").unwrap();
        assert_eq!(found.created_after.unwrap().to_rfc3339(), "2026-03-01T00:00:00+00:00");
        assert_eq!(found.numbers, Some(Numbers::Native));
    }

    #[test]
    fn the_nearest_name_is_offered() {
        let problem = read::<Example>("creatd_after=x").unwrap_err().problem().clone();
        assert_eq!(problem.hint.as_deref(), Some("did you mean `created_after`?"));
        assert_eq!(problem.suggestions, ["created_after"]);
        let problem = read::<Example>("zzz=x").unwrap_err().problem().clone();
        assert_eq!(problem.hint.as_deref(), Some("there are: limit, status, created_after, numbers"));
    }
}
