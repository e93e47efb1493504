//! Counts of use, by day.

use serde_json::{Value, json};
use uuid::Uuid;

use super::http::{Reply, Request};
use super::kinds::Kind;
use super::state::State;

impl State {
    pub(super) fn usage_route(&mut self, path: &[&str], request: &Request) -> Result<Reply, Reply> {
        let entity = match (request.method.as_str(), path) {
            ("PUT" | "POST", [kind, "name", fqn]) => {
                let kind = Kind::by_word(kind).ok_or_else(|| Reply::error(404, "HTTP 404 Not Found"))?;
                self.present(kind, fqn)?
            }
            ("PUT" | "POST", [kind, id]) => self.referred(&json!({"type": kind, "id": id}))?,
            _ => return Err(Reply::error(404, "HTTP 404 Not Found")),
        };
        let (id, reference) = (entity.id, entity.reference());
        let body = request.json()?;
        let (Some(date), Some(count)) = (body["date"].as_str(), body["count"].as_u64()) else {
            return Err(Reply::error(400, "[date must not be null]"));
        };
        let kept = self.usage.entry((id, date.to_owned())).or_default();
        *kept = if request.method == "PUT" { *kept + count } else { count };
        let usage = self.usage_summary(id).map(|summary| vec![summary]).unwrap_or_default();
        Ok(Reply::json(201, &json!({"entity": reference, "usage": usage})))
    }

    /// The counts of the last day that there are some of.
    pub(super) fn usage_summary(&self, id: Uuid) -> Option<Value> {
        let ((_, date), count) = self.usage.iter().rfind(|((entity, _), _)| *entity == id)?;
        let count = json!({"count": count, "percentileRank": 0.0});
        Some(json!({"dailyStats": count, "weeklyStats": count, "monthlyStats": count, "date": date}))
    }
}
