//! Rows and values: what each column of each table means. Writing destructures the value, reading builds it, so that the
//! compiler lists what is missing when either grows. A row that no value can have written is named as corrupt.

mod data_models;
mod job_to_row;
mod managed_catalogs;
mod model_queue;
mod om;
mod others;
mod reader;
mod row_to_job;
mod source_map;
mod storable;

pub(super) use data_models::{ModelColumn, companion, model, new_model, remade_model};
pub(super) use job_to_row::{changed_columns, new_job, renewed_columns};
pub(super) use managed_catalogs::{managed_catalog, moved_managed_catalog, new_managed_catalog, small};
pub(super) use model_queue::{
    command_id, command_key, failed_command, ingested, new_command, oldest_command, progressed_command, queued_command,
};
pub(super) use om::{new_answer, new_event, stored_answer, stored_event};
pub(super) use others::{api_token, fusion_model, known_key, new_fusion_model, new_key, new_token};
pub(super) use row_to_job::{JobRow, cancel_requested, expired_result, version};
