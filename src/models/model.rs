//! A model: a view or table of Trino that was made through Warren. What it is at a moment follows from the job that made
//! it last and from the job that drops it, so that there is no second status that could say something else.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::jobs::{JobId, Principal, Status};
use crate::problem::Problem;

/// A model's id: a UUID of version 7, so that ids sort by the time of the first request for its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModelId(pub Uuid);

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ModelId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self)
    }
}

/// What a model is in Trino. It never changes: a model of another kind is another model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelKind {
    /// A view: the query runs whenever somebody reads it.
    View,
    /// A table: the query ran once.
    Table,
}

impl ModelKind {
    /// The word in the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Table => "table",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::View, Self::Table].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A model as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Its id, which stays when it is replaced.
    pub id: ModelId,
    /// The name in OpenMetadata's grammar. No two models share it.
    pub fully_qualified_name: String,
    /// The name in Trino. No two models share it.
    pub trino_model_name: String,
    /// View or table.
    pub kind: ModelKind,
    /// Who made it; nobody else may replace or drop it.
    pub owner: Principal,
    /// The query as the owner wrote it, in the version that was asked for last.
    pub query: String,
    /// What it is about, for people.
    pub description: Option<String>,
    /// The job that made it last, or is about to.
    pub job_id: JobId,
    /// The job that was asked to drop it last, if one was.
    pub drop_job_id: Option<JobId>,
    /// Whether a job before `job_id` has made it.
    pub made_before: bool,
    /// When its name was asked for first.
    pub created: DateTime<Utc>,
    /// When it was asked for last.
    pub updated: DateTime<Utc>,
    /// What it is now.
    pub state: ModelState,
}

impl Model {
    /// Whether it was made once, so that what stands under its name in Trino is Warren's to replace and to drop. The name
    /// of one that never was may belong to anybody.
    #[must_use]
    pub fn was_made(&self) -> bool {
        match self.state {
            // A job drops only what was made.
            ModelState::Ready | ModelState::Dropping => true,
            ModelState::Making | ModelState::Failed { .. } => self.made_before,
        }
    }
}

/// What a model is at a moment.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelState {
    /// Its job has not ended.
    Making,
    /// It can be read.
    Ready,
    /// Its job failed, or was canceled and then there is no error. What a replacement that failed was to replace is still
    /// in Trino.
    Failed {
        /// Why, in the words of the job.
        error: Option<Box<Problem>>,
    },
    /// The job that drops it has not ended. When that finishes, the model is gone.
    Dropping,
}

impl ModelState {
    /// Every word, in the order of life.
    pub const WORDS: [&'static str; 4] = ["MAKING", "READY", "FAILED", "DROPPING"];

    /// The state that follows from the job that made the model, its error, and the job that drops it.
    #[must_use]
    pub fn of(made: Status, error: Option<Problem>, dropped: Option<Status>) -> Self {
        match (dropped, made) {
            (Some(dropped), _) if !dropped.is_terminal() => Self::Dropping,
            (_, Status::Init | Status::Queued | Status::Running) => Self::Making,
            (_, Status::Finished) => Self::Ready,
            (_, Status::Failed | Status::Canceled) => Self::Failed { error: error.map(Box::new) },
        }
    }

    /// The word in the API.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Making => "MAKING",
            Self::Ready => "READY",
            Self::Failed { .. } => "FAILED",
            Self::Dropping => "DROPPING",
        }
    }

    /// Whether a job is at work on the model, so that another one has to wait.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Making | Self::Dropping)
    }
}

/// What was used together with a table, a file or a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Companion {
    /// Its name in OpenMetadata's grammar.
    pub fully_qualified_name: String,
    /// Its name in Trino.
    pub trino_model_name: String,
    /// How many jobs used both.
    pub jobs: u64,
    /// How many people and programs ran those jobs.
    pub users: u64,
    /// When the last of them ended.
    pub last_used: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Code;

    #[test]
    fn what_a_model_is_follows_from_its_jobs() {
        let check = |made, dropped, expect: &str| {
            let state = ModelState::of(made, None, dropped);
            assert_eq!(state.as_str(), expect, "{made:?} {dropped:?}");
            assert!(ModelState::WORDS.contains(&expect));
        };
        check(Status::Queued, None, "MAKING");
        check(Status::Running, None, "MAKING");
        check(Status::Finished, None, "READY");
        check(Status::Failed, None, "FAILED");
        check(Status::Canceled, None, "FAILED");
        check(Status::Finished, Some(Status::Running), "DROPPING");
        check(Status::Failed, Some(Status::Queued), "DROPPING");
        check(Status::Finished, Some(Status::Failed), "READY");
        check(Status::Failed, Some(Status::Canceled), "FAILED");
        let error = Problem::new(Code::QueryFailed, "no");
        let failed = ModelState::of(Status::Failed, Some(error.clone()), None);
        assert_eq!(failed, ModelState::Failed { error: Some(Box::new(error)) });
    }

    #[test]
    fn a_model_was_made_by_its_last_job_or_by_one_before() {
        let model = |state, made_before| Model {
            id: ModelId(Uuid::nil()),
            fully_qualified_name: "s.d.m.t".to_owned(),
            trino_model_name: "c.m.t".to_owned(),
            kind: ModelKind::Table,
            owner: Principal::parse("ada").unwrap(),
            query: String::new(),
            description: None,
            job_id: JobId(Uuid::nil()),
            drop_job_id: None,
            made_before,
            created: DateTime::UNIX_EPOCH,
            updated: DateTime::UNIX_EPOCH,
            state,
        };
        assert!(model(ModelState::Ready, false).was_made());
        assert!(model(ModelState::Failed { error: None }, true).was_made(), "what was to be replaced is still there");
        assert!(!model(ModelState::Failed { error: None }, false).was_made());
        assert!(!model(ModelState::Making, false).was_made());
    }
}
