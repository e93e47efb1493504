//! Drop a model.

use std::collections::BTreeMap;

use super::{busy, changed, model_not_found, not_yours};
use crate::app::{App, AppError};
use crate::jobs::{Job, JobId, Principal, ReferenceModels, Submission};
use crate::models::{ModelId, ModelName};
use crate::store::ModelWrite;

/// A model that is being dropped.
#[derive(Clone, Debug, PartialEq)]
pub struct DroppedModel {
    /// The job that drops it. When that finishes, the model is gone.
    pub job: Job,
}

impl App {
    /// Drops a model of the caller, as a job. The model goes in the transaction that finishes the job.
    ///
    /// # Errors
    /// When there is no such model, it belongs to somebody else, a job is at work on it, its name is mapped to nothing any
    /// more, or the database is gone.
    pub async fn drop_model(&self, caller: &Principal, id: ModelId) -> Result<DroppedModel, AppError> {
        let was = self.store.model(id).await?.ok_or_else(|| model_not_found(id))?;
        if was.owner != *caller {
            return Err(not_yours(&was));
        }
        if was.state.is_busy() {
            return Err(busy(&was));
        }
        let statement = ModelName::parse(&was.fully_qualified_name)?.drop_statement(was.kind);
        let job = Job::new(JobId(self.ids.ordered()), submission(caller, statement), self.clock.now());
        let job = self.analyse(job).await?.job;
        if let Some(error) = job.error() {
            return Err(error.clone().into());
        }
        if !self.store.insert_model_job(&job, ModelWrite::Drop { was: &was }).await? {
            return Err(changed(id));
        }
        self.announce(&job);
        Ok(DroppedModel { job })
    }
}

fn submission(owner: &Principal, statement: String) -> Submission {
    Submission {
        owner: owner.clone(),
        user_query: statement,
        reference_models: ReferenceModels::new(),
        catalog: None,
        schema: None,
        time_zone: None,
        session: BTreeMap::new(),
        tags: Vec::new(),
        queue: Submission::DEFAULT_QUEUE.to_owned(),
        priority: 0,
        row_limit: None,
    }
}
