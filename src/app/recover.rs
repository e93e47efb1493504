//! Jobs that are stored but not analysed, `INIT`: a submission stores them analysed, but an earlier version of Warren or
//! another program that writes the table may have left some. They are taken up.

use std::time::Duration;

use super::{App, AppError};

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
            let id = job.id;
            match self.prepare_job(job).await {
                Ok(_) => {}
                // Another replica was faster.
                Err(error) if is_stale(&error) => {}
                // Whatever one job meets, such as an OpenMetadata that does not answer, the next round tries it again.
                Err(error) => tracing::warn!(job.id = %id, %error, "a job that was left behind cannot be taken up"),
            }
        }
        Ok(found)
    }
}

fn is_stale(error: &AppError) -> bool {
    let source = error.source.as_deref().and_then(|source| source.downcast_ref());
    matches!(source, Some(crate::store::StoreError::Stale { .. }))
}
