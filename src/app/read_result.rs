//! The stored result of a job: its manifest, a page of its rows, a download.

use chrono::{DateTime, Utc};
use futures::stream::BoxStream;
use warren_results::{DownloadOptions, Format, Manifest, ResultError, ResultName, RowsPage};

use super::{App, AppError};
use crate::jobs::{Job, JobId, Principal, State, StoredResult};
use crate::problem::{Code, Problem};

/// Which rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowsRequest {
    /// The first row, from 0.
    pub offset: u64,
    /// The most rows.
    pub limit: u64,
}

/// A whole result on its way out.
pub struct Download {
    /// The bytes.
    pub bytes: BoxStream<'static, Result<bytes::Bytes, ResultError>>,
    /// A name for the file, without its extension.
    pub file_stem: String,
}

impl App {
    /// The manifest of a finished job of the caller, and the job.
    ///
    /// # Errors
    /// When the caller has no such job, it has no result (yet), or the database or the result store is gone.
    pub async fn get_result(&self, caller: &Principal, id: JobId) -> Result<(Job, Manifest), AppError> {
        let job = self.get_job(caller, id).await?;
        let manifest = self.manifest_of(&job).await?;
        Ok((job, manifest))
    }

    /// A page of rows. Beyond the end it is empty; where rows are wide, it has fewer than were asked for.
    ///
    /// # Errors
    /// As [`Self::get_result`], and when the page is larger than the server gives.
    pub async fn get_rows(
        &self,
        caller: &Principal,
        id: JobId,
        rows: RowsRequest,
    ) -> Result<(Manifest, RowsPage), AppError> {
        let job = self.get_job(caller, id).await?;
        self.rows_of(&job, rows).await
    }

    /// The same of a job that is known to be the caller's.
    ///
    /// # Errors
    /// As [`Self::get_rows`].
    pub async fn rows_of(&self, job: &Job, rows: RowsRequest) -> Result<(Manifest, RowsPage), AppError> {
        if rows.limit > self.limits.max_page_rows {
            let detail = format!("a page has at most {} rows", self.limits.max_page_rows);
            return Err(Problem::new(Code::InvalidRequest, detail)
                .with_hint("ask for fewer rows at a time, or download the result")
                .into());
        }
        let manifest = self.manifest_of(job).await?;
        let page = self.results.rows(&manifest, rows.offset, rows.limit).await?;
        Ok((manifest, page))
    }

    /// The whole result as a file of some format.
    ///
    /// # Errors
    /// As [`Self::get_result`].
    pub async fn download_result(&self, caller: &Principal, id: JobId, format: Format) -> Result<Download, AppError> {
        let (job, manifest) = self.get_result(caller, id).await?;
        let bytes = self.results.download(&manifest, format, &DownloadOptions::default());
        Ok(Download { bytes: Box::pin(bytes), file_stem: format!("job-{}", job.id) })
    }

    async fn manifest_of(&self, job: &Job) -> Result<Manifest, AppError> {
        let result = readable(job, self.clock.now())?;
        let name = ResultName::new(result.name.as_str());
        let name = name.map_err(|error| AppError::new(Code::Internal, error.to_string()))?;
        Ok(self.results.manifest(&name).await?)
    }
}

fn readable(job: &Job, now: DateTime<Utc>) -> Result<&StoredResult, AppError> {
    match &job.state {
        State::Finished { result, .. } if result.is_readable(now) => Ok(result),
        State::Finished { .. } => {
            Err(Problem::new(Code::ResultExpired, format!("the result of job {} has expired", job.id))
                .with_hint("run the query again")
                .into())
        }
        State::Failed { .. } | State::Canceled { .. } => {
            let detail = format!("job {} ended as {} and has no result", job.id, job.status().as_str());
            Err(AppError::new(Code::NoResult, detail))
        }
        State::Init | State::Queued { .. } | State::Running { .. } => {
            let detail = format!("job {} is {}", job.id, job.status().as_str());
            Err(Problem::new(Code::ResultNotReady, detail)
                .with_hint("wait for the job with GET /api/v1/jobs/{id}?wait_ms=…")
                .into())
        }
    }
}
