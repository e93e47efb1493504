//! What OpenMetadata delivers to a webhook: the signature of a body, and the events in it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Sha256;
use uuid::Uuid;

use crate::entity::or_default;

/// The header that holds the signature.
pub const SIGNATURE_HEADER: &str = "X-OM-Signature";

/// Why a body is not taken for OpenMetadata's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// It is no `sha256=` with base64 behind it.
    #[error("the signature is not of the form sha256=<base64>")]
    Malformed,
    /// It was made with another secret, or of another body.
    #[error("the signature does not belong to this body")]
    Mismatch,
}

/// Checks the signature of a body as it came, before anything is read of it. The comparison takes the same time whatever
/// differs. It says nothing of when the body was signed: an old delivery has to be known by its events' ids.
///
/// # Errors
/// [`SignatureError`].
pub fn verify_signature(raw_body: &[u8], header: &str, secret: &SecretString) -> Result<(), SignatureError> {
    let encoded = header.trim().strip_prefix("sha256=").ok_or(SignatureError::Malformed)?;
    let signature = STANDARD.decode(encoded).map_err(|_no_base64| SignatureError::Malformed)?;
    mac(raw_body, secret)?.verify_slice(&signature).map_err(|_differs| SignatureError::Mismatch)
}

/// The header's value for a body: `sha256=` and the base64 of HMAC-SHA256 (`CommonUtil.calculateHMAC`).
///
/// # Errors
/// None in practice: HMAC takes keys of every length.
pub fn signature_of(raw_body: &[u8], secret: &SecretString) -> Result<String, SignatureError> {
    Ok(format!("sha256={}", STANDARD.encode(mac(raw_body, secret)?.finalize().into_bytes())))
}

fn mac(raw_body: &[u8], secret: &SecretString) -> Result<Hmac<Sha256>, SignatureError> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes());
    let mut mac = mac.map_err(|_never_for_hmac| SignatureError::Malformed)?;
    mac.update(raw_body);
    Ok(mac)
}

/// What happened to an entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EventType {
    /// It was made.
    EntityCreated,
    /// It was changed.
    EntityUpdated,
    /// Some fields of it were changed.
    EntityFieldsChanged,
    /// Nothing changed.
    EntityNoChange,
    /// It was hidden, and can be restored.
    EntitySoftDeleted,
    /// It is gone.
    EntityDeleted,
    /// It is there again.
    EntityRestored,
    /// Something else, such as a comment or (since 2.0) lineage; the word as the server has it.
    #[serde(untagged)]
    Other(String),
}

/// One event.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeEvent {
    /// Its id: the same in every delivery of it.
    pub id: Uuid,
    /// What happened.
    pub event_type: EventType,
    /// The kind of entity, such as `table`.
    pub entity_type: String,
    /// The entity's id.
    pub entity_id: Uuid,
    /// The text of the entity's fully qualified name; not all servers say it.
    pub entity_fully_qualified_name: Option<String>,
    /// The entity's version before.
    pub previous_version: Option<f64>,
    /// The entity's version since.
    pub current_version: Option<f64>,
    /// Which fields changed, as the server has it.
    #[serde(default)]
    pub change_description: Option<Value>,
    /// Who did it.
    pub user_name: Option<String>,
    /// When, in milliseconds since 1970.
    pub timestamp: i64,
    /// Whether everything below the entity went with it, without events of their own (since 2.0).
    #[serde(default, deserialize_with = "or_default")]
    pub recursive: bool,
    /// The entity after the event, when it came along.
    #[serde(default, deserialize_with = "object_or_text")]
    pub entity: Option<Value>,
}

/// JSON, or JSON in a string; a string that is no JSON is nothing.
fn object_or_text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Ok(match Option::<Value>::deserialize(deserializer)? {
        Some(Value::String(text)) => serde_json::from_str(&text).ok(),
        other => other,
    })
}

/// The events of a body: one object (since about 1.3), or `{"data": […]}` (before, and as an answer to a question). An
/// event of a list that cannot be read is passed over, so that the others count.
///
/// # Errors
/// When the body is neither.
pub fn parse_events(raw_body: &[u8]) -> Result<Vec<ChangeEvent>, serde_json::Error> {
    match serde_json::from_slice::<Value>(raw_body)? {
        Value::Object(mut body) if body.contains_key("data") => {
            let list: Vec<Value> = serde_json::from_value(body.remove("data").unwrap_or_default())?;
            Ok(list.into_iter().filter_map(readable).collect())
        }
        body => Ok(vec![serde_json::from_value(body)?]),
    }
}

fn readable(event: Value) -> Option<ChangeEvent> {
    let event = serde_json::from_value(event);
    event.inspect_err(|error| tracing::warn!(%error, "an event of OpenMetadata cannot be read")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by OpenMetadata's own code.
    const BODY: &str =
        r#"{"id":"6f1f3a54-8b7e-4c1b-9a55-2c1f0f4e0a01","eventType":"entityCreated","entityType":"table"}"#;
    const SIGNATURE: &str = "sha256=fpJ9j18BfAJ2VX6Nn8iK4Ha7LezV+7xqWwNCWl9pb6M=";

    #[test]
    fn the_signature_is_that_of_openmetadata() {
        assert_eq!(signature_of(BODY.as_bytes(), &"s3cret".into()).unwrap(), SIGNATURE);
    }

    #[test]
    fn a_signature_belongs_to_one_body_and_one_secret() {
        fn check(body: &str, header: &str, secret: &str, expect: Result<(), SignatureError>) {
            assert_eq!(verify_signature(body.as_bytes(), header, &secret.into()), expect, "{header}");
        }
        check(BODY, SIGNATURE, "s3cret", Ok(()));
        check(BODY, &format!(" {SIGNATURE} "), "s3cret", Ok(()));
        check(&format!("{BODY} "), SIGNATURE, "s3cret", Err(SignatureError::Mismatch));
        check(BODY, SIGNATURE, "s3cre7", Err(SignatureError::Mismatch));
        check(BODY, "sha256=", "s3cret", Err(SignatureError::Mismatch));
        check(BODY, "sha256=fpJ9", "s3cret", Err(SignatureError::Mismatch));
        check(BODY, "fpJ9j18BfAJ2VX6Nn8iK4Ha7LezV+7xqWwNCWl9pb6M=", "s3cret", Err(SignatureError::Malformed));
        check(BODY, "sha256=7e927d8f5f01", "s3cret", Err(SignatureError::Mismatch));
        check(BODY, "sha256=!", "s3cret", Err(SignatureError::Malformed));
        check(BODY, "", "s3cret", Err(SignatureError::Malformed));
    }

    fn event(rest: &str) -> String {
        format!(
            r#"{{"id":"6f1f3a54-8b7e-4c1b-9a55-2c1f0f4e0a01","eventType":"entityUpdated","entityType":"table",
            "entityId":"6f1f3a54-8b7e-4c1b-9a55-2c1f0f4e0a02","timestamp":1790000000000,"new":[1]{rest}}}"#
        )
    }

    #[test]
    fn events_come_alone_and_in_lists() {
        let one = parse_events(event("").as_bytes()).unwrap();
        assert_eq!(one.len(), 1);
        assert_eq!(one[0].event_type, EventType::EntityUpdated);
        let two = format!(r#"{{"data":[{},{}],"paging":{{"total":2}}}}"#, event(""), event(r#","recursive":true"#));
        let two = parse_events(two.as_bytes()).unwrap();
        assert_eq!((two.len(), two[0].recursive, two[1].recursive), (2, false, true));
        assert_eq!(parse_events(br#"{"data":[]}"#).unwrap(), []);
        let odd = format!(r#"{{"data":[{{}},{},1]}}"#, event(""));
        assert_eq!(parse_events(odd.as_bytes()).unwrap().len(), 1, "the others count");
        for wrong in ["", "[]", "{}", r#"{"data":1}"#, "<html>", &event("")[1..]] {
            assert!(parse_events(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_entity_comes_as_an_object_or_as_text() {
        fn check(rest: &str, expect: Option<&Value>) {
            assert_eq!(parse_events(event(rest).as_bytes()).unwrap()[0].entity.as_ref(), expect, "{rest}");
        }
        check("", None);
        check(r#","entity":null"#, None);
        check(r#","entity":{"name":"t"}"#, Some(&serde_json::json!({"name": "t"})));
        check(r#","entity":"{\"name\":\"t\"}""#, Some(&serde_json::json!({"name": "t"})));
        check(r#","entity":"{cut""#, None);
    }

    #[test]
    fn an_event_of_a_later_version_is_no_error() {
        let body = event("").replace("entityUpdated", "entityLineageAdded");
        let read = parse_events(body.as_bytes()).unwrap();
        assert_eq!(read[0].event_type, EventType::Other("entityLineageAdded".to_owned()));
    }
}
