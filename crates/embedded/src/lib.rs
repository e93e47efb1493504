//! The embedded engine: DataFusion behind the client protocol of Trino, on a loopback port.
//!
//! Warren speaks to every engine in one way, so the engine inside the process is a Trino to it: `POST /v1/statement`, pages by
//! `nextUri`, error pages with Trino's codes. What lives here: the HTTP side of that protocol ([`Engine`]), Trino's SQL on
//! DataFusion's planner, Trino's types, and the catalogs `tpch`, `memory` and `files`. What does not: anything about jobs, names of
//! OpenMetadata or stored results.
//!
//! The engine is for trying Warren out and for tests. What it cannot do as Trino does it, it refuses with `NOT_SUPPORTED`.

mod catalog;
mod engine;
mod execute;
mod failure;
mod options;
mod planner;
mod query;
mod server;
mod sql;
mod types;

pub use engine::{Engine, EngineError};
pub use options::{EngineOptions, Sources};
