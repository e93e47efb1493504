//! What OpenMetadata's refusals mean to somebody who looks around in the catalogue.

use warren_openmetadata::Error;

use crate::app::AppError;
use crate::problem::{Code, Problem};

/// The answer for `what` where OpenMetadata gave none.
pub(super) fn refusal(error: Error, what: &str) -> AppError {
    let is_down = error.is_retryable() || matches!(error, Error::Http { status: 500.., .. });
    let problem = match &error {
        Error::Forbidden { .. } => {
            Problem::new(Code::AccessDenied, format!("OpenMetadata does not let Warren see {what}"))
                .with_hint("ask its owner, or the operator for a role of Warren's bot that may view it")
        }
        Error::UnsupportedName { .. } => Problem::new(Code::UnsupportedName, error.to_string())
            .with_hint("a name with a double quote needs an OpenMetadata from 1.13.1 on"),
        Error::BadRequest { .. } => {
            Problem::new(Code::InvalidRequest, format!("OpenMetadata cannot make sense of {what}"))
                .with_hint("look for other words")
        }
        _ if is_down => Problem::new(Code::CatalogUnavailable, "OpenMetadata does not answer")
            .with_hint("try again in a moment; the operator finds the cause in the server's log"),
        _ => Problem::new(Code::CatalogRefused, "OpenMetadata does not answer as it should")
            .with_hint("the operator finds the cause in the server's log"),
    };
    AppError { problem: Box::new(problem), source: Some(Box::new(error)) }
}
