//! How a service is connected to: configuration that nobody can print, and credentials that have to be asked for.

use std::fmt;

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// What OpenMetadata shows in the place of a password to everybody who is no bot.
const MASK: &str = "*********";

/// Words in the name of a field whose value is a credential.
const SECRET_WORDS: [&str; 8] =
    ["password", "secret", "token", "passphrase", "privatekey", "jwt", "credential", "certificate"];

/// `connection.config` of a service. It is neither printed nor serialised: with a bot's token it holds passwords.
#[derive(Clone, Default, Deserialize)]
#[serde(from = "Wire")]
pub struct Connection {
    config: Value,
}

#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    config: Value,
}

impl From<Wire> for Connection {
    fn from(wire: Wire) -> Self {
        Self { config: wire.config }
    }
}

/// A credential in a configuration.
#[derive(Clone, Debug)]
pub enum Credential {
    /// There is none, or it is empty.
    Missing,
    /// It is there, but is shown to bots only.
    Masked,
    /// It is in a secrets manager that Warren cannot read; this is the reference, such as `secret:/path`.
    Reference(String),
    /// The credential.
    Clear(SecretString),
}

impl Connection {
    /// A text or number of the configuration by its JSON pointer, such as `/hostPort`. `None` also for a field whose
    /// name says that it is a credential.
    #[must_use]
    pub fn text(&self, pointer: &str) -> Option<String> {
        let field = pointer.rsplit('/').next().unwrap_or_default().to_lowercase();
        if SECRET_WORDS.iter().any(|word| field.contains(word)) {
            return None;
        }
        match self.config.pointer(pointer)? {
            Value::String(text) if text != MASK => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A switch of the configuration, such as `/ingestAllDatabases`.
    #[must_use]
    pub fn flag(&self, pointer: &str) -> Option<bool> {
        self.config.pointer(pointer)?.as_bool()
    }

    /// A credential by its JSON pointer, such as `/authType/password`.
    #[must_use]
    pub fn credential(&self, pointer: &str) -> Credential {
        match self.config.pointer(pointer).and_then(Value::as_str) {
            None | Some("") => Credential::Missing,
            Some(MASK) => Credential::Masked,
            Some(text) if text.starts_with("secret:") => Credential::Reference(text.to_owned()),
            Some(text) => Credential::Clear(text.into()),
        }
    }

    /// Whether any value is masked: then the token is not that of a bot, and no catalog can be made of this.
    #[must_use]
    pub fn is_masked(&self) -> bool {
        holds_mask(&self.config)
    }

    /// SHA-256 of the configuration in hexadecimal digits, whatever the order of its fields: it changes when anything
    /// does, also a password.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut digest = Sha256::new();
        feed(&mut digest, &self.config);
        digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connection(…)")
    }
}

/// As deep as the JSON that was read, which its reader bounds to 128 levels.
fn holds_mask(value: &Value) -> bool {
    match value {
        Value::String(text) => text == MASK,
        Value::Array(items) => items.iter().any(holds_mask),
        Value::Object(fields) => fields.values().any(holds_mask),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Feeds a value with its fields in order of their names; as deep as [`holds_mask`].
fn feed(digest: &mut Sha256, value: &Value) {
    match value {
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_by_key(|(name, _)| name.as_str());
            digest.update(b"{");
            for (name, value) in sorted {
                digest.update(format!("{name:?}:"));
                feed(digest, value);
            }
            digest.update(b"}");
        }
        Value::Array(items) => {
            digest.update(b"[");
            for item in items {
                feed(digest, item);
                digest.update(b",");
            }
            digest.update(b"]");
        }
        other => digest.update(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;
    use serde_json::json;

    fn connection(config: &Value) -> Connection {
        serde_json::from_value(json!({ "config": config })).unwrap()
    }

    #[test]
    fn a_credential_has_to_be_asked_for() {
        let found = connection(&json!({"type": "Postgres", "hostPort": "pg:5432", "authType": {"password": "s3cret"},
            "ingestAllDatabases": true}));
        assert_eq!(found.text("/hostPort").as_deref(), Some("pg:5432"));
        assert_eq!(found.text("/authType/password"), None);
        assert_eq!(found.flag("/ingestAllDatabases"), Some(true));
        let Credential::Clear(password) = found.credential("/authType/password") else { panic!("not clear") };
        assert_eq!(password.expose_secret(), "s3cret");
        assert!(!found.is_masked());
        assert!(!format!("{found:?} {password:?}").contains("s3cret"));
    }

    #[test]
    fn a_mask_is_no_credential() {
        let found = connection(&json!({"authType": {"password": "*********"}, "other": ["secret:/a/b"], "none": ""}));
        assert!(found.is_masked());
        assert!(matches!(found.credential("/authType/password"), Credential::Masked));
        assert!(matches!(found.credential("/other/0"), Credential::Reference(_)));
        assert!(matches!(found.credential("/none"), Credential::Missing));
        assert!(matches!(found.credential("/nowhere"), Credential::Missing));
        assert_eq!(connection(&json!({"username": "*********"})).text("/username"), None);
    }

    #[test]
    fn a_fingerprint_follows_the_content_alone() {
        let one = connection(&json!({"a": 1, "b": {"c": [1, 2], "d": "x"}}));
        let same = connection(&serde_json::from_str(r#"{"b": {"d": "x", "c": [1, 2]}, "a": 1}"#).unwrap());
        assert_eq!(one.fingerprint(), same.fingerprint());
        for other in [json!({"a": 1, "b": {"c": [12], "d": "x"}}), json!({"a": 1, "b": {"c": [1, 2], "d": "y"}})] {
            assert_ne!(one.fingerprint(), connection(&other).fingerprint());
        }
        assert_eq!(one.fingerprint().len(), 64);
    }
}
