//! Takes managed catalogs away that nothing needs any more: those that a newer one replaces, and those whose service is
//! gone from OpenMetadata for good. Only what the table says that Warren has made is dropped.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use warren_openmetadata::{Error as OpenMetadataError, Get, Include};

use super::ManagedCatalogs;
use crate::app::App;
use crate::managed_catalogs::{Duty, Made, ManagedCatalog, ManagedCatalogState, Presence, drop_statement, duties};
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
        let services = self.services_of(&rows).await;
        let presence = |id: Uuid| services.get(&id).copied().unwrap_or(Presence::Unknown);
        for (row, duty) in duties(&rows, presence, now) {
            match duty {
                Duty::Retire => {
                    let grace = TimeDelta::from_std(managed.settings.grace).unwrap_or(TimeDelta::MAX);
                    let due = now.checked_add_signed(grace).unwrap_or(DateTime::<Utc>::MAX_UTC);
                    let retired = ManagedCatalogState::Dropping { due, made: row.state.made() };
                    self.store.move_managed_catalog(row, retired, now).await?;
                }
                Duty::Restore => {
                    tracing::info!(catalog = row.name, "a managed catalog serves again");
                    self.store.move_managed_catalog(row, ManagedCatalogState::Ready, now).await?;
                }
                Duty::Drop => self.drop_managed(managed, row, now).await?,
            }
        }
        Ok(())
    }

    /// Which of the services OpenMetadata has.
    async fn services_of(&self, rows: &[ManagedCatalog]) -> BTreeMap<Uuid, Presence> {
        let mut services = BTreeMap::new();
        let Some(directory) = &self.directory else { return services };
        let all = Get::default().include(Include::All);
        for id in rows.iter().map(|row| row.service_id).collect::<BTreeSet<_>>() {
            let presence = match directory.client().database_service(id, &all).await {
                Ok(_) => Presence::There,
                Err(OpenMetadataError::NotFound { .. }) => Presence::Gone,
                Err(OpenMetadataError::Forbidden { .. }) => Presence::Unknown,
                Err(error) => {
                    tracing::debug!(%error, "it is not known which services are gone");
                    break;
                }
            };
            services.insert(id, presence);
        }
        services
    }

    async fn drop_managed(
        &self,
        managed: &ManagedCatalogs,
        row: &ManagedCatalog,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let made = row.state.made();
        let held = ManagedCatalogState::Dropping { due: now + DROP_LEASE, made };
        let Some(row) = self.store.move_managed_catalog(row, held, now).await? else { return Ok(()) };
        let catalog = row.name.as_str();
        if made == Made::No {
            // What Trino has of that name is somebody else's.
            self.store.forget_managed_catalog(&row).await?;
            return Ok(());
        }
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
