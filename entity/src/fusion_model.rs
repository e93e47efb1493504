//! The table `fusion_model`.

use sea_orm::entity::prelude::*;

/// One table or file that one job refers to.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "fusion_model")]
pub struct Model {
    /// A number that grows in the order of the names in the query.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The job.
    pub job_id: Uuid,
    /// OpenMetadata's id of the table or file, where it is known.
    pub model_id_of_om: Option<String>,
    /// The version of it in OpenMetadata when the name was resolved, where it is known.
    pub model_version_of_om: Option<String>,
    /// The name in OpenMetadata's grammar.
    pub fully_qualified_name: String,
    /// `catalog.schema.table`.
    pub trino_model_name: String,
    /// Where the name begins in the user query, in characters from 0.
    #[sea_orm(column_name = "start_")]
    pub start_: i64,
    /// Where it ends, exclusive.
    #[sea_orm(column_name = "end_")]
    pub end_: i64,
    /// Whether the statement writes to it.
    pub target: bool,
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
