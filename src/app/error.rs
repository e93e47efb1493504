//! The error of a use case: what the caller may read, and what only the log may.

use warren_results::ResultError;

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
        let problem = Problem::new(Code::ResultStoreUnavailable, "the result store cannot serve this result")
            .with_hint("try again in a moment; the operator finds the cause in the server's log");
        Self::caused(problem, error)
    }
}

impl From<InvalidTransition> for AppError {
    fn from(error: InvalidTransition) -> Self {
        Self::caused(Problem::new(Code::Internal, error.to_string()), error)
    }
}
