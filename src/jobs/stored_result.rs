//! The stored rows of a finished job, as the job knows them: where they lie and how many there are.

use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};

use super::JobId;

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

impl StoredResult {
    /// Whether it can be read at a moment. One whose time has passed cannot, also before somebody has made it expire.
    #[must_use]
    pub fn is_readable(&self, now: DateTime<Utc>) -> bool {
        self.status == ResultStatus::Ready && self.expires_at.is_none_or(|end| now < end)
    }
}

/// The folder within the result store that has everything that is ever stored of a job: `year/month/day/job`. Each
/// attempt has one of its own in it.
#[must_use]
pub fn result_folder(id: JobId, created: DateTime<Utc>) -> String {
    format!("{:04}/{:02}/{:02}/{id}", created.year(), created.month(), created.day())
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
    /// Its time has passed, or its job is being deleted. Its objects are gone or will be.
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
