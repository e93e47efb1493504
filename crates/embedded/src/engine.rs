//! The engine as a whole: its threads, its server, its start and its end.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use datafusion::error::DataFusionError;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use url::Url;

use crate::execute::{Limits, Runner};
use crate::options::EngineOptions;
use crate::query::registry::{Parts, Registry};
use crate::server::{Shared, server};

/// The stack of a thread that runs queries: plans of nested queries recurse, and much so without optimisation.
const STACK_BYTES: usize = 8 << 20;

/// An engine that cannot start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The address is taken or not this machine's.
    #[error("the embedded engine cannot listen on {address}: choose another address or port 0")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The folder of the catalog `files` cannot be read.
    #[error("the folder {} of the catalog files cannot be read: create it or choose another", path.display())]
    FilesFolder {
        /// The folder that was asked for.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// No threads for queries.
    #[error("the embedded engine cannot start its threads")]
    Threads(#[source] std::io::Error),
    /// DataFusion refuses its settings.
    #[error("the embedded engine cannot set up its session")]
    Session(#[source] DataFusionError),
}

/// A running engine. It stops when it is dropped, at once; [`Engine::stop`] also waits for it.
pub struct Engine {
    address: SocketAddr,
    registry: Arc<Registry>,
    handle: ServerHandle,
    server: JoinHandle<std::io::Result<()>>,
    sweeper: JoinHandle<()>,
    threads: Option<Runtime>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Engine").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Engine {
    /// Starts an engine. It generates nothing and reads no file yet.
    ///
    /// # Errors
    /// The address cannot be listened on, the folder of the catalog `files` cannot be read, or the system gives no threads.
    pub async fn start(options: EngineOptions) -> Result<Self, EngineError> {
        if let Some(path) = &options.files_dir {
            let readable = tokio::fs::read_dir(path).await;
            drop(readable.map_err(|source| EngineError::FilesFolder { path: path.clone(), source })?);
        }
        let listen_error = |source| EngineError::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        let threads = Builder::new_multi_thread()
            .worker_threads(options.threads.max(1))
            .thread_name("warren-engine")
            .thread_stack_size(STACK_BYTES)
            .enable_all()
            .build()
            .map_err(EngineError::Threads)?;
        let limits = Limits {
            partitions: options.threads.max(1),
            memory_bytes: options.memory_bytes,
            memory_catalog_bytes: options.memory_catalog_bytes,
            files_dir: options.files_dir,
        };
        let registry = Arc::new(Registry::new(Parts {
            runner: Arc::new(Runner::new(limits).map_err(EngineError::Session)?),
            sources: options.sources,
            threads: threads.handle().clone(),
            page_bytes: options.page_bytes.max(1),
            client_timeout: options.client_timeout,
        }));
        let shared = Shared { registry: Arc::clone(&registry), address };
        let (sender, receiver) = oneshot::channel();
        let server = threads.spawn(async move {
            let server = server(listener, shared)?;
            sender.send(server.handle()).ok();
            server.await
        });
        let handle = receiver.await.map_err(|_stopped| listen_error(std::io::ErrorKind::Other.into()))?;
        let sweeper = threads.spawn(sweep(Arc::clone(&registry)));
        tracing::debug!(%address, "the embedded engine listens");
        Ok(Self { address, registry, handle, server, sweeper, threads: Some(threads) })
    }

    /// Where the engine's Trino protocol is, such as `http://127.0.0.1:40123/`.
    ///
    /// # Panics
    /// Never: an address with `http://` in front is a URL.
    #[expect(clippy::expect_used, reason = "a socket address after http:// is a URL by both grammars")]
    pub fn url(&self) -> Url {
        format!("http://{}/", self.address).parse().expect("a URL")
    }

    /// Stops the engine: its queries fail, its port closes, its threads end.
    pub async fn stop(mut self) {
        self.registry.stop_all();
        self.handle.stop(true).await;
        self.sweeper.abort();
        if let Err(error) = (&mut self.server).await {
            tracing::warn!(%error, "the embedded engine's server ended badly");
        }
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(threads) = self.threads.take() {
            self.registry.stop_all();
            // The future only waits for the answer; the command is sent when it is made.
            drop(self.handle.stop(false));
            threads.shutdown_background();
        }
    }
}

async fn sweep(registry: Arc<Registry>) {
    let mut ticks = tokio::time::interval(registry.sweep_interval());
    loop {
        ticks.tick().await;
        registry.sweep();
    }
}
