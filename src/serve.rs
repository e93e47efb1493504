//! The service: builds every part from the configuration, in the order in which they need each other, and stops them in
//! the opposite one. The only place that knows all of them.

mod openmetadata;
mod scheduler;
mod stop_request;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use url::Url;
use warren_results::{ResultError, ResultStore};
use warren_trino::{BuildError, Client, ClusterOptions, Jitter};

use crate::app::{Access, App, Parts, Signals};
use crate::catalog::{Catalog, Mapping, MappingError};
use crate::config::{ClusterConfig, Config, Role, Roles};
use crate::directory::KeepUp;
use crate::http::{self, HttpOptions, Served};
use crate::jobs::WorkerId;
use crate::lifecycle::Lifecycle;
use crate::openlineage::EmitError;
use crate::store::{Store, StoreError, StoreOptions};
use crate::telemetry::{self, TelemetryError};
use crate::time::{Ids, System};
use crate::worker::{Cluster, Clusters, Pool, WorkerSettings};
pub use openmetadata::openmetadata_client;
use openmetadata::{directory, installation, managed_catalogs};
use scheduler::start_scheduler;
pub use stop_request::StopRequest;

/// How long requests and jobs may take to end when the service stops. Jobs that need longer are handed over.
const GRACE: Duration = Duration::from_secs(20);

/// Connections to the database that one process holds at most. The workers write often and shortly.
const MAX_CONNECTIONS: u32 = 10;
/// How long a request waits for one of them before it is told that the database is not available.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// How often the recorder of metrics folds what it has collected, as `metrics-exporter-prometheus` recommends.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// Why the service did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A folder cannot be made or the address cannot be listened on.
    #[error("cannot {action}")]
    Io {
        /// What was tried.
        action: String,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// The database cannot be used.
    #[error("the database cannot be used")]
    Store(#[from] StoreError),
    /// The result store cannot be used.
    #[error("the result store cannot be used")]
    Results(#[from] ResultError),
    /// The mapping file is not valid.
    #[error("the mapping file is not valid")]
    Mapping(#[from] MappingError),
    /// A cluster cannot be talked to as it is configured.
    #[error("the trino cluster '{name}' is not configured well")]
    Cluster {
        /// Its name.
        name: String,
        /// What is wrong.
        #[source]
        source: BuildError,
    },
    /// OpenMetadata cannot be talked to as it is configured.
    #[error("openmetadata is not configured well")]
    OpenMetadata(#[from] warren_openmetadata::BuildError),
    /// The receiver of OpenLineage's events cannot be talked to.
    #[error("openlineage is not configured well")]
    OpenLineage(#[from] EmitError),
    /// The process should do nothing but work off the model queue, and cannot.
    #[error(
        "a process of the role scheduler needs an OpenMetadata and scheduler.built_in = true; set \
         WARREN_OPENMETADATA_URL, or give it another role"
    )]
    NothingToSchedule,
    /// The embedded engine did not start.
    #[cfg(feature = "embedded")]
    #[error("the embedded engine did not start")]
    Engine(#[from] warren_embedded::EngineError),
    /// Neither a cluster is configured nor an engine is built in.
    #[error("no trino is configured and this build has no embedded engine; set WARREN_TRINO_URL")]
    NoCluster,
    /// Beyond loopback nobody may call without a token, and there is none.
    #[error("no API token exists, so nobody could call this server; make one with `warren token create NAME`")]
    NoToken,
    /// Logs or metrics cannot be set up.
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
}

/// A service that runs.
#[derive(Debug)]
pub struct Service {
    url: Url,
    app: App,
    lifecycle: Lifecycle,
    #[cfg(feature = "embedded")]
    engine: Option<warren_embedded::Engine>,
}

impl Service {
    /// Starts the service. When this returns, requests are answered and jobs are run.
    ///
    /// # Errors
    /// When a part cannot be started; what was started before it is stopped again.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        check_roles(&config)?;
        make_folder(&config.data_dir)?;
        let listener = listen(&config)?;
        let store = open_store(&config).await?;
        check_access(&config, &store).await?;
        let results = ResultStore::open(&config.results_url, &config.results_options)?;
        let catalog = Catalog::new(read_mapping(&config)?).of(installation(&config));
        let metrics = telemetry::record_metrics()?;
        let lifecycle = Lifecycle::default();
        let engines = Engines::start(&config).await?;
        let openmetadata = openmetadata_client(&config)?;
        let directory = openmetadata.as_ref().and_then(|client| directory(client, &store, &engines.clusters, &config));
        let parts = Parts {
            store,
            results,
            catalog,
            clusters: engines.clusters,
            openmetadata: openmetadata.clone(),
            directory: directory.clone(),
            managed_catalogs: managed_catalogs(&config),
            webhook_secret: config.openmetadata.as_ref().and_then(|own| own.webhook_secret.clone()),
            limits: config.limits.clone(),
            access: config.access(),
            clock: Arc::new(System),
            ids: Arc::new(System),
            signals: Signals::default(),
        };
        let app = App::new(parts);
        if config.roles.has(Role::Worker) {
            let pool = Pool::new(app.clone(), worker_settings(&config), lifecycle.clone());
            lifecycle.spawn("workers", pool.run());
            lifecycle.spawn("sweep", app.clone().sweep_results_until(lifecycle.stopping()));
        }
        if let Some(directory) = directory {
            lifecycle.spawn("directory", KeepUp::new(directory).run(lifecycle.stopping()));
        }
        if app.managed_catalogs.is_some() {
            lifecycle.spawn("managed catalogs", app.clone().tend_managed_catalogs_until(lifecycle.stopping()));
        }
        start_scheduler(&config, &app, &lifecycle)?;
        let url = url_of(&listener)?;
        keep_metrics_small(&lifecycle, metrics.clone());
        let served = if config.roles.has(Role::Api) { Served::Api } else { Served::Operations };
        let options = HttpOptions { served, workers: config.http.workers, metrics };
        serve_http(&lifecycle, listener, app.clone(), options)?;
        Ok(Self {
            url,
            app,
            lifecycle,
            #[cfg(feature = "embedded")]
            engine: engines.embedded,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Its use cases, for the demo and for tests.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Runs until the process is asked to stop, then stops.
    pub async fn run_until(self, mut request: StopRequest) {
        request.asked().await;
        self.stop().await;
    }

    /// Stops it: no new requests, no new jobs; jobs that run are handed over.
    pub async fn stop(self) {
        tracing::info!("stopping");
        if !self.lifecycle.stop(GRACE).await {
            tracing::warn!(grace_s = GRACE.as_secs(), "some tasks did not end in time");
        }
        #[cfg(feature = "embedded")]
        if let Some(engine) = self.engine {
            engine.stop().await;
        }
    }
}

/// Opens the database and brings its schema up to date.
///
/// # Errors
/// When it does not answer or a migration fails.
pub async fn open_store(config: &Config) -> Result<Store, StartError> {
    let store = Store::connect(&StoreOptions {
        url: config.database_url.clone(),
        max_connections: MAX_CONNECTIONS,
        acquire_timeout: ACQUIRE_TIMEOUT,
    })
    .await?;
    let applied = store.migrate().await?;
    if !applied.is_empty() {
        tracing::info!(?applied, "the database schema was brought up to date");
    }
    Ok(store)
}

/// The mapping of the configured file, or the demo one.
///
/// # Errors
/// When the file cannot be read or is not valid.
pub fn read_mapping(config: &Config) -> Result<Mapping, StartError> {
    match &config.catalog_file {
        None => Ok(Mapping::demo()?),
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|source| StartError::Io { action: format!("read {}", path.display()), source })?;
            Ok(Mapping::parse(&text)?)
        }
    }
}

/// The clusters as they are configured, without the embedded engine.
///
/// # Errors
/// When one of them is not configured well.
pub fn configured_clusters(config: &Config) -> Result<Vec<Cluster>, StartError> {
    config.clusters.iter().map(|own| cluster(&own.name, options(own, config))).collect()
}

fn options(own: &ClusterConfig, config: &Config) -> ClusterOptions {
    let mut options = ClusterOptions::new(own.url.clone());
    options.auth = own.auth.clone();
    options.allow_plaintext_credentials = own.allow_plaintext_credentials;
    options.retry.deadline = config.trino_unavailable;
    options.jitter = Jitter::from_fn(random_share);
    options
}

/// A random number from 0 to 1. The first bytes of an id of version 4 are all random (RFC 9562, 5.4).
fn random_share() -> f64 {
    let [a, b, c, d, ..] = System.random().into_bytes();
    f64::from(u32::from_be_bytes([a, b, c, d])) / f64::from(u32::MAX)
}

/// The recorder keeps each value of a histogram until it is collected. A server that nobody collects from must not grow.
fn keep_metrics_small(lifecycle: &Lifecycle, metrics: PrometheusHandle) {
    let stopping = lifecycle.stopping();
    lifecycle.spawn("metrics", async move {
        let mut upkeep = tokio::time::interval(METRICS_UPKEEP);
        while stopping.run_until_cancelled(upkeep.tick()).await.is_some() {
            metrics.run_upkeep();
        }
    });
}

fn cluster(name: &str, options: ClusterOptions) -> Result<Cluster, StartError> {
    let client = Client::new(options).map_err(|source| StartError::Cluster { name: name.to_owned(), source })?;
    Ok(Cluster { name: name.to_owned(), client })
}

/// The clusters, with the embedded engine where none is configured.
struct Engines {
    clusters: Clusters,
    #[cfg(feature = "embedded")]
    embedded: Option<warren_embedded::Engine>,
}

impl Engines {
    #[cfg(feature = "embedded")]
    async fn start(config: &Config) -> Result<Self, StartError> {
        let mut clusters = configured_clusters(config)?;
        let mut embedded = None;
        if clusters.is_empty() {
            make_folder(&config.files_dir)?;
            let options = warren_embedded::EngineOptions {
                files_dir: Some(config.files_dir.clone()),
                ..warren_embedded::EngineOptions::default()
            };
            let engine = warren_embedded::Engine::start(options).await?;
            clusters.push(cluster("embedded", ClusterOptions::new(engine.url()))?);
            embedded = Some(engine);
        }
        Ok(Self { clusters: Clusters::new(clusters).ok_or(StartError::NoCluster)?, embedded })
    }

    #[cfg(not(feature = "embedded"))]
    async fn start(config: &Config) -> Result<Self, StartError> {
        let clusters = configured_clusters(config)?;
        Ok(Self { clusters: Clusters::new(clusters).ok_or(StartError::NoCluster)? })
    }
}

async fn check_access(config: &Config, store: &Store) -> Result<(), StartError> {
    let has_callers = config.roles.has(Role::Api) && config.access() == Access::Tokens;
    if has_callers && !store.has_live_token(crate::time::Clock::now(&System)).await? {
        return Err(StartError::NoToken);
    }
    Ok(())
}

/// A process that would do nothing of what it was started for does not start.
fn check_roles(config: &Config) -> Result<(), StartError> {
    let schedules = config.openmetadata.is_some() && config.scheduler.built_in;
    match config.roles {
        Roles::Only(Role::Scheduler) if !schedules => Err(StartError::NothingToSchedule),
        _ => Ok(()),
    }
}

fn worker_settings(config: &Config) -> WorkerSettings {
    let id = WorkerId(format!("{}-{}", std::process::id(), System.random().simple()));
    let own = &config.worker;
    WorkerSettings {
        slots: own.slots,
        lease: own.lease,
        renew: own.renew,
        poll: own.poll,
        tell_queries: config.openmetadata.as_ref().is_some_and(|own| own.queries),
        ..WorkerSettings::new(id)
    }
}

fn serve_http(lifecycle: &Lifecycle, listener: TcpListener, app: App, options: HttpOptions) -> Result<(), StartError> {
    let server = http::server(listener, app, options, lifecycle.stopping())
        .map_err(|source| StartError::Io { action: "start the http server".to_owned(), source })?;
    lifecycle.spawn("http", async move {
        if let Err(error) = server.await {
            tracing::error!(%error, "the http server ended with an error");
        }
    });
    Ok(())
}

fn listen(config: &Config) -> Result<TcpListener, StartError> {
    let listener = TcpListener::bind(config.listen)
        .map_err(|source| StartError::Io { action: format!("listen on {}", config.listen), source })?;
    listener
        .set_nonblocking(true)
        .map_err(|source| StartError::Io { action: "listen without blocking".to_owned(), source })?;
    Ok(listener)
}

fn url_of(listener: &TcpListener) -> Result<Url, StartError> {
    let address = listener
        .local_addr()
        .map_err(|source| StartError::Io { action: "find out the address that is listened on".to_owned(), source })?;
    Url::parse(&format!("http://{address}")).map_err(|error| StartError::Io {
        action: format!("name the address {address}"),
        source: std::io::Error::other(error),
    })
}

fn make_folder(path: &std::path::Path) -> Result<(), StartError> {
    std::fs::create_dir_all(path)
        .map_err(|source| StartError::Io { action: format!("make the folder {}", path.display()), source })
}
