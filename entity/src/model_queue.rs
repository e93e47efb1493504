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
    /// The FQN of the table or view that was made or filled; for `QUERY` of the query in OpenMetadata.
    pub model_name_fqn: String,
    /// The FQN of a source; present for `LINEAGE`.
    pub from_fqn: Option<String>,
    /// `LINEAGE`, `INGESTION` or `QUERY`.
    pub command: String,
    /// When the job finished.
    pub created: DateTimeUtc,
    /// `QUEUED`, `RUNNING`, `DONE` or `DEAD`.
    pub state: String,
    /// How often it was claimed.
    pub attempts: i32,
    /// When it may be claimed: not before this moment, which for `RUNNING` is the end of the lease. At once where absent.
    pub due: Option<DateTimeUtc>,
    /// What the consumer that has it shows; stays on a settled row, so that settling twice is known as such.
    pub lease_token: Option<Uuid>,
    /// When it was done or given up; present for `DONE` and `DEAD`.
    pub settled: Option<DateTimeUtc>,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// What the command carries, as JSON; absent on rows that were written before there was this column.
    pub payload: Option<String>,
    /// How far the scheduler got, as JSON; absent where it got nowhere.
    pub progress: Option<String>,
    /// What commands that do the same have in common; absent where each of them counts.
    pub dedupe_key: Option<String>,
    /// The command that was to do the same and had not begun; present on rows that are `DONE` by that only.
    pub covered_by: Option<i64>,
    /// When the target was made last, where that is after `created`: a run of its ingestion counts from then on.
    pub made: Option<DateTimeUtc>,
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
