//! What all entities have, in one shape for all versions.

use serde::Deserialize;
use uuid::Uuid;

use super::or_default;
use crate::fqn::{Fqn, FqnError};

/// A reference to another entity.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntityRef {
    /// Its id.
    pub id: Uuid,
    /// Its kind, such as `databaseService`.
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub kind: String,
    /// Its own name.
    pub name: Option<String>,
    /// The text of its fully qualified name.
    pub fully_qualified_name: Option<String>,
    /// Its name for people.
    pub display_name: Option<String>,
    /// Whether it is soft-deleted.
    #[serde(default, deserialize_with = "or_default")]
    pub deleted: bool,
}

/// A tag or glossary term on something.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TagLabel {
    /// Its name, such as `PII.Sensitive`.
    #[serde(rename = "tagFQN")]
    pub tag_fqn: String,
    /// `Classification` or `Glossary`.
    #[serde(default, deserialize_with = "or_default")]
    pub source: String,
    /// `Confirmed` or `Suggested`.
    #[serde(default, deserialize_with = "or_default")]
    pub state: String,
    /// What it is about.
    pub description: Option<String>,
}

/// What all entities have.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "WireHead")]
pub struct EntityHead {
    /// The id. A deleted entity that is made again has another one.
    pub id: Uuid,
    /// The entity's own name, raw.
    pub name: String,
    /// The text of its fully qualified name; empty when the server gave none.
    pub fully_qualified_name: String,
    /// Its name for people.
    pub display_name: Option<String>,
    /// What it is, in Markdown.
    pub description: Option<String>,
    /// The version of its content: grows by 0.1 for small changes and by 1.0 for large ones.
    pub version: f64,
    /// When it changed last, in milliseconds since 1970.
    pub updated_at: i64,
    /// Who changed it last.
    pub updated_by: Option<String>,
    /// Whether it is soft-deleted.
    pub deleted: bool,
    /// Who owns it, when asked for.
    pub owners: Vec<EntityRef>,
    /// The domains that it is in, when asked for.
    pub domains: Vec<EntityRef>,
    /// Its tags, when asked for.
    pub tags: Vec<TagLabel>,
}

impl EntityHead {
    /// The fully qualified name.
    ///
    /// # Errors
    /// [`FqnError`]: servers between 1.6 and 1.13.0 kept names that nobody can read.
    pub fn fqn(&self) -> Result<Fqn, FqnError> {
        Fqn::parse(&self.fully_qualified_name)
    }
}

/// Both the shapes of 1.4 and those of later versions.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireHead {
    id: Uuid,
    name: String,
    #[serde(default, deserialize_with = "or_default")]
    fully_qualified_name: String,
    display_name: Option<String>,
    description: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    version: f64,
    #[serde(default, deserialize_with = "or_default")]
    updated_at: i64,
    updated_by: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    deleted: bool,
    owner: Option<EntityRef>,
    #[serde(default, deserialize_with = "or_default")]
    owners: Vec<EntityRef>,
    domain: Option<EntityRef>,
    #[serde(default, deserialize_with = "or_default")]
    domains: Vec<EntityRef>,
    #[serde(default, deserialize_with = "or_default")]
    tags: Vec<TagLabel>,
}

impl From<WireHead> for EntityHead {
    fn from(wire: WireHead) -> Self {
        let mut owners = wire.owners;
        owners.extend(wire.owner);
        let mut domains = wire.domains;
        domains.extend(wire.domain);
        Self {
            id: wire.id,
            name: wire.name,
            fully_qualified_name: wire.fully_qualified_name,
            display_name: wire.display_name,
            description: wire.description,
            version: wire.version,
            updated_at: wire.updated_at,
            updated_by: wire.updated_by,
            deleted: wire.deleted,
            owners,
            domains,
            tags: wire.tags,
        }
    }
}
