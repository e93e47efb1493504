//! Sees to it that a database has a managed catalog, where no other catalog reaches it. One that is up to date costs one
//! look at the metadata database.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{ManagedCatalogs, Missing};
use crate::app::App;
use crate::catalog::{DatabaseFacts, Facts, Fqn, has_catalog_per_database};
use crate::managed_catalogs::{Demand, Refusal, Step, decide};
use crate::store::StoreError;

/// A database without a catalog.
#[derive(Clone, Copy)]
pub(super) struct Need<'a> {
    pub(super) fqn: &'a Fqn,
    pub(super) service: &'a str,
    /// The database, where a catalog reaches one of them.
    pub(super) database: Option<&'a str>,
    pub(super) trino_has: Option<&'a BTreeSet<String>>,
    /// When it was asked for.
    pub(super) asked: DateTime<Utc>,
}

impl App {
    /// The same facts with a managed catalog for each database that needs one, or why it has none.
    pub(in crate::app) async fn with_managed(&self, mut facts: Facts, missing: Missing) -> Facts {
        let Some(managed) = &self.managed_catalogs else { return facts };
        let asked = self.clock.now();
        for (fqn, own) in self.catalog.without_catalog(&facts) {
            let [service, database] = fqn.parts() else { continue };
            let is_per_database = own.service_type.as_deref().is_some_and(has_catalog_per_database);
            let database = is_per_database.then_some(database.as_str());
            let need = Need { fqn: &fqn, service, database, trino_has: facts.trino_catalogs.as_ref(), asked };
            let there = self.managed_at_hand(managed, &own, need).await;
            let outcome = match (there, missing) {
                (Ok(None), Missing::Make) => Some(self.make_managed(managed, need).await),
                (Ok(None), Missing::Leave) => None,
                (Ok(Some(name)), _) => Some(Ok(name)),
                (Err(refusal), _) => Some(Err(refusal)),
            };
            if let Some(outcome) = outcome {
                facts.managed.insert(fqn, outcome);
            }
        }
        facts
    }

    /// The catalog that serves by what is known already.
    async fn managed_at_hand(
        &self,
        managed: &ManagedCatalogs,
        own: &DatabaseFacts,
        need: Need<'_>,
    ) -> Result<Option<String>, Refusal> {
        let Some(service) = &own.service else { return Ok(None) };
        let rows = self.store.managed_catalogs_of(service.id).await.map_err(|error| unrecorded(&error))?;
        let fingerprint = managed.fingerprint(&service.fingerprint);
        Ok(match decide(&rows, &need.demand(service.id, &fingerprint, self.clock.now())) {
            Step::Use { name } => Some(name),
            _ => None,
        })
    }
}

impl<'a> Need<'a> {
    pub(super) fn demand(self, service_id: uuid::Uuid, fingerprint: &'a str, now: DateTime<Utc>) -> Demand<'a> {
        let Self { fqn: _, service, database, trino_has, asked } = self;
        Demand { service_id, service, database, fingerprint, trino_has, asked, now }
    }
}

pub(super) fn unrecorded(error: &StoreError) -> Refusal {
    tracing::warn!(%error, "the managed catalogs are not known");
    Refusal::Unrecorded
}
