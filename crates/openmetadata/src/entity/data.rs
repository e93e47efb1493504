//! Containers, databases, schemas, users and permissions.

use serde::Deserialize;
use serde_json::Value;

use super::{Column, EntityHead, EntityRef, or_default};

/// A folder or file of a storage service.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Container {
    /// What all entities have.
    #[serde(flatten)]
    pub head: EntityHead,
    /// The service that it is in.
    pub service: Option<EntityRef>,
    /// The kind of its service, such as `S3`.
    pub service_type: Option<String>,
    /// The container that it is in.
    pub parent: Option<EntityRef>,
    /// The containers in it, when asked for.
    #[serde(default, deserialize_with = "or_default")]
    pub children: Vec<EntityRef>,
    /// The columns of its files, when they have some and they were asked for.
    pub data_model: Option<ContainerModel>,
    /// The path in its parent.
    pub prefix: Option<String>,
    /// The whole path, such as `s3://bucket/dir`.
    pub full_path: Option<String>,
    /// The formats of its files, such as `parquet`.
    #[serde(default, deserialize_with = "or_default")]
    pub file_formats: Vec<String>,
    /// The custom properties, when asked for.
    pub extension: Option<Value>,
}

/// How the files of a container are laid out.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerModel {
    /// Whether folders stand for values of columns.
    #[serde(default, deserialize_with = "or_default")]
    pub is_partitioned: bool,
    /// The columns.
    #[serde(default, deserialize_with = "or_default")]
    pub columns: Vec<Column>,
}

/// A database; of Trino, a catalog.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Database {
    /// What all entities have.
    #[serde(flatten)]
    pub head: EntityHead,
    /// The service that it is in.
    pub service: Option<EntityRef>,
    /// The kind of its service, such as `Postgres`.
    pub service_type: Option<String>,
    /// The custom properties, when asked for.
    pub extension: Option<Value>,
}

/// A schema.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseSchema {
    /// What all entities have.
    #[serde(flatten)]
    pub head: EntityHead,
    /// The service that it is in.
    pub service: Option<EntityRef>,
    /// The kind of its service, such as `Postgres`.
    pub service_type: Option<String>,
    /// The database that it is in.
    pub database: Option<EntityRef>,
    /// The custom properties, when asked for.
    pub extension: Option<Value>,
}

/// Somebody that OpenMetadata knows: a person or a bot.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// What all entities have.
    #[serde(flatten)]
    pub head: EntityHead,
    /// The e-mail address.
    pub email: Option<String>,
    /// Whether it is a bot. Only bots see passwords in connections.
    #[serde(default, deserialize_with = "or_default")]
    pub is_bot: bool,
    /// Whether the user may do everything.
    #[serde(default, deserialize_with = "or_default")]
    pub is_admin: bool,
    /// The user's roles.
    #[serde(default, deserialize_with = "or_default")]
    pub roles: Vec<EntityRef>,
    /// The user's teams.
    #[serde(default, deserialize_with = "or_default")]
    pub teams: Vec<EntityRef>,
}

/// What somebody may do with a resource.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ResourcePermission {
    /// The kind of entity.
    pub resource: String,
    /// One line an operation.
    #[serde(default, deserialize_with = "or_default")]
    pub permissions: Vec<Permission>,
}

/// Whether one operation is allowed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Permission {
    /// The operation, such as `ViewBasic`.
    pub operation: String,
    /// `allow`, `deny`, `conditionalAllow`, `conditionalDeny` or `notAllow`. A conditional one is no yes.
    pub access: String,
}

impl ResourcePermission {
    /// Whether the operation is allowed without any condition.
    #[must_use]
    pub fn allows(&self, operation: &str) -> bool {
        self.permissions.iter().any(|line| line.operation == operation && line.access == "allow")
    }
}
