//! Around every request: its id, its span, its place in the metrics, and an answer even when a handler panics.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, web};
use futures::FutureExt;
use tracing::Instrument;

use super::core::Core;
use super::problem::ApiError;

/// The header that carries the id of a request, both ways.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const MAX_REQUEST_ID_BYTES: usize = 128;

/// Gives the request its id and its span, measures it, and turns a panic into a problem.
pub(crate) async fn observe(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let id = request_id(request.headers()).unwrap_or_else(|| new_id(&request));
    let span = tracing::info_span!(
        "request",
        id = id.to_str().unwrap_or_default(),
        method = request.method().as_str(),
        path = request.path(),
        user = tracing::field::Empty,
    );
    let (method, began) = (request.method().as_str().to_owned(), Instant::now());
    let outcome = AssertUnwindSafe(next.call(request)).catch_unwind().instrument(span.clone()).await;
    let _entered = span.enter();
    match outcome {
        Ok(Ok(mut answer)) => {
            answer.headers_mut().insert(REQUEST_ID, id);
            measure(&method, &route(&answer), answer.status().as_u16(), began);
            Ok(answer)
        }
        Ok(Err(error)) => {
            measure(&method, UNKNOWN_ROUTE, error.as_response_error().status_code().as_u16(), began);
            Err(with_id(error, id))
        }
        Err(panic) => {
            measure(&method, UNKNOWN_ROUTE, 500, began);
            Err(with_id(ApiError::panicked(&text_of(panic.as_ref())).into(), id))
        }
    }
}

/// The route of requests that none was found for; their paths would make a series each.
const UNKNOWN_ROUTE: &str = "other";

fn route<B>(answer: &ServiceResponse<B>) -> String {
    answer.request().match_pattern().unwrap_or_else(|| UNKNOWN_ROUTE.to_owned())
}

fn measure(method: &str, route: &str, status: u16, began: Instant) {
    let elapsed = began.elapsed();
    let labels = [("method", method.to_owned()), ("route", route.to_owned()), ("status", status.to_string())];
    metrics::histogram!("warren_http_request_seconds", &labels).record(elapsed.as_secs_f64());
    tracing::debug!(route, status, elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX), "answered");
}

fn with_id(mut error: Error, id: HeaderValue) -> Error {
    error.add_response_mapper(move |mut answer| {
        answer.headers_mut().insert(REQUEST_ID, id.clone());
        answer
    });
    error
}

/// The id that the client gave, if it is one that a log can hold.
fn request_id(headers: &HeaderMap) -> Option<HeaderValue> {
    let id = headers.get(&REQUEST_ID)?;
    let fits = (1..=MAX_REQUEST_ID_BYTES).contains(&id.len()) && id.as_bytes().iter().all(u8::is_ascii_graphic);
    fits.then(|| id.clone())
}

fn new_id(request: &ServiceRequest) -> HeaderValue {
    let core = request.app_data::<web::Data<Core>>();
    let id = core.map(|core| core.app().ids.ordered().to_string()).unwrap_or_default();
    HeaderValue::try_from(id).unwrap_or_else(|_| HeaderValue::from_static(""))
}

fn text_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
mod tests {
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, call_service, init_service, try_call_service};
    use actix_web::{App, HttpResponse};
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    fn check(given: &'static str, expect: Option<&str>) {
        let headers: HeaderMap = std::iter::once((REQUEST_ID, HeaderValue::from_static(given))).collect();
        assert_eq!(request_id(&headers).as_ref().map(|id| id.to_str().unwrap()), expect, "{given}");
    }

    #[test]
    fn ids_of_clients_are_kept_if_a_log_can_hold_them() {
        check("4bf92f35-7b", Some("4bf92f35-7b"));
        check("", None);
        check("two words", None);
        check(
            concat!(
                "0123456789012345678901234567890123456789012345678901234567890123456789",
                "0123456789012345678901234567890123456789012345678901234567890"
            ),
            None,
        );
    }

    #[actix_web::test]
    async fn a_panic_is_a_problem_with_the_request_id() {
        async fn broken() -> HttpResponse {
            panic!("boom")
        }
        let app = App::new().wrap(from_fn(observe)).route("/", web::get().to(broken));
        let app = init_service(app).await;
        let request = TestRequest::get().uri("/").insert_header(("x-request-id", "r1")).to_request();
        let Err(error) = try_call_service(&app, request).await else { panic!("the handler does not answer") };
        let answer = error.error_response();
        assert_eq!(answer.status().as_u16(), 500);
        assert_eq!(answer.headers().get("x-request-id").unwrap(), "r1");
        assert_eq!(answer.headers().get("content-type").unwrap(), "application/problem+json");
    }

    #[actix_web::test]
    async fn requests_are_counted_by_route_and_not_by_path() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        let _guard = metrics::set_default_local_recorder(&recorder);
        let app = App::new().wrap(from_fn(observe)).route("/things/{id}", web::get().to(HttpResponse::NoContent));
        let app = init_service(app).await;
        for uri in ["/things/1", "/things/2", "/nothing"] {
            call_service(&app, TestRequest::get().uri(uri).to_request()).await;
        }
        let shown = handle.render();
        let count = |route, status| {
            let labels = format!("{{method=\"GET\",route=\"{route}\",status=\"{status}\"}}");
            shown.lines().find_map(|line| line.strip_prefix(&format!("warren_http_request_seconds_count{labels} ")))
        };
        assert_eq!((count("/things/{id}", 204), count("other", 404)), (Some("2"), Some("1")), "{shown}");
    }
}
