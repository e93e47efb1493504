//! The parts that talk to OpenMetadata, built from the configuration.

use std::sync::Arc;

use super::{StartError, random_share};
use crate::app::{ManagedCatalogSettings, ManagedCatalogs};
use crate::catalog::Installation;
use crate::config::{ClusterConfig, Config, ManagedCatalogsConfig, OpenMetadataToken};
use crate::directory::{Ages, Credentials, Directory, Services, TrinoCatalogs};
use crate::store::Store;
use crate::time::System;
use crate::worker::Clusters;

/// The client of the configured catalogue; none where none is configured.
///
/// # Errors
/// When its url cannot be one of OpenMetadata.
pub fn openmetadata_client(config: &Config) -> Result<Option<warren_openmetadata::Client>, StartError> {
    let Some(own) = &config.openmetadata else { return Ok(None) };
    let mut options = warren_openmetadata::Options::new(own.url.clone());
    options.jitter = warren_openmetadata::Jitter::from_fn(random_share);
    let options = match &own.token {
        OpenMetadataToken::None => options,
        OpenMetadataToken::Text(token) => options.with_token(warren_openmetadata::StaticToken::new(token.clone())),
        OpenMetadataToken::File(path) => options.with_token(warren_openmetadata::FileToken::new(path.clone())),
    };
    Ok(Some(warren_openmetadata::Client::new(options)?))
}

/// What the catalogue says of names, asked as the configuration says.
pub(super) fn directory(
    client: &warren_openmetadata::Client,
    store: &Store,
    clusters: &Clusters,
    config: &Config,
) -> Option<Directory> {
    let own = config.openmetadata.as_ref()?;
    let ages = Ages { fresh: own.fresh, stale: own.stale, lookup: own.lookup, repair: own.repair };
    let trino = TrinoCatalogs::new(clusters.clone(), config.default_user.as_str().to_owned());
    let services = match &config.managed_catalogs {
        Some(ManagedCatalogsConfig { secret_template: Some(_), .. }) => Services::Fingerprinted(Credentials::LeftOut),
        Some(_) => Services::Fingerprinted(Credentials::Keyed),
        None => Services::Ignored,
    };
    Some(Directory::new(client, store.clone(), Arc::new(System), ages, trino, services))
}

/// How catalogs are made, where the configuration says that they are.
pub(super) fn managed_catalogs(config: &Config) -> Option<ManagedCatalogs> {
    let ManagedCatalogsConfig { user, secret_template, grace } = config.managed_catalogs.clone()?;
    Some(ManagedCatalogs::new(ManagedCatalogSettings { user, secret_template, grace }))
}

/// What the configuration says of this installation, as far as it matters to names.
pub(super) fn installation(config: &Config) -> Installation {
    let host = |cluster: &ClusterConfig| {
        let host = cluster.url.host_str()?.to_lowercase();
        Some(format!("{host}:{}", cluster.url.port_or_known_default()?))
    };
    let own = config.openmetadata.as_ref();
    Installation {
        trino_services: own.map(|own| own.trino_services.clone()).unwrap_or_default(),
        trino_hosts: config.clusters.iter().filter_map(host).collect(),
        allow_deleted: own.is_some_and(|own| own.allow_deleted),
    }
}
