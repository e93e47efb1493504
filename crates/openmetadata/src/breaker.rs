//! The circuit breaker: after several calls in a row that failed, with all their tries, nothing is sent for a while, so that callers get their answer at
//! once and a server that comes up again is not run over. No clock here; the moment is an argument.

use std::time::Duration;

use tokio::time::Instant;

/// When to stop asking, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// So many calls in a row that failed open the circuit. Default 5.
    pub failures: u32,
    /// So long it stays open; then one request is let through, and its outcome decides. Default 30 s.
    pub open_for: Duration,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self { failures: 5, open_for: Duration::from_secs(30) }
    }
}

/// The state of one server's circuit.
#[derive(Debug)]
pub(crate) struct Breaker {
    policy: BreakerPolicy,
    failures: u32,
    open_until: Option<Instant>,
}

impl Breaker {
    pub(crate) fn new(policy: BreakerPolicy) -> Self {
        Self { policy, failures: 0, open_until: None }
    }

    /// Whether a request may go out at `now`; if not, how long it takes until one may. When the circuit was open for
    /// long enough, the one that asks first goes out, and the others wait as long again: should it never come back, for
    /// its caller went away, the next one has its turn then.
    pub(crate) fn admit(&mut self, now: Instant) -> Result<(), Duration> {
        match self.open_until {
            Some(until) if now < until => Err(until - now),
            Some(_) => {
                self.open_until = Some(now + self.policy.open_for);
                Ok(())
            }
            None => Ok(()),
        }
    }

    pub(crate) fn success(&mut self) {
        self.failures = 0;
        self.open_until = None;
    }

    pub(crate) fn failure(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= self.policy.failures {
            self.open_until = Some(now + self.policy.open_for);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn broken(failures: u32) -> (Breaker, Instant) {
        let mut breaker = Breaker::new(BreakerPolicy::default());
        let now = Instant::now();
        for _ in 0..failures {
            breaker.failure(now);
        }
        (breaker, now)
    }

    #[test]
    fn five_failures_in_a_row_open_it() {
        let (mut breaker, now) = broken(4);
        assert_eq!(breaker.admit(now), Ok(()));
        breaker.success();
        breaker.failure(now);
        assert_eq!(breaker.admit(now), Ok(()));
        let (mut breaker, now) = broken(5);
        assert_eq!(breaker.admit(now + SECOND), Err(29 * SECOND));
    }

    #[test]
    fn one_request_is_let_through_after_a_while() {
        let (mut breaker, now) = broken(5);
        let later = now + 30 * SECOND;
        assert_eq!(breaker.admit(later), Ok(()));
        assert_eq!(breaker.admit(later), Err(30 * SECOND));
        breaker.failure(later + SECOND);
        assert_eq!(breaker.admit(later + 2 * SECOND), Err(29 * SECOND));
        let again = later + 31 * SECOND;
        assert_eq!(breaker.admit(again), Ok(()));
        breaker.success();
        assert_eq!(breaker.admit(again), Ok(()));
        breaker.failure(again);
        assert_eq!(breaker.admit(again), Ok(()));
    }
}
