//! How the workers of one process behave.

use std::time::Duration;

use crate::jobs::WorkerId;

/// Settings of a pool of workers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerSettings {
    /// The name of this process in the `job` table.
    pub id: WorkerId,
    /// The most jobs that run at once.
    pub slots: usize,
    /// How long a job belongs to a worker that is not heard of.
    pub lease: Duration,
    /// How often the lease is renewed; well below [`Self::lease`].
    pub renew: Duration,
    /// How often the database is asked for jobs that another process submitted.
    pub poll: Duration,
    /// The most times that a query is started when it gets lost.
    pub max_attempts: u32,
    /// The most times that the job of a worker that went silent is taken over.
    pub max_takeovers: u32,
    /// How often Trino hears of a worker that is held up; well below the five minutes of `query.client.timeout`.
    pub heartbeat: Duration,
    /// How long a cancel may take at Trino before the job is given up as failed.
    pub cancel_deadline: Duration,
    /// Whether a finished read puts a command into the model queue, so that OpenMetadata learns of it.
    pub tell_queries: bool,
}

impl WorkerSettings {
    /// The settings of a worker of that name.
    #[must_use]
    pub fn new(id: WorkerId) -> Self {
        Self {
            id,
            slots: 8,
            lease: Duration::from_secs(30),
            renew: Duration::from_secs(5),
            poll: Duration::from_secs(1),
            max_attempts: 3,
            max_takeovers: 10,
            heartbeat: Duration::from_mins(1),
            cancel_deadline: Duration::from_secs(30),
            tell_queries: false,
        }
    }
}
