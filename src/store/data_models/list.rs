//! Models as they are stored, each with what its jobs say.

use entity::job;
use entity::model::{Column, Entity, Relation};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    RelationTrait, Select,
};

use crate::jobs::{JobId, Principal};
use crate::models::{Model, ModelId};
use crate::store::rows::ModelColumn;
use crate::store::{Store, StoreError, rows};

/// Which models. A part that is absent lets every model through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelFilter {
    /// Whose.
    pub owner: Option<Principal>,
    /// Whose FQN begins like this. Upper and lower case are the same, on SQLite in ASCII only.
    pub prefix: Option<String>,
}

/// A page of models.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelPage {
    /// The models, newest first.
    pub items: Vec<Model>,
    /// After which model the next page begins; absent on the last one.
    pub next: Option<ModelId>,
}

impl Store {
    /// A model, if there is one of that id.
    ///
    /// # Errors
    /// When the database is not available or the row is corrupt.
    pub async fn model(&self, id: ModelId) -> Result<Option<Model>, StoreError> {
        let select = with_jobs().filter(Column::Id.eq(id.0)).into_query();
        self.reading("read a model").one(&select).await?.as_ref().map(rows::model).transpose()
    }

    /// The models that have one of these names: at most one each.
    ///
    /// # Errors
    /// As [`Self::model`].
    pub async fn models_named(&self, fqn: &str, trino: &str) -> Result<Vec<Model>, StoreError> {
        let names = Condition::any().add(Column::FullyQualifiedName.eq(fqn)).add(Column::TrinoModelName.eq(trino));
        let select = with_jobs().filter(names).into_query();
        self.reading("look for a model").all(&select).await?.iter().map(rows::model).collect()
    }

    /// A page of the models that pass a filter and are older than `after`, newest first.
    ///
    /// # Errors
    /// When the database is not available or a row is corrupt.
    pub async fn models(
        &self,
        filter: &ModelFilter,
        after: Option<ModelId>,
        limit: u16,
    ) -> Result<ModelPage, StoreError> {
        let ModelFilter { owner, prefix } = filter;
        let condition = Condition::all()
            .add_option(owner.as_ref().map(|owner| Column::Owner.eq(owner.as_str())))
            .add_option(prefix.as_ref().map(|prefix| begins_with(prefix, self.backend())))
            .add_option(after.map(|after| Column::Id.lt(after.0)));
        let select = with_jobs()
            .filter(condition)
            .order_by_desc(Column::Id)
            // One more than asked for shows whether another page follows.
            .limit(u64::from(limit) + 1)
            .into_query();
        let mut found = self.reading("list models").all(&select).await?;
        let is_last = found.len() <= usize::from(limit);
        found.truncate(usize::from(limit));
        let items = found.iter().map(rows::model).collect::<Result<Vec<_>, _>>()?;
        let next = if is_last { None } else { items.last().map(|model| model.id) };
        Ok(ModelPage { items, next })
    }

    /// Whether a model is what this job made of it, so that the job must stay.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn is_job_of_model(&self, id: JobId) -> Result<bool, StoreError> {
        super::is_of_model(&self.reading("look for the model of a job"), id).await
    }
}

/// Models with what the job that made each says, and the status of the one that drops it.
fn with_jobs() -> Select<Entity> {
    let dropping = Alias::new("dropping");
    let drop_status = Query::select()
        .expr(Expr::col((dropping.clone(), job::Column::Status)))
        .from_as(job::Entity, dropping.clone())
        .and_where(Expr::col((dropping, job::Column::Id)).equals((Entity, Column::DropJobId)))
        .take();
    Entity::find()
        .join(JoinType::InnerJoin, Relation::Job.def())
        .column_as(job::Column::Status, ModelColumn::JobStatus)
        .column_as(job::Column::Error, ModelColumn::JobError)
        .expr_as(Expr::from(drop_status), ModelColumn::DropStatus)
}

fn begins_with(prefix: &str, backend: DbBackend) -> Expr {
    let sql = match backend {
        DbBackend::Postgres => "LOWER(model.fully_qualified_name) LIKE LOWER($1) ESCAPE '!'",
        _ => "LOWER(model.fully_qualified_name) LIKE LOWER(?) ESCAPE '!'",
    };
    let literal = prefix.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    Expr::cust_with_values(sql, [format!("{literal}%")])
}
