//! The state machine of a job. A transition consumes the job and returns the next one together with what the database
//! row must look like for it to be stored.
//!
//! ```text
//! INIT -> QUEUED -> RUNNING -> FINISHED
//!   |        |         |-----> FAILED
//!   |--------|---------|-----> CANCELED       (INIT and QUEUED may also go to FAILED)
//! ```

use chrono::{DateTime, Utc};

use super::{JobId, LeaseToken, Plan, Remote, Run, StoredResult, Submission};
use crate::problem::Problem;

/// One submitted query and its execution.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// The job's id.
    pub id: JobId,
    /// Grows by one with each stored change; the resource's ETag.
    pub version: i64,
    /// What was asked for.
    pub submission: Submission,
    /// When the request arrived.
    pub created: DateTime<Utc>,
    /// When the row last changed.
    pub updated: DateTime<Utc>,
    /// When somebody asked for it to be canceled, if so.
    pub cancel_requested: Option<DateTime<Utc>>,
    /// Where it stands.
    pub state: State,
}

/// Where a job stands, with the data that exists at that point and no other.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// The request arrived and the job was made.
    Init,
    /// The query was analysed and can run.
    Queued {
        /// What will run.
        plan: Plan,
    },
    /// A worker drives it.
    Running {
        /// What runs.
        plan: Plan,
        /// Who drives it, and how far it is.
        run: Run,
    },
    /// Trino finished and the result is stored.
    Finished {
        /// What ran.
        plan: Plan,
        /// The last state of its execution.
        run: Run,
        /// The result.
        result: StoredResult,
        /// When it ended.
        finished: DateTime<Utc>,
    },
    /// It failed.
    Failed {
        /// What was to run, if the analysis came that far.
        plan: Option<Plan>,
        /// Its execution, if it came that far.
        run: Option<Run>,
        /// Why.
        error: Problem,
        /// When it ended.
        finished: DateTime<Utc>,
    },
    /// It was stopped.
    Canceled {
        /// What was to run, if the analysis came that far.
        plan: Option<Plan>,
        /// Its execution, if it came that far.
        run: Option<Run>,
        /// When it ended.
        finished: DateTime<Utc>,
    },
}

/// The status of a job, as the `job` table and the API spell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// The request arrived.
    Init,
    /// It can run.
    Queued,
    /// It runs.
    Running,
    /// It ended well and its result can be read.
    Finished,
    /// It ended with an error.
    Failed,
    /// It was stopped.
    Canceled,
}

impl Status {
    /// Every status, in the order of life.
    pub const ALL: [Self; 6] = [Self::Init, Self::Queued, Self::Running, Self::Finished, Self::Failed, Self::Canceled];

    /// The word in the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Init => "INIT",
            Self::Queued => "QUEUED",
            Self::Running => "RUNNING",
            Self::Finished => "FINISHED",
            Self::Failed => "FAILED",
            Self::Canceled => "CANCELED",
        }
    }

    /// The status of that name, whatever its case.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str().eq_ignore_ascii_case(word))
    }

    /// Whether nothing can follow.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Finished | Self::Failed | Self::Canceled)
    }
}

/// What a row must look like for a change to be stored. Anything else means that somebody else was faster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// The row has this status and version.
    Version {
        /// Status before the change.
        status: Status,
        /// Version before the change.
        version: i64,
    },
    /// The row is `RUNNING` under this lease, whatever its version: only the holder writes to it.
    Lease(LeaseToken),
}

/// A job after a change, with what its row must have been before.
#[derive(Clone, Debug, PartialEq)]
pub struct Transition {
    /// What the row must look like.
    pub expects: Expectation,
    /// The job as it will be.
    pub job: Job,
}

impl Transition {
    /// Whether a crash of the database that forgets this change costs nothing but time: the job is one of which a worker
    /// that finds it as it was before starts the statement again, and that does no harm.
    #[must_use]
    pub fn can_be_forgotten(&self) -> bool {
        let stays_running = matches!(self.expects, Expectation::Lease(_));
        matches!(&self.job.state, State::Running { plan, .. } if plan.repeatable && stays_running)
    }
}

/// A transition that the state machine does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a job that is {} cannot {action}", from.as_str())]
pub struct InvalidTransition {
    /// The status it has.
    pub from: Status,
    /// What was tried.
    pub action: &'static str,
}

impl Job {
    /// A new job, before anything was made of its query.
    #[must_use]
    pub fn new(id: JobId, submission: Submission, now: DateTime<Utc>) -> Self {
        Self { id, version: 1, submission, created: now, updated: now, cancel_requested: None, state: State::Init }
    }

    /// The status as the table and the API spell it.
    #[must_use]
    pub fn status(&self) -> Status {
        match self.state {
            State::Init => Status::Init,
            State::Queued { .. } => Status::Queued,
            State::Running { .. } => Status::Running,
            State::Finished { .. } => Status::Finished,
            State::Failed { .. } => Status::Failed,
            State::Canceled { .. } => Status::Canceled,
        }
    }

    /// What was or will be run, once the query was analysed.
    #[must_use]
    pub fn plan(&self) -> Option<&Plan> {
        match &self.state {
            State::Init => None,
            State::Queued { plan } | State::Running { plan, .. } | State::Finished { plan, .. } => Some(plan),
            State::Failed { plan, .. } | State::Canceled { plan, .. } => plan.as_ref(),
        }
    }

    /// The execution, once there was one.
    #[must_use]
    pub fn run(&self) -> Option<&Run> {
        match &self.state {
            State::Init | State::Queued { .. } => None,
            State::Running { run, .. } | State::Finished { run, .. } => Some(run),
            State::Failed { run, .. } | State::Canceled { run, .. } => run.as_ref(),
        }
    }

    /// The result, once there is one.
    #[must_use]
    pub fn result(&self) -> Option<&StoredResult> {
        match &self.state {
            State::Finished { result, .. } => Some(result),
            _ => None,
        }
    }

    /// Why it failed, if it did.
    #[must_use]
    pub fn error(&self) -> Option<&Problem> {
        match &self.state {
            State::Failed { error, .. } => Some(error),
            _ => None,
        }
    }

    /// When it ended, if it did.
    #[must_use]
    pub fn finished(&self) -> Option<DateTime<Utc>> {
        match &self.state {
            State::Finished { finished, .. } | State::Failed { finished, .. } | State::Canceled { finished, .. } => {
                Some(*finished)
            }
            State::Init | State::Queued { .. } | State::Running { .. } => None,
        }
    }

    /// The query was analysed and can run: `INIT -> QUEUED`.
    ///
    /// # Errors
    /// When the job is not `INIT`.
    pub fn enqueue(self, plan: Plan, now: DateTime<Utc>) -> Result<Transition, InvalidTransition> {
        match self.state {
            State::Init => Ok(self.into_transition(State::Queued { plan }, now)),
            _ => Err(self.invalid("be enqueued")),
        }
    }

    /// A worker takes it: `QUEUED -> RUNNING`, or `RUNNING -> RUNNING` when the lease of another worker ran out. The
    /// query at Trino, if there is one, stays: the new worker carries on with it.
    ///
    /// # Errors
    /// When the job is neither waiting nor abandoned.
    pub fn claim(self, lease: super::Lease, now: DateTime<Utc>) -> Result<Transition, InvalidTransition> {
        let expects = self.expects_version();
        let state = match self.state {
            State::Queued { plan } => {
                let progress = super::Progress::default();
                let run = Run { attempt: 1, takeovers: 0, started: now, lease, remote: None, progress };
                State::Running { plan, run }
            }
            State::Running { plan, run } if run.lease.until <= now => {
                let takeovers = run.takeovers + u32::from(!run.lease.was_given_back());
                State::Running { plan, run: Run { lease, takeovers, ..run } }
            }
            _ => return Err(self.invalid("be claimed")),
        };
        Ok(Transition { expects, job: Self { state, updated: now, version: self.version + 1, ..self } })
    }

    /// Trino knows the query now: stored before its first page is asked for, so that nothing can be lost in between.
    ///
    /// # Errors
    /// When the job is not running.
    pub fn attach(self, remote: Remote, now: DateTime<Utc>) -> Result<Transition, InvalidTransition> {
        match self.state.clone() {
            State::Running { plan, run } => {
                Ok(self.into_transition(State::Running { plan, run: Run { remote: Some(remote), ..run } }, now))
            }
            _ => Err(self.invalid("be attached to a query")),
        }
    }

    /// Trino lost the query, and it does no harm to run it again: the next attempt, by the same worker.
    ///
    /// # Errors
    /// When the job is not running.
    pub fn restart(self, now: DateTime<Utc>) -> Result<Transition, InvalidTransition> {
        match self.state.clone() {
            State::Running { plan, run } => {
                let run = Run { attempt: run.attempt + 1, remote: None, progress: super::Progress::default(), ..run };
                Ok(self.into_transition(State::Running { plan, run }, now))
            }
            _ => Err(self.invalid("be restarted")),
        }
    }

    /// Trino finished and the result is stored: `RUNNING -> FINISHED`.
    ///
    /// # Errors
    /// When the job is not running.
    pub fn finish(self, result: StoredResult, now: DateTime<Utc>) -> Result<Transition, InvalidTransition> {
        match self.state.clone() {
            State::Running { plan, run } => {
                Ok(self.into_transition(State::Finished { plan, run, result, finished: now }, now))
            }
            _ => Err(self.invalid("be finished")),
        }
    }

    /// The same job with the latest progress of its run. No transition: progress is stored with the renewals of the
    /// lease, and this keeps the next transition from taking it back.
    #[must_use]
    pub fn progressed(mut self, progress: super::Progress) -> Self {
        if let State::Running { run, .. } = &mut self.state {
            run.progress = progress;
        }
        self
    }

    /// It failed, at whatever point it was.
    ///
    /// # Errors
    /// When the job has ended.
    pub fn fail(self, error: Problem, now: DateTime<Utc>) -> Result<Transition, InvalidTransition> {
        let (plan, run) = self.live_parts("fail")?;
        Ok(self.into_transition(State::Failed { plan, run, error, finished: now }, now))
    }

    /// It was stopped, and nothing of it runs any more.
    ///
    /// # Errors
    /// When the job has ended.
    pub fn cancel(self, now: DateTime<Utc>) -> Result<Transition, InvalidTransition> {
        let (plan, run) = self.live_parts("be canceled")?;
        Ok(self.into_transition(State::Canceled { plan, run, finished: now }, now))
    }

    fn live_parts(&self, action: &'static str) -> Result<(Option<Plan>, Option<Run>), InvalidTransition> {
        match &self.state {
            State::Init => Ok((None, None)),
            State::Queued { plan } => Ok((Some(plan.clone()), None)),
            State::Running { plan, run } => Ok((Some(plan.clone()), Some(run.clone()))),
            State::Finished { .. } | State::Failed { .. } | State::Canceled { .. } => Err(self.invalid(action)),
        }
    }

    fn expects_version(&self) -> Expectation {
        Expectation::Version { status: self.status(), version: self.version }
    }

    fn into_transition(self, state: State, now: DateTime<Utc>) -> Transition {
        let expects = match &self.state {
            State::Running { run, .. } => Expectation::Lease(run.lease.token),
            _ => self.expects_version(),
        };
        Transition { expects, job: Self { state, updated: now, version: self.version + 1, ..self } }
    }

    fn invalid(&self, action: &'static str) -> InvalidTransition {
        InvalidTransition { from: self.status(), action }
    }
}
