//! The pool: claims as many jobs as it has free slots, and drives each in a task of its own.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{MissedTickBehavior, interval};

use super::{WorkerSettings, drive::Driver};
use crate::app::App;
use crate::lifecycle::Lifecycle;
use crate::store::ClaimRequest;

/// How often jobs that a crash left `INIT` are looked for.
const RECOVER_EVERY: Duration = Duration::from_secs(15);

/// The workers of one process.
#[derive(Debug)]
pub struct Pool {
    app: App,
    settings: Arc<WorkerSettings>,
    lifecycle: Lifecycle,
    slots: Arc<Semaphore>,
}

impl Pool {
    /// A pool that has not started.
    #[must_use]
    pub fn new(app: App, settings: WorkerSettings, lifecycle: Lifecycle) -> Self {
        let slots = Arc::new(Semaphore::new(settings.slots));
        Self { app, settings: Arc::new(settings), lifecycle, slots }
    }

    /// Claims and drives jobs until the process is asked to stop. The jobs that run then end or are handed over within
    /// the time that the lifecycle gives them.
    pub async fn run(self) {
        let mut look = interval(self.settings.poll);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut recover = interval(RECOVER_EVERY);
        recover.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stopping = self.lifecycle.stopping();
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                () = self.app.signals.queued() => {}
                _ = look.tick() => {}
                _ = recover.tick() => self.recover().await,
            }
            self.fill_slots().await;
        }
    }

    async fn recover(&self) {
        match self.app.recover_jobs().await {
            Ok(0) => {}
            Ok(found) => tracing::info!(found, "took up jobs that were left behind before they were analysed"),
            Err(error) => tracing::warn!(error = ?error, "cannot look for jobs that were left behind"),
        }
    }

    async fn fill_slots(&self) {
        loop {
            let free = self.slots.available_permits();
            if free == 0 || self.lifecycle.stopping().is_cancelled() {
                return;
            }
            let now = self.app.clock.now();
            let request = ClaimRequest {
                worker: self.settings.id.clone(),
                limit: u64::try_from(free).unwrap_or(u64::MAX),
                now,
                lease_until: now + self.settings.lease,
                ids: self.app.ids.as_ref(),
            };
            match self.app.store.claim(&request).await {
                Ok(jobs) if jobs.is_empty() => return,
                Ok(jobs) => jobs.into_iter().for_each(|job| self.start(job)),
                Err(error) => {
                    tracing::warn!(error = ?error, "cannot claim jobs");
                    return;
                }
            }
        }
    }

    fn start(&self, job: crate::jobs::Job) {
        let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() else {
            // It was claimed for a slot that is gone; when its lease runs out a worker takes it up.
            tracing::error!(job.id = %job.id, "no slot for a job that was claimed");
            return;
        };
        let driver = Driver::new(self.app.clone(), Arc::clone(&self.settings), self.lifecycle.stopping());
        let signals = self.app.signals.clone();
        self.lifecycle.spawn("job", async move {
            driver.drive(job).await;
            drop(slot);
            // A slot is free: look for the next job now, not at the next tick.
            signals.job_queued();
        });
    }
}
