//! `GET /jobs/{id}`: one job, at once or when something has changed.

use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderMap, IF_NONE_MATCH, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;

use super::view::{JobView, etag, retry_after_s};
use super::waiting::{PREFERENCE_APPLIED, WaitMs, Waiting};
use crate::app::Wait;
use crate::http::caller::Caller;
use crate::http::core::Core;
use crate::http::extract::{JobPath, Parameters};
use crate::http::openapi::problems;
use crate::http::problem::ApiError;
use crate::jobs::Status;

/// How to look at a job.
#[derive(Clone, Copy, Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct GetParams {
    /// How long the answer may wait, in milliseconds: with `If-None-Match` until the job changes, else until it ends.
    #[param(value_type = Option<u64>, example = 5000)]
    wait_ms: Option<WaitMs>,
}

problems! { GetProblems = [InvalidRequest, NotFound] }

/// One job.
///
/// With `If-None-Match` the answer is 304 while the job has not changed.
#[utoipa::path(
    tag = "jobs",
    operation_id = "get_job",
    security(("token" = [])),
    params(
        ("id" = String, Path, description = "The job"),
        GetParams,
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` that the client has", example = "\"5\""),
        ("Prefer" = Option<String>, Header, description = "`wait=<seconds>`, where `wait_ms` is not given", example = "wait=5"),
    ),
    responses(
        (status = 200, description = "The job", body = JobView, headers(
            ("ETag" = String, description = "The version of the job"),
            ("Retry-After" = u64, description = "Seconds until it is worth to look again, while it has not ended"),
        )),
        (status = 304, description = "The job has not changed"),
        GetProblems,
    ),
)]
#[get("/jobs/{id}")]
pub(crate) async fn get_job(
    Caller(caller): Caller,
    core: web::Data<Core>,
    JobPath(id): JobPath,
    Parameters(params): Parameters<GetParams>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let waiting = Waiting::of(params.wait_ms, request.headers(), &core.app().limits)?;
    let known = Known::of(request.headers());
    let job = core.wait(&caller, id, known.wait(), waiting.most).await?;
    let unchanged = known.matches(job.version);
    let mut answer = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((ETAG, etag(&job))).insert_header((CACHE_CONTROL, "private, no-cache"));
    if let Some(seconds) = waiting.preferred_s {
        answer.insert_header((PREFERENCE_APPLIED, format!("wait={seconds}")));
    }
    if !job.status().is_terminal() {
        answer.insert_header((RETRY_AFTER, retry_after_s(&job, core.app().clock.now())));
    }
    if unchanged {
        return Ok(answer.finish());
    }
    let view = JobView::new(&job, core.app().clock.now());
    if job.status() != Status::Queued {
        return Ok(answer.json(view));
    }
    let position = core.run(|app| async move { app.queue_position(&job).await }).await?;
    Ok(answer.json(view.at(position)))
}

/// The versions that a client has, by `If-None-Match`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Known {
    /// None.
    Nothing,
    /// Any: `*`.
    Anything,
    /// These.
    Versions(Vec<i64>),
}

impl Known {
    fn of(headers: &HeaderMap) -> Self {
        let tags =
            headers.get_all(IF_NONE_MATCH).filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        let mut versions = Vec::new();
        for tag in tags.map(str::trim) {
            if tag == "*" {
                return Self::Anything;
            }
            // The comparison is the weak one (RFC 9110, 13.1.2), so that `W/` does not count. What Warren never sent
            // matches nothing.
            let opaque = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
            versions.extend(opaque.and_then(|version| version.parse::<i64>().ok()));
        }
        if versions.is_empty() { Self::Nothing } else { Self::Versions(versions) }
    }

    fn matches(&self, version: i64) -> bool {
        match self {
            Self::Nothing => false,
            Self::Anything => true,
            Self::Versions(versions) => versions.contains(&version),
        }
    }

    /// What to wait for: for the client that has the latest version a change, for any other the end.
    fn wait(&self) -> Wait {
        match self {
            Self::Nothing | Self::Anything => Wait::End,
            Self::Versions(versions) => versions.iter().max().map_or(Wait::End, |version| Wait::ChangeFrom(*version)),
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn check(header: &[&'static str], expect: &Known) {
        let mut headers = HeaderMap::new();
        header.iter().for_each(|value| headers.append(IF_NONE_MATCH, HeaderValue::from_static(value)));
        assert_eq!(&Known::of(&headers), expect, "{header:?}");
    }

    #[test]
    fn entity_tags_are_versions() {
        check(&[], &Known::Nothing);
        check(&["\"3\""], &Known::Versions(vec![3]));
        check(&["W/\"3\", \"4\""], &Known::Versions(vec![3, 4]));
        check(&["\"3\"", "\"5\""], &Known::Versions(vec![3, 5]));
        check(&["*"], &Known::Anything);
        check(&["3", "\"abc\"", "\""], &Known::Nothing);
    }

    #[test]
    fn a_client_waits_for_a_change_from_what_it_has() {
        assert_eq!(Known::Versions(vec![3, 4]).wait(), Wait::ChangeFrom(4));
        assert_eq!(Known::Nothing.wait(), Wait::End);
        assert!(
            Known::Versions(vec![3]).matches(3) && !Known::Versions(vec![3]).matches(4) && Known::Anything.matches(9)
        );
    }
}
