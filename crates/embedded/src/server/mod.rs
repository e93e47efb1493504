//! The HTTP side of Trino's client protocol: routes, headers, statuses. What a query is and does, [`crate::query`] knows.

mod headers;
mod info;
mod statement;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::{App, HttpServer, web};

pub(crate) use headers::SessionHeaders;

use crate::query::registry::Registry;

/// The version that the engine reports: the release of Trino whose protocol it speaks, and that it is not that release.
pub(crate) const VERSION: &str = "476-embedded";

/// The largest statement that is read at all; Trino's own limit is one million characters.
const BODY_LIMIT_BYTES: usize = 4 << 20;

/// What all handlers share.
pub(crate) struct Shared {
    pub(crate) registry: Arc<Registry>,
    pub(crate) address: SocketAddr,
}

/// An HTTP server on `listener`, which runs while it is polled.
///
/// # Errors
/// The listener cannot be used.
pub(crate) fn server(listener: TcpListener, shared: Shared) -> std::io::Result<Server> {
    let shared = web::Data::new(shared);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(shared.clone())
            .app_data(web::PayloadConfig::new(BODY_LIMIT_BYTES))
            .configure(statement::routes)
            .configure(info::routes)
    });
    Ok(server.workers(1).disable_signals().shutdown_timeout(1).listen(listener)?.run())
}
