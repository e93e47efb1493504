//! Claim commands, and wait for some if the consumer likes.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::{Instant, timeout_at};

use super::MAX_ATTEMPTS;
use crate::app::{App, AppError};
use crate::jobs::Job;
use crate::models::{Command, CommandLease, QueuedCommand};
use crate::store::CommandClaim;

/// How often the database is asked for commands that another process put into the queue, or that have become due.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// What a consumer asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimCommands {
    /// The most commands.
    pub limit: u64,
    /// How long they are its own.
    pub lease: Duration,
    /// Only these commands; every one where none is given.
    pub commands: Vec<Command>,
    /// How long it waits for the first one, at most the server's own bound.
    pub wait: Duration,
}

impl App {
    /// Commands that are the consumer's own until their lease ends; none when there are none within the time.
    ///
    /// # Errors
    /// When the database is gone.
    pub async fn claim_commands(&self, request: ClaimCommands) -> Result<Vec<QueuedCommand>, AppError> {
        let deadline = Instant::now() + request.wait.min(self.limits.max_wait);
        let mut news = self.signals.subscribe();
        loop {
            let now = self.clock.now();
            let claim = CommandClaim {
                limit: request.limit,
                commands: request.commands.clone(),
                now,
                lease: CommandLease { token: self.ids.random(), until: now + request.lease },
                max_attempts: MAX_ATTEMPTS,
            };
            let claimed = self.store.claim_commands(&claim).await?;
            if !claimed.is_empty() || Instant::now() >= deadline {
                return Ok(claimed);
            }
            // Whether there were news or not, the database says what there is.
            let _ = timeout_at(deadline.min(Instant::now() + LOOK_AGAIN), a_job_ended(&mut news)).await;
        }
    }
}

async fn a_job_ended(news: &mut Receiver<Arc<Job>>) {
    loop {
        match news.recv().await {
            Ok(job) if job.status().is_terminal() => return,
            Err(RecvError::Lagged(_)) => return,
            // Nobody says anything any more: the timeout decides.
            Err(RecvError::Closed) => std::future::pending().await,
            Ok(_) => {}
        }
    }
}
