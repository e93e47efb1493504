//! The fake coordinator's socket, and what a test asks of it.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use tokio::io::{AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use url::Url;

use super::coordinator::Coordinator;
use super::http::RecordedRequest;
use super::script::{Fault, Script};

/// A coordinator on a free port of loopback. Dropping it ends it.
pub struct FakeTrino {
    coordinator: Arc<Coordinator>,
    url: Url,
    _server: JoinSet<()>,
}

/// A query as it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedQuery {
    /// The id it got.
    pub id: String,
    /// Its statement.
    pub sql: String,
    /// The whole `POST`.
    pub request: RecordedRequest,
    /// Whether somebody fetched a page, which is what makes Trino start a query.
    pub started: bool,
    /// How many heartbeats came.
    pub heartbeats: u64,
}

impl RecordedQuery {
    /// The first value of a header of the `POST`; `name` in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.header(name)
    }
}

impl FakeTrino {
    /// Starts to listen.
    ///
    /// # Errors
    /// When no port of loopback can be had.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let base = format!("http://{}", listener.local_addr()?);
        let url = base.parse().map_err(io::Error::other)?;
        let coordinator = Arc::new(Coordinator::new(base));
        let mut server = JoinSet::new();
        server.spawn(accept(listener, coordinator.clone()));
        Ok(Self { coordinator, url, _server: server })
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    /// Says what happens to a statement. Replaces what was said before; without it every query ends well and empty.
    pub fn on_query(&self, script: impl Fn(&str) -> Script + Send + Sync + 'static) {
        self.on_request(move |request| script(&request.body));
    }

    /// As [`FakeTrino::on_query`], by the whole `POST`.
    pub fn on_request(&self, script: impl Fn(&RecordedRequest) -> Script + Send + Sync + 'static) {
        self.coordinator.state().handler = Arc::new(script);
    }

    /// Every statement so far, also those whose answer got lost.
    #[must_use]
    pub fn submitted(&self) -> Vec<RecordedQuery> {
        let state = self.coordinator.state();
        let recorded = state.queries.iter().map(|query| RecordedQuery {
            id: query.id.clone(),
            sql: query.request.body.clone(),
            request: query.request.clone(),
            started: query.is_started(),
            heartbeats: query.heartbeats,
        });
        recorded.collect()
    }

    /// The ids of the canceled queries, in the order of their end.
    #[must_use]
    pub fn canceled(&self) -> Vec<String> {
        self.coordinator.state().canceled.clone()
    }

    /// Every request so far.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.coordinator.state().requests.clone()
    }

    /// Comes back when `condition` holds; it is looked at again after every request.
    pub async fn until(&self, condition: impl Fn(&Self) -> bool) {
        let mut answered = self.coordinator.answered();
        while !condition(self) {
            if answered.changed().await.is_err() {
                return;
            }
        }
    }

    /// Misbehaves at the next requests, whatever they ask for.
    pub fn break_next(&self, fault: &Fault, times: usize) {
        self.coordinator.state().faults.extend(std::iter::repeat_n(fault.clone(), times));
    }

    /// Says in `/v1/info` that the coordinator is starting, or that it is not.
    pub fn set_starting(&self, starting: bool) {
        self.coordinator.state().starting = starting;
    }

    /// Asks for this `Authorization` header wherever Trino asks for credentials.
    pub fn require_authorization(&self, header: &str) {
        self.coordinator.state().authorization = Some(header.to_owned());
    }

    /// Hands out URIs of another host, as a coordinator behind a balancer does.
    pub fn answer_as(&self, base: &str) {
        base.clone_into(&mut self.coordinator.state().base);
    }

    /// Forgets all queries, as a restart does.
    pub fn forget_queries(&self) {
        self.coordinator.state().queries.clear();
    }
}

async fn accept(listener: TcpListener, coordinator: Arc<Coordinator>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, coordinator.clone()));
        while connections.try_join_next().is_some() {}
    }
}

/// One connection, request after request. What breaks on it ends it; the client sees that.
async fn serve(stream: TcpStream, coordinator: Arc<Coordinator>) {
    let mut stream = BufStream::new(stream);
    while let Ok(Some(request)) = RecordedRequest::read(&mut stream).await {
        let method = request.method.clone();
        let reply = coordinator.answer(request).await;
        if !matches!(reply.write(&mut stream, &method).await, Ok(true)) {
            break;
        }
    }
    let _the_client_may_be_gone = stream.shutdown().await;
}
