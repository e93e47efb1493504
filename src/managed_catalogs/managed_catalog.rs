//! A managed catalog as the metadata database knows it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A catalog of Trino that Warren makes, has made, or is about to drop. Nothing else is ever dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedCatalog {
    /// Its name in Trino.
    pub name: String,
    /// OpenMetadata's id of the service.
    pub service_id: Uuid,
    /// The name of the service when the catalog was made.
    pub service: String,
    /// The database that it reaches; absent where it reaches the whole service.
    pub database: Option<String>,
    /// Trino's name of the connector.
    pub connector: String,
    /// What it was made of, as a hash: another one means that the connection has changed.
    pub fingerprint: String,
    /// The how manieth it is for its database, from 1.
    pub generation: u32,
    /// What it is now.
    pub state: ManagedCatalogState,
    /// Grows with each write, so that one that expects another version changes nothing.
    pub version: u32,
    /// When it was first asked for.
    pub created: DateTime<Utc>,
    /// When its state changed last.
    pub updated: DateTime<Utc>,
}

/// What a managed catalog is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ManagedCatalogState {
    /// A process makes it.
    Creating {
        /// From then on another process may take over.
        until: DateTime<Utc>,
        /// Whether it has been made.
        made: Made,
    },
    /// Trino has it.
    Ready,
    /// Trino did not make it.
    Broken {
        /// The name of Trino's error, or what happened; never the statement.
        error: String,
        /// Whether it was made all the same.
        made: Made,
    },
    /// Nothing new uses it.
    Dropping {
        /// From then on it is dropped.
        due: DateTime<Utc>,
        /// Whether it was made.
        made: Made,
    },
}

impl ManagedCatalogState {
    /// Whether it is on its way out.
    #[must_use]
    pub fn is_dropping(&self) -> bool {
        matches!(self, Self::Dropping { .. })
    }

    /// Whether Warren has made it in Trino.
    #[must_use]
    pub fn made(&self) -> Made {
        match self {
            Self::Creating { made, .. } | Self::Broken { made, .. } | Self::Dropping { made, .. } => *made,
            Self::Ready => Made::Yes,
        }
    }
}

/// Whether Warren has made a catalog in Trino, and so whether what Trino has under its name is Warren's to drop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// No statement that could have made it was sent, or Trino refused each. What has its name is somebody else's.
    No,
    /// Its name was free when the statement was sent, and what became of it is not known.
    Perhaps,
    /// Trino said so.
    Yes,
}
