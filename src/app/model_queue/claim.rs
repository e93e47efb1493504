//! Claim commands, and wait for some if the consumer likes.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::{Instant, timeout_at};

use super::{MAX_ATTEMPTS, MAX_CLAIM_BYTES};
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

/// When a claim that waits looks into the queue again.
#[derive(Debug)]
pub struct Looks {
    news: Receiver<Arc<Job>>,
    deadline: Instant,
}

impl App {
    /// Commands that are the consumer's own until their lease ends; none when there are none within the time.
    ///
    /// # Errors
    /// When the database is gone.
    pub async fn claim_commands(&self, request: ClaimCommands) -> Result<Vec<QueuedCommand>, AppError> {
        let mut looks = self.looks(request.wait);
        loop {
            let claimed = self.claim_due_commands(&request).await?;
            if !claimed.is_empty() || !looks.again().await {
                return Ok(claimed);
            }
        }
    }

    /// Commands that are due now, without any wait.
    ///
    /// # Errors
    /// When the database is gone.
    pub async fn claim_due_commands(&self, request: &ClaimCommands) -> Result<Vec<QueuedCommand>, AppError> {
        let now = self.clock.now();
        let claim = CommandClaim {
            limit: request.limit,
            max_bytes: MAX_CLAIM_BYTES,
            commands: request.commands.clone(),
            now,
            lease: CommandLease { token: self.ids.random(), until: now + request.lease },
            max_attempts: MAX_ATTEMPTS,
        };
        Ok(self.store.claim_commands(&claim).await?)
    }

    /// The looks of a claim that waits for so long, at most the server's own bound. News from here on are not missed.
    #[must_use]
    pub fn looks(&self, wait: Duration) -> Looks {
        Looks { news: self.signals.subscribe(), deadline: Instant::now() + wait.min(self.limits.max_wait) }
    }
}

impl Looks {
    /// Waits until there may be commands; whether it is worth to look. Whether there were news or not, the database says
    /// what there is.
    pub async fn again(&mut self) -> bool {
        let now = Instant::now();
        if now >= self.deadline {
            return false;
        }
        let _ = timeout_at(self.deadline.min(now + LOOK_AGAIN), a_job_ended(&mut self.news)).await;
        true
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
