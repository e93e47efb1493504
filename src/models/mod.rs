//! Models and the model queue: what can be made of a query and how, and what a finished job asks the scheduler to do, as
//! values.

mod backoff;
mod command;
mod consequences;
mod definition;
mod model;
mod progress;

pub use backoff::wait_after;
pub use command::{
    ColumnEdge, ColumnOrigin, Command, CommandLease, CommandState, ModelCommand, Payload, QueuedCommand,
};
pub use consequences::{consequences, query_to_tell};
pub use definition::{Definition, Existing, ModelName, drop_statement, position_in, problem_of_query, trino_parts};
pub use model::{Companion, Model, ModelId, ModelKind, ModelState};
pub use progress::{CommandProgress, PipelineStart, Sink};
