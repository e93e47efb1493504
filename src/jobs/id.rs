//! Identifiers of the job domain. Each is its own type, so that one cannot be passed for another.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// A job's id: a UUID of version 7, so that ids sort by the time of submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub Uuid);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for JobId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self)
    }
}

/// What a worker shows to prove that a running job is still its own. Every claim gets a new one, so that the writes of
/// a worker that lost its lease are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LeaseToken(pub Uuid);

/// The name of one worker process, for people who look at the `job` table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WorkerId(pub String);
