//! What Warren sends: tables to publish, statements and their use, subscriptions. Only fields that every version from 1.4
//! to 2.0 takes, but for those that [`Capabilities`] tells apart.

use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use crate::fqn::Fqn;
use crate::version::{Capabilities, WebhookAuth};

/// A table or view to publish. Its schema must be there.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewTable {
    /// Its own name, raw.
    pub name: String,
    /// The schema that it is in.
    pub database_schema: Fqn,
    /// `View`, `MaterializedView`, `Regular` …
    pub table_type: String,
    /// Its columns in order.
    pub columns: Vec<NewColumn>,
    /// The text of a view.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_definition: Option<String>,
    /// What it is, in Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A column of a [`NewTable`].
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewColumn {
    /// Its own name, raw.
    pub name: String,
    /// OpenMetadata's type, such as `BIGINT`.
    pub data_type: String,
    /// The type as Trino writes it.
    pub data_type_display: String,
    /// The type of an array's elements; an array needs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub array_data_type: Option<String>,
    /// The length; `CHAR`, `VARCHAR`, `BINARY` and `VARBINARY` need it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_length: Option<i64>,
    /// The digits of a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<i64>,
    /// The digits of a decimal after the point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<i64>,
    /// What it is, in Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The fields of a row.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Self>,
}

/// A statement that was run. OpenMetadata knows it by its text, so sending it again changes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewQuery {
    /// The statement, without literals that nobody should read.
    pub query: String,
    /// The service that ran it.
    pub service: Fqn,
    /// When, in milliseconds since 1970.
    pub query_date: i64,
    /// How long it took, in milliseconds.
    pub duration: f64,
    /// Who ran it, as the source knows them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub used_by: Vec<String>,
    /// The tables that it read, by id.
    #[serde(serialize_with = "tables")]
    pub query_used_in: Vec<Uuid>,
    /// Whether its lineage is known, so that OpenMetadata does not look for it in the text.
    pub processed_lineage: bool,
}

fn tables<S: serde::Serializer>(ids: &[Uuid], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(ids.iter().map(|id| json!({"id": id, "type": "table"})))
}

/// A webhook that OpenMetadata shall call.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// Its name; the subscription of that name is changed when there is one.
    pub name: String,
    /// The one kind of entity that it is about, such as `table`. Older servers take one only.
    pub resource: String,
    /// Where to call. Servers of 2.x refuse a private address that is no name.
    pub endpoint: Url,
    /// What signs the calls.
    pub secret: SecretString,
    /// The kinds of events, such as `entityUpdated`; all when empty.
    pub event_types: Vec<String>,
    /// How often the server looks for events, in seconds.
    pub poll_interval: u32,
    /// How many events it looks at in one go.
    pub batch_size: u32,
}

impl Subscription {
    /// The body of `PUT /v1/events/subscriptions`.
    pub(crate) fn body(&self, can: &Capabilities) -> Value {
        let secret = self.secret.expose_secret();
        let mut config = match can.webhook_auth {
            WebhookAuth::SecretKey => json!({"endpoint": self.endpoint, "secretKey": secret}),
            WebhookAuth::AuthType => {
                json!({"endpoint": self.endpoint, "authType": {"type": "bearer", "secretKey": secret}})
            }
        };
        if can.webhook_headers
            && let Some(config) = config.as_object_mut()
        {
            config.insert("httpMethod".to_owned(), json!("POST"));
        }
        let mut body = json!({
            "name": self.name, "alertType": "Notification", "enabled": true, "retries": 3,
            "batchSize": self.batch_size, "pollInterval": self.poll_interval,
            "trigger": {"triggerType": "RealTime"}, "resources": [self.resource],
            "destinations": [{"category": "External", "type": "Webhook", "timeout": 10, "readTimeout": 12,
                "enabled": true, "config": config}],
        });
        if !self.event_types.is_empty()
            && let Some(body) = body.as_object_mut()
        {
            let argument = json!({"name": "eventTypeList", "input": self.event_types});
            let filter = json!({"name": "filterByEventType", "effect": "include", "prefixCondition": "AND",
                "arguments": [argument]});
            body.insert("input".to_owned(), json!({ "filters": [filter] }));
        }
        body
    }
}
