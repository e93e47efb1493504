//! Trino's client protocol, as a gateway needs it: submit a statement, follow its pages, cancel it, keep it alive.
//!
//! What lives here: the wire types, the HTTP client with its retry rules, and (feature `testing`) a scripted
//! coordinator. What does not: the meaning of a row. A [`Page`] hands its rows on as the bytes that Trino sent, and
//! whoever stores results decodes them once.
//!
//! ```no_run
//! # async fn drain() -> Result<(), Box<dyn std::error::Error>> {
//! use warren_trino::{Client, ClusterOptions, Session};
//!
//! let client = Client::new(ClusterOptions::new("http://127.0.0.1:8080".parse()?))?;
//! let mut page = client.submit("select 1", &Session::new("ana")).await?;
//! while let Some(next) = page.next.take() {
//!     page = client.advance(&next).await?;
//!     if let Some(rows) = page.rows_json() {
//!         assert!(rows.starts_with(b"["));
//!     }
//! }
//! # Ok(()) }
//! ```

mod client;
mod cluster;
mod error;
mod excerpt;
mod next_uri;
mod page;
mod query_error;
mod retry;
mod scan;
mod session;
mod stats;
#[cfg(feature = "testing")]
pub mod testing;
mod transport;
mod type_signature;
mod type_text;

pub use client::{Client, Liveness, ServerInfo};
pub use cluster::{Auth, BuildError, ClusterOptions, Timeouts, Tls, Verification};
pub use error::Error;
pub use next_uri::{ClusterUrl, NextUri, NextUriError};
pub use page::{Column, Page, PageError, Warning};
pub use query_error::{ErrorKind, Location, QueryError};
pub use retry::{Jitter, RetryPolicy, Sleeper, TokioSleeper};
pub use session::{HeaderError, HeaderProblem, Session};
pub use stats::{QueryState, Stats};
pub use type_signature::{RowField, TypeArgument, TypeSignature};
pub use type_text::TypeTextError;
