//! `GET /models/recommend`: what was used together with a table, a file or a model.

use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::caller::Caller;
use crate::http::core::Core;
use crate::http::extract::{Integer, Label, Parameters};
use crate::http::openapi::problems;
use crate::http::problem::ApiError;
use crate::models::Companion;

const DEFAULT_LIMIT: u16 = 10;

/// With what.
#[derive(Clone, Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RecommendParams {
    /// The FQN.
    #[param(value_type = String, example = "tpch_demo.tpch.tiny.nation")]
    fqn: Label<4096>,
    /// The most names, 1 to 100.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100, default = 10)]
    limit: Option<Integer<1, 100>>,
}

/// Names that were used together with the one that was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Companions)]
struct CompanionsView {
    /// The names, most often first, then the one that was used last.
    items: Vec<CompanionView>,
    /// Always null: the list has one page.
    next_cursor: Option<String>,
}

/// A name that was used together with another.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Companion)]
struct CompanionView {
    /// The name in OpenMetadata's grammar.
    #[schema(example = "tpch_demo.tpch.tiny.region")]
    fully_qualified_name: String,
    /// The name in Trino.
    #[schema(example = "tpch.tiny.region")]
    trino_model_name: String,
    /// How many jobs used both.
    jobs: u64,
    /// How many users ran those jobs.
    users: u64,
    /// When the last of them ended.
    last_used: DateTime<Utc>,
}

impl From<Companion> for CompanionView {
    fn from(companion: Companion) -> Self {
        let Companion { fully_qualified_name, trino_model_name, jobs, users, last_used } = companion;
        Self { fully_qualified_name, trino_model_name, jobs, users, last_used }
    }
}

problems! { RecommendProblems = [InvalidRequest, InvalidName] }

/// What was used together with a table, a file or a model.
///
/// Counted over the jobs of all users that finished, of the last 10,000 that used the name. Neither who ran them nor what
/// they asked is told.
#[utoipa::path(
    tag = "models",
    operation_id = "recommend_models",
    security(("token" = [])),
    params(RecommendParams),
    responses((status = 200, description = "The names, most often first", body = CompanionsView), RecommendProblems),
)]
#[get("/models/recommend")]
pub(crate) async fn recommend_models(
    _: Caller,
    core: web::Data<Core>,
    Parameters(params): Parameters<RecommendParams>,
) -> Result<HttpResponse, ApiError> {
    let limit = params.limit.map_or(DEFAULT_LIMIT, |limit| u16::try_from(limit.get()).unwrap_or(DEFAULT_LIMIT));
    let fqn = params.fqn.into_string();
    let found = core.run(move |app| async move { app.recommend_models(&fqn, limit).await }).await?;
    let items = found.into_iter().map(Into::into).collect();
    Ok(HttpResponse::Ok().json(CompanionsView { items, next_cursor: None }))
}
