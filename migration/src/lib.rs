//! The steps from an empty database to Warren's tables, the same for SQLite and PostgreSQL: one file per step, each with
//! its way back. A step that was released never changes; a change of the tables is a new step.
//!
//! The columns that the users' documents name keep those names; the others stand beside them. Every rule that one row can
//! show is a CHECK, so that a row that no program of Warren could have written cannot be there.

use sea_orm_migration::MigrationTrait;
use sea_orm_migration::async_trait::async_trait;
pub use sea_orm_migration::{Migration, MigratorTrait};

mod m20261123_000001_create_job;
mod m20261123_000002_create_fusion_model;
mod m20261123_000003_create_model_queue;
mod m20261123_000004_create_idempotency_key;
mod m20261123_000005_create_api_token;
mod m20261123_000006_add_job_lineage;
mod m20261123_000007_work_model_queue;
mod m20261123_000008_scope_api_token;
mod m20261123_000009_know_openmetadata;
mod m20261123_000010_create_model;
mod m20261123_000011_note_model_queue_progress;
mod m20261123_000012_find_open_commands;
mod m20261123_000013_create_managed_catalog;
mod m20261123_000014_tell_queries;
mod m20261123_000015_expire_results;
mod m20261123_000016_remember_what_was_made;
mod m20261123_000017_cover_commands;
mod m20261123_000018_know_what_is_whose;
mod m20261123_000019_count_takeovers;

/// The list of steps, oldest first.
#[derive(Clone, Copy, Debug, Default)]
pub struct Migrator;

#[async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_create_job::Migration),
            Box::new(m20261123_000002_create_fusion_model::Migration),
            Box::new(m20261123_000003_create_model_queue::Migration),
            Box::new(m20261123_000004_create_idempotency_key::Migration),
            Box::new(m20261123_000005_create_api_token::Migration),
            Box::new(m20261123_000006_add_job_lineage::Migration),
            Box::new(m20261123_000007_work_model_queue::Migration),
            Box::new(m20261123_000008_scope_api_token::Migration),
            Box::new(m20261123_000009_know_openmetadata::Migration),
            Box::new(m20261123_000010_create_model::Migration),
            Box::new(m20261123_000011_note_model_queue_progress::Migration),
            Box::new(m20261123_000012_find_open_commands::Migration),
            Box::new(m20261123_000013_create_managed_catalog::Migration),
            Box::new(m20261123_000014_tell_queries::Migration),
            Box::new(m20261123_000015_expire_results::Migration),
            Box::new(m20261123_000016_remember_what_was_made::Migration),
            Box::new(m20261123_000017_cover_commands::Migration),
            Box::new(m20261123_000018_know_what_is_whose::Migration),
            Box::new(m20261123_000019_count_takeovers::Migration),
        ]
    }
}
