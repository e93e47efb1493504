//! Claims of commands: a consumer takes those that are due, in order, and none of a target of which an earlier one is open.

use chrono::{DateTime, Utc};
use entity::model_queue::Column;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, QueryFilter, QueryTrait, Set};

use crate::models::{Command, CommandLease, QueuedCommand};
use crate::store::{Store, StoreError, rows};

/// What a consumer asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandClaim {
    /// The most commands that it takes.
    pub limit: u64,
    /// Only these commands; every one where none is given.
    pub commands: Vec<Command>,
    /// The present moment.
    pub now: DateTime<Utc>,
    /// What the consumer will show, and until when the commands are its own.
    pub lease: CommandLease,
    /// A command that was claimed so often without being settled is given up.
    pub max_attempts: u32,
}

impl Store {
    /// Takes up to `limit` commands that are due, oldest first, under one lease. Of one target there is at most one command
    /// on its way, the oldest that is not settled, so that what follows on something comes after it. No two claims get
    /// the same command within its lease. A command whose consumers went silent too often becomes a dead letter instead.
    ///
    /// # Errors
    /// When the database is not available or a row is corrupt.
    pub async fn claim_commands(&self, claim: &CommandClaim) -> Result<Vec<QueuedCommand>, StoreError> {
        let statements = self.writing("claim commands of the model queue");
        let max_attempts = i32::try_from(claim.max_attempts).unwrap_or(i32::MAX);
        statements.execute(&given_up(claim.now, max_attempts)).await?;
        let mut values = vec![
            claim.now.into(),
            i64::try_from(claim.limit).unwrap_or(i64::MAX).into(),
            claim.lease.token.into(),
            claim.lease.until.into(),
        ];
        values.extend(claim.commands.iter().map(|command| command.as_str().into()));
        let claimed = statements.all_of_sql(claim_sql(self.backend(), claim.commands.len()), values).await?;
        let mut commands = claimed.iter().map(rows::queued_command).collect::<Result<Vec<_>, _>>()?;
        // RETURNING promises no order.
        commands.sort_by_key(|command| command.id);
        Ok(commands)
    }
}

/// Commands whose lease ran out once too often.
fn given_up(now: DateTime<Utc>, max_attempts: i32) -> sea_orm::sea_query::UpdateStatement {
    let dead = entity::model_queue::ActiveModel {
        state: Set("DEAD".to_owned()),
        settled: Set(Some(now)),
        last_error: Set(Some("no consumer that took it said what became of it".to_owned())),
        ..Default::default()
    };
    entity::model_queue::Entity::update_many()
        .set(dead)
        .filter(Column::State.eq("RUNNING"))
        .filter(Column::Due.lte(now))
        .filter(Expr::col(Column::Attempts).gte(max_attempts))
        .into_query()
}

/// The statement. As in the claim of jobs, states are written out for the sake of partial indexes, PostgreSQL passes over
/// rows that another claim has locked, and the last condition says again what the row must be. `words` commands are the
/// parameters from the fifth on.
fn claim_sql(backend: DbBackend, words: usize) -> String {
    let lock = match backend {
        DbBackend::Postgres => "FOR UPDATE OF own SKIP LOCKED",
        _ => "",
    };
    let places: Vec<String> = (5..).take(words).map(|place| format!("${place}")).collect();
    let only = match words {
        0 => String::new(),
        _ => format!("AND own.command IN ({})", places.join(", ")),
    };
    format!(
        "WITH next AS MATERIALIZED (
            SELECT own.id FROM model_queue AS own
            WHERE own.state IN ('QUEUED', 'RUNNING') AND (own.due IS NULL OR own.due <= $1) {only}
                AND NOT EXISTS (
                    SELECT 1 FROM model_queue AS earlier
                    WHERE earlier.model_name_fqn = own.model_name_fqn AND earlier.id < own.id
                        AND earlier.state IN ('QUEUED', 'RUNNING')
                )
            ORDER BY own.id LIMIT $2 {lock}
        )
        UPDATE model_queue SET
            state = 'RUNNING', attempts = attempts + 1, lease_token = $3, due = $4
        WHERE id IN (SELECT id FROM next)
            AND state IN ('QUEUED', 'RUNNING') AND (due IS NULL OR due <= $1)
        RETURNING *"
    )
}
