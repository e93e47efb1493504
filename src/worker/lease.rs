//! The lease of one job while it is driven: renewed in the background, shown with each write, given back at the end.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::WorkerSettings;
use crate::app::App;
use crate::jobs::{JobId, Lease, LeaseToken, Progress};
use crate::store::{Renewal, Renewed, StoreError};

/// What the driver of a job knows and the renewals carry to the database.
#[derive(Debug, Default)]
struct Latest {
    progress: Progress,
    next_uri: Option<String>,
}

/// The lease of one job.
#[derive(Clone, Debug)]
pub(super) struct HeldLease {
    app: App,
    settings: Arc<WorkerSettings>,
    id: JobId,
    token: LeaseToken,
    latest: Arc<Mutex<Latest>>,
    cancel: CancellationToken,
}

/// Another worker has the job now, or it has ended: nothing more may be written for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LeaseLost;

impl HeldLease {
    pub(super) fn new(
        app: App,
        settings: Arc<WorkerSettings>,
        id: JobId,
        lease: &Lease,
        cancel: CancellationToken,
    ) -> Self {
        Self { app, settings, id, token: lease.token, latest: Arc::default(), cancel }
    }

    /// How far the query is; goes out with the next renewal.
    pub(super) fn note_progress(&self, progress: Progress) {
        self.latest().progress = progress;
    }

    /// Where another worker would carry on; goes out with the next renewal. Only a page before which no row was
    /// received may be noted: rows in memory die with this worker, so a later page would lose them.
    pub(super) fn note_next(&self, next_uri: String) {
        self.latest().next_uri = Some(next_uri);
    }

    /// The query that was noted is given up: no renewal may write its place onto the next one.
    pub(super) fn forget_query(&self) {
        *self.latest() = Latest::default();
    }

    /// The latest that was noted.
    pub(super) fn progress(&self) -> Progress {
        self.latest().progress.clone()
    }

    /// Renews until the lease is lost. A database that does not answer is asked again: the lease holds until its time.
    pub(super) async fn keep(&self) -> LeaseLost {
        let mut renew = interval(self.settings.renew);
        renew.set_missed_tick_behavior(MissedTickBehavior::Delay);
        renew.tick().await;
        loop {
            renew.tick().await;
            match self.renew().await {
                Ok(()) => {}
                Err(RenewError::Lost) => return LeaseLost,
                Err(RenewError::Store(error)) => {
                    tracing::warn!(job.id = %self.id, error = ?error, "cannot renew the lease of a job");
                }
            }
        }
    }

    /// Renews now.
    pub(super) async fn renew(&self) -> Result<(), RenewError> {
        self.send(self.app.clock.now() + self.settings.lease).await
    }

    /// Gives the job to whoever asks first: this process goes down.
    pub(super) async fn release(&self) {
        if let Err(RenewError::Store(error)) = self.send(Lease::GIVEN_BACK).await {
            tracing::warn!(job.id = %self.id, error = ?error, "cannot hand over a job; it is taken up when its lease runs out");
        }
    }

    async fn send(&self, until: chrono::DateTime<chrono::Utc>) -> Result<(), RenewError> {
        let (progress, next_uri) = {
            let latest = self.latest();
            (latest.progress.clone(), latest.next_uri.clone())
        };
        let renewal = Renewal {
            id: self.id,
            token: self.token,
            now: self.app.clock.now(),
            until,
            progress: &progress,
            next_uri: next_uri.as_deref(),
        };
        match self.app.store.renew(&renewal).await.map_err(RenewError::Store)? {
            Renewed::Held { cancel_requested } => {
                if cancel_requested {
                    self.cancel.cancel();
                }
                self.tell().await;
                Ok(())
            }
            Renewed::Lost => Err(RenewError::Lost),
        }
    }

    /// People who wait in this process for news of the job get to see the progress.
    async fn tell(&self) {
        if self.app.signals.has_listeners()
            && let Ok(Some(job)) = self.app.store.job(self.id).await
        {
            self.app.signals.job_changed(job);
        }
    }

    fn latest(&self) -> std::sync::MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a lease was not renewed.
#[derive(Debug)]
pub(super) enum RenewError {
    /// It is somebody else's now.
    Lost,
    /// The database did not answer.
    Store(StoreError),
}
