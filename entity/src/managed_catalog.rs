//! The table `managed_catalog`.

use sea_orm::entity::prelude::*;

/// One catalog of Trino that Warren makes from a service of OpenMetadata.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "managed_catalog")]
pub struct Model {
    /// Its name in Trino.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// OpenMetadata's id of the service.
    pub service_id: Uuid,
    /// The service.
    pub service: String,
    /// The database, where the catalog reaches one of them.
    pub database: Option<String>,
    /// Trino's name of the connector.
    pub connector: String,
    /// What it was made of, as a hash.
    pub fingerprint: String,
    /// The how manieth it is for its database, from 1.
    pub generation: i32,
    /// `CREATING`, `READY`, `BROKEN` or `DROPPING`.
    pub state: String,
    /// When a lease on making it ends, or when it is to be dropped.
    pub due: Option<DateTimeUtc>,
    /// Whether Warren has made it in Trino: `NO`, `PERHAPS` or `YES`. Only what is not `NO` is ever dropped.
    pub made: String,
    /// Why it could not be made.
    pub last_error: Option<String>,
    /// Grows with each write.
    pub version: i32,
    /// When it was first asked for.
    pub created: DateTimeUtc,
    /// When its state changed last.
    pub updated: DateTimeUtc,
}

/// What a row refers to: nothing.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
