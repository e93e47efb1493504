//! The catalogs that Trino has, asked for once in a while.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Mutex as Gate;

use super::age;
use crate::time::Clock;
use crate::worker::Clusters;

/// How long the list counts.
const COUNTS: Duration = Duration::from_secs(60);
/// How long Trino may take to say it.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long nobody asks again after Trino did not say it.
const PAUSE: Duration = Duration::from_secs(5);

/// The catalogs of Trino. Cheap to clone; all clones share the list.
#[derive(Clone)]
pub struct TrinoCatalogs {
    clusters: Clusters,
    user: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// Held by the one who asks.
    gate: Gate<()>,
}

#[derive(Default)]
struct State {
    list: Option<Arc<BTreeSet<String>>>,
    /// When it was last asked for, and with which outcome.
    asked: Option<(DateTime<Utc>, Outcome)>,
}

#[derive(Clone, Copy)]
enum Outcome {
    Said,
    Unsaid,
}

impl TrinoCatalogs {
    /// The catalogs that these clusters show to this user.
    #[must_use]
    pub fn new(clusters: Clusters, user: String) -> Self {
        Self { clusters, user, shared: Arc::default() }
    }

    /// Their names in lower case; `None` where Trino has never said them. While it does not, and while somebody else
    /// asks, the last list counts.
    pub(super) async fn names(&self, clock: &dyn Clock) -> Option<BTreeSet<String>> {
        let names = self.newest(clock).await?;
        Some(BTreeSet::clone(&names))
    }

    async fn newest(&self, clock: &dyn Clock) -> Option<Arc<BTreeSet<String>>> {
        let (list, is_due) = self.at_hand(clock);
        if !is_due {
            return list;
        }
        let _turn = match (self.shared.gate.try_lock(), list) {
            (Ok(turn), _) => turn,
            (Err(_busy), Some(list)) => return Some(list),
            (Err(_busy), None) => self.shared.gate.lock().await,
        };
        // Whoever waited finds what the one before was told.
        let (list, is_due) = self.at_hand(clock);
        if !is_due {
            return list;
        }
        let said = self.clusters.catalogs(&self.user, PATIENCE).await;
        let mut state = self.state();
        let outcome = match said {
            Ok(names) => {
                state.list = Some(Arc::new(names));
                Outcome::Said
            }
            Err(error) => {
                tracing::warn!(%error, "trino does not say its catalogs");
                Outcome::Unsaid
            }
        };
        state.asked = Some((clock.now(), outcome));
        state.list.clone()
    }

    /// The last list, and whether it is to be asked for.
    fn at_hand(&self, clock: &dyn Clock) -> (Option<Arc<BTreeSet<String>>>, bool) {
        let state = self.state();
        let is_due = state.asked.is_none_or(|(then, outcome)| {
            let counts = match outcome {
                Outcome::Said => COUNTS,
                Outcome::Unsaid => PAUSE,
            };
            age(then, clock.now()) > counts
        });
        (state.list.clone(), is_due)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for TrinoCatalogs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrinoCatalogs").finish_non_exhaustive()
    }
}
