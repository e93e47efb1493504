//! Time that passes at once, for tests of waits.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::retry::Sleeper;

/// A clock that moves only when somebody sleeps on it or moves it.
#[derive(Debug)]
pub struct InstantSleeper {
    start: Instant,
    waits: Mutex<Vec<Duration>>,
    moved: Mutex<Duration>,
}

impl InstantSleeper {
    /// A clock at which nobody slept yet.
    #[must_use]
    pub fn new() -> Self {
        Self { start: Instant::now(), waits: Mutex::default(), moved: Mutex::default() }
    }

    /// Every sleep so far, in order.
    #[must_use]
    pub fn waits(&self) -> Vec<Duration> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Moves the clock on without a sleep.
    pub fn advance(&self, by: Duration) {
        *self.moved.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Default for InstantSleeper {
    fn default() -> Self {
        Self::new()
    }
}

impl Sleeper for InstantSleeper {
    fn now(&self) -> Instant {
        let moved = *self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        self.start + moved + self.waits().iter().sum()
    }

    fn sleep(&self, wait: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner).push(wait);
        Box::pin(tokio::task::yield_now())
    }
}
