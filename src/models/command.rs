//! Commands of the model queue. They are stored in the transaction that finishes the job.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::CommandProgress;
use crate::jobs::{ColumnUsage, JobId};

/// What the scheduler is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Record that the target was made from the source.
    Lineage,
    /// Run the ingestion that lets OpenMetadata see the target.
    Ingestion,
    /// Let OpenMetadata know of a query that read tables, and count these as used.
    Query,
}

impl Command {
    /// Every command.
    pub const ALL: [Self; 3] = [Self::Lineage, Self::Ingestion, Self::Query];

    /// The word in the table `model_queue`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lineage => "LINEAGE",
            Self::Ingestion => "INGESTION",
            Self::Query => "QUERY",
        }
    }

    /// The command of that name.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|command| command.as_str() == word)
    }
}

/// What a job asks the scheduler to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelCommand {
    /// The job that it follows from.
    pub job_id: JobId,
    /// What to do.
    pub command: Command,
    /// The FQN of the table or view that was made or filled; for [`Command::Query`] of the query in OpenMetadata.
    pub model_name_fqn: String,
    /// The FQN of a source; present for [`Command::Lineage`] only.
    pub from_fqn: Option<String>,
    /// What doing it takes besides the names.
    pub payload: Payload,
}

impl ModelCommand {
    /// What it has in common with the commands that do the same: a hash of everything that it does, and of nothing that
    /// only says which job asked for it. None where doing it twice is twice as much.
    #[must_use]
    pub fn dedupe_key(&self) -> Option<String> {
        let Payload { statement, query, owner: _, complete, columns, used: _, duration_ms: _ } = &self.payload;
        let does = match self.command {
            // An ingestion reads what is there then; only the text of a view may be told with it.
            Command::Ingestion => json!([statement, Some(query).filter(|_| statement.ends_with("View"))]),
            Command::Lineage => json!([statement, query, complete, columns]),
            // Each one is counted.
            Command::Query => return None,
        };
        let text = json!([self.command.as_str(), self.model_name_fqn, self.from_fqn, does]).to_string();
        Some(format!("{:x}", Sha256::digest(text)))
    }
}

/// What a command carries besides its names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// The kind of statement, in the words of `warren_sql::StatementKind`.
    pub statement: String,
    /// The SQL that ran, with Trino's names; for [`Command::Query`] the user query without its literals and comments.
    pub query: String,
    /// Who ran it.
    pub owner: String,
    /// Whether `columns` are all columns of the target that come from the source.
    pub complete: bool,
    /// For [`Command::Lineage`]: what each column of the target takes from the source. Columns that take nothing from it
    /// are not here.
    pub columns: Vec<ColumnEdge>,
    /// For [`Command::Query`]: the ids in OpenMetadata of what it read, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used: Vec<String>,
    /// For [`Command::Query`]: how long it ran, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
}

/// What one column of a target takes from a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnEdge {
    /// The column of the target.
    pub column: String,
    /// The columns of the source, with what happens to each.
    pub from: Vec<ColumnOrigin>,
}

/// A column of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnOrigin {
    /// Its name.
    pub column: String,
    /// What happens to it on the way.
    #[serde(rename = "use")]
    pub usage: ColumnUsage,
}

/// A command as it lies in the model queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedCommand {
    /// The number of the row; grows in the order of arrival.
    pub id: i64,
    /// The command.
    pub command: ModelCommand,
    /// When its job finished.
    pub created: DateTime<Utc>,
    /// When the target was made: at the end of its own job, or of the last one whose ingestion it covers. What was read of
    /// the target before says nothing of it.
    pub made: DateTime<Utc>,
    /// How often it was claimed.
    pub attempts: u32,
    /// Why the last try failed, if one did.
    pub last_error: Option<String>,
    /// How far the scheduler got.
    pub progress: CommandProgress,
    /// Where it stands.
    pub state: CommandState,
}

/// Where a command stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandState {
    /// It waits for a consumer.
    Queued {
        /// Not before this moment, where there is one.
        due: Option<DateTime<Utc>>,
    },
    /// A consumer has it.
    Running {
        /// Until when, and what shows that.
        lease: CommandLease,
    },
    /// It was carried out.
    Done {
        /// When.
        settled: DateTime<Utc>,
        /// The command that was to do the same and had not begun when this one came, where nothing was left to do for it.
        covered_by: Option<i64>,
    },
    /// It was given up: a dead letter.
    Dead {
        /// When.
        settled: DateTime<Utc>,
    },
}

impl CommandState {
    /// Every word, in the order of life.
    pub const WORDS: [&'static str; 4] = ["QUEUED", "RUNNING", "DONE", "DEAD"];

    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Done { .. } | Self::Dead { .. })
    }

    /// The word in the table `model_queue` and the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued { .. } => "QUEUED",
            Self::Running { .. } => "RUNNING",
            Self::Done { .. } => "DONE",
            Self::Dead { .. } => "DEAD",
        }
    }
}

/// The right to carry out a command. The commands of one claim share its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandLease {
    /// What the consumer shows.
    pub token: Uuid,
    /// When another consumer may take the command.
    pub until: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(command: Command) -> ModelCommand {
        let payload = Payload {
            statement: "Insert".to_owned(),
            query: "INSERT INTO t SELECT x FROM s".to_owned(),
            owner: "ada".to_owned(),
            complete: true,
            ..Payload::default()
        };
        let from_fqn = (command == Command::Lineage).then(|| "s.d.m.s".to_owned());
        ModelCommand { job_id: JobId(Uuid::nil()), command, model_name_fqn: "s.d.m.t".to_owned(), from_fqn, payload }
    }

    #[test]
    fn what_does_the_same_has_the_same_key() {
        use Command::{Ingestion, Lineage, Query};
        let same = |own: Command, change: fn(&mut ModelCommand)| {
            let mut other = command(own);
            change(&mut other);
            command(own).dedupe_key() == other.dedupe_key()
        };
        for own in [Ingestion, Lineage] {
            assert!(same(own, |other| other.job_id = JobId(Uuid::max())), "another job");
            assert!(same(own, |other| other.payload.owner = "sena".to_owned()), "somebody else's");
            assert!(!same(own, |other| other.model_name_fqn = "s.d.m.u".to_owned()));
            assert!(!same(own, |other| other.payload.statement = "CreateView".to_owned()));
        }
        assert!(!same(Lineage, |other| other.from_fqn = Some("s.d.m.r".to_owned())));
        assert!(!same(Lineage, |other| other.payload.query.push(' ')), "the text is told with the lineage");
        assert!(!same(Lineage, |other| {
            other.payload.columns.push(ColumnEdge { column: "x".to_owned(), from: Vec::new() });
        }));
        assert!(same(Ingestion, |other| other.payload.query.push(' ')), "and not with an ingestion");
        let view = |query: &str| {
            let mut own = command(Ingestion);
            (own.payload.statement, own.payload.query) = ("CreateView".to_owned(), query.to_owned());
            own.dedupe_key()
        };
        assert_ne!(view("CREATE VIEW v AS SELECT 1"), view("CREATE VIEW v AS SELECT 2"));
        assert_ne!(command(Ingestion).dedupe_key(), command(Lineage).dedupe_key());
        assert_eq!(command(Query).dedupe_key(), None);
    }
}
