//! The running part of a job: the lease, the query at Trino, and how far it is.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{LeaseToken, WorkerId};

/// The number of a try, from 1.
pub type Attempt = u32;

/// One execution of a job by one worker.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Which try this is.
    pub attempt: Attempt,
    /// How often the job was taken over from a worker that went silent.
    pub takeovers: u32,
    /// When the first try began.
    pub started: DateTime<Utc>,
    /// Who may write to the job, and until when.
    pub lease: Lease,
    /// The query at Trino, once there is one.
    pub remote: Option<Remote>,
    /// The latest that Trino said of it.
    pub progress: Progress,
}

/// The right to drive a job for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Shown with each write.
    pub token: LeaseToken,
    /// The worker that holds it.
    pub worker: WorkerId,
    /// After this moment another worker may take the job.
    pub until: DateTime<Utc>,
}

impl Lease {
    /// The end of a lease whose worker gave the job back, so that whoever takes it over does so from nobody.
    pub const GIVEN_BACK: DateTime<Utc> = DateTime::UNIX_EPOCH;

    /// Whether its worker gave the job back.
    #[must_use]
    pub fn was_given_back(&self) -> bool {
        self.until == Self::GIVEN_BACK
    }
}

/// A query that a Trino coordinator knows.
#[derive(Clone, PartialEq, Eq)]
pub struct Remote {
    /// Which of Warren's clusters runs it.
    pub cluster: String,
    /// Trino's id of the query.
    pub query_id: String,
    /// The page to ask for next. Whoever has it can read the rows: it never reaches a log or an answer.
    pub next_uri: String,
    /// Where Trino's own console shows the query.
    pub info_url: Option<String>,
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remote")
            .field("cluster", &self.cluster)
            .field("query_id", &self.query_id)
            .finish_non_exhaustive()
    }
}

/// How far a query is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// 0 to 100, where Trino can tell.
    pub percent: Option<f64>,
    /// Rows received so far.
    pub rows: u64,
    /// Bytes of pages received so far.
    pub bytes: u64,
    /// Trino's own state of the query, a hint for people.
    pub state: Option<String>,
}
