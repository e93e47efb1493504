//! Look at the model queue.

use crate::app::{App, AppError};
use crate::jobs::{Identity, JobId, Scope};
use crate::models::Command;
use crate::store::{CommandFilter, CommandPage};

/// Which commands, and which page of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListCommands {
    /// Of this job.
    pub job: Option<JobId>,
    /// In this state, one of `CommandState::WORDS`.
    pub state: Option<&'static str>,
    /// This command.
    pub command: Option<Command>,
    /// For this target.
    pub model: Option<String>,
    /// After this number.
    pub after: Option<i64>,
    /// The most of a page.
    pub limit: u16,
}

impl App {
    /// A page of the queue, oldest first: all of it for a scheduler, the commands of its own jobs for anybody else.
    ///
    /// # Errors
    /// When the database is gone.
    pub async fn list_commands(&self, caller: Identity, request: ListCommands) -> Result<CommandPage, AppError> {
        let ListCommands { job, state, command, model, after, limit } = request;
        let owner = match caller.scope {
            Scope::Scheduler => None,
            Scope::User => Some(caller.principal),
        };
        let filter = CommandFilter { owner, job, state, command, model };
        Ok(self.store.commands(&filter, after, limit).await?)
    }
}
