//! OpenLineage: the event that says what a run made of what, and the client that delivers it over HTTP. Which events there
//! are is decided by the scheduler.

mod client;
mod event;

pub use client::{EmitError, OpenLineage, OpenLineageOptions};
pub use event::{ColumnInputs, Dataset, FieldInput, Output, RunEvent};
