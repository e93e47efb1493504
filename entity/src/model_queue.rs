//! The table `model_queue`.

use sea_orm::entity::prelude::*;

/// One command for the scheduler.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "model_queue")]
pub struct Model {
    /// A number that grows in the order of arrival.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The job that it follows from.
    pub job_id: Uuid,
    /// The FQN of the table or view that was made or filled.
    pub model_name_fqn: String,
    /// The FQN of a source; present for `LINEAGE`.
    pub from_fqn: Option<String>,
    /// `LINEAGE` or `INGESTION`.
    pub command: String,
    /// When the job finished.
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
