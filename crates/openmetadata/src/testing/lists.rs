//! Lists of entities, in order of their names, with cursors.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::auth::Caller;
use super::entities::is_included;
use super::http::{Reply, Request};
use super::kinds::Kind;
use super::state::{State, Stored};

impl State {
    pub(super) fn list(&self, kind: Kind, request: &Request, caller: &Caller) -> Result<Reply, Reply> {
        let fields = self.asked_fields(kind, request.param("fields"))?;
        let limit = request.param("limit").unwrap_or("10").parse::<usize>();
        let limit = limit.ok().filter(|limit| *limit <= 1_000_000);
        let limit = limit.ok_or_else(|| Reply::error(400, "[query param limit must be between 0 and 1000000]"))?;
        let (before, after) = (request.param("before"), request.param("after"));
        if before.is_some() && after.is_some() {
            return Err(Reply::error(400, "Only one of before or after query parameter allowed"));
        }
        let mut found: Vec<&Stored> =
            self.entities.iter().filter(|entity| entity.kind == kind && self.matches(entity, request)).collect();
        found.sort_by(|one, other| one.fqn.cmp(&other.fqn));
        let total = found.len();
        let start = match after.map(read_cursor) {
            None => 0,
            Some(Some(name)) => found.partition_point(|entity| entity.fqn <= name),
            Some(None) => return Err(Reply::error(400, "invalid cursor")),
        };
        let page: Vec<&Stored> = found.iter().skip(start).take(limit).copied().collect();
        let data: Vec<Value> = page.iter().map(|entity| self.shaped(entity, &fields, caller.is_bot)).collect();
        let mut paging = json!({ "total": total });
        if let Some(last) = page.last().filter(|_| start + page.len() < total) {
            paging["after"] = json!(URL_SAFE_NO_PAD.encode(&last.fqn));
        }
        Ok(Reply::ok(&json!({"data": data, "paging": paging})))
    }

    /// Whether an entity belongs to a list, by the request's filters.
    fn matches(&self, entity: &Stored, request: &Request) -> bool {
        let referred = |field: &str, name: &str| {
            let reference = entity.json.get(field).and_then(|reference| reference.get("fullyQualifiedName"));
            reference.and_then(Value::as_str) == Some(name)
        };
        let is_in = |field: &str| request.param(field).is_none_or(|name| referred(field, name));
        let has = |param: &str| {
            let asked = request.param(param);
            asked.is_none_or(|asked| entity.json.get(param).and_then(Value::as_str) == Some(asked))
        };
        let is_used_by = |id: &str| {
            let used = entity.json.get("queryUsedIn").and_then(Value::as_array);
            used.is_some_and(|used| used.iter().any(|reference| reference["id"] == id))
        };
        is_included(entity, request.param("include").unwrap_or("non-deleted"))
            && ["service", "database", "databaseSchema"].into_iter().all(is_in)
            && has("pipelineType")
            && (request.param("root") != Some("true") || !entity.json.contains_key("parent"))
            && request.param("entityId").is_none_or(is_used_by)
    }
}

fn read_cursor(cursor: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()
}
