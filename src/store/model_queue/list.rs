//! A page of the model queue, oldest first, by keyset.

use chrono::{DateTime, Utc};
use entity::model_queue::{Column, Entity};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::jobs::{JobId, Principal};
use crate::models::{Command, QueuedCommand};
use crate::store::{Store, StoreError, rows};

/// Which commands. A part that is absent lets every command through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandFilter {
    /// Of jobs of this owner.
    pub owner: Option<Principal>,
    /// Of this job.
    pub job: Option<JobId>,
    /// In this state, one of `CommandState::WORDS`.
    pub state: Option<&'static str>,
    /// This command.
    pub command: Option<Command>,
    /// For this target.
    pub model: Option<String>,
}

/// A page of commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandPage {
    /// The commands, oldest first.
    pub items: Vec<QueuedCommand>,
    /// After which number the next page begins; absent on the last one.
    pub next: Option<i64>,
}

impl Store {
    /// A page of the commands that pass a filter and have a number above `after`.
    ///
    /// # Errors
    /// When the database is not available or a row is corrupt.
    pub async fn commands(
        &self,
        filter: &CommandFilter,
        after: Option<i64>,
        limit: u16,
    ) -> Result<CommandPage, StoreError> {
        let select = Entity::find()
            .filter(condition(filter))
            .filter(Condition::all().add_option(after.map(|after| Column::Id.gt(after))))
            .order_by_asc(Column::Id)
            // One more than asked for shows whether another page follows.
            .limit(u64::from(limit) + 1)
            .into_query();
        let mut found = self.reading("list the model queue").all(&select).await?;
        let is_last = found.len() <= usize::from(limit);
        found.truncate(usize::from(limit));
        let items = found.iter().map(rows::queued_command).collect::<Result<Vec<_>, _>>()?;
        let next = if is_last { None } else { items.last().map(|command| command.id) };
        Ok(CommandPage { items, next })
    }

    /// When the oldest command arrived that is not settled; none where all are.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn oldest_open_command(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let select = Entity::find()
            .select_only()
            .column_as(Expr::col(Column::Created).min(), "created")
            // Written out for the sake of the partial index.
            .filter(Expr::cust("state IN ('QUEUED', 'RUNNING')"))
            .into_query();
        let row = self.reading("look for the oldest open command").one(&select).await?;
        row.map_or(Ok(None), |row| rows::oldest_command(&row))
    }

    /// What a job asks of the scheduler, in the order in which it was asked.
    ///
    /// # Errors
    /// When the database is not available or a row is corrupt.
    pub async fn model_commands(&self, job: JobId) -> Result<Vec<QueuedCommand>, StoreError> {
        let select = Entity::find().filter(Column::JobId.eq(job.0)).order_by_asc(Column::Id).into_query();
        let found = self.reading("read the commands of a job").all(&select).await?;
        found.iter().map(rows::queued_command).collect()
    }
}

fn condition(filter: &CommandFilter) -> Condition {
    let CommandFilter { owner, job, state, command, model } = filter;
    Condition::all()
        .add_option(owner.as_ref().map(|owner| {
            let own = Query::select()
                .column(entity::job::Column::Id)
                .from(entity::job::Entity)
                .and_where(entity::job::Column::Owner.eq(owner.as_str()))
                .take();
            Column::JobId.in_subquery(own)
        }))
        .add_option(job.map(|job| Column::JobId.eq(job.0)))
        .add_option(state.map(in_state))
        .add_option(command.map(|command| Column::Command.eq(command.as_str())))
        .add_option(model.as_ref().map(|model| Column::ModelNameFqn.eq(model.as_str())))
}

/// A condition on the state, with the words that the partial indexes have. The state is one of `CommandState::WORDS`.
fn in_state(state: &'static str) -> Expr {
    let open = if matches!(state, "QUEUED" | "RUNNING") { "state IN ('QUEUED', 'RUNNING') AND " } else { "" };
    Expr::cust(format!("{open}state = '{state}'"))
}
