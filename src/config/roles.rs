//! What one process of Warren does: answer requests, drive jobs, work off the model queue, or all of it.

use super::values::Values;
use super::{ConfigError, Setting};

const ROLE: Setting = Setting::new(
    "role",
    "WARREN_ROLE",
    "what this process does: `all`, `api`, `worker` or `scheduler`. Without `all` or `api` it serves `/livez`, `/readyz` \
     and `/metrics` only",
)
.default("all");

pub(super) const SETTINGS: &[&Setting] = &[&ROLE];

/// A thing that a process may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Answers requests. A process without it serves what operators look at, and nothing else.
    Api,
    /// Drives jobs.
    Worker,
    /// Works off the model queue.
    Scheduler,
}

/// The things that a process does; at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Roles {
    /// Everything.
    All,
    /// One thing.
    Only(Role),
}

impl Roles {
    /// Whether the process does this.
    #[must_use]
    pub fn has(self, role: Role) -> bool {
        match self {
            Self::All => true,
            Self::Only(own) => own == role,
        }
    }

    /// The roles of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "all" => Some(Self::All),
            "api" => Some(Self::Only(Role::Api)),
            "worker" => Some(Self::Only(Role::Worker)),
            "scheduler" => Some(Self::Only(Role::Scheduler)),
            _ => None,
        }
    }
}

pub(super) fn read(values: &Values) -> Result<Roles, ConfigError> {
    values.read(&ROLE, "all, api, worker or scheduler", Roles::parse)
}
