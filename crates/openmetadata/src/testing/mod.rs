//! A stand-in for OpenMetadata's server on loopback (feature `testing`): stateful, in memory, in the shapes of the version
//! that it is told to be.
//!
//! It is no OpenMetadata: it knows what Warren asks for, and what OpenMetadata's own Python client does on the way. What
//! it takes and answers follows OpenMetadata's JSON schemas, which the tests of this crate hold it to. It checks no
//! permissions but those that Warren has to live with: bots make no subscriptions, others see no passwords.
//!
//! ```
//! # async fn show() -> Result<(), Box<dyn std::error::Error>> {
//! use serde_json::json;
//! use warren_openmetadata::ServerVersion;
//! use warren_openmetadata::testing::{Fault, StandIn};
//!
//! let stand_in = StandIn::start(ServerVersion::new(1, 13, 6)).await?;
//! stand_in.seed_table("pg.sales.public.orders", json!([{"name": "id", "dataType": "BIGINT"}]))?;
//! stand_in.break_next(&Fault::Status(503), 2);
//! # let _ = stand_in.base_url();
//! # Ok(()) }
//! ```

mod auth;
mod columns;
mod entities;
mod events;
mod http;
mod kinds;
mod lineage;
mod lists;
mod pipelines;
mod routes;
mod search;
mod server;
mod sleeper;
mod state;
mod usage;

pub use auth::{ADMIN_TOKEN, BOT_TOKEN};
pub use http::Exchange;
pub use pipelines::PipelineScript;
pub use server::{Fault, Hard, Refused, StandIn};
pub use sleeper::InstantSleeper;
