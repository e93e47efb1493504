//! When a request is sent again, and how long to wait before that.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::Error;

/// The bounds of trying again. Only 502, 503, 504 and a connection that did not come about or broke are worth it; a 429
/// of OpenMetadata lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The wait after the first failure; each further one waits twice as long. Default 100 ms.
    pub first_wait: Duration,
    /// The longest of these waits. Default 5 s.
    pub max_wait: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { first_wait: Duration::from_millis(100), max_wait: Duration::from_secs(5) }
    }
}

/// The passing of time, so that a test can hold it still.
pub trait Sleeper: fmt::Debug + Send + Sync {
    /// The present moment on this clock.
    fn now(&self) -> Instant;
    /// Comes back when `wait` has passed on this clock.
    fn sleep(&self, wait: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// Time as the tokio runtime keeps it.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioSleeper;

impl Sleeper for TokioSleeper {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn sleep(&self, wait: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(wait))
    }
}

/// Where the spread of waits comes from: a source of numbers in `0.0..=1.0`. A wait becomes half of itself plus that
/// share of the other half.
#[derive(Clone)]
pub struct Jitter(Arc<dyn Fn() -> f64 + Send + Sync>);

impl Jitter {
    /// Every wait in full.
    #[must_use]
    pub fn none() -> Self {
        Self(Arc::new(|| 1.0))
    }

    /// Numbers from `source`; what lies outside `0.0..=1.0` is clamped.
    pub fn from_fn(source: impl Fn() -> f64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(source))
    }

    fn spread(&self, wait: Duration) -> Duration {
        let share = (self.0)();
        let share = if share.is_nan() { 1.0 } else { share.clamp(0.0, 1.0) };
        wait.mul_f64(0.5 + share / 2.0)
    }
}

impl fmt::Debug for Jitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jitter(…)")
    }
}

/// What a request does when it is done twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// The same as once.
    Harmless,
    /// Something else, so it is sent again only when it surely did not arrive.
    Adds,
}

/// The tries of one call.
pub(crate) struct Retries<'a> {
    pub(crate) policy: RetryPolicy,
    pub(crate) sleeper: &'a dyn Sleeper,
    pub(crate) jitter: &'a Jitter,
    pub(crate) repeat: Repeat,
    /// When the call has to be over.
    pub(crate) ends: Instant,
    pub(crate) failures: u32,
}

impl Retries<'_> {
    /// How much time is left for the next try; the error that ended the last one when there is none.
    pub(crate) fn time_left(&self) -> Option<Duration> {
        self.ends.checked_duration_since(self.sleeper.now()).filter(|left| !left.is_zero())
    }

    /// Waits before the next try; false, without a wait, when there shall be none after `error`.
    pub(crate) async fn again(&mut self, error: &Error) -> bool {
        let is_safe = match self.repeat {
            Repeat::Harmless => error.is_outage(),
            Repeat::Adds => matches!(error, Error::Connect { .. }),
        };
        let factor = 2_u32.saturating_pow(self.failures);
        let wait = self.jitter.spread(self.policy.first_wait.saturating_mul(factor).min(self.policy.max_wait));
        if !is_safe || self.time_left().is_none_or(|left| left <= wait) {
            return false;
        }
        self.failures += 1;
        tracing::debug!(%error, failures = self.failures, wait_ms = wait.as_millis(), "asking OpenMetadata again");
        self.sleeper.sleep(wait).await;
        true
    }
}
