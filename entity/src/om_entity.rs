//! The table `om_entity`.

use sea_orm::entity::prelude::*;

/// An answer of OpenMetadata that is kept.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "om_entity")]
pub struct Model {
    /// What was asked: `name:` and an FQN, `id:` and an id, `database:` and an FQN.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// The FQN of what the answer is about, in OpenMetadata's case; what its events name.
    pub fqn: String,
    /// The answer, as JSON.
    pub document: String,
    /// When it was asked for.
    pub fetched: DateTimeUtc,
}

/// What a row refers to: nothing.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
