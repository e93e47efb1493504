//! Whether the parts that Warren needs answer.

use std::future::Future;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::join_all;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::App;
use crate::time::Clock;

/// How long a part is given to answer. Who asks whether the server is ready gives up after a few seconds, and a part
/// that is slow must not look to them like a server that is down.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long an answer counts. Everybody may ask, and as often as they like: the parts hear of it once in this time.
const FRESH: Duration = Duration::from_secs(1);

/// The health of every part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Each part with what is wrong with it.
    pub parts: Vec<Part>,
}

/// The health of one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// `database`, `results` or `trino:<cluster>`.
    pub name: String,
    /// What is wrong; nothing where absent. It holds no secret.
    pub fault: Option<String>,
}

impl Health {
    /// Whether jobs can be taken: the database answers. A Trino or a bucket that is down delays jobs, it loses none, so
    /// taking this server out of the load balancer for it would only make things worse.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.parts.iter().all(|part| part.name != "database" || part.fault.is_none())
    }
}

impl App {
    /// How every part is, at most a second ago. It takes two seconds at most, whatever the parts do, and only reads.
    pub async fn health(&self) -> Health {
        self.last_health.or_asked(self.clock.as_ref(), self.ask_parts()).await
    }

    async fn ask_parts(&self) -> Health {
        let database = part("database".to_owned(), async { self.store.check().await.err().map(|error| chain(&error)) });
        let results =
            part("results".to_owned(), async { self.results.check_readable().await.err().map(|error| chain(&error)) });
        let clusters = self.clusters.iter().map(|own| part(format!("trino:{}", own.name), own.fault()));
        let (database, results, clusters) = tokio::join!(database, results, join_all(clusters));
        Health { parts: [database, results].into_iter().chain(clusters).collect() }
    }
}

/// A part, with what it says of itself or that it says nothing.
async fn part(name: String, fault: impl Future<Output = Option<String>>) -> Part {
    let silent = || Some(format!("no answer within {} s", PATIENCE.as_secs()));
    Part { name, fault: timeout(PATIENCE, fault).await.unwrap_or_else(|_| silent()) }
}

/// What was answered last, and when. Who asks while somebody else does gets the same answer.
#[derive(Debug, Default)]
pub(super) struct LastHealth(Mutex<Option<(DateTime<Utc>, Health)>>);

impl LastHealth {
    async fn or_asked(&self, clock: &dyn Clock, ask: impl Future<Output = Health>) -> Health {
        let mut last = self.0.lock().await;
        let age = last.as_ref().and_then(|(then, _)| (clock.now() - *then).to_std().ok());
        // A clock that was set back makes no answer fresh.
        if let (Some((_, health)), true) = (&*last, age.is_some_and(|age| age < FRESH)) {
            return health.clone();
        }
        let health = ask.await;
        *last = Some((clock.now(), health.clone()));
        health
    }
}

/// An error with its causes, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    /// A clock that stands still, at so many milliseconds.
    #[derive(Debug)]
    struct Still(AtomicI64);

    impl Clock for Still {
        fn now(&self) -> DateTime<Utc> {
            DateTime::from_timestamp_millis(self.0.load(Ordering::Relaxed)).unwrap()
        }
    }

    #[tokio::test]
    async fn an_answer_counts_for_a_moment() {
        let (last, clock) = (LastHealth::default(), Still(AtomicI64::new(10_000)));
        for (now, asked, expect) in
            [(10_000, "a", "a"), (10_999, "b", "a"), (11_000, "c", "c"), (11_500, "d", "c"), (9_000, "e", "e")]
        {
            clock.0.store(now, Ordering::Relaxed);
            let part = |name: &str| Part { name: name.to_owned(), fault: None };
            let health = last.or_asked(&clock, async { Health { parts: vec![part(asked)] } }).await;
            assert_eq!(health.parts, [part(expect)], "{now}");
        }
    }
}
