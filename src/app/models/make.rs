//! Make a model of a query, or make one anew.

use super::{busy, leads_elsewhere, not_yours};
use crate::app::{App, AppError};
use crate::jobs::{FusionModel, Job, JobId, Plan, Submission};
use crate::models::{
    Definition, Existing, Model, ModelId, ModelKind, ModelName, ModelState, position_in, problem_of_query,
};
use crate::problem::{Code, Problem};
use crate::store::ModelWrite;

/// How often a request looks again when others change the same name at the same moment.
const TRIES: usize = 4;

/// What is to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct MakeModel {
    /// The FQN of the model.
    pub name: String,
    /// View or table.
    pub kind: ModelKind,
    /// What to do when there is one.
    pub existing: Existing,
    /// What it is about.
    pub description: Option<String>,
    /// The query and how it runs. Its statement is built around the query.
    pub submission: Submission,
}

/// A model that is being made.
#[derive(Clone, Debug, PartialEq)]
pub struct MadeModel {
    /// The model.
    pub model: Model,
    /// The job that makes it.
    pub job: Job,
}

impl App {
    /// Makes a model of a query, as a job: the job and the model are stored together. A query that cannot be planned makes
    /// neither, and its problem points into the query. In Trino nothing gives way but a model that was made.
    ///
    /// # Errors
    /// When the name or the query is not valid, the query reads the model itself, the model exists or belongs to somebody
    /// else or a job is at work on it, its name leads elsewhere than when it was made, or the database is gone.
    pub async fn make_model(&self, request: MakeModel) -> Result<MadeModel, AppError> {
        let name = ModelName::parse(&request.name)?;
        self.check_sql(&request.submission.user_query)?;
        // What is asked for is most often what there is; only when it is not, the statement is made again.
        let mut existing = request.existing;
        for _ in 0..TRIES {
            let job = self.making(&request, &name, existing).await?;
            let target = target(planned(&job, &request.submission.user_query)?)?;
            let known = self.store.models_named(&target.fully_qualified_name, &target.trino_model_name).await?;
            let was = may_make(&request, target, known)?;
            let needed = match was.as_ref().is_some_and(Model::was_made) {
                true => request.existing,
                false => Existing::Refuse,
            };
            if needed != existing {
                existing = needed;
                continue;
            }
            let model = self.model_of(&request, &job, target, was.as_ref());
            let write = match &was {
                None => ModelWrite::Make(&model),
                Some(was) => ModelWrite::Remake { model: &model, was },
            };
            if self.store.insert_model_job(&job, write).await? {
                self.announce(&job);
                return Ok(MadeModel { model, job });
            }
        }
        Err(Problem::new(Code::ModelBusy, format!("others are making the model '{}'", name.text()))
            .with_hint("look at it before you send the request again")
            .into())
    }

    /// The job of the statement that makes the model, planned.
    async fn making(&self, request: &MakeModel, name: &ModelName, existing: Existing) -> Result<Job, AppError> {
        let query = &request.submission.user_query;
        let definition = Definition::new(name, request.kind, existing, query, self.limits.max_sql_bytes)?;
        let submission = Submission { user_query: definition.sql().to_owned(), ..request.submission.clone() };
        let job = Job::new(JobId(self.ids.ordered()), submission, self.clock.now());
        let job = self.analyse(job).await.map_err(|error| in_query(error, query))?.job;
        let plan = planned(&job, query)?;
        refuse_itself(plan, target(plan)?, &definition, query)?;
        Ok(job)
    }

    fn model_of(&self, request: &MakeModel, job: &Job, target: &FusionModel, was: Option<&Model>) -> Model {
        Model {
            id: was.map_or_else(|| ModelId(self.ids.ordered()), |was| was.id),
            fully_qualified_name: target.fully_qualified_name.clone(),
            trino_model_name: target.trino_model_name.clone(),
            kind: request.kind,
            owner: job.submission.owner.clone(),
            query: request.submission.user_query.clone(),
            description: request.description.clone(),
            job_id: job.id,
            drop_job_id: None,
            made_before: was.is_some_and(Model::was_made),
            created: was.map_or(job.created, |was| was.created),
            updated: job.created,
            state: ModelState::Making,
        }
    }
}

/// The same error with its place in the query that the user sent.
fn in_query(error: AppError, query: &str) -> AppError {
    AppError { problem: Box::new(problem_of_query(*error.problem, query)), ..error }
}

/// The plan of the job, or why there is none, with the place in the query that the user sent.
fn planned<'j>(job: &'j Job, query: &str) -> Result<&'j Plan, AppError> {
    match (job.plan(), job.error()) {
        (Some(plan), None) => Ok(plan),
        (_, Some(error)) => Err(in_query(error.clone().into(), query)),
        (None, None) => Err(AppError::new(Code::Internal, "the statement of a model was not planned")),
    }
}

fn target(plan: &Plan) -> Result<&FusionModel, AppError> {
    let unnamed = || AppError::new(Code::Internal, "the statement of a model has no target");
    plan.models.iter().find(|model| model.target).ok_or_else(unnamed)
}

/// A view that reads itself has no meaning, and a table cannot be read while it is made.
fn refuse_itself(plan: &Plan, target: &FusionModel, definition: &Definition, query: &str) -> Result<(), AppError> {
    let is_target = |model: &&FusionModel| !model.target && model.trino_model_name == target.trino_model_name;
    let Some(own) = plan.models.iter().find(is_target) else { return Ok(()) };
    let offset = own.start.saturating_sub(definition.first_line());
    Err(Problem::new(
        Code::ModelReadsItself,
        format!("the query reads '{}', which it is to make", own.fully_qualified_name),
    )
    .with_hint("give the model another name, or read what it is made of")
    .at(position_in(query, offset, own.end.saturating_sub(own.start)))
    .into())
}

/// The model that is made anew; none where the name is free.
fn may_make(request: &MakeModel, target: &FusionModel, known: Vec<Model>) -> Result<Option<Model>, AppError> {
    let of_name = |model: &Model| model.fully_qualified_name == target.fully_qualified_name;
    if let Some(other) = known.iter().find(|model| !of_name(model)) {
        let detail = format!("'{}' in trino is the model '{}'", other.trino_model_name, other.fully_qualified_name);
        return Err(Problem::new(Code::ModelExists, detail).with_hint("choose another name").into());
    }
    let Some(was) = known.into_iter().next() else { return Ok(None) };
    if was.owner != request.submission.owner {
        return Err(if request.existing == Existing::Replace { not_yours(&was) } else { exists(&was) });
    }
    match (&was.state, request.existing) {
        (ModelState::Making | ModelState::Ready, Existing::Refuse) => return Err(exists(&was)),
        (state, _) if state.is_busy() => return Err(busy(&was)),
        _ => {}
    }
    if was.kind != request.kind {
        let detail = format!("the model '{}' is a {}", was.fully_qualified_name, was.kind.as_str());
        return Err(Problem::new(Code::ModelExists, detail)
            .with_hint("drop it before you make one of another kind")
            .into());
    }
    if was.was_made() && was.trino_model_name != target.trino_model_name {
        return Err(leads_elsewhere(&was, &target.trino_model_name));
    }
    Ok(Some(was))
}

fn exists(model: &Model) -> AppError {
    let detail = format!("there is a model '{}' already, made by {}", model.fully_qualified_name, model.owner);
    Problem::new(Code::ModelExists, detail)
        .with_hint("its owner may send `replace`: true; others choose another name")
        .into()
}
