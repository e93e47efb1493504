//! The job: one submitted query and its execution, as values. States, transitions and what they record live here;
//! storing, running and showing them does not.

mod id;
mod job;
mod lineage;
mod plan;
mod principal;
mod run;
mod stored_result;
mod submission;
#[cfg(test)]
mod transition_tests;

pub use id::{JobId, LeaseToken, WorkerId};
pub use job::{Expectation, InvalidTransition, Job, State, Status, Transition};
pub use lineage::{ColumnLineage, ColumnUsage, LineageColumn, LineageSource};
pub use plan::{Cap, CapCause, FusionModel, Plan};
pub use principal::{Identity, Principal, Scope};
pub use run::{Attempt, Lease, Progress, Remote, Run};
pub use stored_result::{ResultStatus, StoredResult, Truncation, result_folder};
pub use submission::{IdempotencyKey, ReferenceModels, Submission};
