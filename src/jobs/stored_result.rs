//! The stored rows of a finished job, as the job knows them: where they lie and how many there are.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A result that was committed: its manifest is in the object store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredResult {
    /// The name within the result store.
    pub name: String,
    /// The URL of the folder, for people and for programs that read Parquet themselves.
    pub path: String,
    /// Rows in all parts.
    pub rows: u64,
    /// Bytes of all parts.
    pub bytes: u64,
    /// Whether rows were cut off, and by what.
    pub truncated: Option<Truncation>,
    /// Whether it can still be read.
    pub status: ResultStatus,
    /// When it may be deleted; never, where this is absent.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Rows were cut off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truncation {
    /// `limit` (the request's) or `max_rows` (the server's).
    pub by: String,
    /// The number of rows that were kept.
    pub at_rows: u64,
}

/// Whether a result can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultStatus {
    /// The job has not finished.
    Pending,
    /// It can be read.
    Ready,
    /// It was deleted after its time.
    Expired,
}

impl ResultStatus {
    /// The word in the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Ready => "READY",
            Self::Expired => "EXPIRED",
        }
    }
}
