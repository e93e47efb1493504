//! `GET /jobs/{id}/result/download`: the whole result as a file.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, ETAG, VARY};
use actix_web::{HttpRequest, HttpResponse, get, web};
use futures::StreamExt;
use serde::Deserialize;
use warren_results::Format;

use super::etag::{Known, REVALIDATE, VARIES, quoted, unchanged_rows};
use crate::http::caller::Caller;
use crate::http::core::Core;
use crate::http::extract::{JobPath, Parameters};
use crate::http::openapi::problems;
use crate::http::problem::ApiError;
use crate::problem::{Code, Problem};

/// How the file looks.
#[derive(Clone, Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DownloadParams {
    /// `csv`, `json`, `ndjson`, `parquet` or `arrow`.
    #[param(required = true, example = "csv")]
    format: Option<String>,
}

problems! { DownloadProblems = [
    InvalidRequest, UnknownFormat, NotFound, NoResult, ResultNotReady, ResultExpired, ResultNotReadable,
    ResultStoreUnavailable,
] }

/// Downloads a result.
///
/// The file is made while it is sent. A transfer that breaks off is a file that cannot be used.
#[utoipa::path(
    tag = "jobs",
    operation_id = "download_result",
    security(("token" = [])),
    params(
        ("id" = String, Path, description = "The job"),
        DownloadParams,
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` that the client has"),
    ),
    responses(
        (status = 200, description = "The file", content(
            (String = "text/csv"),
            (Object = "application/json"),
            (String = "application/x-ndjson"),
            (Vec<u8> = "application/vnd.apache.parquet"),
            (Vec<u8> = "application/vnd.apache.arrow.stream"),
        ), headers(
            ("Content-Disposition" = String, description = "A name for the file"),
            ("ETag" = String, description = "The result in this format; it never changes"),
        )),
        (status = 304, description = "The client has the file"),
        DownloadProblems,
    ),
)]
#[get("/jobs/{id}/result/download")]
pub(crate) async fn download_result(
    Caller(caller): Caller,
    core: web::Data<Core>,
    JobPath(id): JobPath,
    Parameters(params): Parameters<DownloadParams>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let word = params.format.unwrap_or_default();
    let format: Format = word.parse().map_err(|_unknown| unknown(&word))?;
    let tag = format!("{id}.{}", format.file_extension());
    if Known::of(request.headers()).matches(&tag) {
        core.run(move |app| async move { app.get_result(&caller, id).await }).await?;
        return Ok(unchanged_rows(&tag));
    }
    let (file_stem, first, rest) = core
        .run(move |app| async move {
            let mut download = app.download_result(&caller, id, format).await?;
            // What goes wrong before the first bytes is an answer; later it can only be a broken transfer.
            let first = download.bytes.next().await.transpose()?;
            Ok((download.file_stem, first, download.bytes))
        })
        .await?;
    let first = futures::stream::iter(first.map(Ok));
    Ok(HttpResponse::Ok()
        .content_type(format.media_type())
        .insert_header((
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{file_stem}.{}\"", format.file_extension()),
        ))
        .insert_header((CACHE_CONTROL, REVALIDATE))
        .insert_header((VARY, VARIES))
        .insert_header((ETAG, quoted(&tag)))
        .streaming(core.pump(first.chain(rest).boxed())))
}

fn unknown(word: &str) -> Problem {
    let detail = match word {
        "" => "the parameter `format` is missing".to_owned(),
        word => format!("there is no format '{}'", word.escape_debug()),
    };
    let known = Format::ALL.map(Format::file_extension);
    Problem::new(Code::UnknownFormat, detail)
        .with_hint(format!("there are: {}", known.join(", ")))
        .with_suggestions(known.map(str::to_owned).to_vec())
}
