//! Makes a managed catalog. Its row is claimed before Trino is asked, so that of all processes one makes it, and what
//! came of it is noted afterwards. A process that dies between leaves a row that another one takes over in time.

use chrono::{DateTime, TimeDelta, Utc};
use warren_openmetadata::{Error as OpenMetadataError, Get, Service};

use super::ensure::{Need, unrecorded};
use super::{ManagedCatalogSettings, ManagedCatalogs};
use crate::app::App;
use crate::catalog::Fqn;
use crate::managed_catalogs::{
    Definition, ManagedCatalog, ManagedCatalogState, Refusal, Source, Step, create_statement, decide,
};

/// How long a process may take to make a catalog; more than Trino may take.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// A catalog that this process has claimed.
struct Claim {
    row: ManagedCatalog,
    is_new: bool,
}

impl App {
    /// The name of the catalog, which is made if there is none.
    pub(super) async fn make_managed(&self, managed: &ManagedCatalogs, need: Need<'_>) -> Result<String, Refusal> {
        let gate = managed.gate(need.fqn);
        let _turn = gate.lock().await;
        let service = self.service_of(need).await?;
        let (id, fingerprint) = (service.head.id, managed.fingerprint(&service.connection.fingerprint()));
        let rows = self.store.managed_catalogs_of(id).await.map_err(|error| unrecorded(&error))?;
        let now = self.clock.now();
        let step = decide(&rows, &need.demand(id, &fingerprint, now));
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
            state: ManagedCatalogState::Creating { until: now + LEASE },
            version: 1,
            created: now,
            updated: now,
        };
        let Some(claim) = self.claim_managed(step, blank, now).await? else { return Err(Refusal::Busy) };
        self.create_managed(&managed.settings, claim, &definition).await
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
    async fn claim_managed(
        &self,
        step: Step,
        blank: ManagedCatalog,
        now: DateTime<Utc>,
    ) -> Result<Option<Claim>, Refusal> {
        let claimed = match step {
            Step::Make { name, generation } => {
                let row = ManagedCatalog { name, generation, ..blank };
                let is_first = self.store.begin_managed_catalog(&row).await;
                is_first.map(|is_first| is_first.then_some(Claim { row, is_new: true }))
            }
            Step::MakeAgain(was) => {
                let moved = self.store.move_managed_catalog(&was, blank.state, now).await;
                moved.map(|row| row.map(|row| Claim { row, is_new: false }))
            }
            Step::Use { .. } | Step::Wait | Step::Failed { .. } => Ok(None),
        };
        claimed.map_err(|error| unrecorded(&error))
    }

    async fn create_managed(
        &self,
        settings: &ManagedCatalogSettings,
        claim: Claim,
        definition: &Definition,
    ) -> Result<String, Refusal> {
        let Claim { row, is_new } = claim;
        if is_new && let Err(refusal) = self.check_free(settings, &row.name).await {
            // Nothing was made, so that the row must not stand for the catalog of somebody else.
            self.store.forget_managed_catalog(&row).await.map_err(|error| unrecorded(&error))?;
            return Err(refusal);
        }
        let statement = create_statement(&row.name, definition);
        let outcome = self.clusters.change_catalogs(&statement, &settings.user).await;
        let state = match &outcome {
            Ok(()) => ManagedCatalogState::Ready,
            Err(fault) => ManagedCatalogState::Broken { error: fault.to_string() },
        };
        let noted = self.store.move_managed_catalog(&row, state, self.clock.now()).await;
        let noted = noted.map_err(|error| unrecorded(&error))?;
        let (catalog, connector) = (row.name.as_str(), row.connector.as_str());
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

    /// Refuses a name that Trino has already: what Warren has not made it must not drop one day.
    async fn check_free(&self, settings: &ManagedCatalogSettings, name: &str) -> Result<(), Refusal> {
        match self.clusters.catalogs(&settings.user).await {
            Ok(names) if names.contains(name) => Err(Refusal::Taken { name: name.to_owned() }),
            Ok(_) => Ok(()),
            Err(error) => {
                tracing::warn!(%error, "trino does not say its catalogs");
                Err(Refusal::TrinoSilent)
            }
        }
    }
}
