//! `GET /jobs/{id}/result/rows`: a page anywhere in a result.

use actix_web::http::header::{CACHE_CONTROL, ETAG, LINK, VARY};
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;
use utoipa::ToSchema;
use warren_results::{DownloadOptions, Format, Numbers};

use super::etag::{Known, REVALIDATE, VARIES, quoted, unchanged_rows};
use super::form::accepted;
use super::page::{PageView, default_rows};
use crate::app::{Limits, RowsRequest};
use crate::http::caller::Caller;
use crate::http::core::Core;
use crate::http::extract::{Integer, JobPath, Parameters};
use crate::http::openapi::problems;
use crate::http::problem::ApiError;
use crate::jobs::JobId;

/// Which rows.
#[derive(Clone, Copy, Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RowsParams {
    /// The first row, from 0. Beyond the end the page is empty.
    #[param(value_type = Option<u64>, default = 0)]
    offset: Option<Integer<0, { i64::MAX }>>,
    /// The most rows, 1 or more. A page of wide rows ends earlier, at about 16 MiB of values.
    #[param(value_type = Option<u64>, minimum = 1, default = 1000)]
    limit: Option<Integer<1, { i64::MAX }>>,
    /// How `bigint` and `decimal` look in JSON; `exact` where it is not said.
    #[param(inline)]
    numbers: Option<NumbersParam>,
}

/// How `bigint` and `decimal` look in JSON: strings, or numbers with all their digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = Numbers)]
enum NumbersParam {
    Exact,
    Native,
}

impl RowsParams {
    fn rows(self, limits: &Limits) -> RowsRequest {
        RowsRequest {
            offset: self.offset.map_or(0, Integer::unsigned),
            limit: self.limit.map_or_else(|| default_rows(limits), Integer::unsigned),
        }
    }

    fn options(self) -> DownloadOptions {
        let numbers = match self.numbers {
            None | Some(NumbersParam::Exact) => Numbers::Exact,
            Some(NumbersParam::Native) => Numbers::Native,
        };
        DownloadOptions { numbers, ..DownloadOptions::default() }
    }
}

problems! { RowsProblems = [
    InvalidRequest, NotAcceptable, NotFound, NoResult, ResultNotReady, ResultExpired, ResultNotReadable,
    ResultStoreUnavailable,
] }

/// A page of rows.
///
/// `Accept` decides the form. In every form the header `Link` leads to the next page.
#[utoipa::path(
    tag = "jobs",
    operation_id = "get_rows",
    security(("token" = [])),
    params(
        ("id" = String, Path, description = "The job"),
        RowsParams,
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` that the client has"),
    ),
    responses(
        (status = 200, description = "The rows", content(
            (PageView = "application/json"),
            (String = "application/x-ndjson"),
            (String = "text/csv"),
            (Vec<u8> = "application/vnd.apache.arrow.stream"),
            (Vec<u8> = "application/vnd.apache.parquet"),
        ), headers(
            ("Link" = String, description = "The next page, with `rel=\"next\"` (RFC 8288)"),
            ("ETag" = String, description = "The page in this form; it never changes"),
        )),
        (status = 304, description = "The client has the page"),
        RowsProblems,
    ),
)]
#[get("/jobs/{id}/result/rows")]
pub(crate) async fn get_rows(
    Caller(caller): Caller,
    core: web::Data<Core>,
    JobPath(id): JobPath,
    Parameters(params): Parameters<RowsParams>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let format = accepted(&request)?;
    let (rows, options) = (params.rows(&core.app().limits), params.options());
    let tag = rows_tag(id, rows, params.numbers, format);
    if Known::of(request.headers()).matches(&tag) {
        // Rows that a client has are still its own, and still there, before it is told to keep them.
        core.run(move |app| async move { app.get_result(&caller, id).await }).await?;
        return Ok(unchanged_rows(&tag));
    }
    let (body, next) = core
        .run(move |app| async move {
            let (_, page) = app.get_rows(&caller, id, rows).await?;
            Ok((page.encode(format, &options)?, page.next_offset()))
        })
        .await?;
    let mut answer = HttpResponse::Ok();
    answer.content_type(format.media_type()).insert_header((ETAG, quoted(&tag)));
    answer.insert_header((CACHE_CONTROL, REVALIDATE)).insert_header((VARY, VARIES));
    if let Some(offset) = next {
        answer.insert_header((LINK, next_link(id, RowsRequest { offset, ..rows }, params.numbers)));
    }
    Ok(answer.body(body))
}

/// The entity tag of a page. A result never changes, so that a page is what was asked for and in which form.
fn rows_tag(id: JobId, rows: RowsRequest, numbers: Option<NumbersParam>, format: Format) -> String {
    let numbers = if numbers == Some(NumbersParam::Native) { "native" } else { "exact" };
    let RowsRequest { offset, limit } = rows;
    format!("{id}.{offset}.{limit}.{numbers}.{}", format.file_extension())
}

/// The same request for the rows that follow.
fn next_link(id: JobId, next: RowsRequest, numbers: Option<NumbersParam>) -> String {
    let numbers = if numbers == Some(NumbersParam::Native) { "&numbers=native" } else { "" };
    let RowsRequest { offset, limit } = next;
    format!("</api/v1/jobs/{id}/result/rows?offset={offset}&limit={limit}{numbers}>; rel=\"next\"")
}
