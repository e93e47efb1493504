//! A sink that is away: until when it is not asked at all.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Until when there is no use in asking, if that is known.
#[derive(Debug, Default)]
pub(super) struct Pause(Mutex<Option<Instant>>);

impl Pause {
    /// Nobody asks before this moment.
    pub(super) fn until(&self, moment: Instant) {
        *self.lock() = Some(moment);
    }

    /// The sink answers again.
    pub(super) fn end(&self) {
        *self.lock() = None;
    }

    /// How long it lasts from `now` on; none where it is over.
    pub(super) fn left(&self, now: Instant) -> Option<Duration> {
        let left = (*self.lock())?.saturating_duration_since(now);
        (!left.is_zero()).then_some(left)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
