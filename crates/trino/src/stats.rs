//! How far a query is (Trino's `StatementStats`), and the names of its states.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The state of a query on the coordinator (Trino's `QueryState`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum QueryState {
    /// It waits in a resource group.
    #[default]
    Queued,
    /// It waits for the cluster to have enough nodes.
    WaitingForResources,
    /// It is handed to the coordinator that will run it.
    Dispatching,
    /// It is planned.
    Planning,
    /// Its first stage is scheduled.
    Starting,
    /// It has at least one running task.
    Running,
    /// Its output is committed.
    Finishing,
    /// It ended well. Pages may still wait to be fetched.
    Finished,
    /// It failed, or was canceled.
    Failed,
    /// A state that this version does not know, by its name; a balancer may have such.
    Other(String),
}

impl QueryState {
    const NAMED: [(QueryState, &'static str); 9] = [
        (Self::Queued, "QUEUED"),
        (Self::WaitingForResources, "WAITING_FOR_RESOURCES"),
        (Self::Dispatching, "DISPATCHING"),
        (Self::Planning, "PLANNING"),
        (Self::Starting, "STARTING"),
        (Self::Running, "RUNNING"),
        (Self::Finishing, "FINISHING"),
        (Self::Finished, "FINISHED"),
        (Self::Failed, "FAILED"),
    ];

    /// Trino's name of the state, in capitals.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Other(name) => name,
            named => Self::NAMED.iter().find(|(state, _)| state == named).map_or("", |(_, name)| *name),
        }
    }

    /// Whether the query does no more work on the cluster.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Finished | Self::Failed)
    }
}

impl From<String> for QueryState {
    fn from(name: String) -> Self {
        let named = Self::NAMED.into_iter().find(|(_, known)| *known == name);
        named.map_or(Self::Other(name), |(state, _)| state)
    }
}

impl From<QueryState> for String {
    fn from(state: QueryState) -> Self {
        state.as_str().to_owned()
    }
}

impl fmt::Display for QueryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The counters of a page. All of them grow or stay; queued pages carry zeros.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Stats {
    /// Where the query is.
    pub state: QueryState,
    /// Whether it still waits in a resource group.
    pub queued: bool,
    /// Whether all of its stages are scheduled, so that the numbers of splits are final.
    pub scheduled: bool,
    /// Trino's own measure in percent, from 0 to 100 (from version 414, and once scheduled).
    pub progress_percentage: Option<f64>,
    /// Nodes at work.
    pub nodes: u64,
    /// Splits in all.
    pub total_splits: u64,
    /// Splits that wait.
    pub queued_splits: u64,
    /// Splits that run.
    pub running_splits: u64,
    /// Splits that are done.
    pub completed_splits: u64,
    /// CPU time of all nodes, in milliseconds.
    pub cpu_time_millis: u64,
    /// Scheduled time of all threads, in milliseconds.
    pub wall_time_millis: u64,
    /// Time in the queue, in milliseconds.
    pub queued_time_millis: u64,
    /// Time since the query came in, in milliseconds.
    pub elapsed_time_millis: u64,
    /// Rows read from the sources.
    pub processed_rows: u64,
    /// Bytes read from the sources and between the nodes.
    pub processed_bytes: u64,
    /// Bytes read from the sources.
    pub physical_input_bytes: u64,
    /// Bytes written to a target.
    pub physical_written_bytes: u64,
    /// The largest reservation of user memory, in bytes.
    pub peak_memory_bytes: u64,
    /// Bytes spilled to disk.
    pub spilled_bytes: u64,
}

impl Stats {
    /// The progress in percent, from 0 to 100: Trino's own, or else the share of splits that are done; `None` until
    /// the query is scheduled.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a percentage of fewer than 2^52 splits")]
    pub fn percent(&self) -> Option<f64> {
        let by_splits = || 100.0 * self.completed_splits as f64 / self.total_splits as f64;
        let percent = match self.progress_percentage {
            Some(percent) => percent,
            None if self.scheduled && self.total_splits > 0 => by_splits(),
            None => return None,
        };
        Some(percent.clamp(0.0, 100.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_its_name() {
        for (state, name) in QueryState::NAMED {
            assert_eq!(state.as_str(), name);
            assert_eq!(QueryState::from(name.to_owned()), state);
        }
        let other = QueryState::from("QUEUED_IN_TRINO_LB".to_owned());
        assert_eq!((other.as_str(), other.is_done()), ("QUEUED_IN_TRINO_LB", false));
    }

    #[test]
    fn progress_is_trinos_own_or_that_of_the_splits() {
        fn check(json: &str, expect: Option<f64>) {
            assert_eq!(serde_json::from_str::<Stats>(json).unwrap().percent(), expect, "{json}");
        }
        check(r#"{"state":"QUEUED"}"#, None);
        check(r#"{"state":"RUNNING","scheduled":true,"totalSplits":8,"completedSplits":2}"#, Some(25.0));
        check(r#"{"state":"RUNNING","scheduled":false,"totalSplits":8,"completedSplits":2}"#, None);
        check(r#"{"state":"RUNNING","scheduled":true,"totalSplits":0}"#, None);
        check(r#"{"state":"RUNNING","progressPercentage":40.5,"rootStage":{"stageId":"0"}}"#, Some(40.5));
        check(r#"{"state":"FINISHED","progressPercentage":100.1}"#, Some(100.0));
    }
}
