//! The HTTP API: how requests become calls of use cases, and how what comes back is shown. `routes` is the whole API on
//! one page; each operation has a file of its own. What an operation means is not decided here but in `app`.

mod caller;
mod catalog;
mod core;
mod extract;
mod jobs;
mod model_queue;
mod models;
mod observe;
mod openapi;
mod openmetadata;
mod ops;
mod problem;
mod routes;
mod server;
mod sql;

pub use openapi::openapi;
pub use server::{HttpOptions, Served, server};
