//! `GET /api/v1/openapi.json` and the page about errors: the API described by itself.

use actix_web::{HttpResponse, get, web};
use bytes::Bytes;
use utoipa::openapi::OpenApi as Document;

use crate::http::caller::Public;

/// The page that the `type` of a problem points to.
const ERRORS_PAGE: &str = include_str!("../../../docs/errors.md");

/// The description of the API as it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Description(Bytes);

impl Description {
    /// A description as JSON.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub(crate) fn new(document: &Document) -> std::io::Result<Self> {
        Ok(Self(Bytes::from(serde_json::to_vec(document)?)))
    }
}

/// The description of the API, as OpenAPI.
#[utoipa::path(
    tag = "operations",
    operation_id = "describe_api",
    security(()),
    responses((status = 200, description = "The description", body = Object, content_type = "application/json")),
)]
#[get("/openapi.json")]
pub(crate) async fn describe_api(_: Public, description: web::Data<Description>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(description.0.clone())
}

/// The page about errors, as the text that it is.
pub(crate) async fn explain_errors(_: Public) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(ERRORS_PAGE)
}
