//! When a request is tried again, and how long to wait before that.
//!
//! Which errors are worth another try is the error's own knowledge ([`Error::is_retryable`]); here are the waits, their
//! bounds, and the total after which the error is handed to the caller.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::Error;

/// The bounds of trying again. Trino itself sends none of 429, 502, 503 and 504: balancers and proxies do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The wait after the first failure; each further one waits twice as long. Default 100 ms.
    pub first_wait: Duration,
    /// The longest of these waits. Default 5 s.
    pub max_wait: Duration,
    /// The longest wait that a `Retry-After` header can ask for. Default 30 s.
    pub max_retry_after: Duration,
    /// No try starts later than this after the first one; then the last error is returned. Keep it under Trino's
    /// `query.client.timeout` (5 minutes), after which Trino abandons the query. Default 2 minutes.
    pub deadline: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            first_wait: Duration::from_millis(100),
            max_wait: Duration::from_secs(5),
            max_retry_after: Duration::from_secs(30),
            deadline: Duration::from_secs(120),
        }
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

/// The tries of one request.
pub(crate) struct Retries<'a> {
    policy: &'a RetryPolicy,
    sleeper: &'a dyn Sleeper,
    jitter: &'a Jitter,
    started: Instant,
    failures: u32,
    cut_short: bool,
}

impl<'a> Retries<'a> {
    pub(crate) fn new(policy: &'a RetryPolicy, sleeper: &'a dyn Sleeper, jitter: &'a Jitter) -> Self {
        Self { policy, sleeper, jitter, started: sleeper.now(), failures: 0, cut_short: false }
    }

    /// Waits before the next try, or gives `error` back when there shall be none.
    ///
    /// An answer that was cut short is asked for once more only: Trino cuts a page by design when a value of it cannot
    /// be written (its JSON generator does not auto-close), and then cuts it every time.
    pub(crate) async fn again(&mut self, error: Error) -> Result<(), Error> {
        let cut_short = matches!(error, Error::CutShort);
        if !error.is_retryable() && (!cut_short || self.cut_short) {
            return Err(error);
        }
        self.cut_short |= cut_short;
        let wait = self.wait_after(&error);
        if self.sleeper.now() + wait > self.started + self.policy.deadline {
            return Err(error);
        }
        self.failures += 1;
        tracing::debug!(%error, failures = self.failures, wait_ms = wait.as_millis(), "asking trino again");
        self.sleeper.sleep(wait).await;
        Ok(())
    }

    fn wait_after(&self, error: &Error) -> Duration {
        if let Some(asked) = error.retry_after() {
            return asked.min(self.policy.max_retry_after);
        }
        let factor = 2_u32.saturating_pow(self.failures);
        self.jitter.spread(self.policy.first_wait.saturating_mul(factor).min(self.policy.max_wait))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    /// A clock that stands still but for the sleeps on it.
    #[derive(Debug)]
    struct Still {
        start: Instant,
        waits: Mutex<Vec<Duration>>,
    }

    impl Still {
        fn new() -> Self {
            Self { start: Instant::now(), waits: Mutex::default() }
        }

        fn waits_ms(&self) -> Vec<u128> {
            self.waits.lock().unwrap().iter().map(Duration::as_millis).collect()
        }
    }

    impl Sleeper for Still {
        fn now(&self) -> Instant {
            self.start + self.waits.lock().unwrap().iter().sum()
        }

        fn sleep(&self, wait: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
            self.waits.lock().unwrap().push(wait);
            Box::pin(std::future::ready(()))
        }
    }

    fn busy(retry_after: Option<Duration>) -> Error {
        Error::Overloaded { retry_after }
    }

    async fn drive(policy: RetryPolicy, jitter: Jitter, error: impl Fn() -> Error) -> (Vec<u128>, Error) {
        let clock = Still::new();
        let mut retries = Retries::new(&policy, &clock, &jitter);
        loop {
            if let Err(last) = retries.again(error()).await {
                return (clock.waits_ms(), last);
            }
        }
    }

    fn policy(deadline_ms: u64) -> RetryPolicy {
        RetryPolicy {
            first_wait: Duration::from_millis(100),
            max_wait: Duration::from_millis(500),
            max_retry_after: Duration::from_secs(2),
            deadline: Duration::from_millis(deadline_ms),
        }
    }

    #[tokio::test]
    async fn waits_double_up_to_their_bound_and_end_at_the_deadline() {
        let (waits, last) =
            drive(policy(2_000), Jitter::none(), || Error::Unavailable { status: 503, excerpt: String::new() }).await;
        assert_eq!(waits, [100, 200, 400, 500, 500]);
        assert!(matches!(last, Error::Unavailable { status: 503, .. }));
    }

    #[tokio::test]
    async fn jitter_halves_a_wait_at_most() {
        for (share, expect) in [(0.0, 50), (0.5, 75), (1.0, 100), (-3.0, 50), (7.0, 100), (f64::NAN, 100)] {
            let (waits, _) = drive(policy(120), Jitter::from_fn(move || share), || busy(None)).await;
            assert_eq!(waits.first(), Some(&expect), "{share}");
        }
    }

    #[tokio::test]
    async fn a_retry_after_is_kept_to_its_bound() {
        let (waits, _) = drive(policy(3_000), Jitter::from_fn(|| 0.0), || busy(Some(Duration::from_secs(1)))).await;
        assert_eq!(waits, [1_000, 1_000, 1_000]);
        let (waits, _) = drive(policy(3_000), Jitter::none(), || busy(Some(Duration::from_secs(3_600)))).await;
        assert_eq!(waits, [2_000]);
    }

    #[tokio::test]
    async fn a_cut_answer_is_asked_for_once_more() {
        let (waits, last) = drive(policy(60_000), Jitter::none(), || Error::CutShort).await;
        assert_eq!(waits, [100]);
        assert!(matches!(last, Error::CutShort));
    }

    #[tokio::test]
    async fn what_cannot_get_better_is_returned_at_once() {
        let (waits, last) = drive(policy(60_000), Jitter::none(), || Error::Gone).await;
        assert_eq!(waits, Vec::<u128>::new());
        assert!(matches!(last, Error::Gone));
    }
}
