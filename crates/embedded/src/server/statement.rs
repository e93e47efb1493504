//! `/v1/statement`: submit, pages, heartbeat, cancel.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use super::{SessionHeaders, Shared};
use crate::query::page::{Page, PageBody, to_json};
use crate::query::secret::Phase;
use crate::query::{NoPage, Query};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/v1/statement").route(web::post().to(submit)).route(web::head().to(alive)))
        .service(
            web::resource("/v1/statement/queued/{id}/{slug}/{token}")
                .route(web::get().to(queued))
                .route(web::delete().to(cancel_queued)),
        )
        .service(
            web::resource("/v1/statement/executing/{id}/{slug}/{token}")
                .route(web::get().to(executing))
                .route(web::head().to(heartbeat))
                .route(web::delete().to(cancel_executing)),
        );
}

/// The variable parts of a page's URI.
type PageOf = Path<(String, String, u64)>;

async fn alive() -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn submit(request: HttpRequest, body: Bytes, shared: Data<Shared>) -> HttpResponse {
    let Ok(sql) = std::str::from_utf8(&body) else {
        return text(StatusCode::BAD_REQUEST, "SQL statement is not UTF-8");
    };
    if sql.trim().is_empty() {
        return text(StatusCode::BAD_REQUEST, "SQL statement is empty");
    }
    let session = match SessionHeaders::of(&request) {
        Ok(session) => session,
        Err(bad) => return text(StatusCode::BAD_REQUEST, &bad.to_string()),
    };
    let query = shared.registry.register(sql.to_owned(), session);
    let body = PageBody::waiting(query.queued_path());
    answer(&request, &shared, &query, &Page { body, state: query.state() })
}

async fn queued(request: HttpRequest, page: PageOf, shared: Data<Shared>) -> HttpResponse {
    let Some(query) = find(&shared, Phase::Queued, &page) else { return not_found() };
    match shared.registry.queued(&query, page.2).await {
        Ok(page) => answer(&request, &shared, &query, &page),
        Err(missing) => no_page(missing),
    }
}

async fn executing(request: HttpRequest, page: PageOf, shared: Data<Shared>) -> HttpResponse {
    let Some(query) = find(&shared, Phase::Executing, &page) else { return not_found() };
    match query.executing(page.2).await {
        Ok(page) => answer(&request, &shared, &query, &page),
        Err(missing) => no_page(missing),
    }
}

async fn heartbeat(page: PageOf, shared: Data<Shared>) -> HttpResponse {
    let Some(query) = find(&shared, Phase::Executing, &page) else { return HttpResponse::NotFound().finish() };
    query.touch();
    HttpResponse::Ok().finish()
}

async fn cancel_queued(page: PageOf, shared: Data<Shared>) -> HttpResponse {
    cancel(&shared, Phase::Queued, &page).await
}

async fn cancel_executing(page: PageOf, shared: Data<Shared>) -> HttpResponse {
    cancel(&shared, Phase::Executing, &page).await
}

async fn cancel(shared: &Shared, phase: Phase, page: &PageOf) -> HttpResponse {
    let Some(query) = find(shared, phase, page) else { return not_found() };
    query.cancel().await;
    HttpResponse::NoContent().finish()
}

fn find(shared: &Shared, phase: Phase, page: &PageOf) -> Option<Arc<Query>> {
    let (id, slug, token) = (&page.0, &page.1, page.2);
    shared.registry.find(id).filter(|query| query.admits(phase, token, slug))
}

fn not_found() -> HttpResponse {
    text(StatusCode::NOT_FOUND, "Query not found")
}

fn no_page(missing: NoPage) -> HttpResponse {
    let status = match missing {
        NoPage::Gone => StatusCode::GONE,
        NoPage::NotFound => StatusCode::NOT_FOUND,
    };
    text(status, &missing.to_string())
}

pub(super) fn text(status: StatusCode, message: &str) -> HttpResponse {
    HttpResponse::build(status).content_type("text/plain; charset=utf-8").body(message.to_owned())
}

fn answer(request: &HttpRequest, shared: &Shared, query: &Query, page: &Page) -> HttpResponse {
    let host = request.headers().get("host").and_then(|host| host.to_str().ok());
    let base = host.map_or_else(|| format!("http://{}", shared.address), |host| format!("http://{host}"));
    let Ok(json) = to_json(query, page, &base) else {
        return text(StatusCode::INTERNAL_SERVER_ERROR, "the page could not be written");
    };
    let mut response = HttpResponse::Ok();
    response.content_type("application/json");
    let changes = &page.body.header.changes;
    if let Some(catalog) = &changes.catalog {
        response.insert_header(("X-Trino-Set-Catalog", catalog.as_str()));
    }
    if let Some(schema) = &changes.schema {
        response.insert_header(("X-Trino-Set-Schema", schema.as_str()));
    }
    response.body(json)
}
