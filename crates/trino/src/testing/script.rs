//! What the fake does with one query: its pages, its end, and where it misbehaves.

use std::sync::Arc;

use tokio::sync::watch;

use crate::page::Column;
use crate::type_signature::TypeSignature;

/// A request about a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// The `POST`. Its faults are counted by the text of the statement, over all tries.
    Submit,
    /// The `GET` of a page of the queue, by its token; the first is 1.
    Queued(u64),
    /// The `GET` of a page of results, by its token; the first is 0.
    Executing(u64),
    /// Any `DELETE`.
    Cancel,
    /// A `HEAD`.
    Heartbeat,
    /// `GET /v1/query/{id}`.
    State,
}

/// A way to misbehave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This status, instead of doing what was asked for.
    Status(u16),
    /// 429, with `Retry-After` in seconds.
    Busy {
        /// The seconds.
        retry_after_secs: u64,
    },
    /// 200 with the HTML of a log-in page.
    Html,
    /// 302 to a log-in page.
    Redirect,
    /// 200 with no body at all.
    EmptyBody,
    /// It is done, and half of the JSON is sent as if it were all.
    TruncatedJson,
    /// It is done, and the connection closes in the middle of the body.
    CutInBody,
    /// It is done, and the connection closes before the first byte of the answer.
    LostAnswer,
    /// The request is not looked at; the connection closes.
    Closed,
}

/// Holds an answer back until a test opens it. Clones are the same gate.
#[derive(Clone, Debug)]
pub struct Gate {
    reached: Arc<watch::Sender<bool>>,
    open: Arc<watch::Sender<bool>>,
}

impl Gate {
    /// A closed gate.
    #[must_use]
    pub fn new() -> Self {
        Self { reached: Arc::new(watch::Sender::new(false)), open: Arc::new(watch::Sender::new(false)) }
    }

    /// Comes back when a request stands before the gate, or has stood there.
    pub async fn reached(&self) {
        until_true(&self.reached).await;
    }

    /// Lets every request pass, those to come too.
    pub fn open(&self) {
        self.open.send_replace(true);
    }

    pub(super) async fn pass(&self) {
        self.reached.send_replace(true);
        until_true(&self.open).await;
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

/// Waits for a flag. Its sender lives as long as the borrow, so the channel cannot close meanwhile.
pub(super) async fn until_true(flag: &watch::Sender<bool>) {
    let mut receiver = flag.subscribe();
    drop(receiver.wait_for(|flag| *flag).await);
}

/// An error for the query to fail with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptedError {
    /// The message.
    pub message: String,
    /// The number.
    pub code: i64,
    /// The name.
    pub name: String,
    /// Trino's name of the kind: `USER_ERROR`, `INTERNAL_ERROR`, `INSUFFICIENT_RESOURCES`, `EXTERNAL`.
    pub kind: String,
    /// Line and column, from 1.
    pub location: Option<(u32, u32)>,
}

impl ScriptedError {
    /// A user error at a place.
    #[must_use]
    pub fn user(name: &str, code: i64, message: &str, location: Option<(u32, u32)>) -> Self {
        Self { message: message.to_owned(), code, name: name.to_owned(), kind: "USER_ERROR".to_owned(), location }
    }

    pub(super) fn canceled() -> Self {
        Self::user("USER_CANCELED", 3, "Query was canceled", None)
    }
}

/// How a query ends, after its pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Ending {
    /// Well.
    #[default]
    Finished,
    /// With an error on a page of results.
    Failed(ScriptedError),
    /// With an error on a page of the queue: Trino refuses a statement so that does not parse or resolve.
    Refused(ScriptedError),
    /// Not at all: the last poll is held until the query is canceled.
    Hanging,
}

/// The course of one query. Build it with the methods; what is not said is a query without columns and rows that ends
/// well.
#[derive(Clone, Debug, Default)]
pub struct Script {
    pub(super) queued_pages: u64,
    pub(super) columns: Vec<Column>,
    pub(super) pages: Vec<String>,
    pub(super) ending: Ending,
    pub(super) finished_from: Option<u64>,
    pub(super) update: Option<(String, Option<u64>)>,
    pub(super) warnings: Vec<String>,
    pub(super) faults: Vec<(Step, Fault, u32)>,
    pub(super) gates: Vec<(Step, Gate)>,
}

impl Script {
    /// A query without columns and rows that ends well.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A query that Trino refuses: it does not parse, or a name in it does not exist.
    #[must_use]
    pub fn refused(error: ScriptedError) -> Self {
        Self { ending: Ending::Refused(error), ..Self::default() }
    }

    /// How many more answers say `QUEUED`, after the one to the `POST`.
    #[must_use]
    pub fn queued(mut self, pages: u64) -> Self {
        self.queued_pages = pages;
        self
    }

    /// One more column, its type as text. A text that is no type becomes a type without arguments.
    #[must_use]
    pub fn column(mut self, name: &str, type_text: &str) -> Self {
        let signature = type_text.parse().unwrap_or_else(|_unreadable| TypeSignature::simple(type_text));
        self.columns.push(Column::new(name, signature));
        self
    }

    /// One more page, with these rows as JSON (`[[1,"a"],[2,null]]`); empty text for a page without rows.
    #[must_use]
    pub fn page(mut self, rows_json: impl Into<String>) -> Self {
        self.pages.push(rows_json.into());
        self
    }

    /// Answers say `FINISHED` from this page of results on, although pages follow: Trino does while it waits for the last
    /// statistics, and while rows are buffered.
    #[must_use]
    pub fn finished_from(mut self, token: u64) -> Self {
        self.finished_from = Some(token);
        self
    }

    /// The statement is no query: its `updateType` and, if it writes, its `updateCount`.
    #[must_use]
    pub fn update(mut self, update_type: &str, count: Option<u64>) -> Self {
        self.update = Some((update_type.to_owned(), count));
        self
    }

    /// One more warning on every page.
    #[must_use]
    pub fn warning(mut self, message: &str) -> Self {
        self.warnings.push(message.to_owned());
        self
    }

    /// The query fails after its pages.
    #[must_use]
    pub fn fails(mut self, error: ScriptedError) -> Self {
        self.ending = Ending::Failed(error);
        self
    }

    /// The query runs on after its pages: the poll is held until the query is canceled.
    #[must_use]
    pub fn hangs(mut self) -> Self {
        self.ending = Ending::Hanging;
        self
    }

    /// Misbehaves so often at a step; then the step works. Several faults of one step come in their order.
    #[must_use]
    pub fn fault(mut self, step: Step, fault: Fault, times: u32) -> Self {
        self.faults.push((step, fault, times));
        self
    }

    /// Holds the answer of a step back until `gate` opens or the query is canceled.
    #[must_use]
    pub fn gate(mut self, step: Step, gate: &Gate) -> Self {
        self.gates.push((step, gate.clone()));
        self
    }

    /// The next fault of a step, which is then used up.
    pub(super) fn take_fault(&mut self, step: Step) -> Option<Fault> {
        let (_, fault, times) = self.faults.iter_mut().find(|(at, _, times)| *at == step && *times > 0)?;
        *times -= 1;
        Some(fault.clone())
    }

    pub(super) fn gate_at(&self, step: Step) -> Option<Gate> {
        self.gates.iter().find(|(at, _)| *at == step).map(|(_, gate)| gate.clone())
    }
}
