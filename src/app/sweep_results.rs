//! Takes results away whose time has passed, and finishes what is left of a deletion that broke off. First a result
//! expires, so that nobody reads it any more; then its objects are deleted; then it is noted that they are gone. Any
//! number of processes may do so at once.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;
use warren_results::ResultName;

use super::{App, AppError};
use crate::jobs::{self, JobId};
use crate::problem::Code;
use crate::store::ExpiredResult;

/// How often it is looked. A result whose time has passed is refused at once, so nobody waits for this.
const LOOK: Duration = Duration::from_secs(60);
/// Results of one statement.
const BATCH: u64 = 100;

impl App {
    /// Looks again and again until the process stops.
    pub async fn sweep_results_until(self, stopping: CancellationToken) {
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while stopping.run_until_cancelled(look.tick()).await.is_some() {
            // A sweep may be dropped at any point: what it did not come to is done by the next one.
            if let Some(Err(error)) = stopping.run_until_cancelled(self.sweep_results(self.clock.now())).await {
                tracing::warn!(error = ?error, "results that expired cannot be deleted; it is tried again");
            }
        }
    }

    /// Looks once, as of a moment; how many results are gone now.
    ///
    /// # Errors
    /// When the database or the result store is gone.
    pub async fn sweep_results(&self, now: DateTime<Utc>) -> Result<u64, AppError> {
        while self.store.expire_results(now, BATCH).await? == BATCH {}
        let (mut swept, mut after) = (0, None);
        loop {
            let expired = self.store.expired_results(after, BATCH).await?;
            let Some(last) = expired.last() else { break };
            after = Some(last.job_id);
            for result in &expired {
                swept += u64::from(self.sweep_result(result, now).await?);
            }
        }
        Ok(swept)
    }

    /// Deletes one result; whether it is gone now and was not before.
    async fn sweep_result(&self, result: &ExpiredResult, now: DateTime<Utc>) -> Result<bool, AppError> {
        let ExpiredResult { job_id, created } = *result;
        if let Err(error) = self.results.delete(&stored_of(job_id, created)?).await {
            // One result that cannot be deleted must not keep the others; a store that is away keeps them all.
            self.results.check_readable().await?;
            tracing::warn!(job.id = %job_id, error = ?error, "a result that expired cannot be deleted; it is tried again");
            return Ok(false);
        }
        let noted = self.store.note_result_deleted(job_id, now).await?;
        metrics::counter!("warren_results_swept_total").increment(u64::from(noted));
        Ok(noted)
    }
}

/// The name of everything within the result store that was ever stored of a job.
pub(super) fn stored_of(id: JobId, created: DateTime<Utc>) -> Result<ResultName, AppError> {
    ResultName::new(jobs::result_folder(id, created)).map_err(|error| AppError::new(Code::Internal, error.to_string()))
}
