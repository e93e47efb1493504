//! What a consumer says of a command, and the second chance of a dead letter.

use std::time::Duration;

use uuid::Uuid;

use super::MAX_ATTEMPTS;
use crate::app::{App, AppError};
use crate::models::QueuedCommand;
use crate::problem::{Code, Problem};
use crate::store::{Nack, Settled};

impl App {
    /// The command was carried out; the command as it is now. Saying it twice is no error.
    ///
    /// # Errors
    /// When there is no such command, its lease is another one or was lost, or the database is gone.
    pub async fn ack_command(&self, id: i64, token: Uuid) -> Result<QueuedCommand, AppError> {
        let settled = self.store.ack_command(id, token, self.clock.now()).await?;
        self.settled(id, settled).await
    }

    /// The command could not be carried out: it is tried again after a while, unless it was tried too often.
    ///
    /// # Errors
    /// As [`Self::ack_command`].
    pub async fn nack_command(
        &self,
        id: i64,
        token: Uuid,
        retry_after: Duration,
        reason: String,
    ) -> Result<QueuedCommand, AppError> {
        let now = self.clock.now();
        let nack = Nack { id, token, now, due: now + retry_after, reason, max_attempts: MAX_ATTEMPTS };
        let settled = self.store.nack_command(&nack).await?;
        self.settled(id, settled).await
    }

    /// A dead letter waits again as if it were new.
    ///
    /// # Errors
    /// When there is no such command, it is not dead, or the database is gone.
    pub async fn requeue_command(&self, id: i64) -> Result<QueuedCommand, AppError> {
        let requeued = self.store.requeue_command(id).await?;
        let command = self.command(id).await?;
        if requeued {
            return Ok(command);
        }
        let detail = format!("command {id} is {}", command.state.as_str());
        Err(Problem::new(Code::CommandNotDead, detail).with_hint("only a dead letter can be put back").into())
    }

    async fn settled(&self, id: i64, settled: Settled) -> Result<QueuedCommand, AppError> {
        match settled {
            Settled::Yes => self.command(id).await,
            Settled::Unknown => Err(unknown(id)),
            Settled::LeaseLost => {
                let detail = format!("the lease of command {id} is another one");
                Err(Problem::new(Code::LeaseLost, detail)
                    .with_hint("the command belongs to whoever claimed it last; forget it")
                    .into())
            }
        }
    }

    async fn command(&self, id: i64) -> Result<QueuedCommand, AppError> {
        self.store.command(id).await?.ok_or_else(|| unknown(id))
    }
}

fn unknown(id: i64) -> AppError {
    AppError::new(Code::NotFound, format!("there is no command {id}"))
}
