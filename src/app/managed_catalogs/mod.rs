//! Managed catalogs: made when a query needs one, and dropped when nothing needs it any more. What they are made of and
//! what follows from which state is the business of `crate::managed_catalogs`.

mod ensure;
mod make;
mod tend;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex as Gate;

use crate::catalog::Fqn;
use crate::managed_catalogs::SecretTemplate;

/// What becomes of a database that has no managed catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// One is made.
    Make,
    /// It stays without one: somebody only looks.
    Leave,
}

/// How Warren makes catalogs.
#[derive(Clone, Debug)]
pub struct ManagedCatalogSettings {
    /// The user of Trino who makes and drops them.
    pub user: String,
    /// What stands in the place of passwords; the passwords themselves where absent.
    pub secret_template: Option<SecretTemplate>,
    /// How long one that nothing new uses is kept for what still runs.
    pub grace: Duration,
}

/// The settings, and a gate for each database so that of many queries that need one catalog one makes it.
#[derive(Debug)]
pub struct ManagedCatalogs {
    settings: ManagedCatalogSettings,
    gates: Mutex<HashMap<Fqn, Arc<Gate<()>>>>,
}

impl ManagedCatalogs {
    /// With these settings.
    #[must_use]
    pub fn new(settings: ManagedCatalogSettings) -> Self {
        Self { settings, gates: Mutex::default() }
    }

    /// The gate of a database. Gates that nobody stands at are taken away.
    fn gate(&self, database: &Fqn) -> Arc<Gate<()>> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        gates.retain(|_, gate| Arc::strong_count(gate) > 1);
        gates.entry(database.clone()).or_default().clone()
    }

    /// What a catalog is made of, as a hash: of the connection, and of how its password is said.
    fn fingerprint(&self, connection: &str) -> String {
        let template = self.settings.secret_template.as_ref().map_or("", SecretTemplate::as_str);
        let digest = Sha256::new().chain_update(connection).chain_update("\n").chain_update(template).finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
