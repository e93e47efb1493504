//! One query on the fake coordinator: its tokens, and the pages they stand for.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::watch;

use super::http::RecordedRequest;
use super::script::{Ending, Script, ScriptedError, Step};

/// The two halves of the protocol, as they show in the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Queued,
    Executing,
}

impl Phase {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Executing => "executing",
        }
    }
}

/// What a token means at this moment (`QueuedStatementResource.getStatus`, `Query.getNextResult`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// The page that is due, or the one that was answered last.
    Valid,
    /// A page that was left behind: 410.
    Gone,
    /// No page: 404.
    Unknown,
}

#[derive(Debug)]
pub(super) struct Query {
    pub(super) id: String,
    pub(super) request: RecordedRequest,
    pub(super) script: Script,
    pub(super) canceled: Arc<watch::Sender<bool>>,
    pub(super) heartbeats: u64,
    /// The last answered token of the queue; 0 is the answer to the `POST`.
    queued: u64,
    /// The last answered token of the results.
    executing: Option<u64>,
}

impl Query {
    pub(super) fn new(id: String, request: RecordedRequest, script: Script) -> Self {
        let canceled = Arc::new(watch::Sender::new(false));
        Self { id, request, script, canceled, heartbeats: 0, queued: 0, executing: None }
    }

    /// The secret part of a page's path, another one for each token (Trino's `Slug`).
    pub(super) fn slug(&self, phase: Phase, token: u64) -> String {
        let text = format!("{}/{}/{token}", self.id, phase.as_str());
        let hash = text
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        format!("y{hash:016x}")
    }

    pub(super) fn is_started(&self) -> bool {
        self.queued > 0
    }

    pub(super) fn is_canceled(&self) -> bool {
        *self.canceled.borrow()
    }

    /// The last token of the results.
    fn last(&self) -> u64 {
        self.script.pages.len() as u64
    }

    fn is_ended(&self) -> bool {
        self.is_canceled()
            || match self.script.ending {
                Ending::Hanging => false,
                Ending::Refused(_) => self.queued > self.script.queued_pages,
                Ending::Finished | Ending::Failed(_) => self.executing == Some(self.last()),
            }
    }

    pub(super) fn check(&self, phase: Phase, token: u64) -> Token {
        match (phase, self.executing) {
            (Phase::Queued, _) if token == self.queued || token == self.queued + 1 => Token::Valid,
            (Phase::Queued, _) => Token::Gone,
            (Phase::Executing, None) if token == 0 => Token::Valid,
            (Phase::Executing, None) => Token::Unknown,
            (Phase::Executing, Some(last)) if token < last => Token::Gone,
            (Phase::Executing, Some(last)) if token == last || (token == last + 1 && last < self.last()) => {
                Token::Valid
            }
            (Phase::Executing, Some(_)) => Token::Unknown,
        }
    }

    /// Whether the answer waits for the end of a query that has none.
    pub(super) fn hangs_at(&self, step: Step) -> bool {
        self.script.ending == Ending::Hanging && step == Step::Executing(self.last())
    }

    /// Answers a valid token; `base` is where the fake says that it is.
    pub(super) fn advance(&mut self, phase: Phase, token: u64, base: &str) -> Vec<u8> {
        match phase {
            Phase::Queued => self.queued = token,
            Phase::Executing => self.executing = Some(token),
        }
        if self.is_canceled() {
            return self.page(base, None, Some(&ScriptedError::canceled()), None);
        }
        match phase {
            Phase::Queued if token <= self.script.queued_pages => {
                self.page(base, Some((Phase::Queued, token + 1)), None, None)
            }
            Phase::Queued => match &self.script.ending {
                Ending::Refused(error) => self.page(base, None, Some(error), None),
                _ => self.page(base, Some((Phase::Executing, 0)), None, None),
            },
            Phase::Executing => self.results(token, base),
        }
    }

    fn results(&self, token: u64, base: &str) -> Vec<u8> {
        let rows = usize::try_from(token).ok().and_then(|index| self.script.pages.get(index));
        match (rows, &self.script.ending) {
            (Some(rows), _) => self.page(base, Some((Phase::Executing, token + 1)), None, Some(rows)),
            (None, Ending::Failed(error)) => self.page(base, None, Some(error), None),
            (None, _) => self.page(base, None, None, None),
        }
    }

    /// The answer to the `POST`.
    pub(super) fn first_page(&self, base: &str) -> Vec<u8> {
        self.page(base, Some((Phase::Queued, 1)), None, None)
    }

    pub(super) fn state(&self) -> &'static str {
        match (&self.script.ending, self.is_ended()) {
            (Ending::Finished, true) if !self.is_canceled() => "FINISHED",
            (_, true) => "FAILED",
            (Ending::Finished, false) if self.says_finished() => "FINISHED",
            (_, false) if self.executing.is_some() => "RUNNING",
            (_, false) if self.queued > self.script.queued_pages => "PLANNING",
            (_, false) => "QUEUED",
        }
    }

    fn says_finished(&self) -> bool {
        self.script.finished_from.is_some_and(|from| self.executing.is_some_and(|token| token >= from))
    }

    /// A page in the order of members that Trino keeps; the rows are spliced in as they stand in the script.
    fn page(
        &self,
        base: &str,
        next: Option<(Phase, u64)>,
        error: Option<&ScriptedError>,
        rows: Option<&String>,
    ) -> Vec<u8> {
        let id = &self.id;
        let mut members =
            vec![member("id", &json!(id)), member("infoUri", &json!(format!("{base}/ui/query.html?{id}")))];
        if let Some((phase, token)) = next {
            let slug = self.slug(phase, token);
            let uri = format!("{base}/v1/statement/{}/{id}/{slug}/{token}", phase.as_str());
            members.push(member("nextUri", &json!(uri)));
        }
        if self.executing.is_some() && error.is_none() {
            members.push(member("columns", &json!(self.script.columns)));
        }
        if let Some(rows) = rows.filter(|rows| !rows.is_empty()) {
            members.push(format!("\"data\":{rows}"));
        }
        members.push(member("stats", &self.stats(error.is_some())));
        if let Some(error) = error {
            members.push(member("error", &error_json(error)));
        }
        let warnings = self.script.warnings.iter();
        let warnings = warnings.map(|text| json!({"warningCode": {"code": 1, "name": "SCRIPTED"}, "message": text}));
        members.push(member("warnings", &warnings.collect()));
        if let Some((update_type, count)) = self.script.update.as_ref().filter(|_| self.executing.is_some()) {
            members.push(member("updateType", &json!(update_type)));
            members.extend(count.map(|count| member("updateCount", &json!(count))));
        }
        format!("{{{}}}", members.join(",")).into_bytes()
    }

    fn stats(&self, failed: bool) -> Value {
        let state = if failed { "FAILED" } else { self.state() };
        let done = self.executing.map_or(0, |token| token.min(self.last()));
        let mut stats = json!({
            "state": state, "queued": state == "QUEUED", "scheduled": self.executing.is_some(), "nodes": 1,
            "totalSplits": self.last(), "queuedSplits": 0, "runningSplits": self.last() - done, "completedSplits": done,
            "planningTimeMillis": 0, "analysisTimeMillis": 0, "cpuTimeMillis": 3, "wallTimeMillis": 9,
            "queuedTimeMillis": 1, "elapsedTimeMillis": 12, "finishingTimeMillis": 0, "physicalInputTimeMillis": 0,
            "processedRows": done, "processedBytes": done * 100, "physicalInputBytes": 0, "physicalWrittenBytes": 0,
            "internalNetworkInputBytes": 0, "peakMemoryBytes": 1024, "spilledBytes": 0,
        });
        if let (true, Some(stats)) = (self.executing.is_some(), stats.as_object_mut()) {
            stats.insert("rootStage".to_owned(), json!({"stageId": "0", "state": state, "subStages": []}));
        }
        stats
    }
}

fn member(name: &str, value: &Value) -> String {
    format!("\"{name}\":{value}")
}

/// The error with a stack trace, which Trino always sends.
fn error_json(error: &ScriptedError) -> Value {
    let mut wire = json!({
        "message": error.message, "errorCode": error.code, "errorName": error.name, "errorType": error.kind,
        "failureInfo": {"type": "io.trino.spi.TrinoException", "message": error.message, "suppressed": [],
            "stack": ["io.trino.sql.analyzer.SemanticExceptions.semanticException(SemanticExceptions.java:48)"]},
    });
    if let (Some((line, column)), Some(wire)) = (error.location, wire.as_object_mut()) {
        wire.insert("errorLocation".to_owned(), json!({"lineNumber": line, "columnNumber": column}));
    }
    wire
}
