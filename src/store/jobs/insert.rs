//! A new job, made once however often its request is sent.

use entity::{idempotency_key, job};
use sea_orm::sea_query::{CommonTableExpression, InsertStatement, OnConflict};
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, QueryFilter, QueryTrait, SqlErr};

use crate::jobs::{IdempotencyKey, Job, JobId, Principal};
use crate::store::statements::Transaction;
use crate::store::{Store, StoreError, models, rows};

const OPERATION: &str = "store a job";
/// A key whose job is deleted at the same moment is free again; so often is it tried.
const TRIES: usize = 3;

/// What became of a new job.
#[derive(Clone, Debug, PartialEq)]
pub enum Inserted {
    /// It is stored.
    New,
    /// An earlier request with the same key and body made this one.
    Replayed(Box<Job>),
    /// An earlier request had the same key and another body.
    KeyReused,
}

impl Store {
    /// Stores a new job in one transaction, durable when this returns. Of several with one key, also at the same moment,
    /// one is stored and the others get that one. Keys belong to the owner of the job.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id is taken, [`StoreError::Unstorable`] for a query or a name with the character
    /// U+0000, and when the database is not available.
    pub async fn insert_job(&self, job: &Job, key: Option<&IdempotencyKey>) -> Result<Inserted, StoreError> {
        let Some(key) = key else {
            self.insert_alone(job).await?;
            return Ok(Inserted::New);
        };
        for _ in 0..TRIES {
            if self.insert_with_key(job, key).await? {
                return Ok(Inserted::New);
            }
            if let Some(earlier) = self.inserted_before(&job.submission.owner, key).await? {
                return Ok(earlier);
            }
        }
        Err(StoreError::Conflict { what: "idempotency key" })
    }

    /// What became of an earlier request with the same key; none when there was none.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn inserted_before(
        &self,
        owner: &Principal,
        key: &IdempotencyKey,
    ) -> Result<Option<Inserted>, StoreError> {
        let Some((body_sha256, earlier)) = self.known_key(owner, key).await? else { return Ok(None) };
        if body_sha256 != key.body_sha256 {
            return Ok(Some(Inserted::KeyReused));
        }
        Ok(self.job(earlier).await?.map(|job| Inserted::Replayed(Box::new(job))))
    }

    async fn insert_alone(&self, job: &Job) -> Result<(), StoreError> {
        if let Some(insert) = one_statement(self.backend(), job)? {
            // One statement is a transaction already.
            let statements = self.writing(OPERATION);
            let stored = statements.try_execute(&insert).await;
            return stored.map(drop).map_err(|error| taken_or(&error, || statements.error(&error)));
        }
        let transaction = self.begin(OPERATION).await?;
        insert_within(&transaction, job).await?;
        transaction.commit().await
    }

    /// Whether the job was stored; not when the key is known.
    async fn insert_with_key(&self, job: &Job, key: &IdempotencyKey) -> Result<bool, StoreError> {
        let transaction = self.begin(OPERATION).await?;
        insert_within(&transaction, job).await?;
        let columns = [idempotency_key::Column::Owner, idempotency_key::Column::Key];
        let new_key = idempotency_key::Entity::insert(rows::new_key(job, key))
            .on_conflict(OnConflict::columns(columns).do_nothing().to_owned())
            .into_query();
        // PostgreSQL waits here until a twin that holds the key has ended.
        if transaction.statements().execute(&new_key).await? == 0 {
            transaction.rollback().await?;
            return Ok(false);
        }
        transaction.commit().await?;
        Ok(true)
    }

    async fn known_key(&self, owner: &Principal, key: &IdempotencyKey) -> Result<Option<(String, JobId)>, StoreError> {
        let select = idempotency_key::Entity::find()
            .filter(idempotency_key::Column::Owner.eq(owner.as_str()))
            .filter(idempotency_key::Column::Key.eq(key.as_str()))
            .into_query();
        self.reading("look up an idempotency key").one(&select).await?.as_ref().map(rows::known_key).transpose()
    }
}

/// Stores a new job and its models within a transaction.
pub(in crate::store) async fn insert_within(transaction: &Transaction, job: &Job) -> Result<(), StoreError> {
    let statements = transaction.statements();
    let stored = statements.try_execute(&job::Entity::insert(rows::new_job(job)?).into_query()).await;
    stored.map_err(|error| taken_or(&error, || statements.error(&error)))?;
    let models = job.plan().map_or(&[][..], |plan| &plan.models);
    models::insert_models(&statements, job.id, models).await
}

/// The job and its models as one statement, where one is enough: a transaction of several costs three more round trips on
/// the way of every query. SQLite has no INSERT within WITH, and no round trips.
fn one_statement(backend: DbBackend, job: &Job) -> Result<Option<InsertStatement>, StoreError> {
    let new_job = job::Entity::insert(rows::new_job(job)?).into_query();
    let models = job.plan().map_or(&[][..], |plan| &plan.models);
    if models.is_empty() {
        return Ok(Some(new_job));
    }
    if backend != DbBackend::Postgres {
        return Ok(None);
    }
    let with_job = CommonTableExpression::new().table_name("new_job").query(new_job).to_owned();
    let insert = models::insert_of_models(job.id, models)?;
    Ok(insert.map(|mut insert| insert.with_cte(with_job).to_owned()))
}

fn taken_or(error: &sea_orm::DbErr, otherwise: impl FnOnce() -> StoreError) -> StoreError {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => StoreError::Conflict { what: "id of the job" },
        _ => otherwise(),
    }
}
