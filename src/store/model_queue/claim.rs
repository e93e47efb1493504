//! Claims of commands: a consumer takes those that are due, in order, and of one target no second one while one is on its
//! way.

use chrono::{DateTime, Utc};
use entity::model_queue::Column;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryTrait, Set, SqlErr};

use crate::models::{Command, CommandLease, QueuedCommand};
use crate::store::{Store, StoreError, rows};

/// How often a claim is tried that took a command of a target at the same moment as another claim.
const TRIES: usize = 3;

/// What a consumer asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandClaim {
    /// The most commands that it takes.
    pub limit: u64,
    /// No more commands once their payloads have so many bytes; the first one in any case.
    pub max_bytes: u64,
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
    /// on its way, the oldest that is not settled, so that what follows on something comes after it; but an ingestion goes
    /// past lineage that was tried and waits to be tried again, for it may be what that waits for. No two claims get the
    /// same command within its lease. A command whose consumers went silent too often becomes a dead letter instead.
    ///
    /// # Errors
    /// When the database is not available or a row is corrupt.
    pub async fn claim_commands(&self, claim: &CommandClaim) -> Result<Vec<QueuedCommand>, StoreError> {
        let statements = self.writing("claim commands of the model queue");
        let max_attempts = i32::try_from(claim.max_attempts).unwrap_or(i32::MAX);
        statements.execute(&given_up(claim.now, max_attempts)).await?;
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let mut values = vec![
            claim.now.into(),
            number(claim.limit).into(),
            claim.lease.token.into(),
            claim.lease.until.into(),
            number(claim.max_bytes).into(),
        ];
        values.extend(claim.commands.iter().map(|command| command.as_str().into()));
        for _ in 0..TRIES {
            let sql = claim_sql(self.backend(), claim.commands.len());
            let claimed = match statements.try_all_of_sql(sql, values.clone()).await {
                Err(error) if is_taken(&error) => continue,
                claimed => claimed.map_err(|error| statements.error(&error))?,
            };
            let mut commands = claimed.iter().map(rows::queued_command).collect::<Result<Vec<_>, _>>()?;
            // RETURNING promises no order.
            commands.sort_by_key(|command| command.id);
            return Ok(commands);
        }
        // Others are at it. Whoever finds nothing asks again.
        Ok(Vec::new())
    }
}

/// Whether another claim took a command of the same target at the same moment, which the unique index
/// `model_queue_running` lets one of them do.
fn is_taken(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// Commands whose lease ran out once too often. The state is written out for the sake of the partial index.
fn given_up(now: DateTime<Utc>, max_attempts: i32) -> sea_orm::sea_query::UpdateStatement {
    let dead = entity::model_queue::ActiveModel {
        state: Set("DEAD".to_owned()),
        settled: Set(Some(now)),
        last_error: Set(Some("no consumer that took it said what became of it".to_owned())),
        ..Default::default()
    };
    entity::model_queue::Entity::update_many()
        .set(dead)
        .filter(Expr::cust("state = 'RUNNING'"))
        .filter(Column::Due.lte(now))
        .filter(Expr::col(Column::Attempts).gte(max_attempts))
        .into_query()
}

/// The statement. As in the claim of jobs, states are written out for the sake of partial indexes, PostgreSQL passes over
/// rows that another claim has locked, and the last condition says again what the row must be. `words` commands are the
/// parameters from the sixth on.
///
/// A command that is on its way already, under a lease that is over, is not held up by an earlier one: that one came back
/// from the dead letters, or its transaction was the slower one, and waits until this one is settled. The one that is on its
/// way is looked up target by target: PostgreSQL would compare each row with all of them, were it a join.
fn claim_sql(backend: DbBackend, words: usize) -> String {
    let lock = match backend {
        DbBackend::Postgres => "FOR UPDATE OF own SKIP LOCKED",
        _ => "",
    };
    let places: Vec<String> = (6..).take(words).map(|place| format!("${place}")).collect();
    let only = match words {
        0 => String::new(),
        _ => format!("AND own.command IN ({})", places.join(", ")),
    };
    format!(
        "WITH next AS MATERIALIZED (
            SELECT own.id, COALESCE(OCTET_LENGTH(own.payload), 0) AS bytes FROM model_queue AS own
            WHERE own.state IN ('QUEUED', 'RUNNING') AND (own.due IS NULL OR own.due <= $1) {only}
                AND own.id = COALESCE((
                    SELECT running.id FROM model_queue AS running
                    WHERE running.model_name_fqn = own.model_name_fqn AND running.state = 'RUNNING'
                ), own.id)
                AND NOT EXISTS (
                    SELECT 1 FROM model_queue AS earlier
                    WHERE earlier.model_name_fqn = own.model_name_fqn AND earlier.id < own.id
                        AND earlier.state IN ('QUEUED', 'RUNNING') AND own.state = 'QUEUED'
                        AND NOT (own.command = 'INGESTION' AND earlier.command = 'LINEAGE' AND {BEHIND_A_WAIT})
                )
            ORDER BY own.id LIMIT $2 {lock}
        ), fitting AS (
            SELECT id FROM (SELECT id, SUM(bytes) OVER (ORDER BY id) - bytes AS ahead FROM next) AS summed
            WHERE ahead < $5
        )
        UPDATE model_queue SET
            state = 'RUNNING', attempts = attempts + 1, lease_token = $3, due = $4
        WHERE id IN (SELECT id FROM fitting)
            AND state IN ('QUEUED', 'RUNNING') AND (due IS NULL OR due <= $1)
        RETURNING *"
    )
}

/// Whether lineage waits to be tried again, or stands behind such a one. As soon as that is due it goes first, so that
/// however many ingestions come, it is tried.
const BEHIND_A_WAIT: &str = "EXISTS (
    SELECT 1 FROM model_queue AS waiting
    WHERE waiting.model_name_fqn = earlier.model_name_fqn AND waiting.id <= earlier.id
        AND waiting.state IN ('QUEUED', 'RUNNING') AND waiting.state = 'QUEUED'
        AND waiting.command = 'LINEAGE' AND waiting.attempts > 0 AND waiting.due > $1
)";
