//! One command while it is carried out: what is known of it, and how far it is.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use warren_openmetadata::{Client, Fqn};

use super::run::Scheduler;
use super::setback::Setback;
use crate::models::{Command, CommandLease, CommandProgress, CommandState, ModelCommand, QueuedCommand};

/// A command that this process has.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) scheduler: Arc<Scheduler>,
    pub(super) id: i64,
    pub(super) lease: CommandLease,
    pub(super) command: ModelCommand,
    /// When the target was made: what ran in OpenMetadata before cannot have seen it.
    pub(super) created: DateTime<Utc>,
    pub(super) attempts: u32,
    /// How far it is; stored by [`Self::note`].
    pub(super) progress: CommandProgress,
    stored: CommandProgress,
}

impl Task {
    /// The task of a command that was claimed; none of one that was not.
    pub(super) fn of(scheduler: Arc<Scheduler>, queued: QueuedCommand) -> Option<Self> {
        let QueuedCommand { id, command, made: created, attempts, progress, state, created: _, last_error: _ } = queued;
        let CommandState::Running { lease } = state else { return None };
        Some(Self { scheduler, id, lease, command, created, attempts, stored: progress.clone(), progress })
    }

    /// Carries it out.
    pub(super) async fn carry_out(&mut self) -> Result<(), Setback> {
        match self.command.command {
            Command::Lineage => self.tell_lineage().await,
            Command::Ingestion => self.ingest().await,
            Command::Query => self.tell_query().await,
        }
    }

    /// Stores how far it is, where that is not what is stored.
    pub(super) async fn note(&mut self) -> Result<(), Setback> {
        if self.progress != self.stored {
            self.scheduler.app.note_command_progress(self.id, self.lease.token, &self.progress).await?;
            self.stored = self.progress.clone();
        }
        Ok(())
    }

    /// The table or view that was made or filled, or the query that is told.
    pub(super) fn target(&self) -> Result<Fqn, Setback> {
        parsed(&self.command.model_name_fqn)
    }

    /// The source of what is in it.
    pub(super) fn source(&self) -> Result<Fqn, Setback> {
        parsed(self.command.from_fqn.as_deref().ok_or(Setback::NoSource)?)
    }

    pub(super) fn openmetadata(&self) -> &Client {
        &self.scheduler.openmetadata
    }

    /// The present moment, in milliseconds since 1970.
    pub(super) fn now_ms(&self) -> i64 {
        self.scheduler.app.clock.now().timestamp_millis()
    }
}

fn parsed(name: &str) -> Result<Fqn, Setback> {
    Fqn::parse(name).map_err(|source| Setback::Name { name: name.to_owned(), source })
}
