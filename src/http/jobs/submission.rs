//! What a client may ask for when it submits a query, and how that becomes a submission.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::waiting::WaitMs;
use crate::http::extract::{Integer, Label, NotSupported};
use crate::http::problem::ApiError;
use crate::jobs::{Principal, ReferenceModels, Submission};
use crate::problem::Code;

/// The most reference models, session properties and tags of one request.
const MAX_ENTRIES: usize = 100;
/// The longest short name, catalog, schema, tag or name of a session property, in bytes.
const NAME: usize = 128;
/// The longest FQN or value of a session property, in bytes.
const VALUE: usize = 4096;

/// A query and how to run it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SubmitJob)]
pub(crate) struct SubmitBody {
    /// One SQL statement in Trino's dialect. Tables go by their FQN (`service.database.schema.table`), by the short name
    /// of a reference model, or by their Trino name.
    #[schema(example = "select name from tpch_demo.tpch.tiny.nation limit 5")]
    pub(crate) query: String,
    /// Short names of this statement: each is bound to an FQN or an id of OpenMetadata.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = BTreeMap<String, String>)]
    pub(crate) reference_models: BTreeMap<Label<NAME>, Label<VALUE>>,
    /// The catalog for names of one or two parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 128)]
    pub(crate) catalog: Option<Label<NAME>>,
    /// The schema for names of one part.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 128)]
    pub(crate) schema: Option<Label<NAME>>,
    /// The most rows that are wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    pub(crate) limit: Option<Integer<0, { i64::MAX }>>,
    /// How long the answer may wait for the job to end, in milliseconds; 0 answers at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>, example = 5000)]
    pub(crate) wait_ms: Option<WaitMs>,
    /// The queue to wait in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 64, example = "default")]
    pub(crate) queue: Option<Label<64>>,
    /// Higher runs first within a queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>, minimum = -1000, maximum = 1000)]
    pub(crate) priority: Option<Integer<-1000, 1000>>,
    /// Session properties of Trino.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = BTreeMap<String, String>)]
    pub(crate) session: BTreeMap<Label<NAME>, Label<VALUE>>,
    /// Labels to filter by. They go out to Trino as client tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>, max_items = 100)]
    pub(crate) tags: Vec<Label<NAME>>,
    /// The time zone of the session: an IANA name or an offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 64, example = "Asia/Seoul")]
    pub(crate) time_zone: Option<Label<64>>,
    /// Known to the API, not to this server.
    #[serde(skip_serializing)]
    #[schema(ignore)]
    parameters: Option<NotSupported>,
    /// Known to the API, not to this server.
    #[serde(skip_serializing)]
    #[schema(ignore)]
    cache: Option<NotSupported>,
}

impl SubmitBody {
    /// A request that says nothing but the query.
    pub(crate) fn of_query(query: String) -> Self {
        Self { query, ..Self::default() }
    }

    /// SHA-256 of the request in one fixed form: neither the order of the fields nor the layout of the JSON counts, nor
    /// how long the answer may wait, which does not change the job.
    ///
    /// # Errors
    /// Never in practice: a request can always be written as JSON.
    pub(crate) fn sha256(&self) -> Result<String, ApiError> {
        let job = Self { wait_ms: None, ..self.clone() };
        let canonical = serde_json::to_vec(&job).map_err(|error| ApiError::new(Code::Internal, error.to_string()))?;
        Ok(format!("{:x}", Sha256::digest(canonical)))
    }

    /// The submission of `owner`.
    ///
    /// # Errors
    /// When a field has a value that is not allowed.
    pub(crate) fn into_submission(self, owner: Principal) -> Result<Submission, ApiError> {
        check_query(&self.query)?;
        check_entries("session", self.session.len())?;
        check_entries("tags", self.tags.len())?;
        for name in self.session.keys() {
            check_chars("session", name.as_str(), |c| c.is_ascii_alphanumeric() || "_.-".contains(c))?;
        }
        // Trino separates client tags by commas.
        for tag in &self.tags {
            check_chars("tags", tag.as_str(), |c| c != ',' && fits_header(c))?;
        }
        for (field, name) in [("catalog", &self.catalog), ("schema", &self.schema)] {
            name.as_ref().map_or(Ok(()), |name| check_chars(field, name.as_str(), fits_header))?;
        }
        if let Some(queue) = &self.queue {
            check_chars("queue", queue.as_str(), |c| c.is_ascii_alphanumeric() || "_.-".contains(c))?;
        }
        if let Some(zone) = &self.time_zone {
            check_chars("time_zone", zone.as_str(), |c| c.is_ascii_alphanumeric() || "_+-/:".contains(c))?;
        }
        Ok(Submission {
            owner,
            user_query: self.query,
            reference_models: reference_models(self.reference_models)?,
            catalog: self.catalog.map(Label::into_string),
            schema: self.schema.map(Label::into_string),
            time_zone: self.time_zone.map(Label::into_string),
            session: self.session.into_iter().map(|(name, value)| (name.into_string(), value.into_string())).collect(),
            tags: self.tags.into_iter().map(Label::into_string).collect(),
            queue: self.queue.map_or_else(|| Submission::DEFAULT_QUEUE.to_owned(), Label::into_string),
            priority: self.priority.and_then(|priority| i32::try_from(priority.get()).ok()).unwrap_or(0),
            row_limit: self.limit.map(Integer::unsigned),
        })
    }
}

/// The short names in lower case, as SQL compares names.
///
/// # Errors
/// When there are too many, or two differ in case only.
pub(crate) fn reference_models<const N: usize, const V: usize>(
    models: BTreeMap<Label<N>, Label<V>>,
) -> Result<ReferenceModels, ApiError> {
    check_entries("reference_models", models.len())?;
    let mut bound = ReferenceModels::new();
    for (name, meant) in models {
        let key = name.as_str().to_lowercase();
        if bound.insert(key, meant.into_string()).is_some() {
            return Err(invalid("reference_models", &format!("'{}' is there twice, but for its case", name.as_str())));
        }
    }
    Ok(bound)
}

/// PostgreSQL stores no NUL in a text, and SQL has no use for one.
///
/// # Errors
/// When there is one.
pub(crate) fn check_query(query: &str) -> Result<(), ApiError> {
    match query.chars().position(|c| c == '\0') {
        Some(at) => Err(invalid("query", &format!("character {at} is NUL"))),
        None => Ok(()),
    }
}

fn check_entries(field: &str, count: usize) -> Result<(), ApiError> {
    if count > MAX_ENTRIES {
        return Err(invalid(field, &format!("there are {count} entries, at most {MAX_ENTRIES} are allowed")));
    }
    Ok(())
}

fn check_chars(field: &str, text: &str, allowed: impl Fn(char) -> bool) -> Result<(), ApiError> {
    match text.chars().find(|c| !allowed(*c)) {
        Some(c) => Err(invalid(field, &format!("'{text}' has the character '{c}', which is not allowed"))),
        None => Ok(()),
    }
}

/// What goes out to Trino in a header has to be ISO-8859-1: better refused here than when the job runs.
fn fits_header(c: char) -> bool {
    u32::from(c) <= 0xff
}

fn invalid(field: &str, reason: &str) -> ApiError {
    ApiError::new(Code::InvalidRequest, format!("the field `/{field}` is not valid: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::extract::Body;

    fn read(body: &str) -> Result<Submission, ApiError> {
        Body::<SubmitBody>::read(body.as_bytes())?.into_submission(Principal::parse("sena").unwrap())
    }

    fn check(body: &str, detail: &str) {
        let error = read(body).unwrap_err();
        let problem = error.problem();
        assert_eq!((problem.code.as_str(), problem.detail.as_str()), ("INVALID_REQUEST", detail), "{body}");
    }

    #[test]
    fn a_query_is_enough() {
        let submission = read(r#"{"query": "select 1", "catalog": null}"#).unwrap();
        assert_eq!(submission.user_query, "select 1");
        assert_eq!((submission.queue.as_str(), submission.priority, submission.row_limit), ("default", 0, None));
    }

    #[test]
    fn every_field_arrives() {
        let submission = read(
            r#"{"query": "select 1", "reference_models": {"Orders": "a.b.c.d"}, "catalog": "tpch", "schema": "tiny",
                "limit": 7, "wait_ms": 10, "queue": "slow", "priority": -3, "session": {"query_max_run_time": "1m"},
                "tags": ["a", "b c"], "time_zone": "Asia/Seoul"}"#,
        )
        .unwrap();
        assert_eq!(submission.reference_models.get("orders").map(String::as_str), Some("a.b.c.d"));
        assert_eq!((submission.catalog.as_deref(), submission.schema.as_deref()), (Some("tpch"), Some("tiny")));
        assert_eq!((submission.row_limit, submission.queue.as_str(), submission.priority), (Some(7), "slow", -3));
        assert_eq!(submission.session.get("query_max_run_time").map(String::as_str), Some("1m"));
        assert_eq!(submission.tags, ["a", "b c"]);
        assert_eq!(submission.time_zone.as_deref(), Some("Asia/Seoul"));
    }

    #[test]
    fn characters_that_do_harm_later_are_refused() {
        check(r#"{"query": "select '\u0000'"}"#, "the field `/query` is not valid: character 8 is NUL");
        check(
            r#"{"query": "", "tags": ["a,b"]}"#,
            "the field `/tags` is not valid: 'a,b' has the character ',', which is not allowed",
        );
        check(
            r#"{"query": "", "queue": "a b"}"#,
            "the field `/queue` is not valid: 'a b' has the character ' ', which is not allowed",
        );
        check(
            r#"{"query": "", "session": {"a=b": "1"}}"#,
            "the field `/session` is not valid: 'a=b' has the character '=', which is not allowed",
        );
        check(
            r#"{"query": "", "session": {"a": "1\n2"}}"#,
            "the field `/session` is not valid: the text has a control character",
        );
    }

    #[test]
    fn values_out_of_bounds_are_refused() {
        check(
            r#"{"query": "", "reference_models": {"A": "x", "a": "y"}}"#,
            "the field `/reference_models` is not valid: 'a' is there twice, but for its case",
        );
        check(
            r#"{"query": "", "priority": 1001}"#,
            "the field `/priority` is not valid: invalid value: integer `1001`, expected a whole number from -1000 to 1000",
        );
        check(
            r#"{"query": "", "parameters": []}"#,
            "the field `/parameters` is not valid: this server does not support it yet",
        );
        check(
            r#"{"query": "", "cache": "off"}"#,
            "the field `/cache` is not valid: this server does not support it yet",
        );
        check(
            r#"{"query": "", "time_zone": "Seoul now"}"#,
            "the field `/time_zone` is not valid: 'Seoul now' has the character ' ', which is not allowed",
        );
        let many = serde_json::to_string(&vec!["t"; 101]).unwrap();
        check(
            &format!(r#"{{"query": "", "tags": {many}}}"#),
            "the field `/tags` is not valid: there are 101 entries, at most 100 are allowed",
        );
    }

    #[test]
    fn the_hash_does_not_depend_on_the_layout() {
        let hash = |body: &str| Body::<SubmitBody>::read(body.as_bytes()).unwrap().sha256().unwrap();
        let one = hash(r#"{"query": "select 1", "limit": 5, "tags": []}"#);
        assert_eq!(one, hash("{\n\"limit\":5,\"catalog\":null,\"query\":\"select 1\"}"));
        assert_eq!(one, hash(r#"{"query": "select 1", "limit": 5, "wait_ms": 9}"#));
        assert_ne!(one, hash(r#"{"query": "select 1", "limit": 6}"#));
        assert_eq!(one.len(), 64);
    }
}
