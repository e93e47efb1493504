//! One entity at a time, by id or name.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::Client;
use crate::entity::{
    Container, Database, DatabaseSchema, EntityKind, IngestionPipeline, ResourcePermission, Service, Table, User,
};
use crate::error::Error;
use crate::fqn::Fqn;
use crate::transport::Call;
use crate::version::{Capabilities, Plurality};

/// What an entity is asked for by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key<'a> {
    /// Its id.
    Id(Uuid),
    /// Its fully qualified name.
    Fqn(&'a Fqn),
}

impl From<Uuid> for Key<'_> {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

impl<'a> From<&'a Fqn> for Key<'a> {
    fn from(fqn: &'a Fqn) -> Self {
        Self::Fqn(fqn)
    }
}

/// A part of an entity that comes only when asked for. A server answers 400 for one that the kind of entity has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The columns of a table.
    Columns,
    /// Tags, also those of columns.
    Tags,
    /// Who owns it.
    Owners,
    /// The domains that it is in.
    Domains,
    /// The custom properties.
    Extension,
    /// The text of a view.
    SchemaDefinition,
    /// The columns of a container.
    DataModel,
    /// The containers in a container.
    Children,
    /// The last run of an ingestion pipeline.
    PipelineStatuses,
    /// How often it was used.
    UsageSummary,
    /// A user's roles.
    Roles,
    /// A user's teams.
    Teams,
}

impl Field {
    /// The word for a server, whose capabilities matter to two of them.
    fn word(self, can: Option<&Capabilities>) -> &'static str {
        let is_one = |plurality: fn(&Capabilities) -> Plurality| can.map(plurality) == Some(Plurality::One);
        match self {
            Self::Columns => "columns",
            Self::Tags => "tags",
            Self::Owners if is_one(|can| can.owners) => "owner",
            Self::Owners => "owners",
            Self::Domains if is_one(|can| can.domains) => "domain",
            Self::Domains => "domains",
            Self::Extension => "extension",
            Self::SchemaDefinition => "schemaDefinition",
            Self::DataModel => "dataModel",
            Self::Children => "children",
            Self::PipelineStatuses => "pipelineStatuses",
            Self::UsageSummary => "usageSummary",
            Self::Roles => "roles",
            Self::Teams => "teams",
        }
    }
}

/// Whether soft-deleted entities count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Include {
    /// Only those that are there.
    #[default]
    NonDeleted,
    /// Only the soft-deleted ones.
    Deleted,
    /// Both.
    All,
}

impl Include {
    fn word(self) -> Option<&'static str> {
        match self {
            Self::NonDeleted => None,
            Self::Deleted => Some("deleted"),
            Self::All => Some("all"),
        }
    }
}

/// How much of an entity is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Get {
    fields: Vec<Field>,
    include: Include,
}

impl Get {
    /// With these fields.
    #[must_use]
    pub fn fields(fields: impl Into<Vec<Field>>) -> Self {
        Self { fields: fields.into(), include: Include::default() }
    }

    /// As before, with another choice of what was deleted.
    #[must_use]
    pub fn include(mut self, include: Include) -> Self {
        self.include = include;
        self
    }
}

#[derive(Deserialize)]
pub(super) struct VersionAnswer {
    pub(super) version: String,
}

impl Client {
    /// Who the token belongs to.
    ///
    /// # Errors
    /// [`Error::Unauthorized`], or any other failure of a request.
    pub async fn whoami(&self) -> Result<User, Error> {
        let call = Call::get(&["users", "loggedInUser"]);
        self.json(self.with_get(call, &Get::fields([Field::Roles, Field::Teams])).await?).await
    }

    /// A table or view.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::UnsupportedName`], or any other failure of a request.
    pub async fn table<'a>(&self, key: impl Into<Key<'a>>, get: &Get) -> Result<Table, Error> {
        self.entity(EntityKind::Table, key.into(), get).await
    }

    /// A folder or file of a storage service.
    ///
    /// # Errors
    /// As [`Client::table`].
    pub async fn container<'a>(&self, key: impl Into<Key<'a>>, get: &Get) -> Result<Container, Error> {
        self.entity(EntityKind::Container, key.into(), get).await
    }

    /// A database.
    ///
    /// # Errors
    /// As [`Client::table`].
    pub async fn database<'a>(&self, key: impl Into<Key<'a>>, get: &Get) -> Result<Database, Error> {
        self.entity(EntityKind::Database, key.into(), get).await
    }

    /// A schema.
    ///
    /// # Errors
    /// As [`Client::table`].
    pub async fn database_schema<'a>(&self, key: impl Into<Key<'a>>, get: &Get) -> Result<DatabaseSchema, Error> {
        self.entity(EntityKind::DatabaseSchema, key.into(), get).await
    }

    /// A service of databases. Its name has one part.
    ///
    /// # Errors
    /// As [`Client::table`].
    pub async fn database_service<'a>(&self, key: impl Into<Key<'a>>, get: &Get) -> Result<Service, Error> {
        self.entity(EntityKind::DatabaseService, key.into(), get).await
    }

    /// A service of containers. Its name has one part.
    ///
    /// # Errors
    /// As [`Client::table`].
    pub async fn storage_service<'a>(&self, key: impl Into<Key<'a>>, get: &Get) -> Result<Service, Error> {
        self.entity(EntityKind::StorageService, key.into(), get).await
    }

    /// An ingestion pipeline. Its name is that of its service and its own.
    ///
    /// # Errors
    /// As [`Client::table`].
    pub async fn ingestion_pipeline<'a>(&self, key: impl Into<Key<'a>>, get: &Get) -> Result<IngestionPipeline, Error> {
        self.entity(EntityKind::IngestionPipeline, key.into(), get).await
    }

    /// What the token's user may do with an entity; what `user` may do, when the token is that of an administrator.
    ///
    /// # Errors
    /// [`Error::Forbidden`] when the token may not ask for `user`; else as [`Client::table`].
    pub async fn permissions(
        &self,
        kind: EntityKind,
        fqn: &Fqn,
        user: Option<&str>,
    ) -> Result<ResourcePermission, Error> {
        let name = self.text(fqn).await?;
        let call = Call::get(&["permissions", kind.as_str(), "name", &name]);
        self.json(match user {
            Some(user) => call.with("user", user),
            None => call,
        })
        .await
    }

    /// The keys (JWKS) that OpenMetadata signs its tokens with.
    ///
    /// # Errors
    /// Any failure of a request.
    pub async fn jwks(&self) -> Result<Value, Error> {
        self.json(Call::get(&["system", "config", "jwks"]).public()).await
    }

    pub(super) async fn entity<T: DeserializeOwned>(
        &self,
        kind: EntityKind,
        key: Key<'_>,
        get: &Get,
    ) -> Result<T, Error> {
        let (id, name);
        let mut segments = kind.collection().to_vec();
        match key {
            Key::Id(uuid) => {
                id = uuid.to_string();
                segments.push(&id);
            }
            Key::Fqn(fqn) => {
                name = self.text(fqn).await?;
                segments.extend(["name", &name]);
            }
        }
        self.json(self.with_get(Call::get(&segments), get).await?).await
    }

    /// A call with the fields and the choice of what was deleted. Only two fields need the server's version.
    pub(super) async fn with_get(&self, mut call: Call, get: &Get) -> Result<Call, Error> {
        if !get.fields.is_empty() {
            let depends = get.fields.iter().any(|field| matches!(field, Field::Owners | Field::Domains));
            let can = if depends { Some(self.capabilities().await?) } else { None };
            let words: Vec<_> = get.fields.iter().map(|field| field.word(can.as_ref())).collect();
            call = call.with("fields", words.join(","));
        }
        Ok(match get.include.word() {
            Some(word) => call.with("include", word),
            None => call,
        })
    }
}
