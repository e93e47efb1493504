//! `GET /jobs/{id}/lineage`: where the columns of a job come from.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::page::SourceView;
use crate::http::caller::Caller;
use crate::http::core::Core;
use crate::http::extract::JobPath;
use crate::http::openapi::problems;
use crate::http::problem::ApiError;
use crate::jobs::{ColumnLineage, LineageColumn};

/// Where columns come from.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Lineage)]
pub(crate) struct LineageView {
    /// Whether every column is there with all of its sources.
    complete: bool,
    /// The columns of the result, or those that the statement writes.
    columns: Vec<LineageColumnView>,
}

/// One column and what it is made of.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = LineageColumn)]
struct LineageColumnView {
    /// Its name, where it has one that is known.
    #[schema(example = "total")]
    name: Option<String>,
    /// Its place, from 0; null behind columns of which the number is not known.
    place: Option<usize>,
    /// Whether these are all its sources.
    complete: bool,
    /// The columns that it is made of; none for a constant.
    sources: Vec<SourceView>,
    /// What it is, in Markdown, where it is one column of a table unchanged and OpenMetadata describes that one.
    description: Option<String>,
}

impl From<ColumnLineage> for LineageView {
    fn from(lineage: ColumnLineage) -> Self {
        let ColumnLineage { complete, columns } = lineage;
        Self { complete, columns: columns.into_iter().map(Into::into).collect() }
    }
}

impl From<LineageColumn> for LineageColumnView {
    fn from(column: LineageColumn) -> Self {
        let LineageColumn { name, place, complete, sources, description } = column;
        Self { name, place, complete, sources: sources.into_iter().map(Into::into).collect(), description }
    }
}

problems! { LineageProblems = [NotFound] }

/// Where the columns of a job come from.
///
/// The columns of a query's result, or of the table that a statement writes, each with the columns that it is made of.
/// What is not known is left out, and `complete` is false there.
#[utoipa::path(
    tag = "jobs",
    operation_id = "get_job_lineage",
    security(("token" = [])),
    params(("id" = String, Path, description = "The job")),
    responses((status = 200, description = "The lineage", body = LineageView), LineageProblems),
)]
#[get("/jobs/{id}/lineage")]
pub(crate) async fn get_job_lineage(
    Caller(caller): Caller,
    core: web::Data<Core>,
    JobPath(id): JobPath,
) -> Result<HttpResponse, ApiError> {
    let lineage = core.run(|app| async move { app.get_lineage(&caller, id).await }).await?;
    Ok(HttpResponse::Ok().json(LineageView::from(lineage)))
}
