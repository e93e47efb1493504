//! Which part of the stand-in answers a request.

use serde_json::json;

use super::http::{Reply, Request};
use super::kinds::Kind;
use super::state::State;

impl State {
    pub(super) fn answer(&mut self, request: &Request) -> Reply {
        // All that is not the API is the console.
        let Some(segments) = &request.segments else { return Reply::html() };
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        self.route(&segments, request).unwrap_or_else(|refusal| refusal)
    }

    fn route(&mut self, segments: &[&str], request: &Request) -> Result<Reply, Reply> {
        match segments {
            ["system", "version"] => return Ok(self.version_answer()),
            ["system", "config", "jwks"] => return Ok(Reply::ok(&json!({ "keys": [] }))),
            _ => {}
        }
        let caller = self.caller(request)?;
        match (request.method.as_str(), segments) {
            ("GET", ["users", "loggedInUser"]) => return self.logged_in_user(&caller, request),
            ("GET", ["events"]) => return self.events_since(request),
            ("GET", ["search", how @ ("query" | "fieldQuery")]) => return self.search(how, request),
            ("GET", ["permissions", resource, "name", _]) => return self.permissions(&caller, resource, request),
            (_, ["lineage", rest @ ..]) => return self.lineage_route(rest, request, &caller.name),
            (_, ["usage", rest @ ..]) => return self.usage_route(rest, request),
            (_, ["services", "ingestionPipelines", rest @ ..]) => {
                if let Some(outcome) = self.pipeline_route(rest, request) {
                    return outcome;
                }
            }
            _ => {}
        }
        let nothing = || Reply::error(404, "HTTP 404 Not Found");
        let (kind, rest) = Kind::by_path(segments).ok_or_else(nothing)?;
        if kind == Kind::EventSubscription && request.method != "GET" && caller.is_bot {
            return Err(Reply::error(
                403,
                "Principal: CatalogPrincipal{name='ingestion-bot'} operations [Create] not allowed",
            ));
        }
        match (request.method.as_str(), rest) {
            ("GET", []) => self.list(kind, request, &caller),
            ("GET", path) => self.get(kind, path, request, &caller),
            ("PUT", []) => self.put(kind, &request.json()?, &caller.name),
            ("POST", []) => match self.put(kind, &request.json()?, &caller.name)? {
                made if made.status == 201 => Ok(made),
                _ => Err(Reply::error(409, "Entity already exists")),
            },
            ("PUT", ["restore"]) => self.restore(kind, &request.json()?, &caller.name),
            ("DELETE", [id]) => self.delete(kind, id, request, &caller.name),
            _ => Err(Reply::error(405, "HTTP 405 Method Not Allowed")),
        }
    }

    fn version_answer(&self) -> Reply {
        let version = self.version.to_string();
        Reply::ok(&json!({"version": version, "revision": "stand-in", "timestamp": 1_790_000_000_000_i64}))
    }
}
