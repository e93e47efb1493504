//! Models and the model queue: what a finished job asks the scheduler to do, as values.

mod command;
mod consequences;
mod progress;

pub use command::{
    ColumnEdge, ColumnOrigin, Command, CommandLease, CommandState, ModelCommand, Payload, QueuedCommand,
};
pub use consequences::consequences;
pub use progress::{CommandProgress, PipelineStart, Sink};
