//! What a consumer says of a command, and the second chance of a dead letter.

use std::time::Duration;

use uuid::Uuid;

use super::MAX_ATTEMPTS;
use crate::app::{App, AppError};
use crate::models::{CommandProgress, QueuedCommand, wait_after};
use crate::problem::{Code, Problem};
use crate::store::{Nack, Next, Settled};

/// A command that a consumer did not carry out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NackCommand {
    /// The command.
    pub id: i64,
    /// What the consumer shows.
    pub token: Uuid,
    /// What it wants with it.
    pub returned: Returned,
    /// Why, for people.
    pub reason: String,
}

/// What a consumer wants with a command that it did not carry out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// It is tried again after this wait, unless it was tried too often.
    Retry(Duration),
    /// The same after a wait that grows with the tries.
    RetryInTurn,
    /// It waits so long as if it had not been claimed: this was no try.
    HandBack(Duration),
    /// Trying again is no use.
    GiveUp,
}

impl App {
    /// The command was carried out; the command as it is now. Saying it twice is no error.
    ///
    /// # Errors
    /// When there is no such command, its lease is another one or was lost, or the database is gone.
    pub async fn ack_command(&self, id: i64, token: Uuid) -> Result<QueuedCommand, AppError> {
        let settled = self.store.ack_command(id, token, self.clock.now()).await?;
        self.settled(id, settled).await
    }

    /// Commands of one claim were carried out; those of them that are done. The others belong to somebody else by now,
    /// or are not there.
    ///
    /// # Errors
    /// When the database is gone.
    pub async fn ack_commands(&self, ids: &[i64], token: Uuid) -> Result<Vec<i64>, AppError> {
        Ok(self.store.ack_commands(ids, token, self.clock.now()).await?)
    }

    /// The command was not carried out.
    ///
    /// # Errors
    /// As [`Self::ack_command`].
    pub async fn nack_command(&self, request: NackCommand) -> Result<QueuedCommand, AppError> {
        let NackCommand { id, token, returned, reason } = request;
        let now = self.clock.now();
        let retry = |wait| Next::Retry { due: now + wait, max_attempts: MAX_ATTEMPTS };
        let next = match returned {
            Returned::Retry(wait) => retry(wait),
            // What is read here holds while the token is the command's: only another claim is another try.
            Returned::RetryInTurn => retry(wait_after(self.command(id).await?.attempts)),
            Returned::HandBack(wait) => Next::HandBack { due: now + wait },
            Returned::GiveUp => Next::GiveUp,
        };
        let settled = self.store.nack_command(&Nack { id, token, now, next, reason }).await?;
        self.settled(id, settled).await
    }

    /// The consumer is still at it: the command is its own for this time from now on.
    ///
    /// # Errors
    /// As [`Self::ack_command`].
    pub async fn renew_command(&self, id: i64, token: Uuid, lease: Duration) -> Result<QueuedCommand, AppError> {
        let settled = self.store.renew_command(id, token, self.clock.now() + lease).await?;
        self.settled(id, settled).await
    }

    /// How far the consumer got, so that whoever has the command next goes on from there.
    ///
    /// # Errors
    /// As [`Self::ack_command`].
    pub async fn note_command_progress(
        &self,
        id: i64,
        token: Uuid,
        progress: &CommandProgress,
    ) -> Result<QueuedCommand, AppError> {
        let settled = self.store.note_command_progress(id, token, progress).await?;
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
