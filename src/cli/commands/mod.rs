//! The commands, one a file: its arguments and what it does with them.

pub(super) mod cancel;
pub(super) mod catalog;
pub(super) mod check;
pub(super) mod config;
pub(super) mod convert;
pub(super) mod demo;
pub(super) mod doctor;
pub(super) mod jobs;
pub(super) mod migrate;
pub(super) mod model_queue;
pub(super) mod models;
pub(super) mod openapi;
pub(super) mod query;
pub(super) mod result;
pub(super) mod serve;
pub(super) mod token;
