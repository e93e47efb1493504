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

/// How long a command waits that is handed back without another word: outages last longer than a moment.
const HANDED_BACK: Duration = Duration::from_secs(30);
/// A reason is for people; the rest of a long one is cut off.
const MAX_REASON_CHARS: usize = 4000;

/// What the consumer shows, and why.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NackCommand)]
pub(crate) struct NackBody {
    /// The `lease_token` of the claim.
    lease_token: Uuid,
    /// When it may be tried again, in milliseconds from now. Without it the wait grows with the tries: 10 s, 30 s, 2 min,
    /// 10 min, then an hour; with `hand_back` it is 30 s.
    #[schema(value_type = Option<u32>, minimum = 0, maximum = 86_400_000)]
    retry_after_ms: Option<Integer<0, 86_400_000>>,
    /// Whether this was no try: the command waits as if it had not been claimed, and does not become a dead letter by it.
    #[serde(default)]
    hand_back: bool,
    /// Whether trying again is no use: the command is a dead letter at once.
    #[serde(default)]
    give_up: bool,
    /// Why, for people. Kept without control characters, up to 4,000 characters of it.
    #[schema(example = "openmetadata is down")]
    reason: String,
}

impl NackBody {
    fn into_request(self, id: i64) -> Result<NackCommand, ApiError> {
        let Self { lease_token, retry_after_ms, hand_back, give_up, reason } = self;
        let wait = retry_after_ms.map(|wait| Duration::from_millis(wait.unsigned()));
        let returned = match (give_up, hand_back, wait) {
            (true, false, None) => Returned::GiveUp,
            (false, true, wait) => Returned::HandBack(wait.unwrap_or(HANDED_BACK)),
            (false, false, Some(wait)) => Returned::Retry(wait),
            (false, false, None) => Returned::RetryInTurn,
            (true, ..) => {
                let detail = "`give_up` excludes `hand_back` and `retry_after_ms`";
                let problem = Problem::new(Code::InvalidRequest, detail);
                return Err(problem.with_hint("what is given up is not tried again").into());
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
/// It waits and is claimed again. One that was claimed too often, or that the consumer gives up, is a dead letter, `DEAD`.
/// With `hand_back` the claim does not count.
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
