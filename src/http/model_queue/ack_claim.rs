//! `POST /model-queue/ack`: commands of one claim were carried out.

use actix_web::{HttpResponse, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::caller::SchedulerCaller;
use crate::http::core::Core;
use crate::http::extract::Body;
use crate::http::openapi::problems;
use crate::http::problem::ApiError;
use crate::problem::{Code, Problem};

/// As many as one claim can give.
const MOST: usize = 1000;

/// What the consumer shows.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AckCommands)]
pub(crate) struct AckClaimBody {
    /// The `lease_token` of the claim, which its commands share.
    lease_token: Uuid,
    /// The commands, at most 1,000.
    #[schema(max_items = 1000)]
    ids: Vec<i64>,
}

/// What became of them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AckedCommands)]
struct AckedView {
    /// Those that are `DONE`.
    done: Vec<i64>,
    /// Those of which the lease was lost, and those that are not there.
    lost: Vec<i64>,
}

problems! { AckClaimProblems = [MalformedJson, InvalidRequest, UnsupportedMediaType, Forbidden] }

/// Commands of one claim were carried out.
///
/// The same as an `ack` of each, at the cost of one. Saying it twice does no harm.
#[utoipa::path(
    tag = "model queue",
    operation_id = "ack_claim",
    security(("token" = [])),
    request_body(content = AckClaimBody, content_type = "application/json"),
    responses((status = 200, description = "Which of them are `DONE`", body = AckedView), AckClaimProblems),
)]
#[post("/model-queue/ack")]
pub(crate) async fn ack_claim(
    _: SchedulerCaller,
    core: web::Data<Core>,
    Body(body): Body<AckClaimBody>,
) -> Result<HttpResponse, ApiError> {
    let AckClaimBody { lease_token, ids } = body;
    if ids.len() > MOST {
        let detail = format!("`ids` has {} numbers, at most {MOST} are taken", ids.len());
        return Err(Problem::new(Code::InvalidRequest, detail).into());
    }
    let asked = ids.clone();
    let done = core.run(move |app| async move { app.ack_commands(&ids, lease_token).await }).await?;
    let lost = asked.into_iter().filter(|id| !done.contains(id)).collect();
    Ok(HttpResponse::Ok().json(AckedView { done, lost }))
}
