//! How a model looks, and how one is named in a path.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::model_not_found;
use crate::http::problem::{ApiError, ProblemView};
use crate::jobs::Principal;
use crate::models::{Model, ModelId, ModelState, problem_of_query};

/// A view or table of Trino that was made through Warren.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Model)]
pub(crate) struct ModelView {
    /// The model's id, which stays when it is replaced.
    #[schema(example = "019acb0e-27a1-7c52-9a43-6ad8b5d5a001")]
    id: String,
    /// The name in OpenMetadata's grammar.
    #[schema(example = "trino_prod.lake.mart.daily")]
    fully_qualified_name: String,
    /// The name in Trino.
    #[schema(example = "lake.mart.daily")]
    trino_model_name: String,
    /// `view` or `table`.
    #[schema(example = "view")]
    kind: &'static str,
    /// `MAKING`, `READY`, `FAILED` or `DROPPING`.
    #[schema(example = "READY")]
    status: &'static str,
    /// Whether it was made once. What was never made is nobody's in Trino: replacing and dropping it leaves what is there.
    was_made: bool,
    /// Who made it; nobody else may replace or drop it.
    #[schema(example = "sena")]
    owner: String,
    /// What it is about.
    description: Option<String>,
    /// When its name was asked for first.
    created: DateTime<Utc>,
    /// When it was asked for last.
    updated: DateTime<Utc>,
    /// The query as the owner wrote it; only its owner sees it.
    query: Option<String>,
    /// The job that made it last; only its owner sees it.
    job_id: Option<String>,
    /// The job that was asked to drop it last; only its owner sees it.
    drop_job_id: Option<String>,
    /// Why it could not be made, with places in `query`; only its owner sees it.
    error: Option<ProblemView>,
}

impl ModelView {
    /// A model as `caller` may see it: jobs and queries belong to who ran them.
    pub(super) fn new(model: &Model, caller: &Principal) -> Self {
        let own = model.owner == *caller;
        let error = match &model.state {
            ModelState::Failed { error } => error.as_deref(),
            ModelState::Making | ModelState::Ready | ModelState::Dropping => None,
        };
        Self {
            id: model.id.to_string(),
            fully_qualified_name: model.fully_qualified_name.clone(),
            trino_model_name: model.trino_model_name.clone(),
            kind: model.kind.as_str(),
            status: model.state.as_str(),
            was_made: model.was_made(),
            owner: model.owner.to_string(),
            description: model.description.clone(),
            created: model.created,
            updated: model.updated,
            query: own.then(|| model.query.clone()),
            job_id: own.then(|| model.job_id.to_string()),
            drop_job_id: model.drop_job_id.filter(|_| own).map(|id| id.to_string()),
            error: error.filter(|_| own).map(|error| ProblemView::from(&problem_of_query(error.clone(), &model.query))),
        }
    }
}

/// The model that the path names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ModelPath(pub(super) ModelId);

impl FromRequest for ModelPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().get("id").unwrap_or_default();
        // What is no id of a model is the name of no model: one answer for both.
        ready(id.parse().map(Self).map_err(|_no_uuid| model_not_found("of that id").into()))
    }
}
