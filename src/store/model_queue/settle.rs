//! What a consumer says of the commands that it has claimed: done, not now, never, still at it. And the operator's second
//! chance for a dead letter.

use chrono::{DateTime, Utc};
use entity::model_queue::{ActiveModel, Column, Entity};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryResult, QuerySelect, QueryTrait, Set};
use uuid::Uuid;

use crate::models::{Command, CommandProgress, QueuedCommand};
use crate::store::{Store, StoreError, rows};

/// What became of a word of a consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It counts, now or because it was said before.
    Yes,
    /// The lease is not the one of the command, or was lost.
    LeaseLost,
    /// There is no such command.
    Unknown,
}

/// Why a command could not be carried out now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nack {
    /// The command.
    pub id: i64,
    /// What the consumer shows.
    pub token: Uuid,
    /// The present moment.
    pub now: DateTime<Utc>,
    /// What shall become of it.
    pub next: Next,
    /// Why, for people.
    pub reason: String,
}

/// What shall become of a command that could not be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is tried again, unless it was claimed too often.
    Retry {
        /// Not before this moment.
        due: DateTime<Utc>,
        /// A command that was claimed so often is given up.
        max_attempts: u32,
    },
    /// It waits as if this claim had not been: nobody tried it.
    HandBack {
        /// Not before this moment.
        due: DateTime<Utc>,
    },
    /// It is given up at once.
    GiveUp,
}

impl Store {
    /// The command was carried out. Saying it twice is no error. A lease that ran out counts as long as nobody else has
    /// taken the command, also when it was given up for that.
    ///
    /// # Errors
    /// When the database is not available or the row is corrupt.
    pub async fn ack_command(&self, id: i64, token: Uuid, now: DateTime<Utc>) -> Result<Settled, StoreError> {
        if self.ack_commands(&[id], token, now).await?.contains(&id) {
            return Ok(Settled::Yes);
        }
        self.not_settled(id).await
    }

    /// Commands of one claim were carried out; those of them that are done, now or because it was said before. One
    /// statement, so that many cost one commit.
    ///
    /// # Errors
    /// When the database is not available or a row is corrupt.
    pub async fn ack_commands(&self, ids: &[i64], token: Uuid, now: DateTime<Utc>) -> Result<Vec<i64>, StoreError> {
        let own = Condition::all().add(Column::Id.is_in(ids.iter().copied())).add(Column::LeaseToken.eq(token));
        let mut update = Entity::update_many()
            .set(done(now))
            .filter(own.clone())
            .filter(Column::State.is_in(["RUNNING", "DEAD"]))
            .into_query();
        update.returning(Query::returning().columns([Column::Id, Column::Command, Column::ModelNameFqn]));
        let acked = self.writing("settle commands").all(&update).await?;
        let mut settled = ids_of(&acked)?;
        // Not in one transaction: what is not woken, because the process died in between, comes up by itself later.
        self.wake_lineage(acked.iter().filter_map(|row| rows::ingested(row).transpose()), now).await?;
        if settled.len() < ids.len() {
            let mut earlier = Entity::find().select_only().column(Column::Id);
            earlier = earlier.filter(own).filter(Column::State.eq("DONE"));
            settled = ids_of(&self.reading("look for settled commands").all(&earlier.into_query()).await?)?;
        }
        settled.sort_unstable();
        Ok(settled)
    }

    /// Lineage that waits to be tried again may find its target now that an ingestion has brought it.
    async fn wake_lineage(
        &self,
        targets: impl Iterator<Item = Result<String, StoreError>>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let targets = targets.collect::<Result<Vec<_>, _>>()?;
        if targets.is_empty() {
            return Ok(());
        }
        let waking = Entity::update_many()
            .set(ActiveModel { due: Set(Some(now)), ..ActiveModel::default() })
            // Written out for the sake of the partial index.
            .filter(Expr::cust("state IN ('QUEUED', 'RUNNING') AND state = 'QUEUED'"))
            .filter(Column::ModelNameFqn.is_in(targets))
            .filter(Column::Command.eq(Command::Lineage.as_str()))
            .filter(Column::Due.gt(now));
        self.writing("wake lineage").execute(&waking.into_query()).await?;
        Ok(())
    }

    /// The command could not be carried out, and waits or is given up.
    ///
    /// # Errors
    /// [`StoreError::Unstorable`] for a reason with the character U+0000; when the database is not available or the row is
    /// corrupt.
    pub async fn nack_command(&self, nack: &Nack) -> Result<Settled, StoreError> {
        let update = Entity::update_many().set(rows::failed_command(&nack.reason)?);
        let update = match nack.next {
            Next::Retry { due, max_attempts } => {
                let max_attempts = i32::try_from(max_attempts).unwrap_or(i32::MAX);
                let is_last = || Expr::col(Column::Attempts).gte(max_attempts);
                update
                    .col_expr(Column::State, CaseStatement::new().case(is_last(), "DEAD").finally("QUEUED").into())
                    .col_expr(Column::Settled, CaseStatement::new().case(is_last(), nack.now).into())
                    .col_expr(Column::Due, Expr::value(due))
            }
            Next::HandBack { due } => update
                .col_expr(Column::State, Expr::value("QUEUED"))
                // The claim added one, so that this is never negative.
                .col_expr(Column::Attempts, Expr::col(Column::Attempts).sub(1))
                .col_expr(Column::Due, Expr::value(due)),
            Next::GiveUp => update
                .col_expr(Column::State, Expr::value("DEAD"))
                .col_expr(Column::Settled, Expr::value(nack.now))
                .col_expr(Column::Due, Expr::value(None::<DateTime<Utc>>)),
        };
        let update = update.filter(is_held(nack.id, nack.token)).into_query();
        if self.writing("return a command").execute(&update).await? == 1 {
            return Ok(Settled::Yes);
        }
        self.not_settled(nack.id).await
    }

    /// The consumer is still at it: its lease goes on until `until`.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn renew_command(&self, id: i64, token: Uuid, until: DateTime<Utc>) -> Result<Settled, StoreError> {
        let renewed = ActiveModel { due: Set(Some(until)), ..ActiveModel::default() };
        let update = Entity::update_many().set(renewed).filter(is_held(id, token)).into_query();
        if self.writing("renew the lease of a command").execute(&update).await? == 1 {
            return Ok(Settled::Yes);
        }
        self.not_settled(id).await
    }

    /// How far the consumer got with the command that it holds.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn note_command_progress(
        &self,
        id: i64,
        token: Uuid,
        progress: &CommandProgress,
    ) -> Result<Settled, StoreError> {
        let update =
            Entity::update_many().set(rows::progressed_command(progress)?).filter(is_held(id, token)).into_query();
        let held = self.writing("note how far a command is").execute(&update).await? == 1;
        Ok(if held { Settled::Yes } else { Settled::LeaseLost })
    }

    /// A dead letter waits again, as if it were new; whether there was one of that number.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn requeue_command(&self, id: i64) -> Result<bool, StoreError> {
        let queued = ActiveModel {
            state: Set("QUEUED".to_owned()),
            attempts: Set(0),
            due: Set(None),
            lease_token: Set(None),
            settled: Set(None),
            progress: Set(None),
            ..ActiveModel::default()
        };
        let dead = Condition::all().add(Column::Id.eq(id)).add(Column::State.eq("DEAD"));
        let update = Entity::update_many().set(queued).filter(dead).into_query();
        Ok(self.writing("requeue a command").execute(&update).await? == 1)
    }

    /// A command, if there is one of that number.
    ///
    /// # Errors
    /// When the database is not available or the row is corrupt.
    pub async fn command(&self, id: i64) -> Result<Option<QueuedCommand>, StoreError> {
        let select = Entity::find().filter(Column::Id.eq(id)).into_query();
        let row = self.reading("read a command").one(&select).await?;
        row.as_ref().map(rows::queued_command).transpose()
    }

    /// Why a word of a consumer does not count.
    async fn not_settled(&self, id: i64) -> Result<Settled, StoreError> {
        Ok(if self.command(id).await?.is_none() { Settled::Unknown } else { Settled::LeaseLost })
    }
}

fn done(now: DateTime<Utc>) -> ActiveModel {
    ActiveModel {
        state: Set("DONE".to_owned()),
        settled: Set(Some(now)),
        due: Set(None),
        last_error: Set(None),
        ..ActiveModel::default()
    }
}

fn ids_of(rows: &[QueryResult]) -> Result<Vec<i64>, StoreError> {
    rows.iter().map(rows::command_id).collect()
}

fn is_held(id: i64, token: Uuid) -> Condition {
    Condition::all().add(Column::Id.eq(id)).add(Column::State.eq("RUNNING")).add(Column::LeaseToken.eq(token))
}
