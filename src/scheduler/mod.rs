//! The built-in scheduler: claims commands of the model queue as any consumer does, and carries them out at OpenMetadata
//! and, where there is one, at a receiver of OpenLineage's events. What follows from a job is decided in `models`; how a
//! sink is talked to stands in its client.

mod columns;
mod endpoint;
mod events;
mod ingestion;
mod lineage;
mod pause;
mod publish;
mod query;
mod replaced;
mod run;
mod setback;
mod settings;
mod starts;
mod task;

pub use run::{Scheduler, SchedulerParts};
pub use settings::SchedulerSettings;
