//! `GET /jobs/{id}/models`: what the names of a query meant.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::caller::Caller;
use crate::http::core::Core;
use crate::http::extract::JobPath;
use crate::http::openapi::problems;
use crate::http::problem::ApiError;
use crate::jobs::FusionModel;

/// One table or file that a query refers to.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FusionModel)]
pub(crate) struct FusionModelView {
    /// The name in OpenMetadata.
    #[schema(example = "tpch_demo.tpch.tiny.nation")]
    fully_qualified_name: String,
    /// OpenMetadata's id, where it is known.
    model_id_of_om: Option<String>,
    /// The version of it in OpenMetadata when the name was resolved, where it is known.
    model_version_of_om: Option<String>,
    /// The name in Trino.
    #[schema(example = "tpch.tiny.nation")]
    trino_model_name: String,
    /// Where the name begins in the user query, in characters from 0.
    start: u32,
    /// Where it ends, exclusive.
    end: u32,
    /// Whether the statement writes to it.
    target: bool,
}

/// The tables and files that a query refers to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FusionModels)]
struct FusionModelsView {
    /// In the order of the query.
    items: Vec<FusionModelView>,
    /// Always null: the list is whole.
    next_cursor: Option<String>,
}

impl From<FusionModel> for FusionModelView {
    fn from(model: FusionModel) -> Self {
        let FusionModel {
            model_id_of_om,
            model_version_of_om,
            fully_qualified_name,
            trino_model_name,
            start,
            end,
            target,
        } = model;
        Self { fully_qualified_name, model_id_of_om, model_version_of_om, trino_model_name, start, end, target }
    }
}

problems! { ModelsProblems = [NotFound] }

/// The tables and files that the query of a job refers to, as they were resolved when it was submitted.
#[utoipa::path(
    tag = "jobs",
    operation_id = "list_job_models",
    security(("token" = [])),
    params(("id" = String, Path, description = "The job")),
    responses((status = 200, description = "The fusion models", body = FusionModelsView), ModelsProblems),
)]
#[get("/jobs/{id}/models")]
pub(crate) async fn list_job_models(
    Caller(caller): Caller,
    core: web::Data<Core>,
    JobPath(id): JobPath,
) -> Result<HttpResponse, ApiError> {
    let models = core.run(|app| async move { app.list_models(&caller, id).await }).await?;
    let items = models.into_iter().map(FusionModelView::from).collect();
    Ok(HttpResponse::Ok().json(FusionModelsView { items, next_cursor: None }))
}
