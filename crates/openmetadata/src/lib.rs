//! OpenMetadata, as a gateway needs it: fully qualified names, a REST client for versions 1.4 to 2.0, and the webhook.
//!
//! What lives here: names, wire types, the client with its rules for trying again, and (feature `testing`) a stand-in
//! server. What does not: what a name means for Trino, and what is kept of the answers.
//!
//! ```no_run
//! # async fn show() -> Result<(), Box<dyn std::error::Error>> {
//! use warren_openmetadata::{Client, Field, Fqn, Get, Options, StaticToken};
//!
//! let options = Options::new("http://127.0.0.1:8585/api".parse()?).with_token(StaticToken::new("…".into()));
//! let client = Client::new(options)?;
//! let name = Fqn::parse("pg_prod.sales.public.orders")?;
//! let table = client.table(&name, &Get::fields([Field::Columns, Field::Owners])).await?;
//! assert_eq!(table.head.fqn()?, name);
//! # Ok(()) }
//! ```

mod breaker;
mod client;
mod entity;
mod error;
mod excerpt;
mod fqn;
mod lineage;
mod options;
mod requests;
mod retry;
mod secret;
#[cfg(feature = "testing")]
pub mod testing;
mod token;
mod transport;
mod version;
mod webhook;

pub use breaker::BreakerPolicy;
pub use client::{
    Client, Field, Get, Include, Key, ListOptions, SearchHit, SearchIndex, SearchPage, SearchQuery, escape_query,
    escape_wildcard,
};
pub use entity::{
    Column, Container, ContainerModel, Database, DatabaseSchema, EntityHead, EntityKind, EntityRef, IngestionPipeline,
    Permission, PipelineRun, PipelineState, ResourcePermission, Service, StepFailure, StepSummary, Table, TagLabel,
    User,
};
pub use error::Error;
pub use fqn::{
    Fqn, FqnError, Grammar, MAX_FQN_CHARS, MAX_NAME_CHARS, NameError, check_column_name, check_entity_name,
    decode_reserved, encode_reserved,
};
pub use lineage::{
    ColumnLineage, GraphEdge, LineageDetails, LineageGraph, LineageNode, LineageSource, merge_columns, merge_details,
};
pub use options::{BuildError, Options};
pub use requests::{NewColumn, NewQuery, NewTable, Subscription};
pub use retry::{Jitter, RetryPolicy, Sleeper, TokioSleeper};
pub use secret::{Connection, Credential};
pub use token::{EnvToken, FileToken, StaticToken, TokenError, TokenFuture, TokenSource};
pub use version::{Capabilities, Plurality, ServerVersion, VersionError, WebhookAuth};
pub use webhook::{
    ChangeEvent, EventType, SIGNATURE_HEADER, SignatureError, parse_events, signature_of, verify_signature,
};
