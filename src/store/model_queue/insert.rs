//! New commands. One that says what a command says that waits and has not begun is covered by that: it is stored as `DONE`,
//! so that every job keeps its own rows, and the queue does not grow with what is said again and again.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::model_queue::{ActiveModel, Column, Entity};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryTrait, Set};

use crate::models::{Command, ModelCommand};
use crate::store::statements::Statements;
use crate::store::{StoreError, rows};

/// Rows of one INSERT, so that its parameters stay well below what both databases take.
const ROWS_PER_INSERT: usize = 500;

/// Writes what a job asks of the scheduler, in the transaction that finishes the job.
pub(in crate::store) async fn insert_commands<C: ConnectionTrait>(
    statements: &Statements<'_, C>,
    commands: &[ModelCommand],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for chunk in commands.chunks(ROWS_PER_INSERT) {
        let keys: Vec<Option<String>> = chunk.iter().map(ModelCommand::dedupe_key).collect();
        let waiting = waiting(statements, keys.iter().flatten().cloned().collect()).await?;
        raise(statements, waiting.values().copied().collect(), now).await?;
        let new = chunk.iter().zip(keys).map(|(command, key)| {
            let covering = key.as_ref().and_then(|key| waiting.get(key)).copied();
            rows::new_command(command, key, covering, now)
        });
        let new = new.collect::<Result<Vec<_>, _>>()?;
        statements.execute(&Entity::insert_many(new).into_query()).await?;
    }
    Ok(())
}

/// The commands that can stand for new ones, by their keys. They are held until the end of the transaction, so that no
/// consumer takes one before it is known for what it stands; one that is being taken stands for nothing.
async fn waiting<C: ConnectionTrait>(
    statements: &Statements<'_, C>,
    keys: Vec<String>,
) -> Result<HashMap<String, i64>, StoreError> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = waiting_sql(statements.backend(), keys.len());
    let found = statements.all_of_sql(sql, keys.into_iter().map(Into::into).collect()).await?;
    found.iter().map(|row| Ok((rows::command_key(row)?, rows::command_id(row)?))).collect()
}

/// The statement, with so many keys as parameters. A command does not stand for another one if something else was said
/// of the same source and target in between, or if it has begun: one that was handed back may have, and then it has
/// progress. States are written out for the sake of partial indexes.
fn waiting_sql(backend: DbBackend, keys: usize) -> String {
    let lock = match backend {
        DbBackend::Postgres => "FOR UPDATE OF own SKIP LOCKED",
        _ => "",
    };
    let places: Vec<String> = (1..=keys).map(|place| format!("${place}")).collect();
    format!(
        "SELECT own.id, own.dedupe_key FROM model_queue AS own
        WHERE own.state = 'QUEUED' AND own.attempts = 0 AND own.progress IS NULL AND own.dedupe_key IN ({})
            AND NOT EXISTS (
                SELECT 1 FROM model_queue AS younger
                WHERE younger.model_name_fqn = own.model_name_fqn AND younger.id > own.id
                    AND younger.state IN ('QUEUED', 'RUNNING') AND younger.command = own.command
                    AND COALESCE(younger.from_fqn, '') = COALESCE(own.from_fqn, '')
            )
        {lock}",
        places.join(", ")
    )
}

/// An ingestion that stands for later ones has to see what was made last.
async fn raise<C: ConnectionTrait>(
    statements: &Statements<'_, C>,
    ids: Vec<i64>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let earlier = Condition::any().add(Column::Made.is_null()).add(Column::Made.lt(now));
    let update = Entity::update_many()
        .set(ActiveModel { made: Set(Some(now)), ..ActiveModel::default() })
        .filter(Column::Id.is_in(ids))
        .filter(Column::Command.eq(Command::Ingestion.as_str()))
        .filter(Column::Created.lt(now))
        .filter(earlier);
    statements.execute(&update.into_query()).await?;
    Ok(())
}
