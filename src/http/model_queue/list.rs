//! `GET /model-queue`: the commands and where they stand.

use actix_web::{HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::view::CommandView;
use crate::app::ListCommands;
use crate::http::caller::Identified;
use crate::http::core::Core;
use crate::http::extract::{Integer, Label, Parameters};
use crate::http::openapi::problems;
use crate::http::problem::ApiError;
use crate::jobs::JobId;
use crate::models::{Command, CommandState};
use crate::problem::{Code, Problem};

const DEFAULT_LIMIT: u16 = 50;

/// Which commands.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListParams {
    /// Of this job.
    job: Option<String>,
    /// In this state: `QUEUED`, `RUNNING`, `DONE` or `DEAD`.
    #[param(example = "DEAD")]
    state: Option<String>,
    /// `LINEAGE`, `INGESTION` or `QUERY`.
    command: Option<String>,
    /// For the table or view with this FQN.
    #[param(value_type = Option<String>)]
    model: Option<Label<4096>>,
    /// The most commands, 1 to 500.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Option<Integer<1, 500>>,
    /// The `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Label<64>>,
}

/// A page of commands, oldest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Commands)]
struct CommandsView {
    /// The commands.
    items: Vec<CommandView>,
    /// Where the next page begins; null on the last one.
    next_cursor: Option<String>,
}

impl ListParams {
    fn into_request(self) -> Result<ListCommands, ApiError> {
        let invalid = |name: &str, hint: &str| {
            Problem::new(Code::InvalidRequest, format!("the parameter `{name}` is not valid")).with_hint(hint)
        };
        let job = self.job.map(|job| job.parse::<JobId>()).transpose();
        let state = self.state.map(|word| word_of(&word).ok_or_else(|| invalid("state", STATES))).transpose()?;
        let command = self.command.map(|word| Command::parse(&word.to_uppercase()));
        let command = command.map(|command| command.ok_or_else(|| invalid("command", COMMANDS))).transpose()?;
        let after = self.cursor.map(|cursor| cursor.as_str().parse()).transpose();
        Ok(ListCommands {
            job: job.map_err(|_no_id| invalid("job", "it is the id of a job"))?,
            state,
            command,
            model: self.model.map(Label::into_string),
            after: after
                .map_err(|_no_number| invalid("cursor", "send the `next_cursor` of the page before, or none"))?,
            limit: self.limit.map_or(DEFAULT_LIMIT, |limit| u16::try_from(limit.get()).unwrap_or(DEFAULT_LIMIT)),
        })
    }
}

const STATES: &str = "there are: QUEUED, RUNNING, DONE, DEAD";
const COMMANDS: &str = "there are: LINEAGE, INGESTION, QUERY";

fn word_of(word: &str) -> Option<&'static str> {
    CommandState::WORDS.into_iter().find(|known| known.eq_ignore_ascii_case(word))
}

problems! { ListProblems = [InvalidRequest] }

/// The commands of the model queue, oldest first.
///
/// A scheduler sees all of them, anybody else those of their own jobs.
#[utoipa::path(
    tag = "model queue",
    operation_id = "list_commands",
    security(("token" = [])),
    params(ListParams),
    responses((status = 200, description = "A page of commands", body = CommandsView), ListProblems),
)]
#[get("/model-queue")]
pub(crate) async fn list_commands(
    Identified(caller): Identified,
    core: web::Data<Core>,
    Parameters(params): Parameters<ListParams>,
) -> Result<HttpResponse, ApiError> {
    let request = params.into_request()?;
    let page = core.run(move |app| async move { app.list_commands(caller, request).await }).await?;
    let items = page.items.into_iter().map(CommandView::new).collect();
    Ok(HttpResponse::Ok().json(CommandsView { items, next_cursor: page.next.map(|next| next.to_string()) }))
}
