//! The pool: takes jobs that were submitted in this process as they come, claims others that wait in the database, as
//! many as it has free slots, and drives each in a task of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{MissedTickBehavior, interval};

use super::{WorkerSettings, drive::Driver};
use crate::app::App;
use crate::jobs::{Job, Lease, LeaseToken};
use crate::lifecycle::Lifecycle;
use crate::store::{ClaimRequest, StoreError};

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

    fn slot_freed(&self) {
        if self.likely.swap(false, Ordering::SeqCst) {
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
        let mut recover = interval(RECOVER_EVERY);
        recover.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (sender, mut submitted) = mpsc::channel(self.settings.slots.max(1));
        self.app.signals.hand_over_to(sender);
        let stopping = self.lifecycle.stopping();
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                Some(job) = submitted.recv() => self.take(job),
                () = self.backlog.look.notified() => self.fill_slots().await,
                _ = look.tick() => self.fill_slots().await,
                _ = recover.tick() => self.recover().await,
            }
        }
    }

    async fn recover(&self) {
        match self.app.recover_jobs().await {
            Ok(0) => {}
            Ok(found) => tracing::info!(found, "took up jobs that were left behind before they were analysed"),
            Err(error) => tracing::warn!(error = ?error, "cannot look for jobs that were left behind"),
        }
    }

    /// Takes a job that was just submitted here. While a slot is free nothing older waits for this process, so the
    /// database is not asked what does; whether another process was faster is said by the write.
    fn take(&self, job: Job) {
        let Some(slot) = self.free_slots(1) else { return };
        let pool = self.clone();
        self.lifecycle.spawn("job", async move {
            if let Some(job) = pool.claim(job).await {
                pool.drive(job).await;
            }
            drop(slot);
            pool.backlog.slot_freed();
        });
    }

    async fn claim(&self, job: Job) -> Option<Job> {
        let now = self.app.clock.now();
        let lease = Lease {
            token: LeaseToken(self.app.ids.random()),
            worker: self.settings.id.clone(),
            until: now + self.settings.lease,
        };
        match self.app.store.save(&job.claim(lease, now).ok()?).await {
            Ok(job) => Some(job),
            // Another process was faster, or it was canceled.
            Err(StoreError::Stale { .. }) => None,
            Err(error) => {
                tracing::warn!(error = ?error, "cannot claim a job that was just submitted");
                self.backlog.set(true);
                None
            }
        }
    }

    /// Claims until there is nothing that waits or no slot that is free.
    async fn fill_slots(&self) {
        while let Some(mut slots) = self.free_slots(self.settings.slots) {
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
                    return;
                }
            };
            for job in jobs {
                let Some(slot) = slots.split(1) else {
                    // The claim gave more than was asked for; when the lease runs out a worker takes it up.
                    tracing::error!(job.id = %job.id, "no slot for a job that was claimed");
                    continue;
                };
                self.start(job, slot);
            }
            if slots.num_permits() > 0 {
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
        let pool = self.clone();
        self.lifecycle.spawn("job", async move {
            pool.drive(job).await;
            drop(slot);
            pool.backlog.slot_freed();
        });
    }

    async fn drive(&self, job: Job) {
        Driver::new(self.app.clone(), Arc::clone(&self.settings), self.lifecycle.stopping()).drive(job).await;
    }
}
