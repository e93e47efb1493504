//! The table `model`.

use sea_orm::entity::prelude::*;

/// One view or table of Trino that was made through Warren.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "model")]
pub struct Model {
    /// The model's id, a UUID of version 7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The name in OpenMetadata's grammar.
    pub fully_qualified_name: String,
    /// `catalog.schema.table`.
    pub trino_model_name: String,
    /// `view` or `table`.
    pub kind: String,
    /// The principal who made it.
    pub owner: String,
    /// The query as written.
    pub query: String,
    /// What it is about.
    pub description: Option<String>,
    /// The job that made it last.
    pub job_id: Uuid,
    /// The job that was asked to drop it last.
    pub drop_job_id: Option<Uuid>,
    /// Whether a job before `job_id` has made it.
    pub made_before: bool,
    /// When its name was asked for first.
    pub created: DateTimeUtc,
    /// When it was asked for last.
    pub updated: DateTimeUtc,
}

/// What a row refers to.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The job that made it last.
    #[sea_orm(belongs_to = "super::job::Entity", from = "Column::JobId", to = "super::job::Column::Id")]
    Job,
}

impl Related<super::job::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Job.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
