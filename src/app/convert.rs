//! Convert: what would run, without running it.

use super::resolve_names::Planned;
use super::{App, AppError};
use crate::jobs::{Plan, Principal, Submission};

/// A request to see what would run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvertRequest {
    /// Who asks.
    pub caller: Principal,
    /// The SQL.
    pub query: String,
    /// Short names of this statement.
    pub reference_models: crate::jobs::ReferenceModels,
    /// Catalog of the session.
    pub catalog: Option<String>,
    /// Schema of the session.
    pub schema: Option<String>,
}

/// What would run.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversion {
    /// The plan.
    pub plan: Plan,
}

impl App {
    /// What would run for a query. Nothing is stored and nothing is executed.
    ///
    /// # Errors
    /// The problem that the job would have failed with.
    pub async fn convert(&self, request: ConvertRequest) -> Result<Conversion, AppError> {
        self.check_sql(&request.query)?;
        let submission = Submission {
            owner: request.caller,
            user_query: request.query,
            reference_models: request.reference_models,
            catalog: request.catalog,
            schema: request.schema,
            time_zone: None,
            session: std::collections::BTreeMap::new(),
            tags: Vec::new(),
            queue: Submission::DEFAULT_QUEUE.to_owned(),
            priority: 0,
            row_limit: None,
        };
        match self.plan(&submission).await {
            Planned::Plan(plan) => Ok(Conversion { plan: *plan }),
            Planned::Refused(problem) | Planned::Undecided(problem) => Err(problem.into()),
        }
    }
}
