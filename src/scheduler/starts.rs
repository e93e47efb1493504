//! The ingestions that this process started: commands for one service share a start, for a run reads all of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Mutex as Gate;

use crate::models::PipelineStart;

/// The last start of each pipeline. A pipeline's gate is held while it is looked at and started, so that of several
/// commands that come at once one starts it and the others find that.
#[derive(Debug, Default)]
pub(super) struct Starts(Mutex<HashMap<String, Arc<Gate<Option<PipelineStart>>>>>);

impl Starts {
    /// The gate of a pipeline.
    pub(super) fn of(&self, pipeline: &str) -> Arc<Gate<Option<PipelineStart>>> {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gates.entry(pipeline.to_owned()).or_default().clone()
    }

    /// The start did not lead to a run that ended well: nobody shall share it any more.
    pub(super) async fn forget(&self, start: &PipelineStart) {
        let gate = self.of(&start.pipeline);
        let mut last = gate.lock().await;
        if last.as_ref().is_some_and(|last| last.at == start.at) {
            *last = None;
        }
    }
}
