//! `POST /model-queue/{id}/renew`: the consumer of a command needs longer.

use std::time::Duration;

use actix_web::{HttpResponse, post, web};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::claim::DEFAULT_LEASE;
use super::view::{CommandPath, CommandView};
use crate::http::caller::SchedulerCaller;
use crate::http::core::Core;
use crate::http::extract::{Body, Integer};
use crate::http::openapi::problems;
use crate::http::problem::ApiError;

/// What the consumer shows, and how long it needs.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RenewCommand)]
pub(crate) struct RenewBody {
    /// The `lease_token` of the claim.
    lease_token: Uuid,
    /// How long the command stays its own, in milliseconds from now.
    #[schema(value_type = Option<u32>, minimum = 1000, maximum = 3_600_000, default = 60000)]
    lease_ms: Option<Integer<1000, 3_600_000>>,
}

problems! { RenewProblems = [MalformedJson, InvalidRequest, UnsupportedMediaType, Forbidden, NotFound, LeaseLost] }

/// The consumer is still at it.
///
/// Its lease ends `lease_ms` from now. One that ran out is renewed as long as nobody else has claimed the command.
#[utoipa::path(
    tag = "model queue",
    operation_id = "renew_command",
    security(("token" = [])),
    params(("id" = i64, Path, description = "The command")),
    request_body(content = RenewBody, content_type = "application/json"),
    responses((status = 200, description = "The command, `RUNNING`", body = CommandView), RenewProblems),
)]
#[post("/model-queue/{id}/renew")]
pub(crate) async fn renew_command(
    _: SchedulerCaller,
    core: web::Data<Core>,
    CommandPath(id): CommandPath,
    Body(body): Body<RenewBody>,
) -> Result<HttpResponse, ApiError> {
    let RenewBody { lease_token, lease_ms } = body;
    let lease = lease_ms.map_or(DEFAULT_LEASE, |lease| Duration::from_millis(lease.unsigned()));
    let command = core.run(move |app| async move { app.renew_command(id, lease_token, lease).await }).await?;
    Ok(HttpResponse::Ok().json(CommandView::new(command)))
}
