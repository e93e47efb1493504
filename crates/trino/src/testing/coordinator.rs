//! What the fake coordinator remembers, and its answer to each request. No sockets here.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;
use tokio::sync::watch;

use super::http::{Delivery, RecordedRequest, Reply};
use super::query::{Phase, Query, Token};
use super::script::{Fault, Gate, Script, Step, until_true};

/// The part of a test that makes a query's course out of its request.
pub(super) type Handler = Arc<dyn Fn(&RecordedRequest) -> Script + Send + Sync>;

pub(super) struct Coordinator {
    state: Mutex<State>,
    /// Grows with every answered request.
    answered: watch::Sender<u64>,
}

pub(super) struct State {
    /// Where the fake says that it is.
    pub(super) base: String,
    pub(super) handler: Handler,
    pub(super) starting: bool,
    pub(super) authorization: Option<String>,
    pub(super) faults: VecDeque<Fault>,
    pub(super) queries: Vec<Query>,
    pub(super) canceled: Vec<String>,
    pub(super) requests: Vec<RecordedRequest>,
    /// The faults of the `POST` that are left, by statement: they go on from one try to the next.
    submit_faults: BTreeMap<String, Script>,
    submitted: u64,
}

/// What is done before a query's answer, outside the lock.
struct Pending {
    gate: Option<Gate>,
    hangs: bool,
    canceled: Arc<watch::Sender<bool>>,
}

impl Coordinator {
    pub(super) fn new(base: String) -> Self {
        let state = State {
            base,
            handler: Arc::new(|_request| Script::new()),
            starting: false,
            authorization: None,
            faults: VecDeque::new(),
            queries: Vec::new(),
            canceled: Vec::new(),
            requests: Vec::new(),
            submit_faults: BTreeMap::new(),
            submitted: 0,
        };
        Self { state: Mutex::new(state), answered: watch::Sender::new(0) }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells of every answered request.
    pub(super) fn answered(&self) -> watch::Receiver<u64> {
        self.answered.subscribe()
    }

    pub(super) async fn answer(&self, request: RecordedRequest) -> Reply {
        self.state().requests.push(request.clone());
        let reply = self.reply(&request).await;
        self.answered.send_modify(|count| *count += 1);
        reply
    }

    async fn reply(&self, request: &RecordedRequest) -> Reply {
        if let Some(reply) = self.state().refuse(request) {
            return reply;
        }
        let path = request.path.split('?').next().unwrap_or_default();
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match (request.method.as_str(), segments.as_slice()) {
            ("GET", ["v1", "info"]) => self.state().info(),
            ("POST", ["v1", "statement"]) => self.submit(request).await,
            (method, ["v1", "query", id]) => self.by_id(method, id).await,
            (method, ["v1", "statement", phase, id, slug, token]) => {
                let phase = if *phase == "queued" { Phase::Queued } else { Phase::Executing };
                self.by_token(method, phase, (id, slug, token)).await
            }
            _ => Reply::text(404, "not found"),
        }
    }

    async fn submit(&self, request: &RecordedRequest) -> Reply {
        if request.body.trim().is_empty() {
            return Reply::text(400, "SQL statement is empty");
        }
        let handler = self.state().handler.clone();
        let script = handler(request);
        let gate = script.gate_at(Step::Submit);
        let (fault, reply) = self.state().register(request, script);
        if let Some(gate) = gate {
            gate.pass().await;
        }
        fault.map_or(reply.clone(), |fault| spoiled(reply, &fault))
    }

    async fn by_id(&self, method: &str, id: &str) -> Reply {
        match method {
            "DELETE" => self.step(id, Step::Cancel, cancel).await.or_status(404, 204),
            "GET" => {
                let state = |query: &mut Query, _base: &str| {
                    Reply::json(json!({"queryId": query.id, "state": query.state()}).to_string())
                };
                self.step(id, Step::State, state).await.or_status(404, 410)
            }
            _ => Reply::empty(405),
        }
    }

    async fn by_token(&self, method: &str, phase: Phase, (id, slug, token): (&str, &str, &str)) -> Reply {
        let Ok(token) = token.parse::<u64>() else { return Reply::text(404, "Query not found") };
        if self.state().query(id).is_none_or(|query| query.slug(phase, token) != slug) {
            return Reply::text(404, "Query not found");
        }
        match (method, phase) {
            ("DELETE", _) => self.step(id, Step::Cancel, cancel).await,
            ("HEAD", Phase::Executing) => {
                let beat = |query: &mut Query, _base: &str| {
                    query.heartbeats += 1;
                    Reply::empty(200)
                };
                self.step(id, Step::Heartbeat, beat).await
            }
            ("GET", _) => {
                let step = if phase == Phase::Queued { Step::Queued(token) } else { Step::Executing(token) };
                let page = |query: &mut Query, base: &str| match query.check(phase, token) {
                    Token::Valid => Reply::json(query.advance(phase, token, base)),
                    Token::Gone => Reply::text(410, "Gone"),
                    Token::Unknown => Reply::text(404, "Query not found"),
                };
                self.step(id, step, page).await
            }
            _ => Reply::empty(405),
        }
    }

    /// Does one step of a query: its fault, its gate, and then `act`.
    async fn step(&self, id: &str, step: Step, act: impl Fn(&mut Query, &str) -> Reply) -> Reply {
        let (fault, pending) = {
            let mut state = self.state();
            let Some(query) = state.query(id) else { return Reply::text(404, "Query not found") };
            let gate = query.script.gate_at(step);
            let pending = Pending { gate, hangs: query.hangs_at(step), canceled: query.canceled.clone() };
            (query.script.take_fault(step), pending)
        };
        if let Some(reply) = fault.as_ref().and_then(instead) {
            return reply;
        }
        pending.pass().await;
        let mut state = self.state();
        let base = state.base.clone();
        let Some(query) = state.query(id) else { return Reply::text(404, "Query not found") };
        let reply = act(query, &base);
        if query.is_canceled() && !state.canceled.iter().any(|known| known == id) {
            state.canceled.push(id.to_owned());
        }
        drop(state);
        fault.map_or(reply.clone(), |fault| spoiled(reply, &fault))
    }
}

impl Pending {
    /// Waits for the gate, or for the end of a query without one; a canceled query waits for nothing.
    async fn pass(&self) {
        let opened = async {
            if let Some(gate) = &self.gate {
                gate.pass().await;
            }
            if self.hangs {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = opened => {}
            () = until_true(&self.canceled) => {}
        }
    }
}

impl State {
    fn query(&mut self, id: &str) -> Option<&mut Query> {
        self.queries.iter_mut().find(|query| query.id == id)
    }

    /// Takes a statement in, unless a fault keeps it from being taken. What is left of the fault spoils the answer.
    fn register(&mut self, request: &RecordedRequest, script: Script) -> (Option<Fault>, Reply) {
        let faults = self.submit_faults.entry(request.body.clone()).or_insert_with(|| script.clone());
        let fault = faults.take_fault(Step::Submit);
        if let Some(reply) = fault.as_ref().and_then(instead) {
            return (None, reply);
        }
        self.submitted += 1;
        let id = format!("20260101_000000_{:05}_faked", self.submitted);
        let query = Query::new(id, request.clone(), script);
        let reply = Reply::json(query.first_page(&self.base));
        self.queries.push(query);
        (fault, reply)
    }

    fn info(&self) -> Reply {
        let info = json!({"nodeVersion": {"version": "476"}, "environment": "fake", "coordinator": true,
            "starting": self.starting, "uptime": "5.00m"});
        Reply::json(info.to_string())
    }

    /// What befalls a request before it is looked at. The 401 repeats the credentials, as a careless proxy would.
    fn refuse(&mut self, request: &RecordedRequest) -> Option<Reply> {
        if let Some(fault) = self.faults.pop_front() {
            return Some(instead(&fault).unwrap_or_else(|| spoiled(Reply::json("{}"), &fault)));
        }
        if request.path == "/v1/info" || request.path.starts_with("/v1/statement/") {
            return None;
        }
        let given = request.header("authorization");
        if self.authorization.is_some() && given != self.authorization.as_deref() {
            return Some(Reply::text(401, &format!("Unauthorized: {}", given.unwrap_or("no credentials"))));
        }
        let has_user = given.is_some() || request.header("x-trino-user").is_some();
        (!has_user).then(|| Reply::text(401, "Basic authentication or X-Trino-User must be sent"))
    }
}

fn cancel(query: &mut Query, _base: &str) -> Reply {
    query.canceled.send_replace(true);
    Reply::empty(204)
}

/// The answer of a fault that keeps the request from being done.
fn instead(fault: &Fault) -> Option<Reply> {
    Some(match fault {
        Fault::Status(status) => Reply::text(*status, "scripted"),
        Fault::Busy { retry_after_secs } => {
            Reply::text(429, "busy").with_header("retry-after", retry_after_secs.to_string())
        }
        Fault::Html => Reply::html("<html><head><title>Sign in</title></head><body><h1>Welcome</h1></body></html>"),
        Fault::Redirect => Reply::empty(302).with_header("location", "https://login.example.org/".to_owned()),
        Fault::EmptyBody => Reply::json(""),
        Fault::Closed => Reply { delivery: Delivery::Nothing, ..Reply::empty(200) },
        Fault::TruncatedJson | Fault::CutInBody | Fault::LostAnswer => return None,
    })
}

/// The answer to a request that was done, as a fault leaves it.
fn spoiled(mut reply: Reply, fault: &Fault) -> Reply {
    match fault {
        Fault::TruncatedJson => reply.body.truncate(reply.body.len() / 2),
        Fault::CutInBody => reply.delivery = Delivery::HalfOfBody,
        Fault::LostAnswer => reply.delivery = Delivery::Nothing,
        Fault::Status(_) | Fault::Busy { .. } | Fault::Html | Fault::Redirect | Fault::EmptyBody | Fault::Closed => {}
    }
    reply
}

impl Reply {
    /// Another status in the place of one: `/v1/query` says of an unknown query what `/v1/statement` does not.
    fn or_status(self, found: u16, instead: u16) -> Self {
        if self.status == found { Self::empty(instead) } else { self }
    }
}
