//! `GET /models`: the models of everybody.

use actix_web::{HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::view::ModelView;
use crate::app::ListModels;
use crate::http::caller::Caller;
use crate::http::core::Core;
use crate::http::extract::{Integer, Label, Parameters};
use crate::http::openapi::problems;
use crate::http::problem::ApiError;
use crate::jobs::Principal;
use crate::problem::{Code, Problem};
use crate::store::ModelFilter;

const DEFAULT_LIMIT: u16 = 50;

/// Which models.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListParams {
    /// Of this owner.
    #[param(value_type = Option<String>, example = "sena")]
    owner: Option<Label<256>>,
    /// Whose FQN begins like this, in upper or lower case.
    #[param(value_type = Option<String>, example = "trino_prod.lake.")]
    q: Option<Label<4096>>,
    /// The most models, 1 to 500.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Option<Integer<1, 500>>,
    /// The `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Label<64>>,
}

/// A page of models, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Models)]
struct ModelsView {
    /// The models.
    items: Vec<ModelView>,
    /// Where the next page begins; null on the last one.
    next_cursor: Option<String>,
}

impl ListParams {
    fn into_request(self) -> Result<ListModels, ApiError> {
        let invalid = |name: &str, hint: &str| {
            Problem::new(Code::InvalidRequest, format!("the parameter `{name}` is not valid")).with_hint(hint)
        };
        let owner = self.owner.map(|owner| Principal::parse(owner.as_str()).ok_or_else(|| invalid("owner", "a user")));
        let after = self.cursor.map(|cursor| cursor.as_str().parse()).transpose();
        Ok(ListModels {
            filter: ModelFilter { owner: owner.transpose()?, prefix: self.q.map(Label::into_string) },
            after: after.map_err(|_no_id| invalid("cursor", "send the `next_cursor` of the page before, or none"))?,
            limit: self.limit.map_or(DEFAULT_LIMIT, |limit| u16::try_from(limit.get()).unwrap_or(DEFAULT_LIMIT)),
        })
    }
}

problems! { ListProblems = [InvalidRequest] }

/// The models of everybody, newest first.
///
/// Queries, jobs and errors are shown to the owner of a model only.
#[utoipa::path(
    tag = "models",
    operation_id = "list_models",
    security(("token" = [])),
    params(ListParams),
    responses((status = 200, description = "A page of models", body = ModelsView), ListProblems),
)]
#[get("/models")]
pub(crate) async fn list_models(
    Caller(caller): Caller,
    core: web::Data<Core>,
    Parameters(params): Parameters<ListParams>,
) -> Result<HttpResponse, ApiError> {
    let request = params.into_request()?;
    let page = core.run(move |app| async move { app.find_models(request).await }).await?;
    let items = page.items.iter().map(|model| ModelView::new(model, &caller)).collect();
    Ok(HttpResponse::Ok().json(ModelsView { items, next_cursor: page.next.map(|next| next.to_string()) }))
}
