//! `GET /models/{id}`: one model.

use actix_web::{HttpResponse, get, web};

use super::view::{ModelPath, ModelView};
use crate::http::caller::Caller;
use crate::http::core::Core;
use crate::http::openapi::problems;
use crate::http::problem::ApiError;

problems! { GetProblems = [NotFound] }

/// One model.
#[utoipa::path(
    tag = "models",
    operation_id = "get_model",
    security(("token" = [])),
    params(("id" = String, Path, description = "The model")),
    responses((status = 200, description = "The model", body = ModelView), GetProblems),
)]
#[get("/models/{id}")]
pub(crate) async fn get_model(
    Caller(caller): Caller,
    core: web::Data<Core>,
    ModelPath(id): ModelPath,
) -> Result<HttpResponse, ApiError> {
    let model = core.run(move |app| async move { app.get_model(id).await }).await?;
    Ok(HttpResponse::Ok().json(ModelView::new(&model, &caller)))
}
