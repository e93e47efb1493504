//! Commands of the model queue. They are stored in the transaction that finishes the job.

use crate::jobs::JobId;

/// What the scheduler is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Record that the target was made from the source.
    Lineage,
    /// Run the ingestion that lets OpenMetadata see the target.
    Ingestion,
}

impl Command {
    /// The word in the table `model_queue`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lineage => "LINEAGE",
            Self::Ingestion => "INGESTION",
        }
    }

    /// The command of that name.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Lineage, Self::Ingestion].into_iter().find(|command| command.as_str() == word)
    }
}

/// One row of the model queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelCommand {
    /// The job that it follows from.
    pub job_id: JobId,
    /// What to do.
    pub command: Command,
    /// The FQN of the table or view that was made or filled.
    pub model_name_fqn: String,
    /// The FQN of a source; absent for [`Command::Ingestion`].
    pub from_fqn: Option<String>,
}
