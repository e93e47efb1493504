//! The catalogs that Trino has, asked for once in a while.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;

use super::age;
use crate::worker::Clusters;

/// How long the list counts.
const COUNTS: Duration = Duration::from_secs(60);
/// How long Trino may take to say it.
const PATIENCE: Duration = Duration::from_secs(5);

/// The catalogs of Trino. Cheap to clone; all clones share the list.
#[derive(Clone)]
pub struct TrinoCatalogs {
    clusters: Clusters,
    user: String,
    list: Arc<Mutex<Option<List>>>,
}

struct List {
    names: BTreeSet<String>,
    fetched: DateTime<Utc>,
}

impl TrinoCatalogs {
    /// The catalogs that these clusters show to this user.
    #[must_use]
    pub fn new(clusters: Clusters, user: String) -> Self {
        Self { clusters, user, list: Arc::default() }
    }

    /// Their names in lower case; `None` where Trino does not say them. While it does not, the last list counts.
    pub(super) async fn names(&self, now: DateTime<Utc>) -> Option<BTreeSet<String>> {
        let mut list = self.list.lock().await;
        if list.as_ref().is_none_or(|list| age(list.fetched, now) > COUNTS) {
            match tokio::time::timeout(PATIENCE, self.clusters.catalogs(&self.user)).await {
                Ok(Ok(names)) => *list = Some(List { names, fetched: now }),
                Ok(Err(error)) => tracing::warn!(%error, "trino does not say its catalogs"),
                Err(_) => tracing::warn!("trino takes too long to say its catalogs"),
            }
        }
        list.as_ref().map(|list| list.names.clone())
    }
}

impl fmt::Debug for TrinoCatalogs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrinoCatalogs").finish_non_exhaustive()
    }
}
