//! `GET /jobs/{id}`: one job, at once or when something has changed.

use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, ETAG, RETRY_AFTER, VARY};
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;

use super::etag::{Known, REVALIDATE, VARIES, quoted};
use super::view::{JobView, job_tag, retry_after_s};
use super::waiting::{PREFERENCE_APPLIED, WaitMs, Waiting};
use crate::app::Wait;
use crate::http::caller::Caller;
use crate::http::core::Core;
use crate::http::extract::{JobPath, Parameters};
use crate::http::openapi::problems;
use crate::http::problem::ApiError;
use crate::jobs::{Job, JobId, Principal, Status};

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
/// With `If-None-Match` the answer is 304 while neither the job nor its place in the queue has changed. `elapsed_ms` is
/// left out of account: a client counts that itself.
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
            ("ETag" = String, description = "The version of the job, and its place while it waits"),
            ("Retry-After" = u64, description = "Seconds until it is worth to look again, while it has not ended"),
        )),
        (status = 304, description = "Neither the job nor its place in the queue has changed"),
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
    let (job, position) = look(&core, &caller, id, wait_of(&known), waiting.most).await?;
    let tag = job_tag(&job, position);
    let unchanged = known.matches(&tag);
    let mut answer = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((ETAG, quoted(&tag))).insert_header((CACHE_CONTROL, REVALIDATE)).insert_header((VARY, VARIES));
    if let Some(seconds) = waiting.preferred_s {
        answer.insert_header((PREFERENCE_APPLIED, format!("wait={seconds}")));
    }
    if !job.status().is_terminal() {
        answer.insert_header((RETRY_AFTER, retry_after_s(&job, core.app().clock.now())));
    }
    if unchanged {
        return Ok(answer.finish());
    }
    Ok(answer.json(JobView::new(&job, core.app().clock.now()).at(position)))
}

/// The job, and its place where it waits. The place is looked up last, because it moves while the job stays as it is.
async fn look(
    core: &Core,
    caller: &Principal,
    id: JobId,
    wait: Wait,
    most: Duration,
) -> Result<(Job, Option<u64>), ApiError> {
    let job = core.wait(caller, id, wait, most).await?;
    if job.status() != Status::Queued {
        return Ok((job, None));
    }
    core.run(|app| async move {
        let position = app.queue_position(&job).await?;
        Ok((job, position))
    })
    .await
}

/// What to wait for: for the client that has the latest version a change of it, for any other the end.
fn wait_of(known: &Known) -> Wait {
    let Known::Tags(tags) = known else { return Wait::End };
    // Behind the version stands the place of a job that waits. What Warren never sent is no version.
    let versions = tags.iter().filter_map(|tag| tag.split('-').next()?.parse().ok());
    versions.max().map_or(Wait::End, Wait::ChangeFrom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_waits_for_a_change_from_what_it_has() {
        let known = |tags: &[&str]| Known::Tags(tags.iter().map(|tag| (*tag).to_owned()).collect());
        assert_eq!(wait_of(&known(&["3", "4"])), Wait::ChangeFrom(4));
        assert_eq!(wait_of(&known(&["4-17", "abc"])), Wait::ChangeFrom(4));
        assert_eq!(wait_of(&known(&["abc"])), Wait::End);
        assert_eq!((wait_of(&Known::Nothing), wait_of(&Known::Anything)), (Wait::End, Wait::End));
    }
}
