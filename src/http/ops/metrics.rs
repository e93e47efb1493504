//! `GET /metrics`: what Prometheus collects.

use actix_web::{HttpResponse, get, web};
use metrics_exporter_prometheus::PrometheusHandle;

use crate::http::caller::Public;

/// The metrics of this process, in the text format of Prometheus.
#[utoipa::path(
    tag = "operations",
    operation_id = "read_metrics",
    security(()),
    responses((status = 200, description = "The metrics", body = String, content_type = "text/plain")),
)]
#[get("/metrics")]
pub(crate) async fn read_metrics(_: Public, metrics: web::Data<PrometheusHandle>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(metrics.render())
}
