//! Takes managed catalogs away that nothing needs any more: those that a newer one replaces, and those whose service is
//! gone from OpenMetadata for good. First nothing new uses them; after a grace for what still runs they are dropped. Only
//! what the table names is dropped.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;
use warren_openmetadata::{Error as OpenMetadataError, Get, Include};

use super::ManagedCatalogs;
use crate::app::App;
use crate::managed_catalogs::{ManagedCatalog, ManagedCatalogState, drop_statement, superseded};
use crate::store::StoreError;

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(60);
/// How long one process has for a drop, before another tries it.
const DROP_LEASE: TimeDelta = TimeDelta::seconds(60);

impl App {
    /// Looks again and again until the process stops.
    pub async fn tend_managed_catalogs_until(self, stopping: CancellationToken) {
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while stopping.run_until_cancelled(look.tick()).await.is_some() {
            if let Err(error) = self.tend_managed_catalogs(self.clock.now()).await {
                tracing::warn!(%error, "managed catalogs cannot be looked after");
            }
        }
    }

    /// Looks once, as of a moment.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn tend_managed_catalogs(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let Some(managed) = &self.managed_catalogs else { return Ok(()) };
        let rows = self.store.managed_catalogs().await?;
        let gone = self.gone_services(&rows).await;
        let mut needless = superseded(&rows);
        needless.extend(rows.iter().filter(|row| !row.state.is_dropping() && gone.contains(&row.service_id)));
        let grace = TimeDelta::from_std(managed.settings.grace).unwrap_or(TimeDelta::MAX);
        for row in needless {
            let due = now.checked_add_signed(grace).unwrap_or(DateTime::<Utc>::MAX_UTC);
            self.store.move_managed_catalog(row, ManagedCatalogState::Dropping { due }, now).await?;
        }
        for row in rows.iter().filter(|row| is_due(row, now)) {
            self.drop_managed(managed, row, now).await?;
        }
        Ok(())
    }

    /// The services that OpenMetadata does not have any more. One that was deleted softly is still there, and one that
    /// OpenMetadata does not tell about counts as there.
    async fn gone_services(&self, rows: &[ManagedCatalog]) -> BTreeSet<uuid::Uuid> {
        let Some(directory) = &self.directory else { return BTreeSet::new() };
        let all = Get::default().include(Include::All);
        let mut gone = BTreeSet::new();
        let used = rows.iter().filter(|row| !row.state.is_dropping()).map(|row| row.service_id);
        for id in used.collect::<BTreeSet<_>>() {
            match directory.client().database_service(id, &all).await {
                Err(OpenMetadataError::NotFound { .. }) => {
                    gone.insert(id);
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::debug!(%error, "it is not known whether a service is gone");
                    break;
                }
            }
        }
        gone
    }

    async fn drop_managed(
        &self,
        managed: &ManagedCatalogs,
        row: &ManagedCatalog,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let held = ManagedCatalogState::Dropping { due: now + DROP_LEASE };
        let Some(row) = self.store.move_managed_catalog(row, held, now).await? else { return Ok(()) };
        let catalog = row.name.as_str();
        match self.clusters.change_catalogs(&drop_statement(catalog), &managed.settings.user).await {
            Ok(()) => {
                self.store.forget_managed_catalog(&row).await?;
                metrics::counter!("warren_managed_catalogs_dropped_total").increment(1);
                tracing::info!(catalog, "a managed catalog was dropped");
            }
            // It is tried again when the lease ends.
            Err(fault) => tracing::warn!(catalog, %fault, "a managed catalog cannot be dropped"),
        }
        Ok(())
    }
}

fn is_due(row: &ManagedCatalog, now: DateTime<Utc>) -> bool {
    matches!(row.state, ManagedCatalogState::Dropping { due } if due <= now)
}
