//! A scripted coordinator on loopback, and what any coordinator has to do (feature `testing`).
//!
//! [`FakeTrino`] follows the token rules of Trino's `QueuedStatementResource` and `ExecutingStatementResource`, and
//! misbehaves where a [`Script`] says so. It knows no SQL. [`conformance`] holds the cases that a real coordinator and
//! the fake must both pass, which keeps the fake honest.
//!
//! ```
//! # async fn show() -> Result<(), Box<dyn std::error::Error>> {
//! use warren_trino::testing::{FakeTrino, Fault, Script, Step};
//!
//! let fake = FakeTrino::start().await?;
//! fake.on_query(|_sql| {
//!     Script::new()
//!         .column("n", "bigint")
//!         .page("[[1],[2]]")
//!         .page("[[3]]")
//!         .fault(Step::Executing(1), Fault::Status(503), 2)
//! });
//! # let _ = fake.url();
//! # Ok(()) }
//! ```

pub mod conformance;
mod coordinator;
mod fake;
mod http;
mod query;
mod script;
mod sleeper;

pub use fake::{FakeTrino, RecordedQuery};
pub use http::RecordedRequest;
pub use script::{Fault, Gate, Script, ScriptedError, Step};
pub use sleeper::InstantSleeper;
