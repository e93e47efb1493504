//! Makes a managed catalog. Its row is claimed before Trino is asked, so that of all processes one makes it, and what
//! came of it is noted afterwards. A process that dies between leaves a row that another one takes over in time.

use chrono::TimeDelta;
use warren_openmetadata::{Error as OpenMetadataError, Get, Service};

use super::ensure::{Need, unrecorded};
use super::{ManagedCatalogSettings, ManagedCatalogs};
use crate::app::App;
use crate::catalog::Fqn;
use crate::managed_catalogs::{
    Definition, Made, ManagedCatalog, ManagedCatalogState, Refusal, Source, Step, create_statement, decide, serving,
};
use crate::worker::{CATALOG_PATIENCE, CatalogFault};

/// How long a process may take to make a catalog; more than Trino may take.
const LEASE: TimeDelta = TimeDelta::seconds(60);

impl App {
    /// The name of the catalog, which is made if there is none. Where one that is up to date cannot be made, the one
    /// before serves on.
    pub(super) async fn make_managed(&self, managed: &ManagedCatalogs, need: Need<'_>) -> Result<String, Refusal> {
        let gate = managed.gate(need.fqn);
        let _turn = gate.lock().await;
        let service = self.service_of(need).await?;
        let rows = self.store.managed_catalogs_of(service.head.id).await.map_err(|error| unrecorded(&error))?;
        let made = self.up_to_date(managed, need, &service, &rows).await;
        match (made, serving(&rows, need.database)) {
            (Err(refusal), Some(before)) => {
                let catalog = before.name.as_str();
                tracing::warn!(%refusal, catalog, "a managed catalog serves on, though its service has changed");
                Ok(before.name.clone())
            }
            (made, _) => made,
        }
    }

    /// The name of a catalog of the connection as it is now.
    async fn up_to_date(
        &self,
        managed: &ManagedCatalogs,
        need: Need<'_>,
        service: &Service,
        rows: &[ManagedCatalog],
    ) -> Result<String, Refusal> {
        let id = service.head.id;
        let fingerprint = self.fingerprint_of(managed, service).await?;
        let now = self.clock.now();
        let step = decide(rows, &need.demand(id, &fingerprint, now));
        let settled = match &step {
            Step::Use { name } => Some(Ok(name.clone())),
            Step::Wait => Some(Err(Refusal::Busy)),
            Step::Failed { error } => Some(Err(Refusal::Failed { reason: error.clone() })),
            Step::Make { .. } | Step::MakeAgain(_) => None,
        };
        if let Some(settled) = settled {
            return settled;
        }
        if need.trino_has.is_none() {
            // A catalog that is named by the convention may be there, and would come first.
            return Err(Refusal::TrinoSilent);
        }
        let source = Source {
            service: need.service,
            service_type: &service.service_type,
            database: need.database,
            connection: &service.connection,
        };
        let definition = Definition::of(&source, managed.settings.secret_template.as_ref())?;
        let blank = ManagedCatalog {
            name: String::new(),
            service_id: id,
            service: need.service.to_owned(),
            database: need.database.map(str::to_owned),
            connector: definition.connector().to_owned(),
            fingerprint,
            generation: 1,
            state: ManagedCatalogState::Creating { until: now + LEASE, made: Made::No },
            version: 1,
            created: now,
            updated: now,
        };
        let Some(row) = self.claim_managed(step, blank).await? else { return Err(Refusal::Busy) };
        self.create_managed(&managed.settings, row, &definition).await
    }

    async fn fingerprint_of(&self, managed: &ManagedCatalogs, service: &Service) -> Result<String, Refusal> {
        let Some(directory) = &self.directory else { return Err(Refusal::Hidden) };
        let fingerprint = directory.fingerprint(&service.connection).await.map_err(|error| {
            tracing::warn!(%error, "the connection of a service cannot be compared");
            Refusal::ServiceUnknown
        })?;
        Ok(managed.fingerprint(&fingerprint))
    }

    async fn service_of(&self, need: Need<'_>) -> Result<Service, Refusal> {
        let (Some(directory), Ok(fqn)) = (&self.directory, Fqn::from_raw_parts([need.service])) else {
            return Err(Refusal::Hidden);
        };
        directory.client().database_service(&fqn, &Get::default()).await.map_err(|error| {
            tracing::warn!(%error, service = need.service, "OpenMetadata does not say how a service is connected to");
            if error.is_outage() || matches!(error, OpenMetadataError::RateLimited { .. }) {
                Refusal::ServiceUnknown
            } else {
                Refusal::Hidden
            }
        })
    }

    /// Claims the row; none when another process was faster.
    async fn claim_managed(&self, step: Step, blank: ManagedCatalog) -> Result<Option<ManagedCatalog>, Refusal> {
        let claimed = match step {
            Step::Make { name, generation } => {
                let row = ManagedCatalog { name, generation, ..blank };
                let is_first = self.store.begin_managed_catalog(&row).await;
                is_first.map(|is_first| is_first.then_some(row))
            }
            Step::MakeAgain(was) => {
                let made = match was.state.made() {
                    Made::No => Made::No,
                    Made::Perhaps | Made::Yes => Made::Perhaps,
                };
                let until = blank.updated + LEASE;
                let claimed = ManagedCatalogState::Creating { until, made };
                self.store.move_managed_catalog(&was, claimed, blank.updated).await
            }
            Step::Use { .. } | Step::Wait | Step::Failed { .. } => Ok(None),
        };
        claimed.map_err(|error| unrecorded(&error))
    }

    async fn create_managed(
        &self,
        settings: &ManagedCatalogSettings,
        row: ManagedCatalog,
        definition: &Definition,
    ) -> Result<String, Refusal> {
        let made = row.state.made();
        let row = match made {
            Made::No => self.note_free(settings, row).await?,
            Made::Perhaps | Made::Yes => row,
        };
        let statement = create_statement(&row.name, definition, made);
        let outcome = self.clusters.change_catalogs(&statement, &settings.user).await;
        let (catalog, connector) = (row.name.as_str(), row.connector.as_str());
        let state = match &outcome {
            Ok(()) => ManagedCatalogState::Ready,
            Err(fault) if made == Made::No && fault.is_taken() => {
                // Somebody made it since it was looked for.
                self.store.forget_managed_catalog(&row).await.map_err(|error| unrecorded(&error))?;
                return Err(Refusal::Taken { name: row.name });
            }
            Err(fault @ CatalogFault::Refused { .. }) => ManagedCatalogState::Broken { error: fault.to_string(), made },
            Err(fault) => ManagedCatalogState::Broken { error: fault.to_string(), made: Made::Perhaps },
        };
        let noted = self.store.move_managed_catalog(&row, state, self.clock.now()).await;
        let noted = noted.map_err(|error| unrecorded(&error))?;
        match outcome {
            Ok(()) if noted.is_some() => {
                metrics::counter!("warren_managed_catalogs_made_total").increment(1);
                tracing::info!(catalog, connector, service = row.service, "a managed catalog was made");
                Ok(row.name)
            }
            // It took so long that another process took over.
            Ok(()) => Err(Refusal::Busy),
            Err(fault) => {
                metrics::counter!("warren_managed_catalogs_failed_total").increment(1);
                tracing::warn!(catalog, connector, %fault, "a managed catalog cannot be made");
                Err(Refusal::Failed { reason: fault.to_string() })
            }
        }
    }

    /// Notes that Trino has no catalog of the name, before the statement is sent that makes one: from then on what has
    /// the name is Warren's. A name that is taken is refused, for what Warren has not made it must not drop one day.
    async fn note_free(
        &self,
        settings: &ManagedCatalogSettings,
        row: ManagedCatalog,
    ) -> Result<ManagedCatalog, Refusal> {
        let refusal = match self.clusters.catalogs(&settings.user, CATALOG_PATIENCE).await {
            Ok(names) if names.contains(&row.name) => Refusal::Taken { name: row.name.clone() },
            Ok(_) => {
                let now = self.clock.now();
                let noted = ManagedCatalogState::Creating { until: now + LEASE, made: Made::Perhaps };
                let moved = self.store.move_managed_catalog(&row, noted, now).await;
                // None where it took so long that another process took over.
                return moved.map_err(|error| unrecorded(&error))?.ok_or(Refusal::Busy);
            }
            Err(error) => {
                tracing::warn!(%error, "trino does not say its catalogs");
                Refusal::TrinoSilent
            }
        };
        self.store.forget_managed_catalog(&row).await.map_err(|error| unrecorded(&error))?;
        Err(refusal)
    }
}
