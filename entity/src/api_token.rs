//! The table `api_token`.

use sea_orm::entity::prelude::*;

/// One API token, without the token.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_token")]
pub struct Model {
    /// The token's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// A name for people; only one token of a name works at a time.
    pub name: String,
    /// Whom it stands for.
    pub principal: String,
    /// What it may do besides what every caller may: `USER` (nothing) or `SCHEDULER`.
    pub scope: String,
    /// SHA-256 of the token, in hexadecimal.
    #[sea_orm(unique)]
    pub token_sha256: String,
    /// When it was made.
    pub created: DateTimeUtc,
    /// When it stops working; never, where absent.
    pub expires: Option<DateTimeUtc>,
    /// When somebody took it back.
    pub revoked: Option<DateTimeUtc>,
    /// When it was last shown, to the minute.
    pub last_used: Option<DateTimeUtc>,
}

/// What a row refers to: nothing.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
