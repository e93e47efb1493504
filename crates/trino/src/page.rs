//! One answer of the protocol (Trino's `QueryResults`): where the query is, its columns, and its rows as bytes.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::next_uri::{ClusterUrl, NextUri, NextUriError};
use crate::query_error::{QueryError, WireError};
use crate::scan::{self, Stopped};
use crate::stats::Stats;
use crate::type_signature::TypeSignature;

/// One page. The query has ended when `next` is `None`; it has failed when there is an `error`.
///
/// `Debug` shows neither the rows nor the secret part of `next`.
#[derive(Clone)]
pub struct Page {
    /// Trino's id of the query. A balancer may change it between two pages.
    pub query_id: String,
    /// Where Trino's own console shows the query.
    pub info_uri: Option<String>,
    /// Where the next page is.
    pub next: Option<NextUri>,
    /// The columns: absent until Trino knows them, then on every page.
    pub columns: Option<Arc<[Column]>>,
    /// The counters.
    pub stats: Stats,
    /// Why the query failed.
    pub error: Option<QueryError>,
    /// What Trino warns of.
    pub warnings: Vec<Warning>,
    /// What a statement that is no query did: `INSERT`, `CREATE TABLE` (also of a CTAS), `SET SESSION` …
    pub update_type: Option<String>,
    /// How many rows it wrote, changed or deleted.
    pub update_count: Option<u64>,
    body: Bytes,
    data: Option<Range<usize>>,
}

/// One column of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "WireColumn")]
pub struct Column {
    /// Its name; names may repeat within one result.
    pub name: String,
    /// Its type as Trino writes it.
    #[serde(rename = "type")]
    pub type_text: String,
    /// Its type as a tree; this is what decides how its values read.
    #[serde(rename = "typeSignature")]
    pub signature: TypeSignature,
}

impl Column {
    /// A column of a type.
    pub fn new(name: impl Into<String>, signature: TypeSignature) -> Self {
        Self { name: name.into(), type_text: signature.to_string(), signature }
    }
}

/// Something that Trino warns of without failing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Its number.
    pub code: i64,
    /// The name of its kind, such as `DEPRECATED_FUNCTION`.
    pub name: String,
    /// Trino's words.
    pub message: String,
}

/// Why the body of an answer is not a page.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// It ends in the middle.
    #[error("the JSON ends in the middle")]
    CutShort,
    /// It is no JSON object at all.
    #[error("the body is not a JSON object")]
    NotAnObject,
    /// It is not JSON at this byte, counted from 0.
    #[error("unexpected byte in the JSON at offset {at}")]
    Syntax {
        /// Where.
        at: usize,
    },
    /// A member has another shape than the protocol gives it.
    #[error("a member of the page has not the shape that the protocol gives it")]
    Shape(#[source] serde_json::Error),
    /// The rows lie somewhere else (spooling), which this client does not ask for.
    #[error("the rows are spooled, which warren did not ask for; turn spooling off for it")]
    Spooled,
    /// The next page's URI does not work.
    #[error(transparent)]
    NextUri(#[from] NextUriError),
}

impl Page {
    /// Reads the body of an answer of `cluster`. The rows are found, not read.
    ///
    /// # Errors
    /// [`PageError`], for any body that is not one whole page.
    pub fn parse(body: Bytes, cluster: &ClusterUrl) -> Result<Self, PageError> {
        let (wire, data) = split(&body)?;
        let next = wire.next_uri.map(|uri| cluster.next_uri(&uri)).transpose()?;
        Ok(Self {
            query_id: wire.id,
            info_uri: wire.info_uri,
            next,
            columns: wire.columns.map(Arc::from),
            stats: wire.stats,
            error: wire.error.map(QueryError::from),
            warnings: wire.warnings.unwrap_or_default().into_iter().map(Warning::from).collect(),
            update_type: wire.update_type,
            update_count: wire.update_count,
            body,
            data,
        })
    }

    /// The rows as they came: `[[…],…]`, a JSON array of arrays in the order of the columns. `None` on a page without
    /// rows.
    ///
    /// The bytes are known to be one bracketed value within a valid page, and nothing more: whoever decodes them checks
    /// them.
    #[must_use]
    pub fn rows_json(&self) -> Option<&[u8]> {
        self.body.get(self.data.clone()?)
    }

    /// The same bytes as [`Page::rows_json`], sharing the page's memory.
    #[must_use]
    pub fn rows_bytes(&self) -> Option<Bytes> {
        self.data.clone().map(|range| self.body.slice(range))
    }

    /// How many bytes of memory the page's body holds.
    #[must_use]
    pub fn body_bytes(&self) -> usize {
        self.body.len()
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("query_id", &self.query_id)
            .field("state", &self.stats.state)
            .field("next", &self.next)
            .field("error", &self.error)
            .field("rows_bytes", &self.data.as_ref().map(ExactSizeIterator::len))
            .finish_non_exhaustive()
    }
}

/// The page without its rows, and where they are.
fn split(body: &[u8]) -> Result<(WirePage, Option<Range<usize>>), PageError> {
    let Some(start) = scan::data_start(body)? else {
        return Ok((read(body)?, None));
    };
    match body.get(start) {
        Some(b'[') => {}
        Some(b'{') => return Err(PageError::Spooled),
        _ => return Ok((read(body)?, None)),
    }
    if let Some(end) = scan::likely_rows_end(body, start)
        && let Ok(wire) = read_around(body, &(start..end))
    {
        return Ok((wire, Some(start..end)));
    }
    let rows = scan::value_at(body, start)?;
    Ok((read_around(body, &rows)?, Some(rows)))
}

/// Reads the page with `null` in the place of the rows. It succeeds only if what surrounds them is one whole object,
/// which proves the range when it was guessed.
fn read_around(body: &[u8], rows: &Range<usize>) -> Result<WirePage, PageError> {
    let (head, tail) = (body.get(..rows.start).unwrap_or_default(), body.get(rows.end..).unwrap_or_default());
    read(&[head, b"null", tail].concat())
}

fn read(json: &[u8]) -> Result<WirePage, PageError> {
    serde_json::from_slice(json)
        .map_err(|error| if error.is_eof() { PageError::CutShort } else { PageError::Shape(error) })
}

impl From<Stopped> for PageError {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::CutShort => Self::CutShort,
            Stopped::NotAnObject => Self::NotAnObject,
            Stopped::Unexpected(at) => Self::Syntax { at },
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePage {
    id: String,
    info_uri: Option<String>,
    next_uri: Option<String>,
    columns: Option<Vec<Column>>,
    stats: Stats,
    error: Option<WireError>,
    warnings: Option<Vec<WireWarning>>,
    update_type: Option<String>,
    update_count: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireColumn {
    name: String,
    #[serde(rename = "type")]
    type_text: String,
    type_signature: Option<TypeSignature>,
}

impl From<WireColumn> for Column {
    /// A server that sends no tree has its text read; a text that cannot be read is a type of its own.
    fn from(wire: WireColumn) -> Self {
        let from_text = || wire.type_text.parse().unwrap_or_else(|_unreadable| TypeSignature::simple(&wire.type_text));
        let signature = wire.type_signature.unwrap_or_else(from_text);
        Self { name: wire.name, type_text: wire.type_text, signature }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireWarning {
    warning_code: Option<WireWarningCode>,
    message: Option<String>,
}

#[derive(Deserialize)]
struct WireWarningCode {
    code: i64,
    name: String,
}

impl From<WireWarning> for Warning {
    fn from(wire: WireWarning) -> Self {
        let (code, name) = wire.warning_code.map_or((0, String::new()), |code| (code.code, code.name));
        Self { code, name, message: wire.message.unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::QueryState;

    fn parse(body: &str) -> Result<Page, PageError> {
        let cluster = ClusterUrl::new("http://trino:8080".parse().unwrap()).unwrap();
        Page::parse(Bytes::copy_from_slice(body.as_bytes()), &cluster)
    }

    fn rows(body: &str) -> Option<String> {
        let page = parse(body).unwrap();
        assert_eq!(page.rows_json(), page.rows_bytes().as_deref());
        page.rows_json().map(|rows| String::from_utf8(rows.to_vec()).unwrap())
    }

    const STATS: &str = r#""stats":{"state":"RUNNING","processedRows":7}"#;

    #[test]
    fn a_page_with_rows_has_all_its_parts() {
        let page = parse(
            r#"{"id":"20261123_1_2_abc","infoUri":"http://t/ui/query.html?q","partialCancelUri":"http://t/v1/x",
            "nextUri":"http://inner:1/v1/statement/executing/20261123_1_2_abc/y1/1",
            "columns":[{"name":"n","type":"bigint","typeSignature":{"rawType":"bigint","arguments":[]}}],
            "data":[[9223372036854775807],[null]],
            "stats":{"state":"RUNNING","queued":false,"processedRows":2,"rootStage":{"stageId":"0","subStages":[]}},
            "warnings":[{"warningCode":{"code":1,"name":"OLD"},"message":"old"}],"updateType":"INSERT","updateCount":3}"#,
        )
        .unwrap();
        assert_eq!(page.query_id, "20261123_1_2_abc");
        assert_eq!(page.info_uri.as_deref(), Some("http://t/ui/query.html?q"));
        let next = page.next.as_ref().unwrap();
        assert_eq!(next.as_str(), "http://trino:8080/v1/statement/executing/20261123_1_2_abc/y1/1");
        assert_eq!(*page.columns.clone().unwrap(), [Column::new("n", TypeSignature::simple("bigint"))]);
        assert_eq!(page.rows_json(), Some(b"[[9223372036854775807],[null]]".as_slice()));
        assert_eq!((page.stats.state.clone(), page.stats.processed_rows), (QueryState::Running, 2));
        assert_eq!(page.warnings, [Warning { code: 1, name: "OLD".into(), message: "old".into() }]);
        assert_eq!((page.update_type.as_deref(), page.update_count), (Some("INSERT"), Some(3)));
        assert_eq!(page.error, None);
        let shown = format!("{page:?}");
        assert!(!shown.contains("y1") && !shown.contains("9223372036854775807"), "{shown}");
    }

    #[test]
    fn an_error_page_has_no_rows_and_no_next() {
        let page = parse(
            r#"{"id":"q","stats":{"state":"FAILED"},"error":{"message":"no","errorCode":1,"errorName":"SYNTAX_ERROR",
            "errorType":"USER_ERROR","failureInfo":{"stack":["a"],"suppressed":[]}}}"#,
        )
        .unwrap();
        assert_eq!(page.error.unwrap().name, "SYNTAX_ERROR");
        assert!(page.next.is_none() && page.columns.is_none() && page.data.is_none());
    }

    #[test]
    fn the_rows_are_the_bytes_between_the_other_members() {
        fn check(data: &str) {
            let body = format!(r#"{{"id":"q","columns":[],"data":{data},{STATS},"warnings":[]}}"#);
            assert_eq!(rows(&body).as_deref(), Some(data));
            let last = format!(r#"{{"id":"q",{STATS},"data":{data}}}"#);
            assert_eq!(rows(&last).as_deref(), Some(data));
            let spaced = format!("{{\"id\" : \"q\",\n\"data\" : {data} ,\n{STATS} }}\n");
            assert_eq!(rows(&spaced).as_deref(), Some(data));
        }
        check("[]");
        check(r"[[1.0,-3.4E38,true,null]]");
        check(r#"[["日本 ü \u00fc 🦀"]]"#);
        check(r#"[["],\"stats\":{\"state\":\"FAILED\"}"]]"#);
        check(r#"[["\\\"],[\\"],["}]}"]]"#);
        check(r#"[[{"a":[1],"stats":{"state":"X"}}]]"#);
        check(r#"[[{"a":[1],"stats":{}}],[{"a":[1],"stats":{}}]]"#);
    }

    #[test]
    fn quotes_and_brackets_before_and_after_the_rows_do_no_harm() {
        let body = format!(
            r#"{{"id":"\"data\":[[0]],","columns":[{{"name":"data\":[","type":"x]}}\\"}}],"data":[[1]],{STATS},
            "warnings":[{{"message":"\"],\"stats\":{{"}}],"updateType":"],\"stats\":"}}"#
        );
        assert_eq!(rows(&body).as_deref(), Some("[[1]]"));
        let page = parse(&body).unwrap();
        assert_eq!(page.query_id, "\"data\":[[0]],");
        assert_eq!(page.warnings[0].message, "\"],\"stats\":{");
        assert_eq!(page.columns.unwrap()[0].name, "data\":[");
    }

    #[test]
    fn a_page_may_have_no_rows() {
        assert_eq!(rows(&format!(r#"{{"id":"q",{STATS}}}"#)), None);
        assert_eq!(rows(&format!(r#"{{"id":"q","data":null,{STATS}}}"#)), None);
    }

    #[test]
    fn a_page_that_was_cut_anywhere_is_known_as_cut() {
        let whole = format!(r#"{{"id":"q","columns":[],"data":[["a],\"stats\":{{"],[2]],{STATS},"warnings":[]}}"#);
        assert!(parse(&whole).is_ok());
        for end in 0..whole.len() {
            let found = parse(&whole[..end]);
            assert!(matches!(found, Err(PageError::CutShort)), "{}: {found:?}", &whole[..end]);
        }
    }

    #[test]
    fn what_is_no_page_is_refused() {
        fn check(body: &str, expect: &str) {
            assert_eq!(parse(body).unwrap_err().to_string(), expect, "{body}");
        }
        let shape = "a member of the page has not the shape that the protocol gives it";
        check("\n<html></html>", "the body is not a JSON object");
        check(r#"["a"]"#, "the body is not a JSON object");
        check(r#"{"id":"q"}"#, shape);
        check(r#"{"id":"q","data":[[1]]}"#, shape);
        check(r#"{"id":"q","stats":{}} x"#, shape);
        check(r#"{"id":"q","data":[[1]],"stats":{"state":"RUNNING"}}}"#, shape);
        check(r#"{"id":"q","data":[[1]]]"#, shape);
        check(r#"{"id" "q","data":[[1]]}"#, "unexpected byte in the JSON at offset 6");
        check(
            r#"{"id":"q","data":{"encoding":"json","segments":[]},"stats":{}}"#,
            "the rows are spooled, which warren did not ask for; turn spooling off for it",
        );
        check(r#"{"id":"q","nextUri":"/v1/statement/x","stats":{}}"#, "the next page's uri is not an absolute uri");
    }

    #[test]
    fn a_type_without_a_tree_is_read_from_its_text() {
        let page = parse(
            r#"{"id":"q","stats":{},"columns":[{"name":"a","type":"decimal(3,1)"},{"name":"b","type":"no type ("}]}"#,
        );
        let columns = page.unwrap().columns.unwrap();
        let stored = serde_json::to_string(&columns[0]).unwrap();
        assert_eq!(serde_json::from_str::<Column>(&stored).unwrap(), columns[0]);
        assert_eq!(columns[0].signature.long(1), Some(1));
        assert_eq!(columns[1].signature, TypeSignature::simple("no type ("));
    }
}
