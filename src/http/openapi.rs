//! The description of the API, generated from the handlers: what all operations share is here, the rest stands at each
//! of them.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Components, Content, OpenApi as Document, Ref, RefOr, Response};
use utoipa::{Modify, OpenApi};
use utoipa_actix_web::AppExt;

use super::problem::{PROBLEM_JSON, ProblemView, status_of};
use super::routes;
use crate::problem::{Code, Problem};

/// Where the description is served.
pub(crate) const OPENAPI_PATH: &str = "/api/v1/openapi.json";

/// The description of the API.
#[must_use]
pub fn openapi() -> Document {
    let (_, document) =
        actix_web::App::new().into_utoipa_app().openapi(Shared::openapi()).configure(routes::api).split_for_parts();
    document
}

/// What all operations share.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Warren",
        description = "An async SQL federation gateway over Trino. Queries name tables as OpenMetadata does; Warren turns the \
            names into Trino's, runs the query, and keeps the result. Errors are problem documents (RFC 9457); their codes are \
            explained at `/docs/errors`.",
    ),
    tags(
        (name = "jobs", description = "Submit queries, follow them, read their results"),
        (name = "model queue", description = "Work off what finished jobs ask of a scheduler"),
        (name = "openmetadata", description = "What OpenMetadata calls"),
        (name = "models", description = "Make views and tables of queries, and see what is used together"),
        (name = "catalog", description = "Find tables and files, and see what is in them"),
        (name = "sql", description = "Look at queries without running them"),
        (name = "operations", description = "Run the server"),
    ),
    components(schemas(ProblemView)),
    modifiers(&TokenScheme),
)]
struct Shared;

struct TokenScheme;

impl Modify for TokenScheme {
    fn modify(&self, document: &mut Document) {
        let mut scheme = Http::new(HttpAuthScheme::Bearer);
        scheme.description =
            Some("A token that the operator made with `warren token create`; not needed on loopback".to_owned());
        let components = document.components.get_or_insert_with(Components::new);
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
        let signature = ApiKeyValue::with_description(
            warren_openmetadata::SIGNATURE_HEADER,
            "`sha256=` and the base64 of HMAC-SHA256 of the body, with the secret that OpenMetadata and Warren share",
        );
        components.add_security_scheme("signature", SecurityScheme::ApiKey(ApiKey::Header(signature)));
    }
}

/// Names the problems that an operation answers with, as responses for its description. Every operation also has those
/// that do not depend on it.
macro_rules! problems {
    ($name:ident = [$($code:ident),* $(,)?]) => {
        struct $name;

        impl utoipa::IntoResponses for $name {
            fn responses() -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
                $crate::http::openapi::problem_responses(&[$($crate::problem::Code::$code),*])
            }
        }
    };
}
pub(crate) use problems;

/// What any operation may answer that asks who calls and looks into the database.
const EVERYWHERE: &[Code] = &[Code::Unauthenticated, Code::Internal, Code::DatabaseUnavailable];

/// One response for each status of these codes, with an example of each code.
pub(crate) fn problem_responses(codes: &[Code]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<StatusCode, Vec<Code>> = BTreeMap::new();
    for code in codes.iter().chain(EVERYWHERE) {
        by_status.entry(status_of(*code)).or_default().push(*code);
    }
    by_status.into_iter().map(|(status, codes)| (status.as_str().to_owned(), RefOr::T(response(&codes)))).collect()
}

fn response(codes: &[Code]) -> Response {
    let words: Vec<String> = codes.iter().map(|code| format!("`{}`: {}", code.as_str(), code.title())).collect();
    let example = codes.first().and_then(|code| {
        let problem = Problem::new(*code, "what happened this time");
        serde_json::to_value(ProblemView::from(&problem)).ok()
    });
    let mut content = Content::new(Some(Ref::from_schema_name("Problem")));
    content.example = example;
    let mut response = Response::new(words.join("; "));
    response.content.insert(PROBLEM_JSON.to_owned(), RefOr::T(content));
    response
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::Value;

    use super::*;

    fn operations() -> Vec<(String, String, Value)> {
        let document = serde_json::to_value(openapi()).unwrap();
        let paths = document.get("paths").and_then(Value::as_object).unwrap().clone();
        let mut operations = Vec::new();
        for (path, item) in paths {
            for (method, operation) in item.as_object().unwrap() {
                operations.push((path.clone(), method.clone(), operation.clone()));
            }
        }
        operations
    }

    #[test]
    fn every_operation_is_described() {
        let mut ids = HashSet::new();
        for (path, method, operation) in operations() {
            let id = operation.get("operationId").and_then(Value::as_str).unwrap().to_owned();
            assert!(operation.get("summary").is_some(), "{method} {path} has no summary");
            assert!(operation.get("security").is_some(), "{method} {path} does not say who may call it");
            assert_eq!(operation.pointer("/tags").and_then(Value::as_array).map(Vec::len), Some(1), "{method} {path}");
            for parameter in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
                let parameters = operation.get("parameters").and_then(Value::as_array).unwrap();
                assert!(parameters.iter().any(|own| own["name"] == parameter), "{method} {path} lacks {parameter}");
            }
            assert!(ids.insert(id.clone()), "{id} is there twice");
        }
        assert!(ids.len() >= 15, "{ids:?}");
    }

    #[test]
    fn every_reference_of_the_description_leads_somewhere() {
        let document = serde_json::to_value(openapi()).unwrap();
        let mut rest = vec![&document];
        while let Some(value) = rest.pop() {
            match value {
                Value::Object(members) => {
                    if let Some(target) = members.get("$ref").and_then(Value::as_str) {
                        let pointer = target.strip_prefix('#').unwrap();
                        assert!(document.pointer(pointer).is_some(), "{target} is not there");
                    }
                    rest.extend(members.values());
                }
                Value::Array(items) => rest.extend(items),
                _ => {}
            }
        }
    }

    #[test]
    fn problems_are_grouped_by_status() {
        let responses = problem_responses(&[Code::InvalidRequest, Code::EmptySql, Code::NotFound]);
        let keys: Vec<&str> = responses.keys().map(String::as_str).collect();
        assert_eq!(keys, ["400", "401", "404", "500", "503"]);
        let RefOr::T(response) = responses.get("400").unwrap() else { panic!("a reference") };
        assert_eq!(
            response.description,
            "`INVALID_REQUEST`: The request is not valid; `EMPTY_SQL`: The query is empty"
        );
    }
}
