//! `POST /openmetadata/events`: OpenMetadata's webhook. Its caller shows no token: the signature of the body is its proof.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, post, web};
use bytes::Bytes;
use futures::future::LocalBoxFuture;
use warren_openmetadata::SIGNATURE_HEADER;

use crate::http::caller::Public;
use crate::http::core::Core;
use crate::http::extract::{header_text, read_body};
use crate::http::openapi::problems;
use crate::http::problem::ApiError;

/// A body as it came, with what is said to be its signature.
#[derive(Debug)]
pub(crate) struct Delivery {
    body: Bytes,
    signature: Option<String>,
}

impl FromRequest for Delivery {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let (_, body) = read_body(&request, payload).await?;
            Ok(Self { body, signature: header_text(&request, SIGNATURE_HEADER).map(str::to_owned) })
        })
    }
}

problems! { EventsProblems = [Unauthenticated, UnsupportedMediaType, BodyTooLarge, DatabaseUnavailable] }

/// Takes events of OpenMetadata.
///
/// The body is what OpenMetadata's webhook sends, and `X-OM-Signature` its signature with the secret of both sides. 200 means
/// that the events are stored; what they are about is asked for again when it is next needed.
#[utoipa::path(
    tag = "openmetadata",
    operation_id = "accept_events",
    security(("signature" = [])),
    request_body(content = Object, content_type = "application/json"),
    responses((status = 200, description = "The events are stored"), EventsProblems),
)]
#[post("/openmetadata/events")]
pub(crate) async fn accept_events(
    _: Public,
    core: web::Data<Core>,
    delivery: Delivery,
) -> Result<HttpResponse, ApiError> {
    let Delivery { body, signature } = delivery;
    core.run(|app| async move { app.accept_events(&body, signature.as_deref()).await }).await?;
    Ok(HttpResponse::Ok().finish())
}
