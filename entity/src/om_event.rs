//! The table `om_event`.

use sea_orm::entity::prelude::*;

/// A change that OpenMetadata announced.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "om_event")]
pub struct Model {
    /// A number that grows in the order of arrival.
    #[sea_orm(primary_key)]
    pub seq: i64,
    /// OpenMetadata's id of the event, so that one that comes twice counts once.
    #[sea_orm(unique)]
    pub id: String,
    /// Such as `entityUpdated`.
    pub event_type: String,
    /// Such as `table`.
    pub entity_type: String,
    /// The id of what changed.
    pub entity_id: String,
    /// The FQN of what changed, where the event has one.
    pub fqn: Option<String>,
    /// The FQN that it had before, where the event says that it has another one now.
    pub formerly: Option<String>,
    /// When it changed, by OpenMetadata's clock.
    pub happened: DateTimeUtc,
    /// When it was heard of.
    pub received: DateTimeUtc,
}

/// What a row refers to: nothing.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
