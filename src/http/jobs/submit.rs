//! `POST /jobs`: submit a query, and wait for it if the client likes.

use actix_web::dev::Payload;
use actix_web::http::header::{ETAG, LOCATION, RETRY_AFTER};
use actix_web::{FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder, post, web};
use futures::future::LocalBoxFuture;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use warren_results::RowsPage;

use super::etag::quoted;
use super::page::{PageView, default_rows, embedded_page};
use super::submission::SubmitBody;
use super::view::{JobView, job_path, job_tag, retry_after_s};
use super::waiting::{PREFERENCE_APPLIED, Waiting};
use crate::app::RowsRequest;
use crate::http::caller::Caller;
use crate::http::core::Core;
use crate::http::extract::{Body, MediaType, header_text, read_body};
use crate::http::openapi::problems;
use crate::http::problem::ApiError;
use crate::jobs::{IdempotencyKey, Job};
use crate::problem::Code;

const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
const IDEMPOTENCY_REPLAYED: &str = "Idempotency-Replayed";

/// What a client submits: a body, and headers that say how.
#[derive(Debug)]
pub(crate) struct SubmitRequest {
    body: SubmitBody,
    key: Option<IdempotencyKey>,
    waiting: Waiting,
}

/// A job that was submitted, with the first rows of its result if it has finished already.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubmittedJob)]
pub(crate) struct SubmittedView {
    #[serde(flatten)]
    job: JobView,
    /// The first rows; only when the job has finished.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<PageView>)]
    page: Option<Box<RawValue>>,
}

problems! { SubmitProblems = [
    MalformedJson, InvalidRequest, EmptySql, UnsupportedMediaType, BodyTooLarge, SqlTooLarge, IdempotencyKeyReused,
] }

/// Submits a query.
///
/// The answer is 202 with the job, or 200 when the job ended within the time that the client waits: `wait_ms`, or
/// `Prefer: wait=<seconds>`. A query that fails is a job with the status `FAILED` and an `error`, not an HTTP error.
/// A body of type `application/sql` is the query alone.
#[utoipa::path(
    tag = "jobs",
    operation_id = "submit_job",
    security(("token" = [])),
    params(
        ("Prefer" = Option<String>, Header, description = "`wait=<seconds>`, where `wait_ms` is not given", example = "wait=5"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 128 visible ASCII characters; the same key with the same body makes one job, whatever its `wait_ms`", example = "7c1e9a0b"),
    ),
    request_body(content(
        (SubmitBody = "application/json", example = json!({"query": "select name from tpch_demo.tpch.tiny.nation limit 5", "wait_ms": 5000})),
        (String = "application/sql", example = json!("select name from tpch_demo.tpch.tiny.nation limit 5")),
    )),
    responses(
        (status = 200, description = "The job ended within the time; a finished one with its first rows", body = SubmittedView, headers(
            ("ETag" = String, description = "The version of the job"),
            ("Preference-Applied" = String, description = "The preference that was followed"),
            ("Idempotency-Replayed" = String, description = "`true` when an earlier request made the job"),
        )),
        (status = 202, description = "The job goes on", body = SubmittedView, headers(
            ("Location" = String, description = "The path of the job"),
            ("Retry-After" = u64, description = "Seconds until it is worth to look again"),
            ("ETag" = String, description = "The version of the job"),
            ("Preference-Applied" = String, description = "The preference that was followed"),
            ("Idempotency-Replayed" = String, description = "`true` when an earlier request made the job"),
        )),
        SubmitProblems,
    ),
)]
#[post("/jobs")]
pub(crate) async fn submit_job(
    Caller(caller): Caller,
    core: web::Data<Core>,
    request: SubmitRequest,
) -> Result<HttpResponse, ApiError> {
    let SubmitRequest { body, key, waiting } = request;
    let submission = body.into_submission(caller)?;
    let first = RowsRequest { offset: 0, limit: default_rows(&core.app().limits) };
    let (submitted, page) = core.submit(submission, key, waiting.most, first).await?;
    let mut answer = answer_to(&submitted.job, &core);
    if let Some(seconds) = waiting.preferred_s {
        answer.insert_header((PREFERENCE_APPLIED, format!("wait={seconds}")));
    }
    if submitted.replayed {
        answer.insert_header((IDEMPOTENCY_REPLAYED, "true"));
    }
    let page = page.and_then(|page| shown_page(&submitted.job, &page));
    Ok(answer.json(SubmittedView { job: JobView::new(&submitted.job, core.app().clock.now()), page }))
}

fn answer_to(job: &Job, core: &Core) -> HttpResponseBuilder {
    let mut answer = if job.status().is_terminal() {
        HttpResponse::Ok()
    } else {
        let mut accepted = HttpResponse::Accepted();
        accepted.insert_header((RETRY_AFTER, retry_after_s(job, core.app().clock.now())));
        accepted
    };
    answer.insert_header((LOCATION, job_path(job))).insert_header((ETAG, quoted(&job_tag(job, None))));
    answer
}

fn shown_page(job: &Job, page: &RowsPage) -> Option<Box<RawValue>> {
    match embedded_page(page) {
        Ok(page) => Some(page),
        Err(error) => {
            tracing::warn!(job.id = %job.id, %error, "the first rows of a job cannot be shown");
            None
        }
    }
}

impl FromRequest for SubmitRequest {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let body = match read_body(&request, payload).await? {
                (MediaType::Json, bytes) => Body::<SubmitBody>::read(&bytes)?,
                (MediaType::Sql, bytes) => SubmitBody::of_query(sql(&bytes)?),
            };
            let key = idempotency_key(&request, &body)?;
            let core = request.app_data::<web::Data<Core>>();
            let core = core.ok_or_else(|| ApiError::new(Code::Internal, "the route has no use cases"))?;
            let waiting = Waiting::of(body.wait_ms, request.headers(), &core.app().limits)?;
            Ok(Self { body, key, waiting })
        })
    }
}

fn sql(bytes: &[u8]) -> Result<String, ApiError> {
    let invalid = |error: std::str::Utf8Error| {
        ApiError::new(Code::InvalidRequest, format!("the query is not UTF-8 from byte {} on", error.valid_up_to()))
    };
    std::str::from_utf8(bytes).map(str::to_owned).map_err(invalid)
}

fn idempotency_key(request: &HttpRequest, body: &SubmitBody) -> Result<Option<IdempotencyKey>, ApiError> {
    if !request.headers().contains_key(IDEMPOTENCY_KEY) {
        return Ok(None);
    }
    let key = header_text(request, IDEMPOTENCY_KEY).unwrap_or_default();
    match IdempotencyKey::parse(key, body.sha256()?) {
        Some(key) => Ok(Some(key)),
        None => {
            let detail = format!("{IDEMPOTENCY_KEY} needs 1 to {} visible ASCII characters", IdempotencyKey::MAX_BYTES);
            Err(ApiError::new(Code::InvalidRequest, detail))
        }
    }
}
