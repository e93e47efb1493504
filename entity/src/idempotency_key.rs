//! The table `idempotency_key`.

use sea_orm::entity::prelude::*;

/// Which job a principal's key made.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_key")]
pub struct Model {
    /// The principal who sent the key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub owner: String,
    /// The key as it was sent.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// SHA-256 of the canonical body that came with it, in hexadecimal.
    pub body_sha256: String,
    /// The job that was made.
    pub job_id: Uuid,
    /// When it was made.
    pub created: DateTimeUtc,
}

/// What a row refers to.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// Its job.
    #[sea_orm(belongs_to = "super::job::Entity", from = "Column::JobId", to = "super::job::Column::Id")]
    Job,
}

impl Related<super::job::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Job.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
