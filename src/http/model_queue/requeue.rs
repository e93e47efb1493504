//! `POST /model-queue/{id}/requeue`: a dead letter gets another chance.

use actix_web::{HttpResponse, post, web};

use super::view::{CommandPath, CommandView};
use crate::http::caller::SchedulerCaller;
use crate::http::core::Core;
use crate::http::openapi::problems;
use crate::http::problem::ApiError;

problems! { RequeueProblems = [Forbidden, NotFound, CommandNotDead] }

/// Puts a dead letter back into the queue, as if it were new.
#[utoipa::path(
    tag = "model queue",
    operation_id = "requeue_command",
    security(("token" = [])),
    params(("id" = i64, Path, description = "The command")),
    responses((status = 200, description = "The command, `QUEUED`", body = CommandView), RequeueProblems),
)]
#[post("/model-queue/{id}/requeue")]
pub(crate) async fn requeue_command(
    _: SchedulerCaller,
    core: web::Data<Core>,
    CommandPath(id): CommandPath,
) -> Result<HttpResponse, ApiError> {
    let command = core.run(move |app| async move { app.requeue_command(id).await }).await?;
    Ok(HttpResponse::Ok().json(CommandView::new(command)))
}
