//! `DELETE /models/{id}`: drop a model.

use actix_web::http::header::{LOCATION, RETRY_AFTER};
use actix_web::{HttpResponse, delete, web};
use serde::Deserialize;

use super::view::ModelPath;
use crate::app::{DroppedModel, Wait};
use crate::http::caller::Caller;
use crate::http::core::Core;
use crate::http::extract::Parameters;
use crate::http::jobs::view::{JobView, job_path, retry_after_s};
use crate::http::jobs::waiting::{WaitMs, Waiting};
use crate::http::openapi::problems;
use crate::http::problem::ApiError;

/// How long to wait.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeleteParams {
    /// How long the answer may wait for the job to end, in milliseconds.
    #[param(value_type = Option<u64>, example = 5000)]
    wait_ms: Option<WaitMs>,
}

problems! { DeleteProblems = [InvalidRequest, Forbidden, NotFound, ModelExists, ModelBusy, NoCatalogMapping] }

/// Drops a model of the caller in Trino.
///
/// A job drops it: the answer is 202 with that job, or 200 when it ended within `wait_ms`. The model is gone once the job
/// is `FINISHED`; when it fails, the model stays as it was. A model that was never made has nothing in Trino: it is gone
/// at once, with the answer 204.
#[utoipa::path(
    tag = "models",
    operation_id = "delete_model",
    security(("token" = [])),
    params(("id" = String, Path, description = "The model"), DeleteParams),
    responses(
        (status = 200, description = "The job that drops it has ended", body = JobView, headers(("Location" = String, description = "The path of the job"))),
        (status = 202, description = "The job that drops it goes on", body = JobView, headers(
            ("Location" = String, description = "The path of the job"),
            ("Retry-After" = u64, description = "Seconds until it is worth to look again"),
        )),
        (status = 204, description = "It was never made, and is gone"),
        DeleteProblems,
    ),
)]
#[delete("/models/{id}")]
pub(crate) async fn delete_model(
    Caller(caller): Caller,
    core: web::Data<Core>,
    ModelPath(id): ModelPath,
    Parameters(params): Parameters<DeleteParams>,
    request: actix_web::HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let waiting = Waiting::of(params.wait_ms, request.headers(), &core.app().limits)?;
    let owner = caller.clone();
    let dropped = core.run(move |app| async move { app.drop_model(&owner, id).await }).await?;
    let DroppedModel::ByJob(job) = dropped else { return Ok(HttpResponse::NoContent().finish()) };
    let job = core.wait(&caller, job.id, Wait::End, waiting.most).await?;
    let now = core.app().clock.now();
    let mut answer = if job.status().is_terminal() { HttpResponse::Ok() } else { HttpResponse::Accepted() };
    answer.insert_header((LOCATION, job_path(&job)));
    if !job.status().is_terminal() {
        answer.insert_header((RETRY_AFTER, retry_after_s(&job, now)));
    }
    Ok(answer.json(JobView::new(&job, now)))
}
