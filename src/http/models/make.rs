//! `POST /models`: make a view or table of a query.

use std::collections::BTreeMap;

use actix_web::http::header::{LOCATION, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::view::ModelView;
use crate::app::{MadeModel, MakeModel, Wait};
use crate::http::caller::Caller;
use crate::http::core::Core;
use crate::http::extract::{Body, Label};
use crate::http::jobs::submission::SubmitBody;
use crate::http::jobs::view::{JobView, job_path, retry_after_s};
use crate::http::jobs::waiting::{PREFERENCE_APPLIED, WaitMs, Waiting};
use crate::http::openapi::problems;
use crate::http::problem::ApiError;
use crate::jobs::Principal;
use crate::models::{Existing, ModelKind};
use crate::problem::{Code, Problem};

/// The longest description, in bytes.
const DESCRIPTION: usize = 4096;

/// A model to be made.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MakeModel)]
pub(crate) struct MakeBody {
    /// Its FQN, of four parts.
    #[schema(example = "trino_prod.lake.mart.daily")]
    name: String,
    /// One query in Trino's dialect, with names as in a job.
    #[schema(example = "select orderdate, sum(totalprice) as total from trino_prod.lake.web.orders group by 1")]
    query: String,
    /// `view`, or `table` for one that is filled once.
    #[schema(value_type = Option<String>, example = "view", default = "view")]
    kind: Option<Label<16>>,
    /// Whether a model of this name that is yours gives way.
    #[serde(default)]
    replace: bool,
    /// What it is about, for people.
    #[schema(value_type = Option<String>, max_length = 4096)]
    description: Option<Label<DESCRIPTION>>,
    /// Short names of this query: each is bound to an FQN or an id of OpenMetadata.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    reference_models: BTreeMap<Label<128>, Label<4096>>,
    /// The catalog for names of one or two parts.
    #[schema(value_type = Option<String>, max_length = 128)]
    catalog: Option<Label<128>>,
    /// The schema for names of one part.
    #[schema(value_type = Option<String>, max_length = 128)]
    schema: Option<Label<128>>,
    /// Labels of the job that makes it.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 100)]
    tags: Vec<Label<128>>,
    /// How long the answer may wait for the job to end, in milliseconds; 0 answers at once.
    #[schema(value_type = Option<u64>, example = 5000)]
    wait_ms: Option<WaitMs>,
}

/// A model, and the job that makes it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MadeModel)]
struct MadeView {
    #[serde(flatten)]
    model: ModelView,
    /// The job. Places in its own error are those of its `user_query`, which has the name of the model before the query.
    job: JobView,
}

impl MakeBody {
    fn into_request(self, owner: Principal) -> Result<MakeModel, ApiError> {
        let kind = self.kind.as_ref().map_or(Some(ModelKind::View), |word| ModelKind::parse(word.as_str()));
        let unknown =
            || Problem::new(Code::InvalidRequest, "the field `/kind` is not valid").with_hint("view or table");
        let mut submit = SubmitBody::of_query(self.query);
        submit.reference_models = self.reference_models;
        (submit.catalog, submit.schema, submit.tags) = (self.catalog, self.schema, self.tags);
        Ok(MakeModel {
            name: self.name,
            kind: kind.ok_or_else(unknown)?,
            existing: if self.replace { Existing::Replace } else { Existing::Refuse },
            description: self.description.map(Label::into_string),
            submission: submit.into_submission(owner)?,
        })
    }
}

problems! { MakeProblems = [
    MalformedJson, InvalidRequest, EmptySql, UnsupportedMediaType, BodyTooLarge, SqlTooLarge, Forbidden, InvalidName,
    MultipleStatements, SyntaxError, UnsupportedStatement, NoCatalogMapping, UnknownReferenceModel, ModelReadsItself,
    ModelExists, ModelBusy,
] }

/// Makes a view or table of a query.
///
/// A job makes it: the answer is 202 with the model and its job, or 200 when the job ended within the time that the client
/// waits. In Trino the query has physical names. A query that cannot be read or names what is mapped to nothing is refused,
/// with the place in it; one that Trino refuses is a model with the status `FAILED`, which may be sent again.
#[utoipa::path(
    tag = "models",
    operation_id = "make_model",
    security(("token" = [])),
    params(("Prefer" = Option<String>, Header, description = "`wait=<seconds>`, where `wait_ms` is not given", example = "wait=5")),
    request_body(content = MakeBody, content_type = "application/json", example = json!({"name": "trino_prod.lake.mart.daily", "query": "select orderdate, count(*) as orders from trino_prod.lake.web.orders group by 1", "wait_ms": 5000})),
    responses(
        (status = 200, description = "The job ended within the time", body = MadeView, headers(("Location" = String, description = "The path of the job"))),
        (status = 202, description = "The job goes on", body = MadeView, headers(
            ("Location" = String, description = "The path of the job"),
            ("Retry-After" = u64, description = "Seconds until it is worth to look again"),
        )),
        MakeProblems,
    ),
)]
#[post("/models")]
pub(crate) async fn make_model(
    Caller(caller): Caller,
    core: web::Data<Core>,
    Body(body): Body<MakeBody>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let waiting = Waiting::of(body.wait_ms, request.headers(), &core.app().limits)?;
    let make = body.into_request(caller.clone())?;
    let MadeModel { model, job } = core.run(move |app| async move { app.make_model(make).await }).await?;
    let job = core.wait(&caller, job.id, Wait::End, waiting.most).await?;
    let model = core.run(move |app| async move { app.get_model(model.id).await }).await?;
    let now = core.app().clock.now();
    let mut answer = if job.status().is_terminal() { HttpResponse::Ok() } else { HttpResponse::Accepted() };
    answer.insert_header((LOCATION, job_path(&job)));
    if !job.status().is_terminal() {
        answer.insert_header((RETRY_AFTER, retry_after_s(&job, now)));
    }
    if let Some(seconds) = waiting.preferred_s {
        answer.insert_header((PREFERENCE_APPLIED, format!("wait={seconds}")));
    }
    Ok(answer.json(MadeView { model: ModelView::new(&model, &caller), job: JobView::new(&job, now) }))
}
