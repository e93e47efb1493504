//! A page of jobs, newest first, by keyset: a page costs the same wherever it is, and a job that arrives in between
//! neither shows twice nor hides another.

use chrono::{DateTime, Utc};
use entity::{fusion_model, job};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::cursor::Cursor;
use super::read::with_models;
use crate::jobs::{Job, Principal, Status};
use crate::store::{Store, StoreError};

/// Which jobs. A part that is absent or empty lets every job through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// Whose.
    pub owner: Option<Principal>,
    /// In one of these statuses.
    pub statuses: Vec<Status>,
    /// In this queue.
    pub queue: Option<String>,
    /// That refer to this FQN.
    pub model: Option<String>,
    /// With this tag.
    pub tag: Option<String>,
    /// With this text in the user query. Upper and lower case are the same, on SQLite in ASCII only.
    pub text: Option<String>,
    /// Made at this moment or later.
    pub created_after: Option<DateTime<Utc>>,
    /// Made before this moment.
    pub created_before: Option<DateTime<Utc>>,
}

/// Which page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    limit: u16,
    after: Option<Cursor>,
}

impl PageRequest {
    /// The most jobs of one page.
    pub const MAX: u16 = 500;

    /// A page of 1 to [`Self::MAX`] jobs that follow the cursor; anything else is `None`.
    #[must_use]
    pub fn new(limit: u16, after: Option<Cursor>) -> Option<Self> {
        (1..=Self::MAX).contains(&limit).then_some(Self { limit, after })
    }
}

/// A page of jobs.
#[derive(Clone, Debug, PartialEq)]
pub struct JobPage {
    /// The jobs, newest first.
    pub items: Vec<Job>,
    /// Where the next page begins; absent on the last one.
    pub next: Option<Cursor>,
}

impl Store {
    /// A page of the jobs that pass a filter, newest first.
    ///
    /// # Errors
    /// When the database is not available or a row is corrupt.
    pub async fn jobs(&self, filter: &JobFilter, page: &PageRequest) -> Result<JobPage, StoreError> {
        let statements = self.reading("list jobs");
        let limit = usize::from(page.limit);
        let select = job::Entity::find()
            .filter(condition(filter, self.backend()))
            .filter(Condition::all().add_option(page.after.map(follows)))
            .order_by_desc(job::Column::Created)
            .order_by_desc(job::Column::Id)
            // One more than asked for shows whether another page follows.
            .limit(u64::from(page.limit) + 1)
            .into_query();
        let mut found = statements.all(&select).await?;
        let is_last = found.len() <= limit;
        found.truncate(limit);
        let items = with_models(&statements, &found).await?;
        let last = if is_last { None } else { items.last() };
        let next = last.map(|job| Cursor { created: job.created, id: job.id });
        Ok(JobPage { items, next })
    }
}

fn follows(cursor: Cursor) -> Expr {
    let place = Expr::tuple([Expr::col(job::Column::Created), Expr::col(job::Column::Id)]);
    place.lt(Expr::tuple([Expr::value(cursor.created), Expr::value(cursor.id.0)]))
}

fn condition(filter: &JobFilter, backend: DbBackend) -> Condition {
    let JobFilter { owner, statuses, queue, model, tag, text, created_after, created_before } = filter;
    let statuses = (!statuses.is_empty()).then(|| job::Column::Status.is_in(statuses.iter().map(|s| s.as_str())));
    Condition::all()
        .add_option(owner.as_ref().map(|owner| job::Column::Owner.eq(owner.as_str())))
        .add_option(statuses)
        .add_option(queue.as_ref().map(|queue| job::Column::Queue.eq(queue.as_str())))
        .add_option(model.as_ref().map(|model| refers_to(model)))
        .add_option(tag.as_ref().map(|tag| is_tagged(tag, backend)))
        .add_option(text.as_ref().map(|text| has_text(text, backend)))
        .add_option(created_after.map(|moment| job::Column::Created.gte(moment)))
        .add_option(created_before.map(|moment| job::Column::Created.lt(moment)))
}

fn refers_to(fqn: &str) -> Expr {
    let uses = Query::select()
        .column(fusion_model::Column::JobId)
        .from(fusion_model::Entity)
        .and_where(fusion_model::Column::FullyQualifiedName.eq(fqn))
        .take();
    job::Column::Id.in_subquery(uses)
}

/// Tags are a JSON array, which each database takes apart in its own way.
fn is_tagged(tag: &str, backend: DbBackend) -> Expr {
    let sql = match backend {
        DbBackend::Postgres => {
            "EXISTS (SELECT 1 FROM json_array_elements_text(CAST(job.tags AS json)) AS tag (name) WHERE tag.name = $1)"
        }
        _ => "EXISTS (SELECT 1 FROM json_each(job.tags) AS tag WHERE tag.value = ?)",
    };
    Expr::cust_with_values(sql, [tag])
}

fn has_text(text: &str, backend: DbBackend) -> Expr {
    let sql = match backend {
        DbBackend::Postgres => "LOWER(job.user_query) LIKE LOWER($1) ESCAPE '!'",
        _ => "LOWER(job.user_query) LIKE LOWER(?) ESCAPE '!'",
    };
    let literal = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    Expr::cust_with_values(sql, [format!("%{literal}%")])
}
