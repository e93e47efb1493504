//! `POST /jobs/{id}/cancel`: stop a job.

use actix_web::http::header::{ETAG, LOCATION, RETRY_AFTER};
use actix_web::{HttpResponse, post, web};

use super::etag::quoted;
use super::view::{JobView, job_path, job_tag, retry_after_s};
use crate::http::caller::Caller;
use crate::http::core::Core;
use crate::http::extract::JobPath;
use crate::http::openapi::problems;
use crate::http::problem::ApiError;

problems! { CancelProblems = [NotFound] }

/// Cancels a job.
///
/// As often as somebody likes: a job that has ended stays as it is. A job that runs is `CANCELED` when Trino has let go
/// of its query.
#[utoipa::path(
    tag = "jobs",
    operation_id = "cancel_job",
    security(("token" = [])),
    params(("id" = String, Path, description = "The job")),
    responses(
        (status = 200, description = "The job has ended, now or before", body = JobView),
        (status = 202, description = "The job is being stopped", body = JobView, headers(
            ("Location" = String, description = "The path of the job"),
            ("Retry-After" = u64, description = "Seconds until it is worth to look again"),
        )),
        CancelProblems,
    ),
)]
#[post("/jobs/{id}/cancel")]
pub(crate) async fn cancel_job(
    Caller(caller): Caller,
    core: web::Data<Core>,
    JobPath(id): JobPath,
) -> Result<HttpResponse, ApiError> {
    let job = core.run(|app| async move { app.cancel_job(&caller, id).await }).await?;
    let now = core.app().clock.now();
    let mut answer = if job.status().is_terminal() {
        HttpResponse::Ok()
    } else {
        let mut accepted = HttpResponse::Accepted();
        accepted.insert_header((LOCATION, job_path(&job))).insert_header((RETRY_AFTER, retry_after_s(&job, now)));
        accepted
    };
    Ok(answer.insert_header((ETAG, quoted(&job_tag(&job, None)))).json(JobView::new(&job, now)))
}
