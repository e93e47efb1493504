//! The engine as a whole: its threads, its server, its start and its end.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use datafusion::error::DataFusionError;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use url::Url;

use crate::execute::{Limits, Runner};
use crate::options::EngineOptions;
use crate::query::registry::{Parts, Registry};
use crate::server::{Shared, server};

/// The stack of a thread that runs queries: a chain of operators is a tree as deep as it is long, and planning it recurses, most of
/// all without optimisation. The system gives memory only for what is used.
const STACK_BYTES: usize = 64 << 20;

/// How long a stopping engine waits for a computation that cannot be interrupted, such as the making of TPC-H's text.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

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
    /// The system gives no threads.
    #[error("the embedded engine cannot start its threads")]
    Threads(#[source] std::io::Error),
    /// DataFusion refuses its settings.
    #[error("the embedded engine cannot set up its session")]
    Session(#[source] DataFusionError),
}

/// A running engine. It stops when it is dropped, at once; [`Engine::stop`] also waits for it.
///
/// Queries run on threads of their own, apart from the server and the sweeper of abandoned queries: a query that computes for
/// seconds delays neither a cancel nor a timeout.
pub struct Engine {
    address: SocketAddr,
    registry: Arc<Registry>,
    server: ServerHandle,
    /// Tells when the server's thread has ended.
    ended: Option<oneshot::Receiver<()>>,
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
        let limits = Limits {
            partitions: options.threads.max(1),
            memory_bytes: options.memory_bytes,
            memory_catalog_bytes: options.memory_catalog_bytes,
            files_dir: options.files_dir,
        };
        let runner = Arc::new(Runner::new(limits).map_err(EngineError::Session)?);
        let threads = Builder::new_multi_thread()
            .worker_threads(options.threads.max(1))
            .thread_name("warren-engine")
            .thread_stack_size(STACK_BYTES)
            .enable_all()
            .build()
            .map_err(EngineError::Threads)?;
        let registry = Arc::new(Registry::new(Parts {
            runner,
            sources: options.sources,
            threads: threads.handle().clone(),
            page_bytes: options.page_bytes.max(1),
            client_timeout: options.client_timeout,
        }));
        let (server, ended) = serve(listener, address, Arc::clone(&registry)).await?;
        tracing::debug!(%address, "the embedded engine listens");
        Ok(Self { address, registry, server, ended: Some(ended), threads: Some(threads) })
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
        self.server.stop(true).await;
        if let Some(ended) = self.ended.take() {
            // An error says that the thread has ended without a word, which is an end too.
            ended.await.ok();
        }
        if let Some(threads) = self.threads.take() {
            // A runtime must not wait for its threads on a thread of another runtime's.
            let waited = tokio::task::spawn_blocking(move || threads.shutdown_timeout(STOP_TIMEOUT)).await;
            if let Err(error) = waited {
                tracing::warn!(%error, "the embedded engine's threads ended badly");
            }
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(threads) = self.threads.take() {
            self.registry.stop_all();
            // The future only waits for the answer; the command is sent when it is made.
            drop(self.server.stop(false));
            threads.shutdown_background();
        }
    }
}

/// Starts the thread of the server and the sweeper. It ends when the server is stopped.
async fn serve(
    listener: TcpListener,
    address: SocketAddr,
    registry: Arc<Registry>,
) -> Result<(ServerHandle, oneshot::Receiver<()>), EngineError> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(EngineError::Threads)?;
    let (started, start) = oneshot::channel();
    let (ending, ended) = oneshot::channel();
    let body = move || {
        runtime.block_on(async move {
            let server = match server(listener, Shared { registry: Arc::clone(&registry), address }) {
                Ok(server) => server,
                Err(error) => {
                    started.send(Err(error)).ok();
                    return;
                }
            };
            started.send(Ok(server.handle())).ok();
            tokio::select! {
                end = server => {
                    if let Err(error) = end {
                        tracing::warn!(%error, "the embedded engine's server ended badly");
                    }
                }
                () = sweep(&registry) => {}
            }
        });
        ending.send(()).ok();
    };
    thread::Builder::new().name("warren-engine-http".to_owned()).spawn(body).map_err(EngineError::Threads)?;
    let stopped = |_ended| std::io::Error::other("the server's thread ended");
    let handle = start.await.map_err(stopped).flatten();
    Ok((handle.map_err(|source| EngineError::Listen { address, source })?, ended))
}

async fn sweep(registry: &Registry) {
    let mut ticks = tokio::time::interval(registry.sweep_interval());
    loop {
        ticks.tick().await;
        registry.sweep();
    }
}
