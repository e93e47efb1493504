//! `GET /jobs/{id}/events`: a job as a stream of server-sent events (WHATWG HTML, 9.2). The id of an event is the
//! version of the job, so that a client that comes back is told what it missed, in one event.

use std::convert::Infallible;
use std::fmt::Write;
use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, get, web};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::stream::{Stream, unfold};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::{ProgressView, ResultView, StatusView};
use crate::app::Wait;
use crate::http::caller::Caller;
use crate::http::core::Core;
use crate::http::extract::{JobPath, header_text};
use crate::http::openapi::problems;
use crate::http::problem::{ApiError, ProblemView};
use crate::jobs::{Job, JobId, Principal, Status};

/// How long a stream stays silent at most, so that proxies do not take it for dead.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a client waits before it comes back after a broken stream.
const RECONNECT_MS: u32 = 1000;
const LAST_EVENT_ID: &str = "Last-Event-ID";

/// What an event says of the job. The queries are left out: they do not change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobEvent)]
pub(crate) struct EventView {
    /// The job.
    id: String,
    /// Its version.
    version: i64,
    /// Where it stands.
    status: StatusView,
    /// How far it is.
    progress: ProgressView,
    /// Its result; null when it ended without one.
    result: Option<ResultView>,
    /// Why it failed.
    error: Option<ProblemView>,
}

impl EventView {
    fn new(job: &Job, now: DateTime<Utc>) -> Self {
        Self {
            id: job.id.to_string(),
            version: job.version,
            status: job.status().into(),
            progress: ProgressView::new(job, now),
            result: ResultView::of(job),
            error: job.error().map(ProblemView::from),
        }
    }
}

problems! { EventsProblems = [NotFound] }

/// Follows a job.
///
/// Events: `status` when the status has changed, `progress` when anything else has, `end` after the last `status`.
/// Their data is a `JobEvent`, their id the version of the job. With `Last-Event-ID` the stream begins with what the
/// job is now, if that is newer, and with 204 if there is nothing left to say.
#[utoipa::path(
    tag = "jobs",
    operation_id = "follow_job",
    security(("token" = [])),
    params(
        ("id" = String, Path, description = "The job"),
        ("Last-Event-ID" = Option<i64>, Header, description = "The id of the last event that the client has", example = 4),
    ),
    responses(
        (status = 200, description = "The events", body = EventView, content_type = "text/event-stream"),
        (status = 204, description = "The job has ended and the client knows"),
        EventsProblems,
    ),
)]
#[get("/jobs/{id}/events")]
pub(crate) async fn follow_job(
    Caller(caller): Caller,
    core: web::Data<Core>,
    JobPath(id): JobPath,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let owner = caller.clone();
    let job = core.run(move |app| async move { app.get_job(&owner, id).await }).await?;
    let seen = header_text(&request, LAST_EVENT_ID).and_then(|version| version.trim().parse().ok());
    if job.status().is_terminal() && seen == Some(job.version) {
        return Ok(HttpResponse::NoContent().finish());
    }
    let feed =
        Feed { core: core.get_ref().clone(), caller, id, told: seen.map(|version| (version, None)), ended: false };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        // Nginx gathers answers unless it is told not to.
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(feed.stream()))
}

/// A client that follows a job.
struct Feed {
    core: Core,
    caller: Principal,
    id: JobId,
    /// The version that the client was told last, with the status of it where this stream told it.
    told: Option<(i64, Option<Status>)>,
    ended: bool,
}

impl Feed {
    fn stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        unfold(self, |mut feed| async move { feed.next().await.map(|text| (Ok(Bytes::from(text)), feed)) })
    }

    /// The next piece of the stream; nothing after the end, or when the server stops and the client should come back.
    async fn next(&mut self) -> Option<String> {
        if self.ended || self.core.is_stopping() {
            return None;
        }
        let version = self.told.map_or(-1, |(version, _)| version);
        match self.core.wait(&self.caller, self.id, Wait::ChangeFrom(version), HEARTBEAT).await {
            Ok(job) if job.version == version && !job.status().is_terminal() => Some(": heartbeat\n\n".to_owned()),
            Ok(job) => Some(self.tell(&job)),
            Err(error) => {
                tracing::info!(job.id = %self.id, %error, "a stream of events ends early");
                None
            }
        }
    }

    fn tell(&mut self, job: &Job) -> String {
        let known = self.told.and_then(|(_, status)| status);
        let mut text = String::new();
        if known.is_none() {
            let _infallible = writeln!(text, "retry: {RECONNECT_MS}");
        }
        let data = EventView::new(job, self.core.app().clock.now());
        push_event(&mut text, if known == Some(job.status()) { "progress" } else { "status" }, &data);
        self.told = Some((job.version, Some(job.status())));
        self.ended = job.status().is_terminal();
        if self.ended {
            push_event(&mut text, "end", &data);
        }
        text
    }
}

fn push_event(text: &mut String, name: &str, data: &EventView) {
    // JSON on one line: a line break would end the data.
    let json = serde_json::to_string(data).unwrap_or_default();
    let _infallible = write!(text, "id: {}\nevent: {name}\ndata: {json}\n\n", data.version);
}
