//! The HTTP server: its threads, its timeouts, and how it goes down.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{DefaultHeaders, from_fn};
use actix_web::{HttpServer, web};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use utoipa_actix_web::AppExt;

use super::core::Core;
use super::observe::observe;
use super::ops::Description;
use super::routes::{self, Known};
use crate::app::App;

/// How long an idle connection stays open.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long a client may take to send the head of a request.
const CLIENT_REQUEST: Duration = Duration::from_secs(10);
/// How long a client may take to close a connection that is over.
const CLIENT_DISCONNECT: Duration = Duration::from_secs(2);
/// How long answers that are under way may take when the server goes down, in seconds. Waiting requests and event
/// streams end at once; downloads may use this time.
const SHUTDOWN_S: u64 = 15;

/// What is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    /// The API, its pages, and what operators look at.
    Api,
    /// Only what operators look at: the process has no callers.
    Operations,
}

/// Settings of the server.
#[derive(Clone, Debug)]
pub struct HttpOptions {
    /// What is served.
    pub served: Served,
    /// Threads that answer requests, 1 or more. They parse and shape; the work is done on the service's runtime.
    pub workers: usize,
    /// What `/metrics` shows.
    pub metrics: PrometheusHandle,
}

/// A server, which runs while it is polled: until `stopping` is canceled and the answers that are under way
/// have ended.
///
/// # Errors
/// When the listener cannot be used or a thread cannot be started.
pub fn server(
    listener: TcpListener,
    app: App,
    options: HttpOptions,
    stopping: CancellationToken,
) -> std::io::Result<Server> {
    let core = web::Data::new(Core::new(app, Handle::current(), stopping.clone()));
    let description = Description::new(&super::openapi())?;
    let HttpOptions { served, workers, metrics } = options;
    let server = HttpServer::new(move || {
        let app = actix_web::App::new()
            .wrap(DefaultHeaders::new().add(("X-Content-Type-Options", "nosniff")))
            .wrap(from_fn(observe))
            .app_data(core.clone())
            .app_data(web::Data::new(metrics.clone()))
            .app_data(web::Data::new(description.clone()))
            .app_data(Known::by(served));
        app.into_utoipa_app()
            .configure(|config| routes::served(served, config))
            .into_app()
            .configure(|config| routes::pages(served, config))
            .default_service(web::to(routes::unknown))
    });
    Ok(server
        .workers(workers.max(1))
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(CLIENT_REQUEST)
        .client_disconnect_timeout(CLIENT_DISCONNECT)
        // A client that closes its side is gone, and nobody waits for it any more.
        .h1_allow_half_closed(false)
        .shutdown_timeout(SHUTDOWN_S)
        .shutdown_signal(stopping.cancelled_owned())
        .listen(listener)?
        .run())
}
