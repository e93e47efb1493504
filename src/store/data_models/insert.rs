//! What a request does to a model, in one transaction with the job that carries it out; and what the end of a job does.

use entity::model::{ActiveModel, Column, Entity};
use sea_orm::sea_query::{InsertStatement, UpdateStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Set, SqlErr,
};

use crate::jobs::{Job, JobId};
use crate::models::Model;
use crate::store::jobs::insert_within;
use crate::store::statements::Statements;
use crate::store::{Store, StoreError, rows};

/// What a job is to do with a model, and what it expects of the row.
#[derive(Clone, Copy, Debug)]
pub enum ModelWrite<'a> {
    /// Make one whose names nobody has.
    Make(&'a Model),
    /// Make it anew, in the place of what was read.
    Remake {
        /// As it is to be.
        model: &'a Model,
        /// As it was read.
        was: &'a Model,
    },
    /// Drop it, as it was read.
    Drop {
        /// As it was read.
        was: &'a Model,
    },
}

enum Change {
    Insert(InsertStatement),
    Update(UpdateStatement),
}

impl Store {
    /// Stores a new job together with what it does to a model: both, or neither and then the answer is `false`, because
    /// somebody has the name or the model is not what was read.
    ///
    /// # Errors
    /// As [`Self::insert_job`].
    pub async fn insert_model_job(&self, job: &Job, write: ModelWrite<'_>) -> Result<bool, StoreError> {
        let change = change(job, write)?;
        let transaction = self.begin("store a model").await?;
        insert_within(&transaction, job).await?;
        let statements = transaction.statements();
        let changed = match &change {
            Change::Insert(insert) => statements.try_execute(insert).await,
            Change::Update(update) => statements.try_execute(update).await,
        };
        match changed {
            Ok(1) => transaction.commit().await.map(|()| true),
            Err(error) if !matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                Err(statements.error(&error))
            }
            Ok(_) | Err(_) => transaction.rollback().await.map(|()| false),
        }
    }

    /// Removes the row of a model and leaves Trino alone; not when the model is not what was read.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn forget_model(&self, was: &Model) -> Result<bool, StoreError> {
        let delete = Entity::delete_many().filter(as_read(was)).into_query();
        Ok(self.writing("forget a model").execute(&delete).await? == 1)
    }
}

fn change(job: &Job, write: ModelWrite<'_>) -> Result<Change, StoreError> {
    Ok(match write {
        ModelWrite::Make(model) => Change::Insert(Entity::insert(rows::new_model(model)?).into_query()),
        ModelWrite::Remake { model, was } => Change::Update(guarded(rows::remade_model(model)?, was)),
        ModelWrite::Drop { was } => {
            let dropping =
                ActiveModel { drop_job_id: Set(Some(job.id.0)), updated: Set(job.created), ..ActiveModel::default() };
            Change::Update(guarded(dropping, was))
        }
    })
}

fn guarded(columns: ActiveModel, was: &Model) -> UpdateStatement {
    Entity::update_many().set(columns).filter(as_read(was)).into_query()
}

/// Each job of a model has an id of its own, so that they say which version of the row was read.
fn as_read(was: &Model) -> Condition {
    let dropped_by = match was.drop_job_id {
        Some(id) => Column::DropJobId.eq(id.0),
        None => Column::DropJobId.is_null(),
    };
    Condition::all().add(Column::Id.eq(was.id.0)).add(Column::JobId.eq(was.job_id.0)).add(dropped_by)
}

/// Removes the model that a job has dropped, if it was a model that it dropped.
pub(in crate::store) async fn delete_dropped<C: ConnectionTrait>(
    statements: &Statements<'_, C>,
    job: JobId,
) -> Result<(), StoreError> {
    statements.execute(&Entity::delete_many().filter(Column::DropJobId.eq(job.0)).into_query()).await?;
    Ok(())
}

/// Whether a model is what a job made of it.
pub(in crate::store) async fn is_of_model<C: ConnectionTrait>(
    statements: &Statements<'_, C>,
    job: JobId,
) -> Result<bool, StoreError> {
    let select = Entity::find().select_only().column(Column::Id).filter(Column::JobId.eq(job.0)).limit(1).into_query();
    Ok(statements.one(&select).await?.is_some())
}
