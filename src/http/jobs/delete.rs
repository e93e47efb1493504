//! `DELETE /jobs/{id}`: forget a job that has ended, and its result.

use actix_web::{HttpResponse, delete, web};

use crate::http::caller::Caller;
use crate::http::core::Core;
use crate::http::extract::JobPath;
use crate::http::openapi::problems;
use crate::http::problem::ApiError;

problems! { DeleteProblems = [NotFound, JobNotTerminal, CommandsWaiting, JobOfModel, ResultStoreUnavailable] }

/// Deletes a job that has ended, with its result.
#[utoipa::path(
    tag = "jobs",
    operation_id = "delete_job",
    security(("token" = [])),
    params(("id" = String, Path, description = "The job")),
    responses((status = 204, description = "The job and its result are gone"), DeleteProblems),
)]
#[delete("/jobs/{id}")]
pub(crate) async fn delete_job(
    Caller(caller): Caller,
    core: web::Data<Core>,
    JobPath(id): JobPath,
) -> Result<HttpResponse, ApiError> {
    core.run(|app| async move { app.delete_job(&caller, id).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}
