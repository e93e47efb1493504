//! Warren: an async SQL federation gateway over Trino. `ARCHITECTURE.md` is the map of this crate.

pub mod app;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod directory;
pub mod http;
pub mod jobs;
pub mod lifecycle;
pub mod managed_catalogs;
pub mod models;
pub mod openlineage;
pub mod problem;
pub mod scheduler;
pub mod serve;
pub mod store;
pub mod telemetry;
pub mod time;
pub mod worker;
