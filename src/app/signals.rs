//! News within one process: a job was submitted, a job changed, a job is to be canceled. They only make things quicker;
//! whoever misses one finds the same in the database a moment later.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{broadcast, mpsc};
use tokio_util::sync::CancellationToken;

use crate::jobs::{Job, JobId};

/// How many changes a slow listener may be behind before it goes back to the database.
const BACKLOG: usize = 256;

/// The news of one process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Signals {
    pool: Arc<Mutex<Option<mpsc::Sender<Job>>>>,
    changes: broadcast::Sender<Arc<Job>>,
    driven: Arc<Mutex<HashMap<JobId, CancellationToken>>>,
}

impl Default for Signals {
    fn default() -> Self {
        let (changes, _) = broadcast::channel(BACKLOG);
        Self { pool: Arc::default(), changes, driven: Arc::default() }
    }
}

impl Signals {
    /// From now on jobs that enter their queue in this process are handed to its workers, as long as there is room in
    /// the channel.
    pub fn hand_over_to(&self, pool: mpsc::Sender<Job>) {
        *self.pool.lock().unwrap_or_else(PoisonError::into_inner) = Some(pool);
    }

    /// A job entered its queue. Without a worker here, or without room, it is found in the database like any other.
    pub fn job_queued(&self, job: &Job) {
        if let Some(pool) = &*self.pool.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = pool.try_send(job.clone());
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

    /// A worker of this process drives the job from now on; the token is canceled when somebody asks for it.
    #[must_use]
    pub fn driving(&self, id: JobId) -> CancellationToken {
        let token = CancellationToken::new();
        self.driven().insert(id, token.clone());
        token
    }

    /// No worker of this process drives the job any more.
    pub fn driven_no_more(&self, id: JobId) {
        self.driven().remove(&id);
    }

    /// Tells the worker that drives the job, if it is in this process, to cancel it.
    pub fn cancel(&self, id: JobId) {
        if let Some(token) = self.driven().get(&id) {
            token.cancel();
        }
    }

    fn driven(&self) -> std::sync::MutexGuard<'_, HashMap<JobId, CancellationToken>> {
        self.driven.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
