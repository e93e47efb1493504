//! What an engine is started with: addresses, limits, and where time and randomness come from.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

/// Settings of an [`Engine`](crate::Engine).
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// The folder behind the catalog `files`; without it that catalog does not exist.
    pub files_dir: Option<PathBuf>,
    /// Where the HTTP server listens; port 0 takes a free one. Default `127.0.0.1:0`.
    pub listen: SocketAddr,
    /// A query that nobody asks about for this long is dropped, as Trino's `query.client.timeout` does. Default five minutes.
    pub client_timeout: Duration,
    /// A page is closed once its rows reach this many bytes of JSON. Default 1 MiB, Trino's `TARGET_RESULT_SIZE`.
    pub page_bytes: usize,
    /// What sorts, joins and aggregations of all queries together may hold before they spill to disk or fail. Default 1 GiB.
    pub memory_bytes: usize,
    /// What all tables of the catalog `memory` together may hold. Default 256 MiB.
    pub memory_catalog_bytes: usize,
    /// Threads that run queries, at least one. Default: one per core, eight at most.
    pub threads: usize,
    /// The clock and the random numbers of this engine.
    pub sources: Sources,
}

impl Default for EngineOptions {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            files_dir: None,
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            client_timeout: Duration::from_secs(300),
            page_bytes: 1 << 20,
            memory_bytes: 1 << 30,
            memory_catalog_bytes: 256 << 20,
            threads: cores.min(8),
            sources: Sources::default(),
        }
    }
}

/// Where the engine takes the time of day and unguessable bytes from.
#[derive(Clone)]
pub struct Sources {
    /// The time of day, for query ids.
    pub now: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    /// Sixteen bytes that nobody can guess, for the secrets in `nextUri`.
    pub random: Arc<dyn Fn() -> [u8; 16] + Send + Sync>,
}

impl fmt::Debug for Sources {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Sources")
    }
}

impl Default for Sources {
    /// The system's clock and the system's random numbers.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place of this crate that touches the system's clock and randomness; callers pass their own to hold them still"
    )]
    fn default() -> Self {
        Self { now: Arc::new(Utc::now), random: Arc::new(|| uuid::Uuid::new_v4().into_bytes()) }
    }
}
