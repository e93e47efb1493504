//! The ways in which an attempt ends: with the last page, with none, on a cancel, and when Trino lost the query.

use warren_trino::{Error as TrinoError, NextUri, Page, QueryState};

use super::{ASK_AGAIN, Attempt, Outcome, Running, Stop};
use crate::worker::collect::Collector;
use crate::worker::drive::LetGo;
use crate::worker::problems;

impl Attempt<'_> {
    /// There is no further page, and the query has not ended.
    pub(super) async fn stopped(
        &self,
        running: &Running<'_>,
        stop: Stop,
        next: &NextUri,
        collector: Collector<'_>,
    ) -> Result<Outcome, LetGo> {
        match stop {
            Stop::Canceled => return Ok(self.cancel(running, next, collector).await),
            Stop::Stopping => {
                if collector.rows() > 0 && running.plan.repeatable {
                    // Whoever takes the job over has to start again.
                    running.query.abandon(next).await;
                }
                collector.discard().await;
                Err(LetGo::Stopping)
            }
            Stop::Trino(TrinoError::Gone | TrinoError::Unknown) => {
                collector.discard().await;
                self.lost(running, next).await
            }
            Stop::Trino(error) => {
                if !error.is_retryable() {
                    running.query.abandon(next).await;
                }
                collector.discard().await;
                let repeatable = running.plan.repeatable;
                let problem = if repeatable { problems::of_client(&error) } else { problems::unknown_end(&error) };
                Ok(Outcome::failed(problem))
            }
        }
    }

    /// The last page: what is left is written, then the manifest. A cancel that comes before the manifest still counts,
    /// but not for a statement that took effect.
    pub(super) async fn finish(
        &self,
        running: &Running<'_>,
        next: &NextUri,
        mut collector: Collector<'_>,
        last: &Page,
    ) -> Result<Outcome, LetGo> {
        if !running.plan.repeatable {
            if collector.add_last(last).await.is_err() {
                collector.give_rows_up().await;
            }
            return self.finish_write(running, collector, Some(last)).await;
        }
        match self.cancel.run_until_cancelled(collector.add_last(last)).await {
            None => return Ok(self.cancel(running, next, collector).await),
            Some(Err(problem)) => {
                collector.discard().await;
                return Ok(Outcome::Failed(problem));
            }
            Some(Ok(())) => {}
        }
        Ok(match collector.finish(last).await {
            Ok(result) => Outcome::Finished(Box::new(result)),
            Err(problem) => Outcome::Failed(problem),
        })
    }

    /// A statement took effect, so its job must not be said to have failed because the result store is away: the store is
    /// asked again for as long as the lease is held. What was received may be lost by then; the job says so.
    async fn finish_write(
        &self,
        running: &Running<'_>,
        mut collector: Collector<'_>,
        last: Option<&Page>,
    ) -> Result<Outcome, LetGo> {
        loop {
            let stored = match last {
                Some(last) => collector.finish(last).await,
                None => collector.finish_unseen().await,
            };
            match stored {
                Ok(result) => return Ok(Outcome::Finished(Box::new(result))),
                Err(problem) if problem.retryable && !self.cancel.is_cancelled() => {
                    self.wait(ASK_AGAIN).await?;
                    collector = Collector::without_rows(self.app, running.job, running.plan);
                }
                Err(problem) => return Ok(Outcome::failed(problems::took_effect(*problem))),
            }
        }
    }

    /// The query is taken from Trino, and the job is canceled once it is gone.
    async fn cancel(&self, running: &Running<'_>, next: &NextUri, collector: Collector<'_>) -> Outcome {
        let gone = running.query.cancel(next, self.settings.cancel_deadline).await;
        collector.discard().await;
        if gone { Outcome::Canceled } else { Outcome::failed(problems::cancel_unconfirmed(&running.query.query_id)) }
    }

    /// Trino does not have the page. A statement that can be repeated is started again, once Trino has let go of what may
    /// still run; of any other one Trino is asked what became of it.
    async fn lost(&self, running: &Running<'_>, next: &NextUri) -> Result<Outcome, LetGo> {
        let query = &running.query;
        if running.plan.repeatable {
            query.abandon(next).await;
            return Ok(Outcome::Lost);
        }
        let end = tokio::select! {
            end = query.end(next) => end,
            () = self.stopping.cancelled() => return Err(LetGo::Stopping),
            () = self.cancel.cancelled() => {
                let collector = Collector::without_rows(self.app, running.job, running.plan);
                return Ok(self.cancel(running, next, collector).await);
            }
        };
        match end {
            Ok(Some(QueryState::Finished)) => {
                let collector = Collector::without_rows(self.app, running.job, running.plan);
                self.finish_write(running, collector, None).await
            }
            Ok(Some(_)) => Ok(Outcome::failed(problems::failed_unseen(&query.query_id))),
            Ok(None) => Ok(Outcome::failed(problems::lost(&query.query_id))),
            Err(error) => Ok(Outcome::failed(problems::unknown_end(&error))),
        }
    }
}
