//! The pool: claims jobs that wait in the database, as many as it has free slots, lends a slot to a job whose client waits
//! in this process, and drives each job in a task of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{MissedTickBehavior, interval};

use super::{WorkerSettings, drive::Driver};
use crate::app::{App, Slot, Workers};
use crate::jobs::{Job, Lease, LeaseToken};
use crate::lifecycle::Lifecycle;
use crate::store::ClaimRequest;

/// How often jobs that were left `INIT` are looked for.
const RECOVER_EVERY: Duration = Duration::from_secs(15);

/// The workers of one process.
#[derive(Clone, Debug)]
pub struct Pool {
    app: App,
    settings: Arc<WorkerSettings>,
    lifecycle: Lifecycle,
    slots: Arc<Semaphore>,
    backlog: Arc<Backlog>,
}

/// Whether jobs may wait that no slot was free for. Only then is the end of a job a reason to ask the database.
#[derive(Debug, Default)]
struct Backlog {
    likely: AtomicBool,
    look: Notify,
}

impl Backlog {
    fn set(&self, likely: bool) {
        self.likely.store(likely, Ordering::SeqCst);
    }

    /// Asks the database what waits, if that is likely. It stays likely until a claim finds less than was asked for, so that
    /// no job that comes now passes by those that wait.
    fn slot_freed(&self) {
        if self.likely.load(Ordering::SeqCst) {
            self.look.notify_one();
        }
    }
}

impl Pool {
    /// A pool that has not started.
    #[must_use]
    pub fn new(app: App, settings: WorkerSettings, lifecycle: Lifecycle) -> Self {
        let slots = Arc::new(Semaphore::new(settings.slots));
        Self { app, settings: Arc::new(settings), lifecycle, slots, backlog: Arc::default() }
    }

    /// Claims and drives jobs until the process is asked to stop. The jobs that run then end or are handed over within
    /// the time that the lifecycle gives them.
    pub async fn run(self) {
        let mut look = interval(self.settings.poll);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // Beside the claims: it may wait for OpenMetadata.
        self.lifecycle.spawn("recovery", self.clone().recover_until_stopped());
        self.app.signals.workers_begin(Arc::new(self.clone()));
        let stopping = self.lifecycle.stopping();
        loop {
            tokio::select! {
                () = stopping.cancelled() => break,
                () = self.backlog.look.notified() => self.fill_slots().await,
                _ = look.tick() => self.fill_slots().await,
            }
        }
        self.app.signals.workers_end();
    }

    async fn recover_until_stopped(self) {
        let mut recover = interval(RECOVER_EVERY);
        recover.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stopping = self.lifecycle.stopping();
        while stopping.run_until_cancelled(recover.tick()).await.is_some() {
            match stopping.run_until_cancelled(self.app.recover_jobs()).await {
                None | Some(Ok(0)) => {}
                Some(Ok(found)) => {
                    tracing::info!(found, "took up jobs that were left behind before they were analysed");
                }
                Some(Err(error)) => tracing::warn!(error = ?error, "cannot look for jobs that were left behind"),
            }
        }
    }

    /// Claims until there is nothing that waits or no slot that is free.
    async fn fill_slots(&self) {
        while let Some(mut slots) = self.free_slots(self.settings.slots) {
            // A job that is stored from here on says so again.
            self.backlog.set(false);
            let asked_for = slots.num_permits();
            let now = self.app.clock.now();
            let request = ClaimRequest {
                worker: self.settings.id.clone(),
                limit: u64::try_from(slots.num_permits()).unwrap_or(u64::MAX),
                now,
                lease_until: now + self.settings.lease,
                ids: self.app.ids.as_ref(),
            };
            let jobs = match self.app.store.claim(&request).await {
                Ok(jobs) => jobs,
                Err(error) => {
                    tracing::warn!(error = ?error, "cannot claim jobs");
                    self.backlog.set(true);
                    return;
                }
            };
            let all_were_taken = jobs.len() == asked_for;
            self.backlog.likely.fetch_or(all_were_taken, Ordering::SeqCst);
            for job in jobs {
                let Some(slot) = slots.split(1) else {
                    // The claim gave more than was asked for; when the lease runs out a worker takes it up.
                    tracing::error!(job.id = %job.id, "no slot for a job that was claimed");
                    continue;
                };
                self.start(job, slot);
            }
            if !all_were_taken {
                drop(slots);
                // A job may have come while the slots were taken for this claim.
                self.backlog.slot_freed();
                return;
            }
        }
    }

    /// The free slots, at most so many; none when the process is going down.
    fn free_slots(&self, most: usize) -> Option<OwnedSemaphorePermit> {
        if self.lifecycle.stopping().is_cancelled() {
            return None;
        }
        let take = || {
            let free = u32::try_from(self.slots.available_permits().min(most)).unwrap_or(u32::MAX);
            Arc::clone(&self.slots).try_acquire_many_owned(free).ok().filter(|slots| slots.num_permits() > 0)
        };
        take().or_else(|| {
            // A job that ends from here on looks for the next one; one that ended just now has freed a slot.
            self.backlog.set(true);
            take()
        })
    }

    fn start(&self, job: Job, slot: OwnedSemaphorePermit) {
        self.drive(job, slot, watch::channel(true).1);
    }

    fn drive(&self, job: Job, slot: OwnedSemaphorePermit, stored: watch::Receiver<bool>) {
        let pool = self.clone();
        let driver = Driver::new(self.app.clone(), Arc::clone(&self.settings), self.lifecycle.stopping());
        // From here on a cancel reaches it, also before its task has begun.
        let driving = self.app.signals.driving(job.id);
        self.lifecycle.spawn("job", async move {
            driver.drive(job, driving, stored).await;
            drop(slot);
            pool.backlog.slot_freed();
        });
    }
}

impl Workers for Pool {
    fn free_slot(&self) -> Option<Box<dyn Slot>> {
        if self.backlog.likely.load(Ordering::SeqCst) {
            return None;
        }
        let permit = self.free_slots(1)?;
        Some(Box::new(FreeSlot { pool: self.clone(), permit: Some(permit) }))
    }

    fn job_waits(&self) {
        self.backlog.set(true);
        if self.slots.available_permits() > 0 {
            self.backlog.slot_freed();
        }
    }
}

/// A slot that is held for a job which is about to be stored.
struct FreeSlot {
    pool: Pool,
    permit: Option<OwnedSemaphorePermit>,
}

impl Drop for FreeSlot {
    fn drop(&mut self) {
        if let Some(unused) = self.permit.take() {
            drop(unused);
            self.pool.backlog.slot_freed();
        }
    }
}

impl Slot for FreeSlot {
    fn lease(&self) -> Lease {
        Lease {
            token: LeaseToken(self.pool.app.ids.random()),
            worker: self.pool.settings.id.clone(),
            until: self.pool.app.clock.now() + self.pool.settings.lease,
        }
    }

    fn drive(mut self: Box<Self>, job: Job, stored: watch::Receiver<bool>) {
        if let Some(permit) = self.permit.take() {
            self.pool.drive(job, permit, stored);
        }
    }
}
