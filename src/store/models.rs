//! What jobs refer to: the table `fusion_model`.

use std::collections::HashMap;

use entity::fusion_model;
use sea_orm::sea_query::InsertStatement;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait};

use super::rows;
use super::statements::Statements;
use super::{Store, StoreError};
use crate::jobs::{FusionModel, JobId};

/// Rows of one INSERT, so that its parameters stay well below what both databases take.
const ROWS_PER_INSERT: usize = 500;

impl Store {
    /// What a job's query refers to, in the order of the query; nothing for a job that is not there.
    ///
    /// # Errors
    /// When the database is not available or a row is corrupt.
    pub async fn fusion_models(&self, id: JobId) -> Result<Vec<FusionModel>, StoreError> {
        let mut found = models_of(&self.reading("read the models of a job"), &[id]).await?;
        Ok(found.remove(&id).unwrap_or_default())
    }
}

/// What the queries of several jobs refer to.
pub(super) async fn models_of<C: ConnectionTrait>(
    statements: &Statements<'_, C>,
    ids: &[JobId],
) -> Result<HashMap<JobId, Vec<FusionModel>>, StoreError> {
    let mut models: HashMap<JobId, Vec<FusionModel>> = HashMap::with_capacity(ids.len());
    if ids.is_empty() {
        return Ok(models);
    }
    let select = fusion_model::Entity::find()
        .filter(fusion_model::Column::JobId.is_in(ids.iter().map(|id| id.0)))
        .order_by_asc(fusion_model::Column::Id)
        .into_query();
    for row in statements.all(&select).await? {
        let (job_id, model) = rows::fusion_model(&row)?;
        models.entry(job_id).or_default().push(model);
    }
    Ok(models)
}

/// What writes all that a job's query refers to, if one statement does.
pub(super) fn insert_of_models(id: JobId, models: &[FusionModel]) -> Result<Option<InsertStatement>, StoreError> {
    if models.is_empty() || models.len() > ROWS_PER_INSERT {
        return Ok(None);
    }
    let new = models.iter().map(|model| rows::new_fusion_model(id, model)).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(fusion_model::Entity::insert_many(new).into_query()))
}

/// Writes what a job's query refers to.
pub(super) async fn insert_models<C: ConnectionTrait>(
    statements: &Statements<'_, C>,
    id: JobId,
    models: &[FusionModel],
) -> Result<(), StoreError> {
    for chunk in models.chunks(ROWS_PER_INSERT) {
        let new = chunk.iter().map(|model| rows::new_fusion_model(id, model)).collect::<Result<Vec<_>, _>>()?;
        statements.execute(&fusion_model::Entity::insert_many(new).into_query()).await?;
    }
    Ok(())
}
