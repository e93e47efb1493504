//! The scheduler itself: claims what is due, carries it out beside each other, holds the leases, and says what became of it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, MissedTickBehavior, interval};
use warren_openmetadata::{Client, Sleeper};

use super::pause::Pause;
use super::setback::Setback;
use super::settings::SchedulerSettings;
use super::starts::Starts;
use super::task::Task;
use crate::app::{App, AppError, ClaimCommands, NackCommand, Returned};
use crate::lifecycle::Lifecycle;
use crate::models::QueuedCommand;
use crate::openlineage::OpenLineage;
use crate::problem::Code;

/// How long a claim waits for commands: as long as a stop may take at most, for a claim is never broken off.
const CLAIM_WAIT: Duration = Duration::from_secs(1);
/// How long to wait when the database does not answer.
const DATABASE_WAIT: Duration = Duration::from_secs(5);
/// How often the age of the queue is measured.
const MEASURE_EVERY: Duration = Duration::from_secs(30);

/// What a [`Scheduler`] is made of.
#[derive(Debug)]
pub struct SchedulerParts {
    /// The use cases: it is a consumer of the model queue like any other.
    pub app: App,
    /// The catalogue.
    pub openmetadata: Client,
    /// Who else is told of lineage.
    pub openlineage: Option<OpenLineage>,
    /// How it behaves.
    pub settings: SchedulerSettings,
    /// The passing of time between two looks.
    pub sleeper: Arc<dyn Sleeper>,
    /// What its tasks belong to.
    pub lifecycle: Lifecycle,
}

/// The built-in scheduler.
#[derive(Debug)]
pub struct Scheduler {
    pub(super) app: App,
    pub(super) openmetadata: Client,
    pub(super) openlineage: Option<OpenLineage>,
    pub(super) settings: SchedulerSettings,
    pub(super) sleeper: Arc<dyn Sleeper>,
    pub(super) starts: Starts,
    lifecycle: Lifecycle,
    /// While the receiver of OpenLineage's events is away, no command waits for it.
    pub(super) receiver_away: Pause,
    slots: Arc<Semaphore>,
    /// While OpenMetadata is away, no command needs to be claimed.
    away: Pause,
}

impl Scheduler {
    /// A scheduler that has not started.
    #[must_use]
    pub fn new(parts: SchedulerParts) -> Self {
        let SchedulerParts { app, openmetadata, openlineage, settings, sleeper, lifecycle } = parts;
        let slots = Arc::new(Semaphore::new(settings.slots));
        let (starts, receiver_away, away) = (Starts::default(), Pause::default(), Pause::default());
        Self { app, openmetadata, openlineage, settings, sleeper, starts, lifecycle, receiver_away, slots, away }
    }

    /// Works the queue off until the process is asked to stop. What is carried out then is handed back at once.
    pub async fn run(self: Arc<Self>) {
        let stopping = self.lifecycle.stopping();
        let mut measured = None;
        while let Some(slots) = stopping.run_until_cancelled(self.free_slots()).await {
            self.measure(&mut measured).await;
            let limit = u64::try_from(slots.num_permits()).unwrap_or(u64::MAX);
            match self.claim(limit, CLAIM_WAIT).await {
                Ok(claimed) => self.spread(claimed, slots),
                Err(error) => {
                    tracing::warn!(error = ?error, "cannot claim commands of the model queue");
                    drop(slots);
                    stopping.run_until_cancelled(self.sleeper.sleep(DATABASE_WAIT)).await;
                }
            }
        }
    }

    /// Commands that are due, at most so many, and at the latest after the wait.
    ///
    /// # Errors
    /// When the database is gone.
    pub async fn claim(&self, limit: u64, wait: Duration) -> Result<Vec<QueuedCommand>, AppError> {
        let request = ClaimCommands { limit, lease: self.settings.lease, commands: Vec::new(), wait };
        self.app.claim_commands(request).await
    }

    /// Carries out a command that was claimed, and says what became of it.
    pub async fn work(self: &Arc<Self>, claimed: QueuedCommand) {
        let Some(mut task) = Task::of(Arc::clone(self), claimed) else { return };
        let stopping = self.lifecycle.stopping();
        let (id, token) = (task.id, task.lease.token);
        let outcome = tokio::select! {
            biased;
            outcome = task.carry_out() => outcome,
            () = self.hold(id, token) => {
                tracing::warn!(command.id = id, "another consumer has the command now");
                return;
            }
            () = stopping.cancelled() => Err(Setback::Stopping),
        };
        if let Err(error) = self.settle(&mut task, outcome).await {
            tracing::warn!(command.id = task.id, error = ?error, "cannot say what became of a command; it is tried again");
        }
    }

    /// Waits for a free slot while OpenMetadata is there, and takes all that are free.
    async fn free_slots(&self) -> OwnedSemaphorePermit {
        if let Some(away) = self.away.left(self.sleeper.now()) {
            self.sleeper.sleep(away).await;
        }
        loop {
            let free = u32::try_from(self.slots.available_permits()).unwrap_or(u32::MAX).max(1);
            // Only this loop takes slots, so that what is free stays free until it is taken.
            match Arc::clone(&self.slots).acquire_many_owned(free).await {
                Ok(slots) => return slots,
                Err(_closed) => std::future::pending().await,
            }
        }
    }

    fn spread(self: &Arc<Self>, claimed: Vec<QueuedCommand>, mut slots: OwnedSemaphorePermit) {
        for command in claimed {
            let slot = slots.split(1);
            let scheduler = Arc::clone(self);
            self.lifecycle.spawn("command", async move {
                scheduler.work(command).await;
                drop(slot);
            });
        }
    }

    /// Renews a lease until it is lost. A database that does not answer is asked again: the lease holds until its time.
    async fn hold(&self, id: i64, token: uuid::Uuid) {
        let mut renew = interval(self.settings.lease / 3);
        renew.set_missed_tick_behavior(MissedTickBehavior::Delay);
        renew.tick().await;
        loop {
            renew.tick().await;
            match self.app.renew_command(id, token, self.settings.lease).await {
                Err(error) if is_lost(&error) => return,
                Err(error) => tracing::warn!(command.id = id, error = ?error, "cannot renew the lease of a command"),
                Ok(_) => {}
            }
        }
    }

    async fn settle(&self, task: &mut Task, outcome: Result<(), Setback>) -> Result<(), Setback> {
        task.note().await?;
        let command = task.command.command.as_str();
        let (id, token) = (task.id, task.lease.token);
        let word = match outcome {
            Ok(()) => {
                self.app.ack_command(id, token).await?;
                self.away.end();
                "done"
            }
            Err(setback) => {
                let share = self.share();
                if let Some(away) = setback.outage() {
                    self.away.until(self.sleeper.now() + away);
                }
                let returned = setback.returned(task.attempts, share);
                let reason = setback.reason();
                tracing::info!(command.id = id, command, target = %task.command.model_name_fqn, %reason, "a command was not carried out");
                let nack = NackCommand { id, token, returned, reason };
                let is_settled = self.app.nack_command(nack).await?.state.is_settled();
                match returned {
                    _ if is_settled => "dead",
                    Returned::HandBack(_) => "handed_back",
                    Returned::Retry(_) | Returned::RetryInTurn | Returned::GiveUp => "retried",
                }
            }
        };
        metrics::counter!("warren_commands_total", "command" => command, "outcome" => word).increment(1);
        Ok(())
    }

    /// Says how long the oldest command waits that is not settled.
    async fn measure(&self, measured: &mut Option<Instant>) {
        let now = self.sleeper.now();
        if measured.is_some_and(|last| now.saturating_duration_since(last) < MEASURE_EVERY) {
            return;
        }
        *measured = Some(now);
        if let Ok(oldest) = self.app.store.oldest_open_command().await {
            let age = oldest.map(|created| (self.app.clock.now() - created).to_std().unwrap_or_default());
            metrics::gauge!("warren_oldest_command_seconds").set(age.unwrap_or_default().as_secs_f64());
        }
    }

    /// A random number from 0 to 1. The first bytes of an id of version 4 are all random (RFC 9562, 5.4).
    fn share(&self) -> f64 {
        let [a, b, c, d, ..] = self.app.ids.random().into_bytes();
        f64::from(u32::from_be_bytes([a, b, c, d])) / f64::from(u32::MAX)
    }
}

fn is_lost(error: &AppError) -> bool {
    [Code::LeaseLost, Code::NotFound].iter().any(|code| error.problem.code == code.as_str())
}
