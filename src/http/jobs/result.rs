//! `GET /jobs/{id}/result`: the manifest.

use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use warren_results::Manifest;

use super::page::ColumnView;
use super::view::{ResultStatusView, TruncationView, job_path};
use crate::http::caller::Caller;
use crate::http::core::Core;
use crate::http::extract::JobPath;
use crate::http::openapi::problems;
use crate::http::problem::ApiError;
use crate::jobs::{Job, StoredResult};

/// What a result consists of.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ResultManifest)]
pub(crate) struct ManifestView {
    /// The job.
    job_id: String,
    /// Whether it can be read.
    status: ResultStatusView,
    /// The columns in order; none for a statement that returns no rows.
    columns: Vec<ColumnView>,
    /// Rows of all parts.
    rows: u64,
    /// Stored bytes of all parts.
    bytes: u64,
    /// Where the parts lie.
    path: Option<String>,
    /// The Parquet files in row order.
    parts: Vec<PartView>,
    /// By what and at how many rows it was cut; null when it is whole.
    truncated: Option<TruncationView>,
    /// What the statement changed, in Trino's word.
    #[schema(example = "INSERT")]
    update_type: Option<String>,
    /// How many rows it changed.
    update_count: Option<i64>,
    /// Trino's warnings.
    warnings: Vec<String>,
    /// When it was stored.
    created: DateTime<Utc>,
    /// When it may be deleted; null for never.
    expires_at: Option<DateTime<Utc>>,
    /// Where to go from here.
    links: ResultLinksView,
}

/// One Parquet file of a result.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ResultPart)]
struct PartView {
    /// Its name within the folder of the result.
    path: String,
    /// Its rows.
    rows: u64,
    /// Its bytes.
    bytes: u64,
    /// Rows of all parts before it.
    row_offset: u64,
    /// SHA-256 of the file in hexadecimal.
    sha256: String,
}

/// Where to go from a result.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ResultLinks)]
struct ResultLinksView {
    /// The job.
    job: String,
    /// Its rows, page by page.
    rows: String,
    /// The whole as a file.
    download: String,
}

impl ManifestView {
    fn new(job: &Job, manifest: Manifest) -> Self {
        let (result, path) = (job.result(), job_path(job));
        Self {
            job_id: job.id.to_string(),
            status: ResultStatusView::Ready,
            columns: manifest.columns.iter().map(ColumnView::from).collect(),
            rows: manifest.rows,
            bytes: manifest.bytes,
            path: result.map(|result| result.path.clone()),
            truncated: result.and_then(|result| result.truncated.clone()).map(Into::into),
            update_type: manifest.update_type,
            update_count: manifest.update_count,
            warnings: manifest
                .warnings
                .into_iter()
                .map(|warning| format!("{}: {}", warning.name, warning.message))
                .collect(),
            created: manifest.created,
            expires_at: result.and_then(|result: &StoredResult| result.expires_at),
            parts: manifest.parts.into_iter().map(PartView::from).collect(),
            links: ResultLinksView {
                rows: format!("{path}/result/rows"),
                download: format!("{path}/result/download"),
                job: path,
            },
        }
    }
}

impl From<warren_results::Part> for PartView {
    fn from(part: warren_results::Part) -> Self {
        let warren_results::Part { path, rows, bytes, row_offset, sha256 } = part;
        Self { path, rows, bytes, row_offset, sha256 }
    }
}

problems! { ResultProblems = [NotFound, NoResult, ResultNotReady, ResultExpired, ResultNotReadable, ResultStoreUnavailable] }

/// What the result of a job consists of.
#[utoipa::path(
    tag = "jobs",
    operation_id = "get_result",
    security(("token" = [])),
    params(("id" = String, Path, description = "The job")),
    responses((status = 200, description = "The manifest", body = ManifestView), ResultProblems),
)]
#[get("/jobs/{id}/result")]
pub(crate) async fn get_result(
    Caller(caller): Caller,
    core: web::Data<Core>,
    JobPath(id): JobPath,
) -> Result<HttpResponse, ApiError> {
    let (job, manifest) = core.run(|app| async move { app.get_result(&caller, id).await }).await?;
    Ok(HttpResponse::Ok().json(ManifestView::new(&job, manifest)))
}
