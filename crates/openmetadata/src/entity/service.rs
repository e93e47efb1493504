//! Database and storage services.

use serde::Deserialize;

use super::{EntityHead, or_default};
use crate::secret::Connection;

/// A service that holds databases or containers.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// What all entities have.
    #[serde(flatten)]
    pub head: EntityHead,
    /// The kind of the service, such as `Postgres` or `S3`. Kinds come and go with versions.
    pub service_type: String,
    /// How it is connected to.
    #[serde(default, deserialize_with = "or_default")]
    pub connection: Connection,
}
