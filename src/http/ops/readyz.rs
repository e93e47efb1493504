//! `GET /readyz`: whether jobs can be taken, and which part is at fault.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{Health, Part};
use crate::http::caller::Public;
use crate::http::core::Core;
use crate::http::problem::ApiError;

/// Whether the server is ready.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Health)]
struct HealthView {
    /// Whether jobs can be taken.
    ready: bool,
    /// Each part.
    parts: Vec<PartView>,
}

/// A part that the server needs.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = HealthPart)]
struct PartView {
    /// `database`, `results` or `trino:<cluster>`.
    #[schema(example = "trino:embedded")]
    name: String,
    /// Whether it answers.
    healthy: bool,
    /// What is wrong.
    fault: Option<String>,
}

impl HealthView {
    fn new(health: Health, stopping: bool) -> Self {
        let ready = health.is_ready() && !stopping;
        let part = |Part { name, fault }| PartView { name, healthy: fault.is_none(), fault };
        Self { ready, parts: health.parts.into_iter().map(part).collect() }
    }
}

/// Whether jobs can be taken.
///
/// A Trino or a result store that is down is shown, but delays jobs only: the server stays ready. A part that does not
/// answer within two seconds is shown as such; an answer may be a second old.
#[utoipa::path(
    tag = "operations",
    operation_id = "readyz",
    security(()),
    responses(
        (status = 200, description = "Jobs can be taken", body = HealthView),
        (status = 503, description = "Jobs cannot be taken: the database does not answer, or the server goes down", body = HealthView),
    ),
)]
#[get("/readyz")]
pub(crate) async fn readyz(_: Public, core: web::Data<Core>) -> Result<HttpResponse, ApiError> {
    let health = core.run(|app| async move { Ok(app.health().await) }).await?;
    let view = HealthView::new(health, core.is_stopping());
    let mut answer = if view.ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    Ok(answer.insert_header(("Cache-Control", "no-store")).json(view))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(faults: &[(&str, Option<&str>)], stopping: bool, ready: bool) {
        let part =
            |(name, fault): &(&str, Option<&str>)| Part { name: (*name).to_owned(), fault: fault.map(str::to_owned) };
        let view = HealthView::new(Health { parts: faults.iter().map(part).collect() }, stopping);
        assert_eq!(view.ready, ready, "{faults:?}");
        assert!(view.parts.iter().all(|part| part.healthy == part.fault.is_none()));
    }

    #[test]
    fn only_the_database_decides() {
        check(&[("database", None), ("trino:a", None)], false, true);
        check(&[("database", None), ("results", Some("no bucket")), ("trino:a", Some("refused"))], false, true);
        check(&[("database", Some("refused")), ("trino:a", None)], false, false);
        check(&[("database", None)], true, false);
    }
}
