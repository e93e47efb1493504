//! Time, ids and randomness as arguments: the service takes the real ones, tests take ones that they hold still.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Tells the time.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The present moment, in UTC.
    fn now(&self) -> DateTime<Utc>;
}

/// Makes ids.
pub trait Ids: Send + Sync + fmt::Debug {
    /// An id that sorts by time (UUID version 7), for rows.
    fn ordered(&self) -> Uuid;
    /// An id that nobody can guess (UUID version 4), for lease tokens.
    fn random(&self) -> Uuid;
}

/// The real clock and the real ids.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Clock for System {
    fn now(&self) -> DateTime<Utc> {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
        let now = Utc::now();
        // PostgreSQL keeps microseconds: a time that was stored must equal the time that was given.
        chrono::SubsecRound::trunc_subsecs(now, 6)
    }
}

impl Ids for System {
    fn ordered(&self) -> Uuid {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that makes ids")]
        Uuid::now_v7()
    }

    fn random(&self) -> Uuid {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that makes ids")]
        Uuid::new_v4()
    }
}

/// A clock that many own.
pub type SharedClock = Arc<dyn Clock>;
/// A source of ids that many own.
pub type SharedIds = Arc<dyn Ids>;
