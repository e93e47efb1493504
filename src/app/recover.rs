//! Jobs that are stored but not analysed, `INIT`: a submission stores them analysed, but an earlier version of Warren or
//! another program that writes the table may have left some. They are taken up.

use std::time::Duration;

use super::{App, AppError};
use crate::problem::Code;

/// A job that is `INIT` for longer than this has nobody who works on it.
const ABANDONED_AFTER: Duration = Duration::from_secs(30);
const BATCH: u64 = 100;

impl App {
    /// Analyses the jobs that were left behind; how many there were.
    ///
    /// # Errors
    /// When the database is gone.
    pub async fn recover_jobs(&self) -> Result<usize, AppError> {
        let before = self.clock.now() - ABANDONED_AFTER;
        let jobs = self.store.unprepared_jobs(before, BATCH).await?;
        let found = jobs.len();
        for job in jobs {
            match self.prepare_job(job).await {
                // Another replica was faster.
                Err(error) if is_stale(&error) => {}
                // OpenMetadata does not answer; the next round tries again.
                Err(error) if error.problem.code == Code::CatalogUnavailable.as_str() => {}
                other => drop(other?),
            }
        }
        Ok(found)
    }
}

fn is_stale(error: &AppError) -> bool {
    let source = error.source.as_deref().and_then(|source| source.downcast_ref());
    matches!(source, Some(crate::store::StoreError::Stale { .. }))
}
