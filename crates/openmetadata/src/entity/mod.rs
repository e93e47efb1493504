//! What OpenMetadata answers, as far as Warren reads it. Fields that are not known are passed over, and those that can
//! be absent may be.

mod data;
mod head;
mod pipeline;
mod service;
mod table;

pub use data::{Container, ContainerModel, Database, DatabaseSchema, Permission, ResourcePermission, User};
pub use head::{EntityHead, EntityRef, TagLabel};
pub use pipeline::{IngestionPipeline, PipelineRun, PipelineState, StepFailure, StepSummary};
pub use service::Service;
pub use table::{Column, Table};

use serde::{Deserialize, Deserializer};

/// A field that may be absent or `null`.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// A kind of entity that Warren asks for or speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntityKind {
    /// A table or a view.
    Table,
    /// A folder or file of a storage service.
    Container,
    /// A database; of Trino, a catalog.
    Database,
    /// A schema.
    DatabaseSchema,
    /// A service that holds databases.
    DatabaseService,
    /// A service that holds containers.
    StorageService,
    /// A pipeline that reads a service's metadata.
    IngestionPipeline,
    /// A statement that somebody ran.
    Query,
}

impl EntityKind {
    /// OpenMetadata's word, as in the `type` of a reference.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Container => "container",
            Self::Database => "database",
            Self::DatabaseSchema => "databaseSchema",
            Self::DatabaseService => "databaseService",
            Self::StorageService => "storageService",
            Self::IngestionPipeline => "ingestionPipeline",
            Self::Query => "query",
        }
    }

    /// The segments of its collection, below `/v1`.
    pub(crate) fn collection(self) -> &'static [&'static str] {
        match self {
            Self::Table => &["tables"],
            Self::Container => &["containers"],
            Self::Database => &["databases"],
            Self::DatabaseSchema => &["databaseSchemas"],
            Self::DatabaseService => &["services", "databaseServices"],
            Self::StorageService => &["services", "storageServices"],
            Self::IngestionPipeline => &["services", "ingestionPipelines"],
            Self::Query => &["queries"],
        }
    }
}
