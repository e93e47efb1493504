//! The log of events, subscriptions to it, and what is delivered to them.

use serde_json::{Map, Value, json};
use url::Url;

use super::http::{Reply, Request};
use super::kinds::Kind;
use super::state::{State, Stored};
use crate::version::WebhookAuth;

/// A delivery that is due.
pub(super) struct Delivery {
    pub(super) endpoint: Url,
    pub(super) secret: String,
    pub(super) event: Value,
}

impl State {
    /// Writes an event. Users, bots and subscriptions have none here.
    pub(super) fn log(&mut self, event_type: &str, entity: &Stored, user: &str, is_recursive: bool) {
        if matches!(entity.kind, Kind::User | Kind::Bot | Kind::EventSubscription) {
            return;
        }
        let (id, now) = (self.new_id(), self.now());
        let version = entity.json.get("version").and_then(Value::as_f64).unwrap_or(0.1);
        let previous = if event_type == "entityUpdated" { ((version * 10.0) - 1.0).round() / 10.0 } else { version };
        let shaped = self.shaped(entity, &["*".to_owned()], false);
        let mut event = json!({"id": id, "eventType": event_type, "entityType": entity.kind.word(),
            "entityId": entity.id, "entityFullyQualifiedName": entity.fqn, "previousVersion": previous,
            "currentVersion": version, "userName": user, "timestamp": now, "entity": shaped.to_string()});
        if is_recursive {
            event["recursive"] = json!(true);
        }
        self.events.push(event);
    }

    /// `GET /v1/events`: by type of event and kind of entity, since a moment; in pages where a limit is given.
    pub(super) fn events_since(&self, request: &Request) -> Result<Reply, Reply> {
        let since = request.param("timestamp").and_then(|moment| moment.parse::<i64>().ok());
        let since = since.ok_or_else(|| Reply::error(400, "[query param timestamp must not be null]"))?;
        let is_asked = |event: &&Value| {
            let parameter = match event["eventType"].as_str().unwrap_or_default() {
                "entitySoftDeleted" => "entityDeleted",
                other => other,
            };
            let kinds = request.param(parameter).unwrap_or_default();
            let kind = event["entityType"].as_str().unwrap_or_default();
            kinds.split(',').any(|asked| asked == "*" || asked == kind)
        };
        let is_later = |event: &&Value| event["timestamp"].as_i64() >= Some(since);
        let found: Vec<&Value> = self.events.iter().filter(is_later).filter(is_asked).collect();
        let number = |name: &str| request.param(name).and_then(|text| text.parse::<usize>().ok());
        let (total, start) = (found.len(), number("after").unwrap_or(0));
        let data: Vec<&Value> = found.into_iter().skip(start).take(number("limit").unwrap_or(total)).collect();
        let mut paging = json!({ "total": total });
        if start + data.len() < total {
            paging["after"] = json!((start + data.len()).to_string());
        }
        Ok(Reply::ok(&json!({ "data": data, "paging": paging })))
    }

    /// What a new subscription holds beside what was sent. A webhook's secret in the shape of another version is refused.
    pub(super) fn finish_subscription(
        &self,
        content: &mut Map<String, Value>,
        body: &Map<String, Value>,
    ) -> Result<(), Reply> {
        let resources = body.get("resources").cloned().unwrap_or_else(|| json!(["all"]));
        content.insert("filteringRules".to_owned(), json!({ "resources": resources }));
        let foreign = match self.can().webhook_auth {
            WebhookAuth::SecretKey => "authType",
            WebhookAuth::AuthType => "secretKey",
        };
        for destination in content.get_mut("destinations").and_then(Value::as_array_mut).into_iter().flatten() {
            if destination["config"].get(foreign).is_some() {
                return Err(Reply::error(400, &format!("Unrecognized field \"{foreign}\"")));
            }
        }
        Ok(())
    }

    /// What no subscription was told of yet; afterwards it counts as told.
    pub(super) fn due_deliveries(&mut self) -> Vec<Delivery> {
        let mut due = Vec::new();
        for subscription in self.entities.iter().filter(|entity| entity.kind == Kind::EventSubscription) {
            let told = self.delivered.entry(subscription.id).or_default();
            let events = self.events.get(*told..).unwrap_or_default();
            *told = self.events.len();
            let json = Value::Object(subscription.json.clone());
            for destination in json["destinations"].as_array().into_iter().flatten() {
                let config = &destination["config"];
                let secret = config["secretKey"].as_str().or_else(|| config["authType"]["secretKey"].as_str());
                let endpoint = config["endpoint"].as_str().and_then(|endpoint| endpoint.parse::<Url>().ok());
                let Some(endpoint) = endpoint else { continue };
                let wanted = events.iter().filter(|event| wants(&json, event));
                due.extend(wanted.map(|event| Delivery {
                    endpoint: endpoint.clone(),
                    secret: secret.unwrap_or_default().to_owned(),
                    event: event.clone(),
                }));
            }
        }
        due
    }
}

/// Whether a subscription is about an event.
fn wants(subscription: &Value, event: &Value) -> bool {
    let has = |list: &Value, value: &Value| list.as_array().is_some_and(|list| list.contains(value));
    let resources = &subscription["filteringRules"]["resources"];
    let filters = subscription["input"]["filters"].as_array().into_iter().flatten();
    let is_type = |filter: &Value| {
        filter["name"] != "filterByEventType" || has(&filter["arguments"][0]["input"], &event["eventType"])
    };
    (has(resources, &event["entityType"]) || has(resources, &json!("all"))) && filters.into_iter().all(is_type)
}
