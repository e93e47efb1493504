//! `GET /livez`: the process answers.

use actix_web::{HttpResponse, get};

use crate::http::caller::Public;

/// Whether the process lives.
///
/// It asks no other system: a database that is down is no reason to start the process anew.
#[utoipa::path(
    tag = "operations",
    operation_id = "livez",
    security(()),
    responses((status = 200, description = "It lives", body = String, content_type = "text/plain", example = json!("ok"))),
)]
#[get("/livez")]
pub(crate) async fn livez(_: Public) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header(("Cache-Control", "no-store"))
        .body("ok\n")
}
