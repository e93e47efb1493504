//! Drop a model.

use std::collections::BTreeMap;

use super::{busy, changed, leads_elsewhere, model_not_found, not_yours};
use crate::app::{App, AppError};
use crate::jobs::{Job, JobId, Principal, ReferenceModels, Submission};
use crate::models::{Model, ModelId, ModelName, drop_statement, trino_parts};
use crate::store::ModelWrite;

/// What became of a model that was to go.
#[derive(Clone, Debug, PartialEq)]
pub enum DroppedModel {
    /// A job drops it. When that finishes, the model is gone.
    ByJob(Box<Job>),
    /// It was never made, so that there is nothing of Warren's to drop: it is gone already.
    Forgotten,
}

impl App {
    /// Drops a model of the caller, as a job. The model goes in the transaction that finishes the job. One that was never
    /// made is forgotten, and what stands under its name in Trino stays.
    ///
    /// # Errors
    /// When there is no such model, it belongs to somebody else, a job is at work on it, no name leads to it any more, or
    /// the database is gone.
    pub async fn drop_model(&self, caller: &Principal, id: ModelId) -> Result<DroppedModel, AppError> {
        let was = self.store.model(id).await?.ok_or_else(|| model_not_found(id))?;
        if was.owner != *caller {
            return Err(not_yours(&was));
        }
        if was.state.is_busy() {
            return Err(busy(&was));
        }
        if !was.was_made() {
            return if self.store.forget_model(&was).await? { Ok(DroppedModel::Forgotten) } else { Err(changed(id)) };
        }
        let job = self.dropping(&was).await?;
        if !self.store.insert_model_job(&job, ModelWrite::Drop { was: &was }).await? {
            return Err(changed(id));
        }
        self.announce(&job);
        Ok(DroppedModel::ByJob(Box::new(job)))
    }

    /// The job that drops what was made, and nothing else. The FQN may lead elsewhere by now, or nowhere; then the name
    /// that Trino had is the way.
    async fn dropping(&self, was: &Model) -> Result<Job, AppError> {
        let by_fqn = drop_statement(was.kind, ModelName::parse(&was.fully_qualified_name)?.parts());
        let missed = match self.dropping_by(was, by_fqn).await {
            Ok(job) => return Ok(job),
            Err(missed) => missed,
        };
        let maker = self.store.job(was.job_id).await?;
        let Some(made) = maker.as_ref().and_then(Job::plan).and_then(|plan| trino_parts(&plan.converted_query)) else {
            return Err(missed);
        };
        self.dropping_by(was, drop_statement(was.kind, &made)).await
    }

    async fn dropping_by(&self, was: &Model, statement: String) -> Result<Job, AppError> {
        let job = Job::new(JobId(self.ids.ordered()), submission(&was.owner, statement), self.clock.now());
        let job = self.analyse(job).await?.job;
        if let Some(error) = job.error() {
            return Err(error.clone().into());
        }
        let dropped = job.plan().and_then(|plan| trino_parts(&plan.converted_query)).unwrap_or_default().join(".");
        // Trino knows no case of names.
        if dropped.to_lowercase() != was.trino_model_name.to_lowercase() {
            return Err(leads_elsewhere(was, &dropped));
        }
        Ok(job)
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
