//! The error of a use case: what the caller may read, and what only the log may.

use warren_results::{ResultError, StorageFault};

use crate::jobs::InvalidTransition;
use crate::problem::{Code, Problem};
use crate::store::StoreError;

/// A use case that did not work out.
#[derive(Debug, thiserror::Error)]
#[error("{}: {}", problem.code, problem.detail)]
pub struct AppError {
    /// What the caller reads.
    pub problem: Box<Problem>,
    /// What the log gets beside it.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl AppError {
    /// An error with one of Warren's codes.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Problem::new(code, detail).into()
    }

    /// The same answer for what is not there and for what belongs to somebody else.
    #[must_use]
    pub fn job_not_found(id: impl std::fmt::Display) -> Self {
        Problem::new(Code::NotFound, format!("there is no job {id}"))
            .with_hint("list your jobs with GET /api/v1/jobs")
            .into()
    }

    fn caused(problem: Problem, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self { problem: Box::new(problem), source: Some(Box::new(source)) }
    }
}

impl From<Problem> for AppError {
    fn from(problem: Problem) -> Self {
        Self { problem: Box::new(problem), source: None }
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        let problem = match &error {
            StoreError::CommandsWaiting { .. } => Problem::new(Code::CommandsWaiting, error.to_string())
                .with_hint("delete the job when the scheduler has worked them off"),
            StoreError::JobOfModel { .. } => Problem::new(Code::JobOfModel, error.to_string())
                .with_hint("drop the model with DELETE /api/v1/models/{id} first"),
            StoreError::Unstorable { .. } => Problem::new(Code::InvalidRequest, error.to_string())
                .with_hint("leave out the character U+0000, and use numbers below 2^63"),
            _ if error.is_unavailable() => {
                Problem::new(Code::DatabaseUnavailable, "the metadata database does not answer")
                    .with_hint("try again in a moment; the operator finds the cause in the server's log")
            }
            _ => Problem::new(Code::Internal, "the metadata database gave an answer that was not expected")
                .with_hint("the operator finds the cause in the server's log"),
        };
        Self::caused(problem, error)
    }
}

impl From<ResultError> for AppError {
    fn from(error: ResultError) -> Self {
        let retryable = error.is_retryable();
        let problem = match &error {
            ResultError::NotFound { .. } | ResultError::Storage { fault: StorageFault::Missing, .. } => {
                Problem::new(Code::ResultExpired, "the rows are not in the result store any more")
                    .with_hint("run the query again")
            }
            ResultError::Storage { fault, .. } if !retryable => Problem {
                retryable,
                ..Problem::new(Code::ResultStoreUnavailable, format!("the result store cannot serve this: {fault}"))
                    .with_hint("the operator corrects that; `warren doctor` tries the result store")
            },
            _ if retryable => {
                Problem::new(Code::ResultStoreUnavailable, "the result store cannot serve this result at the moment")
                    .with_hint("try again in a moment; the operator finds the cause in the server's log")
            }
            _ => Problem::new(Code::ResultNotReadable, "what is stored of this result cannot be read")
                .with_hint("run the query again; the operator finds the cause in the server's log"),
        };
        Self::caused(problem, error)
    }
}

impl From<InvalidTransition> for AppError {
    fn from(error: InvalidTransition) -> Self {
        Self::caused(Problem::new(Code::Internal, error.to_string()), error)
    }
}

#[cfg(test)]
mod tests {
    use warren_results::ResultName;

    use super::*;

    fn check(error: ResultError, code: Code, detail: &str) {
        let problem = AppError::from(error).problem;
        assert_eq!((problem.code.as_str(), problem.retryable), (code.as_str(), false));
        assert_eq!(problem.detail, detail);
    }

    #[test]
    fn a_result_that_is_gone_or_broken_is_no_reason_to_try_again() {
        let name = ResultName::new("a/b").unwrap();
        let broken = serde_json::from_str::<u8>("x").unwrap_err();
        check(
            ResultError::NotFound { name: name.clone() },
            Code::ResultExpired,
            "the rows are not in the result store any more",
        );
        check(
            ResultError::Manifest { name, source: broken },
            Code::ResultNotReadable,
            "what is stored of this result cannot be read",
        );
    }
}
