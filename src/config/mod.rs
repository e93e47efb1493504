//! The configuration: typed, built once from defaults, the file, the environment and flags, in this order. What a
//! setting does is the business of the part that takes it; nothing else in Warren reads the environment.

mod auth;
mod clusters;
mod error;
mod file;
mod http;
mod limits;
mod log;
mod managed_catalogs;
mod mask;
mod nearest;
mod openlineage;
mod openmetadata;
mod places;
mod roles;
mod scheduler;
mod setting;
mod sources;
#[cfg(test)]
mod tests;
mod values;
mod worker;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

pub use auth::AuthMode;
pub use clusters::ClusterConfig;
pub use error::{ConfigError, FilePlace};
pub use http::HttpConfig;
pub use log::{LogConfig, LogFormat};
pub use managed_catalogs::ManagedCatalogsConfig;
pub use mask::masked_url;
pub use openlineage::OpenLineageConfig;
pub use openmetadata::{OpenMetadataConfig, OpenMetadataToken};
pub use roles::{Role, Roles};
pub use scheduler::{Publish, SchedulerConfig};
pub use setting::{Secrecy, Setting};
pub use sources::{Environment, Flag, Sources};
pub use values::{Effective, Origin};
pub use worker::WorkerConfig;

use crate::app::{Access, Limits};
use crate::jobs::Principal;
use values::Values;

/// Everything that can be set. A value of this type is consistent: what contradicts itself is refused while it is built.
#[derive(Clone)]
pub struct Config {
    /// Where HTTP is served: `WARREN_LISTEN`.
    pub listen: SocketAddr,
    /// What this process does: `WARREN_ROLE`.
    pub roles: Roles,
    /// Home of the embedded defaults, absolute: `WARREN_DATA_DIR`.
    pub data_dir: PathBuf,
    /// The metadata database: `WARREN_DATABASE_URL`.
    pub database_url: SecretString,
    /// Where results lie: `WARREN_RESULTS_URL`.
    pub results_url: Url,
    /// The result store's own variables (`AWS_*`, `GOOGLE_*`, `AZURE_*`), as the environment has them.
    pub results_options: BTreeMap<String, String>,
    /// The Trino clusters; none means the embedded engine. `WARREN_TRINO_URL`, or `[[cluster]]` in the file.
    pub clusters: Vec<ClusterConfig>,
    /// How long a job waits for a Trino that does not answer before it fails: `WARREN_TRINO_UNAVAILABLE_MS`.
    pub trino_unavailable: Duration,
    /// The folder behind the catalog `files` of the embedded engine, absolute: `WARREN_FILES_DIR`.
    pub files_dir: PathBuf,
    /// The mapping file, absolute; the built-in demo mapping where absent. `WARREN_CATALOG_FILE`.
    pub catalog_file: Option<PathBuf>,
    /// The catalogue, where there is one: `WARREN_OPENMETADATA_URL`.
    pub openmetadata: Option<OpenMetadataConfig>,
    /// How Warren makes catalogs of Trino, where it does: `WARREN_MANAGED_CATALOGS`.
    pub managed_catalogs: Option<ManagedCatalogsConfig>,
    /// Who else is told of lineage: `WARREN_OPENLINEAGE_URL`.
    pub openlineage: Option<OpenLineageConfig>,
    /// Who may call: `WARREN_AUTH`.
    pub auth: AuthMode,
    /// Who a caller without a token is on an open server: `WARREN_DEFAULT_USER`.
    pub default_user: Principal,
    /// Bounds on requests.
    pub limits: Limits,
    /// The workers that drive jobs.
    pub worker: WorkerConfig,
    /// The built-in scheduler.
    pub scheduler: SchedulerConfig,
    /// The HTTP server.
    pub http: HttpConfig,
    /// What is logged, and how.
    pub log: LogConfig,
    effective: Vec<Effective>,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The options of the result store hold secrets; the effective settings are the same without any.
        f.debug_tuple("Config").field(&self.effective).finish()
    }
}

impl Config {
    /// Builds the configuration from its sources. Reads the configuration file and nothing else.
    ///
    /// # Errors
    /// When a key or a variable is unknown, a value makes no sense, or two contradict each other.
    pub fn load(sources: &Sources) -> Result<Self, ConfigError> {
        let file = file::read(sources)?;
        Self::build(sources, &file)
    }

    fn build(sources: &Sources, file: &file::File) -> Result<Self, ConfigError> {
        let mut values = Values::layered(sources, file)?;
        let listen = auth::listen(&values)?;
        let data_dir = places::data_dir(&values, sources);
        places::derive(&mut values, &data_dir)?;
        auth::derive(&mut values, listen);
        let clusters = clusters::read(&values, file)?;
        let results_options = places::results_options(&sources.environment);
        let openmetadata = openmetadata::read(&values, sources)?;
        let needs = managed_catalogs::Needs { openmetadata: openmetadata.is_some(), trino: !clusters.is_empty() };
        let effective = values.effective(&clusters, &results_options);
        Ok(Self {
            listen,
            roles: roles::read(&values)?,
            database_url: places::database_url(&values)?,
            results_url: places::results_url(&values)?,
            results_options,
            clusters,
            trino_unavailable: clusters::unavailable(&values)?,
            files_dir: places::files_dir(&values, sources, &data_dir),
            catalog_file: places::catalog_file(&values, sources),
            managed_catalogs: managed_catalogs::read(&values, needs)?,
            openlineage: openlineage::read(&values, openmetadata.is_some())?,
            openmetadata,
            data_dir,
            auth: auth::mode(&values, listen)?,
            default_user: auth::default_user(&values)?,
            limits: limits::read(&values)?,
            worker: WorkerConfig::read(&values)?,
            scheduler: SchedulerConfig::read(&values)?,
            http: HttpConfig::read(&values)?,
            log: LogConfig::read(&values)?,
            effective,
        })
    }

    /// Who may call without a token.
    #[must_use]
    pub fn access(&self) -> Access {
        match self.auth {
            AuthMode::None => Access::Open { default: self.default_user.clone() },
            AuthMode::Tokens => Access::Tokens,
        }
    }

    /// The settings as they count, each with where it came from. Secrets are masked.
    #[must_use]
    pub fn effective(&self) -> &[Effective] {
        &self.effective
    }
}

/// Every setting, in the order in which people read them.
pub fn settings() -> impl Iterator<Item = &'static Setting> {
    let sections: [&[&Setting]; 12] = [
        auth::SETTINGS,
        roles::SETTINGS,
        places::SETTINGS,
        clusters::SETTINGS,
        openmetadata::SETTINGS,
        managed_catalogs::SETTINGS,
        scheduler::SETTINGS,
        openlineage::SETTINGS,
        limits::SETTINGS,
        worker::SETTINGS,
        http::SETTINGS,
        log::SETTINGS,
    ];
    sections.into_iter().flatten().copied()
}
