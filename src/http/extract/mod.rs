//! From requests to values: bodies, query parameters and path segments, each with an error that names the place and the
//! nearest name that exists. What the values mean is decided by each operation.

mod body;
mod members;
mod query;
mod text;
mod values;

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

pub(crate) use body::{Body, MediaType, header_text, read_body};
pub(crate) use query::Parameters;
pub(crate) use values::{Integer, Label, NotSupported};

use super::problem::ApiError;
use crate::app::AppError;
use crate::jobs::JobId;

/// The longest piece of a request that is repeated in an error.
const MAX_ECHO_CHARS: usize = 64;

/// The job that the path names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JobPath(pub(crate) JobId);

impl FromRequest for JobPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().get("id").unwrap_or_default();
        // What is no id of a job is the name of no job: one answer for both.
        ready(id.parse().map(Self).map_err(|_no_uuid| AppError::job_not_found(echo(id)).into()))
    }
}

/// A piece of the request, short enough for an error and without control characters.
fn echo(text: &str) -> String {
    let mut echo: String = text.chars().take(MAX_ECHO_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(MAX_ECHO_CHARS).is_some() {
        echo.push('…');
    }
    echo
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_repeated_is_short_and_printable() {
        assert_eq!(echo("abc\u{7}d"), "abc d");
        assert_eq!(echo(&"한".repeat(65)), format!("{}…", "한".repeat(64)));
        assert_eq!(echo(&"x".repeat(64)), "x".repeat(64));
    }
}
