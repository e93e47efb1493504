//! The Trino clusters that queries may go to.

use std::collections::BTreeMap;

use warren_trino::Client;

/// One Trino coordinator, or the embedded engine.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// Its name in the `job` table and the API.
    pub name: String,
    /// How it is talked to.
    pub client: Client,
}

impl Cluster {
    /// What is wrong with it; nothing where it takes queries.
    pub async fn fault(&self) -> Option<String> {
        match self.client.info().await {
            Ok(info) if info.starting => Some("trino is starting".to_owned()),
            Ok(_) => None,
            Err(error) => Some(error.to_string()),
        }
    }
}

/// All clusters; at least one.
#[derive(Clone, Debug)]
pub struct Clusters {
    first: Cluster,
    by_name: BTreeMap<String, Cluster>,
}

impl Clusters {
    /// The clusters, in the order in which they are preferred; `None` when there are none.
    #[must_use]
    pub fn new(clusters: Vec<Cluster>) -> Option<Self> {
        let first = clusters.first()?.clone();
        let by_name = clusters.into_iter().map(|cluster| (cluster.name.clone(), cluster)).collect();
        Some(Self { first, by_name })
    }

    /// The cluster for a new query.
    #[must_use]
    pub fn choose(&self) -> &Cluster {
        &self.first
    }

    /// The cluster of that name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Cluster> {
        self.by_name.get(name)
    }

    /// Every cluster, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Cluster> {
        self.by_name.values()
    }
}
