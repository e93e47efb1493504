//! The model queue: commands are put in by the transaction that finishes their job, claimed by consumers and settled.

mod claim;
mod list;
mod settle;

use chrono::{DateTime, Utc};
use entity::model_queue;
use sea_orm::{ConnectionTrait, EntityTrait, QueryTrait};

pub use claim::CommandClaim;
pub use list::{CommandFilter, CommandPage};
pub use settle::{Nack, Next, Settled};

use super::statements::Statements;
use super::{StoreError, rows};
use crate::models::ModelCommand;

/// Rows of one INSERT, so that its parameters stay well below what both databases take.
const ROWS_PER_INSERT: usize = 500;

/// Writes what a job asks of the scheduler.
pub(super) async fn insert_commands<C: ConnectionTrait>(
    statements: &Statements<'_, C>,
    commands: &[ModelCommand],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for chunk in commands.chunks(ROWS_PER_INSERT) {
        let new = chunk.iter().map(|command| rows::new_command(command, now)).collect::<Result<Vec<_>, _>>()?;
        statements.execute(&model_queue::Entity::insert_many(new).into_query()).await?;
    }
    Ok(())
}
