//! The stand-in's socket, and what a test asks of it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::BufStream;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use url::Url;

use super::http::{Exchange, Reply, Request};
use super::kinds::Kind;
use super::pipelines::{PipelineScript, Runs};
use super::state::State;
use crate::fqn::Fqn;
use crate::version::ServerVersion;
use crate::webhook::{SIGNATURE_HEADER, signature_of};

/// OpenMetadata's stand-in on loopback. Dropping it ends it.
pub struct StandIn {
    state: Arc<Mutex<State>>,
    base_url: Url,
    http: reqwest::Client,
    _server: JoinSet<()>,
}

/// A way to misbehave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This status, with a JSON error.
    Status(u16),
    /// This status, with a line of plain text, as a proxy answers.
    Text(u16),
    /// 200 and a web page.
    Html,
    /// The right answer, so late.
    Slow(Duration),
    /// The connection is closed without an answer.
    Closed,
    /// The right answer's first half, as if it were whole.
    CutJson,
}

/// A request that the stand-in does not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("HTTP {status}: {body}")]
pub struct Refused {
    /// The status.
    pub status: u16,
    /// The answer's body.
    pub body: String,
}

impl From<Reply> for Refused {
    fn from(reply: Reply) -> Self {
        Self { status: reply.status, body: String::from_utf8_lossy(&reply.body).into_owned() }
    }
}

impl StandIn {
    /// Starts to listen on a free port of loopback, as a server of `version`.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(version: ServerVersion) -> io::Result<Self> {
        Self::start_at(version, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await
    }

    /// As [`StandIn::start`], on this address.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub async fn start_at(version: ServerVersion, address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let base = format!("http://{}/api", listener.local_addr()?);
        let base_url = base.parse().map_err(io::Error::other)?;
        let state = Arc::new(Mutex::new(State::new(version, base, Box::new(system_clock))));
        let http = reqwest::Client::builder().tls_built_in_root_certs(false).timeout(Duration::from_secs(10));
        let http = http.build().map_err(io::Error::other)?;
        let mut server = JoinSet::new();
        server.spawn(accept(listener, state.clone()));
        Ok(Self { state, base_url, http, _server: server })
    }

    /// The base URL, which ends in `/api`.
    #[must_use]
    pub fn base_url(&self) -> Url {
        self.base_url.clone()
    }

    /// Another clock for the times that the stand-in writes, in milliseconds since 1970. It is told never to stand still.
    pub fn set_clock(&self, clock: impl Fn() -> i64 + Send + 'static) {
        self.state().clock = Box::new(clock);
    }

    /// Makes an entity as `PUT` of its collection does; `kind` is OpenMetadata's word, such as `databaseService`.
    ///
    /// # Errors
    /// What a client would get.
    pub fn put(&self, kind: &str, body: &Value) -> Result<Value, Refused> {
        let kind = known(kind)?;
        let reply = self.state().put(kind, body, "admin")?;
        Ok(serde_json::from_slice(&reply.body).unwrap_or_default())
    }

    /// Makes a table of four parts with these columns, and the service (of PostgreSQL), database and schema that it is
    /// in when they are not there.
    ///
    /// # Errors
    /// What a client would get.
    pub fn seed_table(&self, fqn: &str, columns: impl Into<Value>) -> Result<Value, Refused> {
        let refuse = |error: &dyn std::fmt::Display| Refused { status: 400, body: error.to_string() };
        let name = Fqn::parse(fqn).map_err(|error| refuse(&error))?;
        let [service, database, schema, table] = name.parts() else { return Err(refuse(&"four parts are due")) };
        let prefix = |parts: &[&str]| {
            Fqn::from_raw_parts(parts.iter().copied()).map(|name| name.to_string()).map_err(|error| refuse(&error))
        };
        let (in_service, in_database, in_schema) =
            (prefix(&[service])?, prefix(&[service, database])?, prefix(&[service, database, schema])?);
        let is_there = |kind, name: &str| self.state().present(kind, name).is_ok();
        if !is_there(Kind::DatabaseService, &in_service) {
            self.put("databaseService", &json!({"name": service, "serviceType": "Postgres"}))?;
        }
        if !is_there(Kind::Database, &in_database) {
            self.put("database", &json!({"name": database, "service": in_service}))?;
        }
        if !is_there(Kind::DatabaseSchema, &in_schema) {
            self.put("databaseSchema", &json!({"name": schema, "database": in_database}))?;
        }
        self.put("table", &json!({"name": table, "databaseSchema": in_schema, "columns": columns.into()}))
    }

    /// Changes fields of an entity, as a person does in the console: `owners`, `domains`, `tags`, `extension` …, in the
    /// words of the newest version.
    ///
    /// # Errors
    /// What a client would get.
    pub fn edit(&self, kind: &str, fqn: &str, fields: &Value) -> Result<(), Refused> {
        let kind = known(kind)?;
        let fields = fields.as_object().cloned().unwrap_or_default();
        Ok(self.state().edit(kind, fqn, &fields)?)
    }

    /// Deletes an entity and what lies in it: softly, or for good.
    ///
    /// # Errors
    /// What a client would get.
    pub fn delete(&self, kind: &str, fqn: &str, hard: Hard) -> Result<(), Refused> {
        let kind = known(kind)?;
        let mut state = self.state();
        let id = state.by_name(kind, fqn).map(|entity| entity.id.to_string()).unwrap_or_default();
        let hard = if hard == Hard::Yes { "true" } else { "false" };
        let query = vec![("recursive".to_owned(), "true".to_owned()), ("hardDelete".to_owned(), hard.to_owned())];
        let request = Request {
            method: "DELETE".to_owned(),
            target: String::new(),
            segments: None,
            query,
            authorization: None,
            body: Vec::new(),
        };
        state.delete(kind, &id, &request, "admin")?;
        Ok(())
    }

    /// An entity with all that it holds, in the shape of the version; `None` when it is not there.
    #[must_use]
    pub fn entity(&self, kind: &str, fqn: &str) -> Option<Value> {
        let state = self.state();
        let entity = state.by_name(Kind::by_word(kind)?, fqn)?;
        Some(state.shaped(entity, &["*".to_owned()], true))
    }

    /// What the edge between two entities says; `None` when there is none.
    #[must_use]
    pub fn edge(&self, from_fqn: &str, to_fqn: &str) -> Option<Value> {
        let state = self.state();
        let id = |fqn: &str| state.entities.iter().find(|entity| entity.fqn == fqn).map(|entity| entity.id);
        let (from, to) = (id(from_fqn)?, id(to_fqn)?);
        state.edges.iter().find(|edge| (edge.from, edge.to) == (from, to)).map(|edge| edge.details.clone())
    }

    /// Says what a pipeline does when it is started. A pipeline without a script runs well.
    ///
    /// # Errors
    /// When there is no such pipeline.
    pub fn script_pipeline(&self, fqn: &str, script: PipelineScript) -> Result<(), Refused> {
        let mut state = self.state();
        let id = state.present(Kind::IngestionPipeline, fqn)?.id;
        for pipeline in state.entities.iter_mut().filter(|entity| entity.id == id) {
            pipeline.json.insert("deployed".to_owned(), json!(true));
        }
        state.runs.insert(id, Runs::new(script));
        Ok(())
    }

    /// Gives the bot another token; the one before is refused from now on.
    pub fn rotate_bot_token(&self, token: &str) {
        self.state().rotate(token);
    }

    /// Misbehaves at the next requests, whatever they ask for.
    pub fn break_next(&self, fault: &Fault, times: usize) {
        self.break_requests("", fault, times);
    }

    /// Misbehaves at the next requests that begin so, such as `PUT /api/v1/lineage`.
    pub fn break_requests(&self, beginning: &str, fault: &Fault, times: usize) {
        let fault = (beginning.to_owned(), fault.clone());
        self.state().faults.extend(std::iter::repeat_n(fault, times));
    }

    /// How many of the faults that were asked for no request has met yet.
    #[must_use]
    pub fn faults_left(&self) -> usize {
        self.state().faults.len()
    }

    /// Misbehaves at every request until told otherwise.
    pub fn break_always(&self, fault: Option<Fault>) {
        self.state().standing_fault = fault;
    }

    /// Every request so far that was read, with its answer.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.state().exchanges.clone()
    }

    /// Every event so far.
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        self.state().events.clone()
    }

    /// Delivers a body to a webhook, signed as OpenMetadata does, and gives the status that came back.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn deliver(&self, event: &Value, url: &Url, secret: &str) -> io::Result<u16> {
        let body = event.to_string();
        let signature = signature_of(body.as_bytes(), &secret.into()).map_err(io::Error::other)?;
        let request = self.http.post(url.clone()).header("content-type", "application/json");
        let sent = request.header(SIGNATURE_HEADER, signature).body(body).send().await;
        Ok(sent.map_err(io::Error::other)?.status().as_u16())
    }

    /// Delivers every event that a subscription has not been told of yet, and gives the statuses that came back.
    ///
    /// # Errors
    /// When no answer came; the events count as told all the same.
    pub async fn deliver_due(&self) -> io::Result<Vec<u16>> {
        let due = self.state().due_deliveries();
        let mut statuses = Vec::with_capacity(due.len());
        for delivery in due {
            statuses.push(self.deliver(&delivery.event, &delivery.endpoint, &delivery.secret).await?);
        }
        Ok(statuses)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }
}

/// Whether something is gone for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hard {
    /// It is.
    Yes,
    /// It can be restored.
    No,
}

fn known(kind: &str) -> Result<Kind, Refused> {
    Kind::by_word(kind).ok_or_else(|| Refused { status: 404, body: format!("no kind of entity is called {kind}") })
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The time of day. The stand-in is a server of its own: its times are compared with those of the process under test.
fn system_clock() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "a server of its own has a clock of its own; a test can replace it")]
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.ok().and_then(|since| i64::try_from(since.as_millis()).ok()).unwrap_or_default()
}

async fn accept(listener: TcpListener, state: Arc<Mutex<State>>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, state.clone()));
        while connections.try_join_next().is_some() {}
    }
}

/// One connection, request after request. What breaks on it ends it; the client sees that.
async fn serve(stream: TcpStream, state: Arc<Mutex<State>>) {
    let mut stream = BufStream::new(stream);
    while let Ok(Some(request)) = Request::read(&mut stream).await {
        let fault = locked(&state).next_fault(&request);
        if let Some(Fault::Slow(wait)) = fault {
            tokio::time::sleep(wait).await;
        }
        let reply = {
            let mut state = locked(&state);
            let reply = faulty(fault.as_ref(), || state.answer(&request));
            state.exchanges.extend(reply.as_ref().map(|reply| Exchange::new(&request, reply)));
            reply
        };
        let Some(reply) = reply else { return };
        if reply.write(&mut stream).await.is_err() {
            return;
        }
    }
}

/// The answer as a fault leaves it; `None` when there is to be none.
fn faulty(fault: Option<&Fault>, answer: impl FnOnce() -> Reply) -> Option<Reply> {
    Some(match fault {
        Some(Fault::Status(status)) => Reply::error(*status, "scripted"),
        Some(Fault::Text(status)) => Reply::text(*status),
        Some(Fault::Html) => Reply::html(),
        Some(Fault::Closed) => return None,
        Some(Fault::CutJson) => {
            let mut reply = answer();
            reply.body.truncate(reply.body.len() / 2);
            reply
        }
        Some(Fault::Slow(_)) | None => answer(),
    })
}
