//! News within one process: a job was submitted, a job changed, a job is to be canceled. They only make things quicker;
//! whoever misses one finds the same in the database a moment later.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use super::handover::{Slot, Workers};
use crate::jobs::{Job, JobId};

/// How many changes a slow listener may be behind before it goes back to the database.
const BACKLOG: usize = 256;

/// The news of one process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Signals {
    workers: Arc<Mutex<Option<Arc<dyn Workers>>>>,
    changes: broadcast::Sender<Arc<Job>>,
    driven: Arc<Mutex<HashMap<JobId, Arc<CancellationToken>>>>,
}

/// A job that a worker of this process drives; dropped when it does so no more.
#[derive(Debug)]
pub struct Driving {
    signals: Signals,
    id: JobId,
    cancel: Arc<CancellationToken>,
}

impl Driving {
    /// Canceled when somebody asks for the job to be.
    #[must_use]
    pub fn cancel(&self) -> &CancellationToken {
        &self.cancel
    }
}

impl Drop for Driving {
    fn drop(&mut self) {
        let mut driven = self.signals.driven();
        // Another driver may have come since.
        if driven.get(&self.id).is_some_and(|cancel| Arc::ptr_eq(cancel, &self.cancel)) {
            driven.remove(&self.id);
        }
    }
}

impl Default for Signals {
    fn default() -> Self {
        let (changes, _) = broadcast::channel(BACKLOG);
        Self { workers: Arc::default(), changes, driven: Arc::default() }
    }
}

impl Signals {
    /// From now on these workers take the jobs of this process.
    pub fn workers_begin(&self, workers: Arc<dyn Workers>) {
        *self.workers() = Some(workers);
    }

    /// From now on no worker of this process takes jobs.
    pub fn workers_end(&self) {
        *self.workers() = None;
    }

    /// A free slot of a worker of this process, if there is one.
    #[must_use]
    pub fn free_slot(&self) -> Option<Box<dyn Slot>> {
        self.workers().as_ref()?.free_slot()
    }

    /// A job entered its queue. Without a worker here it is found in the database by another process.
    pub fn job_queued(&self) {
        if let Some(workers) = &*self.workers() {
            workers.job_waits();
        }
    }

    /// A job changed and is stored as given.
    pub fn job_changed(&self, job: Job) {
        // Nobody may be listening; that is no error.
        let _ = self.changes.send(Arc::new(job));
    }

    /// Whether anybody waits for changes.
    #[must_use]
    pub fn has_listeners(&self) -> bool {
        self.changes.receiver_count() > 0
    }

    /// The changes from now on.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Job>> {
        self.changes.subscribe()
    }

    /// A worker of this process drives the job from now on.
    #[must_use]
    pub fn driving(&self, id: JobId) -> Driving {
        let cancel = Arc::new(CancellationToken::new());
        self.driven().insert(id, Arc::clone(&cancel));
        Driving { signals: self.clone(), id, cancel }
    }

    /// Tells the worker that drives the job, if it is in this process, to cancel it.
    pub fn cancel(&self, id: JobId) {
        if let Some(token) = self.driven().get(&id) {
            token.cancel();
        }
    }

    fn workers(&self) -> std::sync::MutexGuard<'_, Option<Arc<dyn Workers>>> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn driven(&self) -> std::sync::MutexGuard<'_, HashMap<JobId, Arc<CancellationToken>>> {
        self.driven.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
