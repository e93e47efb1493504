//! `POST /model-queue/claim`: take commands.

use std::time::Duration;

use actix_web::{HttpResponse, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::view::CommandView;
use crate::app::ClaimCommands;
use crate::http::caller::SchedulerCaller;
use crate::http::core::Core;
use crate::http::extract::{Body, Integer};
use crate::http::openapi::problems;
use crate::http::problem::ApiError;
use crate::models::Command;
use crate::problem::{Code, Problem};

const DEFAULT_LIMIT: u64 = 10;
pub(super) const DEFAULT_LEASE: Duration = Duration::from_mins(1);

/// What a consumer asks for.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ClaimCommands)]
pub(crate) struct ClaimBody {
    /// The most commands.
    #[schema(value_type = Option<u16>, minimum = 1, maximum = 1000, default = 10)]
    limit: Option<Integer<1, 1000>>,
    /// How long they are the consumer's own, in milliseconds.
    #[schema(value_type = Option<u32>, minimum = 1000, maximum = 3_600_000, default = 60000)]
    lease_ms: Option<Integer<1000, 3_600_000>>,
    /// Only these commands: `LINEAGE`, `INGESTION`, `QUERY`.
    commands: Option<Vec<String>>,
    /// How long to wait for the first one, in milliseconds.
    #[schema(value_type = Option<u32>, minimum = 0, maximum = 86_400_000, default = 0)]
    wait_ms: Option<Integer<0, 86_400_000>>,
}

/// What the consumer has now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClaimedCommands)]
struct ClaimedView {
    /// The commands, oldest first, each with the `lease_token` to show.
    items: Vec<CommandView>,
}

impl ClaimBody {
    fn into_request(self) -> Result<ClaimCommands, ApiError> {
        Ok(ClaimCommands {
            limit: self.limit.map_or(DEFAULT_LIMIT, Integer::unsigned),
            lease: self.lease_ms.map_or(DEFAULT_LEASE, |lease| Duration::from_millis(lease.unsigned())),
            commands: only(&self.commands.unwrap_or_default())?,
            wait: Duration::from_millis(self.wait_ms.map_or(0, Integer::unsigned)),
        })
    }
}

/// The commands that are asked for, each once; none where all are.
fn only(words: &[String]) -> Result<Vec<Command>, ApiError> {
    let mut commands = Vec::new();
    for word in words {
        let command = Command::parse(word).ok_or_else(|| {
            Problem::new(Code::InvalidRequest, "`commands` has a word that is no command")
                .with_hint("there are: LINEAGE, INGESTION, QUERY")
        })?;
        if !commands.contains(&command) {
            commands.push(command);
        }
    }
    Ok(commands)
}

problems! { ClaimProblems = [MalformedJson, InvalidRequest, UnsupportedMediaType, Forbidden] }

/// Takes commands of the model queue.
///
/// They are the consumer's own until `lease_until`; it says what became of each with `ack` or `nack` and shows the
/// `lease_token`. Of one target there is at most one command on its way, the oldest; an `INGESTION` goes past `LINEAGE` that
/// waits to be tried again. There may be fewer than `limit` where their payloads are large.
#[utoipa::path(
    tag = "model queue",
    operation_id = "claim_commands",
    security(("token" = [])),
    request_body(content = ClaimBody, content_type = "application/json", example = json!({"limit": 10, "lease_ms": 60000, "wait_ms": 5000})),
    responses((status = 200, description = "The commands; none when there were none in time", body = ClaimedView), ClaimProblems),
)]
#[post("/model-queue/claim")]
pub(crate) async fn claim_commands(
    _: SchedulerCaller,
    core: web::Data<Core>,
    Body(body): Body<ClaimBody>,
) -> Result<HttpResponse, ApiError> {
    let claimed = core.claim(body.into_request()?).await?;
    Ok(HttpResponse::Ok().json(ClaimedView { items: claimed.into_iter().map(CommandView::claimed).collect() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_has_defaults_and_bounds() {
        let request = |body: &str| serde_json::from_str::<ClaimBody>(body).unwrap().into_request();
        let plain =
            ClaimCommands { limit: 10, lease: Duration::from_mins(1), commands: Vec::new(), wait: Duration::ZERO };
        assert_eq!(request("{}").unwrap(), plain);
        let of = |commands: &[Command]| ClaimCommands { commands: commands.to_vec(), ..plain.clone() };
        let lineage = ClaimCommands { limit: 3, ..of(&[Command::Lineage]) };
        assert_eq!(request(r#"{"limit": 3, "commands": ["LINEAGE"]}"#).unwrap(), lineage);
        let both = of(&[Command::Lineage, Command::Ingestion]);
        assert_eq!(request(r#"{"commands": ["LINEAGE", "INGESTION", "LINEAGE"]}"#).unwrap(), both);
        assert!(request(r#"{"commands": ["PROFILE"]}"#).is_err());
        assert!(serde_json::from_str::<ClaimBody>(r#"{"lease_ms": 1}"#).is_err());
    }
}
