//! The use cases: what a caller can ask of Warren, one operation a file. They know the domain, the store, the result
//! store and the catalog; they know neither HTTP nor the command line.

mod accept_events;
mod authenticate;
mod cancel_job;
mod catalog;
mod convert;
mod delete_job;
mod error;
mod get_job;
mod get_lineage;
mod handover;
mod health;
mod limits;
mod list_jobs;
mod list_models;
mod managed_catalogs;
mod model_queue;
mod models;
mod plan_query;
mod read_result;
mod recover;
mod resolve_names;
mod run_job;
mod signals;
mod submit_job;
mod sweep_results;
mod tokens;
mod trace_lineage;

use std::sync::Arc;

use secrecy::SecretString;
use warren_results::ResultStore;

pub use authenticate::{Access, Credentials};
pub use catalog::{
    CatalogColumn, CatalogCursor, CatalogItem, CatalogKind, CatalogPage, CatalogSource, CatalogTable, SearchCatalog,
};
pub use convert::{Conversion, ConvertRequest};
pub use error::AppError;
pub use get_job::Wait;
pub use handover::{Slot, Workers};
pub use health::{Health, Part};
pub use limits::Limits;
pub use managed_catalogs::{ManagedCatalogSettings, ManagedCatalogs};
pub use model_queue::{ClaimCommands, ListCommands, Looks, NackCommand, Returned};
pub(crate) use models::model_not_found;
pub use models::{DroppedModel, ListModels, MadeModel, MakeModel};
pub use plan_query::plan_query;
pub use read_result::{Download, RowsRequest};
pub use signals::{Driving, Signals};
pub use submit_job::Submitted;
pub use tokens::{CreatedToken, TokenRequest};

use crate::catalog::Catalog;
use crate::directory::Directory;
use crate::store::Store;
use crate::time::{SharedClock, SharedIds};
use health::LastHealth;

/// Everything that the use cases need. Cheap to clone; one for the whole process.
#[derive(Clone, Debug)]
pub struct App {
    inner: Arc<Parts>,
    last_health: Arc<LastHealth>,
}

/// What an [`App`] is made of.
#[derive(Debug)]
pub struct Parts {
    /// The metadata database.
    pub store: Store,
    /// Where results lie.
    pub results: ResultStore,
    /// What names mean.
    pub catalog: Catalog,
    /// The Trino clusters.
    pub clusters: crate::worker::Clusters,
    /// The catalogue, where there is one.
    pub openmetadata: Option<warren_openmetadata::Client>,
    /// What the catalogue says of names, where there is one.
    pub directory: Option<Directory>,
    /// How catalogs of Trino are made for what it names, where they are.
    pub managed_catalogs: Option<ManagedCatalogs>,
    /// What events of OpenMetadata are signed with; none are taken without it.
    pub webhook_secret: Option<SecretString>,
    /// Bounds on requests.
    pub limits: Limits,
    /// Who may call without a token.
    pub access: Access,
    /// The time.
    pub clock: SharedClock,
    /// Ids.
    pub ids: SharedIds,
    /// News between the use cases and the workers of this process.
    pub signals: Signals,
}

impl App {
    /// An app of these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self { inner: Arc::new(parts), last_health: Arc::default() }
    }
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.inner
    }
}
