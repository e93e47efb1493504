//! `/v1/info` and `/v1/query/{id}`.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::statement::text;
use super::{Shared, VERSION};
use crate::query::page::stats;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/info", web::get().to(info))
        .route("/v1/info/state", web::get().to(state))
        .service(web::resource("/v1/query/{id}").route(web::get().to(query)).route(web::delete().to(kill)));
}

async fn info() -> HttpResponse {
    HttpResponse::Ok().json(json!({
        "nodeVersion": {"version": VERSION},
        "environment": "embedded",
        "coordinator": true,
        "starting": false,
        "uptime": "0.00s",
    }))
}

async fn state() -> HttpResponse {
    HttpResponse::Ok().json("ACTIVE")
}

async fn query(request: HttpRequest, id: Path<String>, shared: Data<Shared>) -> HttpResponse {
    let Some(query) = shared.registry.find(&id) else { return gone() };
    let state = query.state();
    let mut info = json!({
        "queryId": query.id,
        "state": state.as_str(),
        "query": query.sql,
        "self": request.uri().to_string(),
        "session": {
            "user": query.session.names.user,
            "source": query.session.source,
            "catalog": query.session.names.catalog,
            "schema": query.session.names.schema,
            "timeZoneKey": query.session.names.time_zone,
        },
        "createTime": query.created.to_rfc3339(),
        "queryStats": stats(&query, state),
    });
    if let Some(failure) = query.failure() {
        info["errorType"] = json!(failure.code.error_type().name());
        info["errorCode"] = json!({
            "code": failure.code.number(),
            "name": failure.code.name(),
            "type": failure.code.error_type().name(),
        });
        info["failureInfo"] = json!({"message": failure.message()});
    }
    HttpResponse::Ok().json(info)
}

async fn kill(id: Path<String>, shared: Data<Shared>) -> HttpResponse {
    let Some(query) = shared.registry.find(&id) else { return gone() };
    query.cancel().await;
    HttpResponse::NoContent().finish()
}

/// Trino's `QueryResource` answers 410 for a query that it does not know.
fn gone() -> HttpResponse {
    text(StatusCode::GONE, "Query not found")
}
