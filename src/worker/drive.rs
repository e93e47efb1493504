//! Drives one job from its claim to its end: attempts, the writes that record them, and what happens on a cancel, on a
//! shutdown and when the lease is lost.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::attempt::{Attempt, Outcome, is_stored};
use super::lease::{HeldLease, LeaseLost};
use super::{WorkerSettings, problems};
use crate::app::{App, Driving};
use crate::jobs::{InvalidTransition, Job, Progress, Run, State, Transition};
use crate::models::{ModelCommand, consequences, query_to_tell};
use crate::store::StoreError;

/// How long the database is left alone after it did not answer.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// Drives jobs of one process.
#[derive(Debug)]
pub(super) struct Driver {
    app: App,
    settings: Arc<WorkerSettings>,
    stopping: CancellationToken,
}

/// Why the driver lets go of a job that has not ended.
#[derive(Debug)]
pub(super) enum LetGo {
    /// It is somebody else's now.
    LeaseLost,
    /// This process goes down.
    Stopping,
    /// It was never stored, so there is no such job.
    NotStored,
}

impl From<LeaseLost> for LetGo {
    fn from(_: LeaseLost) -> Self {
        Self::LeaseLost
    }
}

impl Driver {
    pub(super) fn new(app: App, settings: Arc<WorkerSettings>, stopping: CancellationToken) -> Self {
        Self { app, settings, stopping }
    }

    /// Drives a job that runs under a lease of this worker, until it ends or is let go. It may not be stored yet.
    pub(super) async fn drive(self, job: Job, driving: Driving, stored: watch::Receiver<bool>) {
        let cancel = driving.cancel();
        let State::Running { run, .. } = &job.state else {
            tracing::error!(job.id = %job.id, "a claimed job is not running");
            return;
        };
        let span = tracing::info_span!("job", id = %job.id, attempt = run.attempt);
        let id = job.id;
        if job.cancel_requested.is_some() {
            cancel.cancel();
        }
        let lease = HeldLease::new(self.app.clone(), Arc::clone(&self.settings), id, &run.lease, cancel.clone());
        if *stored.borrow() {
            self.app.signals.job_changed(job.clone());
        }
        let let_go = async {
            tokio::select! {
                let_go = self.attempts(job, &lease, cancel, stored.clone()) => let_go.err(),
                lost = keep_once_stored(&lease, &stored) => Some(lost),
            }
        };
        match let_go.instrument(span).await {
            None | Some(LetGo::NotStored) => {}
            Some(LetGo::LeaseLost) => tracing::warn!(job.id = %id, "another worker has the job now"),
            Some(LetGo::Stopping) => lease.release().await,
        }
    }

    /// Attempts until one of them ends the job.
    async fn attempts(
        &self,
        mut job: Job,
        lease: &HeldLease,
        cancel: &CancellationToken,
        stored: watch::Receiver<bool>,
    ) -> Result<(), LetGo> {
        let settings = &self.settings;
        if job.run().is_some_and(|run| run.takeovers > settings.max_takeovers) {
            let transition = job.fail(problems::workers_lost(settings), self.app.clock.now());
            return self.end(transition, &[]).await;
        }
        let attempt = Attempt { app: &self.app, settings, lease, cancel, stopping: &self.stopping, stored };
        loop {
            let (after, outcome) = attempt.run(self, job).await?;
            job = after.progressed(lease.progress());
            let now = self.app.clock.now();
            let (transition, commands) = match outcome {
                Outcome::Lost if attempt_of(&job) < self.settings.max_attempts => {
                    tracing::warn!(job.id = %job.id, "the query got lost at trino and is started again");
                    lease.forget_query();
                    job = self.save(job.clone().restart(now), &[]).await?;
                    continue;
                }
                Outcome::Lost => (job.clone().fail(problems::lost_for_good(&self.settings), now), Vec::new()),
                Outcome::Finished(result) => {
                    // What was noted last is from before the last page.
                    job = job.progressed(Progress { rows: result.rows, ..lease.progress() });
                    let transition = job.clone().finish(*result, now);
                    (transition, self.commands_of(&job, now))
                }
                Outcome::Failed(problem) => (job.clone().fail(*problem, now), Vec::new()),
                Outcome::Canceled => (job.clone().cancel(now), Vec::new()),
            };
            return self.end(transition, &commands).await;
        }
    }

    /// Stores the end of a job.
    async fn end(
        &self,
        transition: Result<Transition, InvalidTransition>,
        commands: &[ModelCommand],
    ) -> Result<(), LetGo> {
        let job = self.save(transition, commands).await?;
        metrics::counter!("warren_jobs_ended_total", "status" => job.status().as_str()).increment(1);
        tracing::info!(job.id = %job.id, status = job.status().as_str(), "job ended");
        Ok(())
    }

    /// What the scheduler is asked to do once the job has finished.
    fn commands_of(&self, job: &Job, now: DateTime<Utc>) -> Vec<ModelCommand> {
        let mut commands = consequences(job);
        if self.settings.tell_queries {
            commands.extend(query_to_tell(job, now));
        }
        commands
    }

    /// Stores a transition. A database that does not answer is asked until the lease is over: a result that was stored
    /// is not thrown away for a moment's outage.
    pub(super) async fn save(
        &self,
        transition: Result<Transition, InvalidTransition>,
        commands: &[ModelCommand],
    ) -> Result<Job, LetGo> {
        let transition = transition.map_err(|error| {
            tracing::error!(%error, "a job is not in the state that its worker believes");
            LetGo::LeaseLost
        })?;
        loop {
            let stored = match commands {
                [] => self.app.store.save(&transition).await,
                commands => self.app.store.finish(&transition, commands).await,
            };
            match stored {
                Ok(job) => {
                    self.app.signals.job_changed(job.clone());
                    return Ok(job);
                }
                Err(StoreError::Stale { .. }) => return self.stored_before(&transition).await.ok_or(LetGo::LeaseLost),
                Err(error) if error.is_unavailable() => {
                    tracing::warn!(job.id = %transition.job.id, error = ?error, "the database does not answer; asking again");
                    sleep(ASK_AGAIN).await;
                }
                Err(error) => {
                    tracing::error!(job.id = %transition.job.id, error = ?error, "a job cannot be stored");
                    return Err(LetGo::LeaseLost);
                }
            }
        }
    }
}

impl Driver {
    /// The row is not what the transition expects. It may be what the transition makes of it: then the database had stored it
    /// and only its answer was lost.
    async fn stored_before(&self, transition: &Transition) -> Option<Job> {
        let row = self.app.store.job(transition.job.id).await.ok().flatten()?;
        let ended = row.finished().is_some() && row.finished() == transition.job.finished();
        ended.then_some(row)
    }
}

/// Renews the lease from the moment at which there is one.
async fn keep_once_stored(lease: &HeldLease, stored: &watch::Receiver<bool>) -> LetGo {
    if is_stored(stored).await { lease.keep().await.into() } else { LetGo::NotStored }
}

fn attempt_of(job: &Job) -> u32 {
    job.run().map_or(0, |run: &Run| run.attempt)
}
