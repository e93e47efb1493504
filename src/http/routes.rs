//! The whole API on one page, and what is said about paths and methods that are not on it.

use std::sync::Arc;

use actix_web::dev::ResourceDef;
use actix_web::http::header::{ALLOW, LOCATION};
use actix_web::middleware::from_fn;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use utoipa::openapi::OpenApi as Document;
use utoipa_actix_web::{scope, service_config::ServiceConfig};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::caller::authenticate;
use super::openapi::OPENAPI_PATH;
use super::problem::ApiError;
use super::server::Served;
use super::{catalog, jobs, model_queue, models, openmetadata, ops, sql};
use crate::problem::{Code, Problem};

/// Every operation that the description of the API has.
pub(crate) fn api(config: &mut ServiceConfig<'_>) {
    config.service(
        scope("/api/v1")
            .wrap(from_fn(authenticate))
            // Jobs.
            .service(jobs::submit::submit_job)
            .service(jobs::list::list_jobs)
            .service(jobs::get::get_job)
            .service(jobs::delete::delete_job)
            .service(jobs::cancel::cancel_job)
            .service(jobs::events::follow_job)
            .service(jobs::models::list_job_models)
            .service(jobs::lineage::get_job_lineage)
            .service(jobs::result::get_result)
            .service(jobs::rows::get_rows)
            .service(jobs::download::download_result)
            // Model queue.
            .service(model_queue::list::list_commands)
            .service(model_queue::claim::claim_commands)
            .service(model_queue::renew::renew_command)
            .service(model_queue::ack_claim::ack_claim)
            .service(model_queue::ack::ack_command)
            .service(model_queue::nack::nack_command)
            .service(model_queue::requeue::requeue_command)
            // OpenMetadata.
            .service(openmetadata::events::accept_events)
            // Models. What is recommended comes before what has an id.
            .service(models::make::make_model)
            .service(models::list::list_models)
            .service(models::recommend::recommend_models)
            .service(models::get::get_model)
            .service(models::delete::delete_model)
            // Catalogue.
            .service(catalog::search::search_catalog)
            .service(catalog::table::get_catalog_table)
            // SQL.
            .service(sql::convert::convert_sql)
            // The description itself.
            .service(ops::describe::describe_api),
    );
    operations(config);
}

/// What operators look at.
fn operations(config: &mut ServiceConfig<'_>) {
    config.service(ops::livez::livez);
    config.service(ops::readyz::readyz);
    config.service(ops::metrics::read_metrics);
}

/// The operations of a process.
pub(crate) fn served(served: Served, config: &mut ServiceConfig<'_>) {
    match served {
        Served::Api => api(config),
        Served::Operations => operations(config),
    }
}

/// What browsers look at, which is no part of the API, of a process that serves it.
pub(crate) fn pages(served: Served, config: &mut web::ServiceConfig) {
    if served == Served::Operations {
        return;
    }
    config
        .route("/", web::get().to(|| redirect("/docs/")))
        .route("/docs", web::get().to(|| redirect("/docs/")))
        .route("/docs/errors", web::get().to(ops::describe::explain_errors))
        // The page would otherwise ask a server on the internet whether the description is valid.
        .service(SwaggerUi::new("/docs/{_:.*}").config(Config::from(OPENAPI_PATH).validator_url("none")));
}

async fn redirect(to: &'static str) -> HttpResponse {
    HttpResponse::Found().insert_header((LOCATION, to)).finish()
}

/// The paths of the API with their methods, to tell a path that does not exist from a method that does not.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    paths: Arc<Vec<(ResourceDef, &'static str)>>,
    elsewhere: &'static str,
}

impl Known {
    /// What a process serves.
    pub(crate) fn by(served: Served) -> Self {
        match served {
            Served::Api => Self::of(&super::openapi()),
            Served::Operations => Self {
                paths: Arc::default(),
                elsewhere: "this process has not the role api: it serves /livez, /readyz and /metrics only",
            },
        }
    }

    /// What a description has.
    fn of(document: &Document) -> Self {
        let paths = document.paths.paths.iter();
        let known = paths.flat_map(|(path, item)| {
            let methods = [
                (item.get.is_some(), "GET"),
                (item.post.is_some(), "POST"),
                (item.put.is_some(), "PUT"),
                (item.patch.is_some(), "PATCH"),
                (item.delete.is_some(), "DELETE"),
            ];
            methods.into_iter().filter(|(there, _)| *there).map(|(_, method)| (ResourceDef::new(path.as_str()), method))
        });
        Self { paths: Arc::new(known.collect()), elsewhere: "the API is described at /docs/" }
    }

    /// The methods that a path has; none for a path that does not exist.
    fn methods(&self, path: &str) -> Vec<&'static str> {
        self.paths.iter().filter(|(pattern, _)| pattern.is_match(path)).map(|(_, method)| *method).collect()
    }
}

/// Answers what no route takes.
pub(crate) async fn unknown(request: HttpRequest) -> HttpResponse {
    let known = request.app_data::<Known>();
    let methods = known.map(|known| known.methods(request.path())).unwrap_or_default();
    if methods.is_empty() {
        let problem = Problem::new(Code::NotFound, "there is nothing at this path");
        return ApiError::from(problem.with_hint(known.map_or("", |known| known.elsewhere))).error_response();
    }
    let allowed = methods.join(", ");
    let detail = format!("this path has no method {}", request.method());
    let problem = Problem::new(Code::MethodNotAllowed, detail).with_hint(format!("it has {allowed}"));
    let mut answer = ApiError::from(problem).error_response();
    if let Ok(allowed) = allowed.try_into() {
        answer.headers_mut().insert(ALLOW, allowed);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::openapi;

    fn check(path: &str, expect: &[&str]) {
        let mut methods = Known::of(&openapi()).methods(path);
        methods.sort_unstable();
        assert_eq!(methods, expect, "{path}");
    }

    #[test]
    fn paths_have_methods() {
        check("/api/v1/jobs", &["GET", "POST"]);
        check("/api/v1/jobs/019acb0e-27a1-7c52-9a43-6ad8b5d5a001", &["DELETE", "GET"]);
        check("/api/v1/jobs/x/cancel", &["POST"]);
        check("/livez", &["GET"]);
        check("/api/v1/nothing", &[]);
        check("/", &[]);
    }
}
