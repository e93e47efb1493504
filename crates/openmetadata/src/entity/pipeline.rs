//! Ingestion pipelines and their runs.

use serde::Deserialize;

use super::{EntityHead, EntityRef, or_default};

/// A pipeline that reads the metadata of a service.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IngestionPipeline {
    /// What all entities have.
    #[serde(flatten)]
    pub head: EntityHead,
    /// `metadata`, `usage`, `lineage`, `profiler`, `autoClassification` …
    pub pipeline_type: String,
    /// The service that it reads.
    pub service: Option<EntityRef>,
    /// Whether it may run.
    #[serde(default = "enabled")]
    pub enabled: bool,
    /// Whether the runner knows it. It can be true a little before a start works.
    #[serde(default, deserialize_with = "or_default")]
    pub deployed: bool,
}

fn enabled() -> bool {
    true
}

/// One run of a pipeline.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PipelineRun {
    /// The runner's id of it.
    pub run_id: Option<String>,
    /// How far it is.
    #[serde(rename = "pipelineState", default)]
    pub state: PipelineState,
    /// When it began, in milliseconds since 1970.
    pub start_date: Option<i64>,
    /// The moment that it runs for, in milliseconds since 1970.
    pub timestamp: Option<i64>,
    /// When it ended, in milliseconds since 1970.
    pub end_date: Option<i64>,
    /// What its steps did.
    #[serde(rename = "status", default, deserialize_with = "or_default")]
    pub steps: Vec<StepSummary>,
}

impl PipelineRun {
    /// Whether it has ended. A state alone is no end: a run was seen to go from success to failure before it.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.state.is_terminal() && self.end_date.is_some()
    }
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PipelineState {
    /// It waits.
    Queued,
    /// It runs.
    Running,
    /// It ended well.
    Success,
    /// It ended, and some things could not be read.
    PartialSuccess,
    /// It ended badly.
    Failed,
    /// Somebody ended it (since 1.13).
    Stopped,
    /// A state that Warren does not know.
    #[default]
    #[serde(other)]
    Unknown,
}

impl PipelineState {
    /// Whether it is a state at the end.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Success | Self::PartialSuccess | Self::Failed | Self::Stopped)
    }
}

/// What one step of a run did.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct StepSummary {
    /// Its name, such as `Source`.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// How many records went well.
    #[serde(default, deserialize_with = "or_default")]
    pub records: i64,
    /// How many did not.
    #[serde(default, deserialize_with = "or_default")]
    pub errors: i64,
    /// How many went with a warning.
    #[serde(default, deserialize_with = "or_default")]
    pub warnings: i64,
    /// Some of what went wrong.
    #[serde(default, deserialize_with = "or_default")]
    pub failures: Vec<StepFailure>,
}

/// One thing that went wrong in a run.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct StepFailure {
    /// What it was about.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// What happened.
    #[serde(default, deserialize_with = "or_default")]
    pub error: String,
}
