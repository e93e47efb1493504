//! `POST /model-queue/{id}/ack`: a command was carried out.

use actix_web::{HttpResponse, post, web};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::view::{CommandPath, CommandView};
use crate::http::caller::SchedulerCaller;
use crate::http::core::Core;
use crate::http::extract::Body;
use crate::http::openapi::problems;
use crate::http::problem::ApiError;

/// What the consumer shows.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AckCommand)]
pub(crate) struct AckBody {
    /// The `lease_token` of the claim.
    lease_token: Uuid,
}

problems! { AckProblems = [MalformedJson, InvalidRequest, UnsupportedMediaType, Forbidden, NotFound, LeaseLost] }

/// The command was carried out.
///
/// Saying it twice does no harm. A lease that ran out counts as long as nobody else has claimed the command.
#[utoipa::path(
    tag = "model queue",
    operation_id = "ack_command",
    security(("token" = [])),
    params(("id" = i64, Path, description = "The command")),
    request_body(content = AckBody, content_type = "application/json"),
    responses((status = 200, description = "The command, `DONE`", body = CommandView), AckProblems),
)]
#[post("/model-queue/{id}/ack")]
pub(crate) async fn ack_command(
    _: SchedulerCaller,
    core: web::Data<Core>,
    CommandPath(id): CommandPath,
    Body(body): Body<AckBody>,
) -> Result<HttpResponse, ApiError> {
    let command = core.run(move |app| async move { app.ack_command(id, body.lease_token).await }).await?;
    Ok(HttpResponse::Ok().json(CommandView::new(command)))
}
