//! Why a command was not carried out, and what becomes of it then.

use std::error::Error as StdError;
use std::time::Duration;

use warren_openmetadata::{Error as CatalogueError, FqnError, PipelineState};

use crate::app::{AppError, Returned};
use crate::models::wait_after;
use crate::openlineage::EmitError;

/// A pipeline that was deployed a moment ago can be started after some seconds.
const NOT_READY: Duration = Duration::from_secs(15);
/// So many of these waits are two minutes, after which it is no matter of a moment.
const NOT_READY_TRIES: u32 = 8;
/// As long as the client's circuit breaker stays open.
pub(super) const OUTAGE: Duration = Duration::from_secs(30);
/// A source that was not there so often, over more than an hour, is given up.
const SOURCE_TRIES: u32 = 6;
/// What so many runs of an ingestion did not bring, another one does not bring either.
const RUNS_IN_VAIN: u32 = 3;
/// What is wrong with the way to OpenMetadata needs a person.
const UNUSABLE: Duration = Duration::from_mins(1);
const MAX_REASON_CHARS: usize = 4000;

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub(super) enum Setback {
    /// A name of the command is none.
    #[error("'{name}' is no name that OpenMetadata can have")]
    Name {
        /// The text.
        name: String,
        /// What is wrong with it.
        #[source]
        source: FqnError,
    },
    /// The command has no source.
    #[error("the command has no from_fqn")]
    NoSource,
    /// What was made is not in OpenMetadata yet.
    #[error("OpenMetadata does not know {0} yet; its ingestion has to bring it")]
    TargetMissing(String),
    /// An end of the lineage is deleted, and can be restored.
    #[error("{0} is deleted in OpenMetadata; it can be restored there")]
    Deleted(String),
    /// A source that Warren made itself and that OpenMetadata will know.
    #[error("OpenMetadata does not know the source {0} yet; its own ingestion waits in the model queue")]
    SourceWaits(String),
    /// A source that is not there, or not yet.
    #[error("OpenMetadata has no source {0}; it is gone, or was not ingested yet")]
    SourceMissing(String),
    /// Nothing reads the metadata of a service.
    #[error(
        "the service {0} has no ingestion pipeline of the type metadata in OpenMetadata; make one, or set \
         openmetadata.publish = direct"
    )]
    NoPipeline(String),
    /// What reads the metadata of a service is switched off.
    #[error("no metadata pipeline of the service {0} is both enabled and deployed in OpenMetadata")]
    IdlePipelines(String),
    /// Something that is no table of a service, or of which it is not known what Trino calls it.
    #[error("{0} cannot be published: it is no table that a statement of Warren made under a name of Trino")]
    Unpublishable(String),
    /// Trino does not tell the columns of what is to be published.
    #[error("trino does not tell the columns of what is to be published")]
    Columns(#[source] ColumnsError),
    /// A pipeline that was followed is not there any more.
    #[error("the ingestion pipeline {0} is gone")]
    PipelineGone(String),
    /// A run ended badly.
    #[error("the run of the ingestion pipeline {pipeline} ended as {state:?}")]
    RunFailed {
        /// Whose.
        pipeline: String,
        /// How.
        state: PipelineState,
    },
    /// A run that does not end.
    #[error("a run of the ingestion pipeline {0} did not end within a day; see what became of it in OpenMetadata")]
    RunHangs(String),
    /// A run ended well, and what was made is not there.
    #[error("the ingestion ran, and OpenMetadata does not know {0}: it was dropped, or filters leave it out")]
    NotBrought(String),
    /// A start that led to nothing that can be seen.
    #[error("no run of the ingestion pipeline {0} was seen after its start")]
    RunLost(String),
    /// A run takes its time; no slot is held for it.
    #[error("the ingestion pipeline {pipeline} is running")]
    RunGoesOn {
        /// Whose.
        pipeline: String,
        /// When to look again.
        look_again: Duration,
    },
    /// OpenMetadata did not take it.
    #[error(transparent)]
    OpenMetadata(#[from] CatalogueError),
    /// The receiver of OpenLineage's events did not take it.
    #[error(transparent)]
    OpenLineage(#[from] EmitError),
    /// The receiver of OpenLineage's events did not answer a moment ago, and was not asked.
    #[error("the receiver of OpenLineage's events was away a moment ago; it is asked again in {} s", retry_in.as_secs().max(1))]
    ReceiverAway {
        /// When it is asked again.
        retry_in: Duration,
    },
    /// The metadata database did not take a note.
    #[error(transparent)]
    Database(#[from] AppError),
    /// The process is going down.
    #[error("the scheduler that had it was stopped")]
    Stopping,
}

/// Why Trino does not tell the columns of a table.
#[derive(Debug, thiserror::Error)]
pub(super) enum ColumnsError {
    /// It gave no answer.
    #[error(transparent)]
    Trino(#[from] warren_trino::Error),
    /// It refused the statement.
    #[error(transparent)]
    Refused(#[from] warren_trino::QueryError),
    /// It answered without columns.
    #[error("the answer has no columns")]
    None,
}

impl Setback {
    /// What becomes of a command that was claimed so often. `share` spreads the waits; it is a number from 0 to 1.
    pub(super) fn returned(&self, attempts: u32, share: f64) -> Returned {
        match self {
            Self::Name { .. }
            | Self::NoSource
            | Self::Unpublishable(_)
            | Self::NoPipeline(_)
            | Self::OpenMetadata(CatalogueError::UnsupportedName { .. }) => Returned::GiveUp,
            Self::RunGoesOn { look_again, .. } => Returned::HandBack(*look_again),
            // A nack that is no try, not a lease that ends by itself: another process may go on at once.
            Self::Stopping => Returned::HandBack(Duration::ZERO),
            Self::ReceiverAway { retry_in } => Returned::HandBack(spread(*retry_in, share)),
            Self::OpenLineage(error) if error.is_outage() => Returned::HandBack(spread(OUTAGE, share)),
            Self::IdlePipelines(_) | Self::OpenMetadata(CatalogueError::PipelineNotReady { .. })
                if attempts <= NOT_READY_TRIES =>
            {
                Returned::Retry(spread(NOT_READY, share))
            }
            Self::IdlePipelines(_) => Returned::GiveUp,
            Self::SourceMissing(_) if attempts >= SOURCE_TRIES => Returned::GiveUp,
            Self::NotBrought(_) if attempts >= RUNS_IN_VAIN => Returned::GiveUp,
            Self::TargetMissing(_)
            | Self::Deleted(_)
            | Self::SourceMissing(_)
            | Self::SourceWaits(_)
            | Self::PipelineGone(_)
            | Self::RunFailed { .. }
            | Self::RunHangs(_)
            | Self::NotBrought(_)
            | Self::RunLost(_)
            | Self::Columns(_)
            | Self::OpenLineage(_)
            | Self::Database(_)
            | Self::OpenMetadata(_) => match self.outage() {
                Some(wait) => Returned::HandBack(spread(wait, share)),
                None => Returned::Retry(spread(wait_after(attempts), share)),
            },
        }
    }

    /// How long nothing needs to be tried at all, where this is about OpenMetadata and not about the command. Such a try
    /// does not count: no command dies of an outage, however long it is.
    pub(super) fn outage(&self) -> Option<Duration> {
        let Self::OpenMetadata(error) = self else { return None };
        match error {
            CatalogueError::CircuitOpen { retry_in } => Some(*retry_in),
            CatalogueError::RateLimited { retry_after } => Some(retry_after.unwrap_or(UNUSABLE)),
            CatalogueError::Unauthorized { .. }
            | CatalogueError::NoToken { .. }
            | CatalogueError::Html
            | CatalogueError::Version(_) => Some(UNUSABLE),
            error if error.is_outage() => Some(OUTAGE),
            _ => None,
        }
    }

    /// What becomes of a command that two sinks did not take: the one that gives it the better chance decides, so that
    /// no sink misses something because the other will never take it.
    pub(super) fn or(self, other: Self, attempts: u32) -> Self {
        let chance = |setback: &Self| match setback.returned(attempts, 0.0) {
            Returned::HandBack(_) => 2,
            Returned::Retry(_) | Returned::RetryInTurn => 1,
            Returned::GiveUp => 0,
        };
        if chance(&other) > chance(&self) { other } else { self }
    }

    /// The reason as it is kept with the command: with its causes, on one line.
    pub(super) fn reason(&self) -> String {
        let causes = std::iter::successors(self.source(), |cause| (*cause).source()).map(ToString::to_string);
        let text = causes.fold(
            self.to_string(),
            |text, cause| {
                if text.contains(&cause) { text } else { format!("{text}: {cause}") }
            },
        );
        let printable = |c: char| if c.is_control() { ' ' } else { c };
        text.chars().take(MAX_REASON_CHARS).map(printable).collect()
    }
}

/// Never less than the wait, and up to a quarter more, so that what failed together is not tried together.
fn spread(wait: Duration, share: f64) -> Duration {
    wait.mul_f64(1.0 + share.clamp(0.0, 1.0) / 4.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_an_hour() {
        let waits = |share| -> Vec<u64> {
            let setback = Setback::TargetMissing("s.d.s.t".to_owned());
            (1..=7)
                .map(|attempts| match setback.returned(attempts, share) {
                    Returned::Retry(wait) => wait.as_secs(),
                    other => panic!("{other:?}"),
                })
                .collect()
        };
        assert_eq!(waits(0.0), [10, 30, 120, 600, 3600, 3600, 3600]);
        assert_eq!(waits(1.0), [12, 37, 150, 750, 4500, 4500, 4500]);
    }

    #[test]
    fn an_outage_of_openmetadata_is_no_try() {
        let returned = |setback: Setback| setback.returned(3, 0.0);
        let open = CatalogueError::CircuitOpen { retry_in: Duration::from_secs(7) };
        assert_eq!(returned(open.into()), Returned::HandBack(Duration::from_secs(7)));
        assert_eq!(returned(CatalogueError::Timeout.into()), Returned::HandBack(OUTAGE));
        let refused = CatalogueError::Unauthorized { message: String::new() };
        assert_eq!(returned(refused.into()), Returned::HandBack(UNUSABLE));
        let bad = CatalogueError::BadRequest { message: String::new() };
        assert_eq!(returned(bad.into()), Returned::Retry(Duration::from_mins(2)));
        let early = || CatalogueError::PipelineNotReady { message: String::new() };
        assert_eq!(returned(early().into()), Returned::Retry(NOT_READY));
        assert_eq!(Setback::from(early()).returned(9, 0.0), Returned::Retry(Duration::from_hours(1)));
        assert_eq!(returned(Setback::Stopping), Returned::HandBack(Duration::ZERO));
    }

    #[test]
    fn what_does_not_come_is_given_up_after_a_while() {
        let missing = Setback::SourceMissing("s".to_owned());
        assert_eq!(missing.returned(5, 0.0), Returned::Retry(Duration::from_hours(1)));
        assert_eq!(missing.returned(6, 0.0), Returned::GiveUp);
        let idle = Setback::IdlePipelines("s".to_owned());
        assert_eq!(idle.returned(8, 0.0), Returned::Retry(NOT_READY));
        assert_eq!(idle.returned(9, 0.0), Returned::GiveUp);
        let in_vain = Setback::NotBrought("s.d.s.t".to_owned());
        assert_eq!(in_vain.returned(2, 0.0), Returned::Retry(Duration::from_secs(30)));
        assert_eq!(in_vain.returned(3, 0.0), Returned::GiveUp);
    }

    #[test]
    fn an_outage_of_a_receiver_is_no_try_either() {
        let refused = |status| Setback::OpenLineage(EmitError::Refused { status });
        for status in [401, 429, 500, 503] {
            assert_eq!(refused(status).returned(20, 0.0), Returned::HandBack(OUTAGE), "{status}");
        }
        assert_eq!(refused(400).returned(1, 0.0), Returned::Retry(Duration::from_secs(10)));
        assert_eq!(refused(503).outage(), None, "OpenMetadata is there");
    }

    #[test]
    fn of_two_sinks_the_one_that_may_still_take_it_decides() {
        let gone = || Setback::Unpublishable("s.d.s.t".to_owned());
        let missing = || Setback::TargetMissing("s.d.s.t".to_owned());
        let away = || Setback::OpenLineage(EmitError::Refused { status: 503 });
        let returned = |one: Setback, other: Setback| one.or(other, 1).returned(1, 0.0);
        assert_eq!(returned(gone(), away()), Returned::HandBack(OUTAGE));
        assert_eq!(returned(away(), gone()), Returned::HandBack(OUTAGE));
        assert_eq!(returned(gone(), missing()), Returned::Retry(Duration::from_secs(10)));
        assert_eq!(returned(missing(), missing()), Returned::Retry(Duration::from_secs(10)));
        assert_eq!(returned(gone(), gone()), Returned::GiveUp);
    }
}
