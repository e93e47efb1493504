//! `POST /model-queue/{id}/nack`: a command could not be carried out.

use std::time::Duration;

use actix_web::{HttpResponse, post, web};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::view::{CommandPath, CommandView};
use crate::app::{NackCommand, Returned};
use crate::http::caller::SchedulerCaller;
use crate::http::core::Core;
use crate::http::extract::{Body, Integer};
use crate::http::openapi::problems;
use crate::http::problem::ApiError;
use crate::problem::{Code, Problem};

const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(30);
/// A reason is for people; the rest of a long one is cut off.
const MAX_REASON_CHARS: usize = 4000;

/// What the consumer shows, and why.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NackCommand)]
pub(crate) struct NackBody {
    /// The `lease_token` of the claim.
    lease_token: Uuid,
    /// When it may be tried again, in milliseconds from now.
    #[schema(value_type = Option<u32>, minimum = 0, maximum = 86_400_000, default = 30000)]
    retry_after_ms: Option<Integer<0, 86_400_000>>,
    /// Whether trying again is no use: the command is a dead letter at once.
    #[serde(default)]
    give_up: bool,
    /// Why, for people. Kept without control characters, up to 4,000 characters of it.
    #[schema(example = "openmetadata is down")]
    reason: String,
}

impl NackBody {
    fn into_request(self, id: i64) -> Result<NackCommand, ApiError> {
        let Self { lease_token, retry_after_ms, give_up, reason } = self;
        let returned = match (give_up, retry_after_ms) {
            (true, None) => Returned::GiveUp,
            (true, Some(_)) => {
                let problem = Problem::new(Code::InvalidRequest, "`give_up` and `retry_after_ms` exclude each other");
                return Err(problem.with_hint("what is given up is not tried again").into());
            }
            (false, wait) => {
                let wait = wait.map_or(DEFAULT_RETRY_AFTER, |wait| Duration::from_millis(wait.unsigned()));
                Returned::Retry(wait)
            }
        };
        let printable = |c: char| if c.is_control() { ' ' } else { c };
        let reason = reason.chars().take(MAX_REASON_CHARS).map(printable).collect();
        Ok(NackCommand { id, token: lease_token, returned, reason })
    }
}

problems! { NackProblems = [MalformedJson, InvalidRequest, UnsupportedMediaType, Forbidden, NotFound, LeaseLost] }

/// The command could not be carried out.
///
/// It waits for `retry_after_ms` and is claimed again. One that was claimed too often, or that the consumer gives up, is a
/// dead letter, `DEAD`.
#[utoipa::path(
    tag = "model queue",
    operation_id = "nack_command",
    security(("token" = [])),
    params(("id" = i64, Path, description = "The command")),
    request_body(content = NackBody, content_type = "application/json"),
    responses((status = 200, description = "The command, `QUEUED` or `DEAD`", body = CommandView), NackProblems),
)]
#[post("/model-queue/{id}/nack")]
pub(crate) async fn nack_command(
    _: SchedulerCaller,
    core: web::Data<Core>,
    CommandPath(id): CommandPath,
    Body(body): Body<NackBody>,
) -> Result<HttpResponse, ApiError> {
    let request = body.into_request(id)?;
    let command = core.run(move |app| async move { app.nack_command(request).await }).await?;
    Ok(HttpResponse::Ok().json(CommandView::new(command)))
}
