//! A page as JSON (Trino: `QueryResults`): the fields in Trino's order, absent ones left out.

use std::fmt::Write;
use std::sync::Arc;

use serde_json::{Value, json};

use super::driver::{Chunk, Header};
use super::{Query, StateName};
use crate::failure::QueryFailure;
use crate::types::signature::type_signature;

/// A page to answer with, and the state of its query at that time.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) body: PageBody,
    pub(crate) state: StateName,
}

/// What a page holds beside the query's own facts.
#[derive(Debug, Clone, Default)]
pub(crate) struct PageBody {
    pub(crate) next_path: Option<String>,
    pub(crate) header: Arc<Header>,
    /// JSON arrays with commas between them.
    pub(crate) data: Arc<str>,
    pub(crate) failure: Option<QueryFailure>,
}

impl PageBody {
    /// A page without rows, before the next.
    pub(crate) fn waiting(next_path: String) -> Self {
        Self { next_path: Some(next_path), ..Self::default() }
    }

    /// A page with rows; the last has no next.
    pub(crate) fn rows(chunk: Chunk, next_path: Option<String>) -> Self {
        Self { next_path, header: chunk.header, data: Arc::from(chunk.data), failure: None }
    }

    /// The last page of a query that failed.
    pub(crate) fn failed(failure: QueryFailure) -> Self {
        Self { failure: Some(failure), ..Self::default() }
    }
}

/// Writes a page of `query`. `base` is the scheme and host that the client used.
pub(crate) fn to_json(query: &Query, page: &Page, base: &str) -> Result<String, std::fmt::Error> {
    let body = &page.body;
    let mut out = String::with_capacity(body.data.len() + 2048);
    write!(out, "{{\"id\":{},\"infoUri\":{}", Value::from(query.id.as_str()), info_uri(query, base))?;
    if let Some(path) = &body.next_path {
        write!(out, ",\"nextUri\":{}", Value::from(format!("{base}{path}")))?;
    }
    if let Some(columns) = &body.header.columns {
        let columns = columns.iter().map(|column| {
            json!({
                "name": column.name,
                "type": column.data_type.wire_name(),
                "typeSignature": type_signature(&column.data_type),
            })
        });
        write!(out, ",\"columns\":{}", columns.collect::<Value>())?;
    }
    if !body.data.is_empty() {
        write!(out, ",\"data\":[{}]", body.data)?;
    }
    write!(out, ",\"stats\":{}", stats(query, page.state))?;
    if let Some(failure) = &body.failure {
        write!(out, ",\"error\":{}", error(failure))?;
    }
    write!(out, ",\"warnings\":{}", warnings(query))?;
    if let Some(update_type) = body.header.update_type {
        write!(out, ",\"updateType\":{}", Value::from(update_type))?;
    }
    if let Some(count) = body.header.update_count {
        write!(out, ",\"updateCount\":{count}")?;
    }
    out.push('}');
    Ok(out)
}

fn info_uri(query: &Query, base: &str) -> Value {
    Value::from(format!("{base}/ui/query.html?{}", query.id))
}

/// The engine has one node and calls each query one split.
pub(crate) fn stats(query: &Query, state: StateName) -> Value {
    let queued = state == StateName::Queued;
    let done = matches!(state, StateName::Finished | StateName::Failed);
    let elapsed_ms = query.elapsed_ms();
    let mut stats = json!({
        "state": state.as_str(),
        "queued": queued,
        "scheduled": !queued,
        "nodes": i32::from(!queued),
        "totalSplits": i32::from(!queued),
        "queuedSplits": 0,
        "runningSplits": i32::from(state == StateName::Running),
        "completedSplits": i32::from(done),
        "planningTimeMillis": 0,
        "analysisTimeMillis": 0,
        "cpuTimeMillis": if queued { 0 } else { elapsed_ms },
        "wallTimeMillis": if queued { 0 } else { elapsed_ms },
        "queuedTimeMillis": if queued { elapsed_ms } else { 0 },
        "elapsedTimeMillis": elapsed_ms,
        "finishingTimeMillis": 0,
        "physicalInputTimeMillis": 0,
        "processedRows": query.rows(),
        "processedBytes": query.bytes(),
        "physicalInputBytes": 0,
        "physicalWrittenBytes": 0,
        "internalNetworkInputBytes": 0,
        "peakMemoryBytes": 0,
        "spilledBytes": 0,
    });
    if !queued && let Value::Object(fields) = &mut stats {
        let percent = if state == StateName::Finished { 100.0 } else { 0.0 };
        fields.insert("progressPercentage".to_owned(), json!(percent));
        fields.insert("runningPercentage".to_owned(), json!(if state == StateName::Running { 100.0 } else { 0.0 }));
    }
    stats
}

fn error(failure: &QueryFailure) -> Value {
    let code = failure.code;
    let message = failure.message();
    let info = json!({"code": code.number(), "name": code.name(), "type": code.error_type().name()});
    let mut failure_info = json!({
        "type": "io.trino.spi.TrinoException",
        "message": message,
        "suppressed": [],
        "stack": [],
        "errorInfo": info,
    });
    let mut error = json!({
        "message": message,
        "errorCode": code.number(),
        "errorName": code.name(),
        "errorType": code.error_type().name(),
    });
    if let Some(place) = failure.place {
        let location = json!({"lineNumber": place.line, "columnNumber": place.column});
        failure_info["errorLocation"] = location.clone();
        error["errorLocation"] = location;
    }
    error["failureInfo"] = failure_info;
    error
}

/// The engine has none of Trino's session properties; a client that sets one is told.
fn warnings(query: &Query) -> Value {
    if query.session.has_properties {
        json!([{
            "warningCode": {"code": 1, "name": "SESSION_PROPERTIES_IGNORED"},
            "message": "the embedded engine has no session properties: those of this request have no effect",
        }])
    } else {
        json!([])
    }
}
