//! The metadata database for commands that need no server.

use std::time::Duration;

use super::error::CliError;
use crate::config::Config;
use crate::store::{Store, StoreOptions};

const CONNECTIONS: u32 = 1;
const ACQUIRE: Duration = Duration::from_secs(10);

/// Opens the database as it is. The folder of a SQLite file is made.
pub(super) async fn connect(config: &Config) -> Result<Store, CliError> {
    let folder = &config.data_dir;
    std::fs::create_dir_all(folder).map_err(|source| CliError::File {
        action: "make the folder",
        path: folder.clone(),
        source,
    })?;
    let options =
        StoreOptions { url: config.database_url.clone(), max_connections: CONNECTIONS, acquire_timeout: ACQUIRE };
    Ok(Store::connect(&options).await?)
}

/// Opens the database and brings its tables up to date.
pub(super) async fn open(config: &Config) -> Result<Store, CliError> {
    let store = connect(config).await?;
    store.migrate().await?;
    Ok(store)
}
