//! How a service is connected to: configuration that nobody can print, and credentials that have to be asked for.

use std::fmt;

use hmac::digest::Key;
use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
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

    /// SHA-256 of the configuration without its credentials, in hexadecimal digits, whatever the order of its fields.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut digest = Sha256::new();
        feed(&mut |bytes: &[u8]| digest.update(bytes), &without_credentials(&self.config));
        hexadecimal(&digest.finalize())
    }

    /// HMAC-SHA256 of the whole configuration: it changes when anything does, also a password. Without the key nobody
    /// can try passwords until one fits.
    #[must_use]
    pub(crate) fn keyed_fingerprint(&self, key: &SecretString) -> String {
        let digest = Sha256::digest(format!("warren: connections of services: {}", key.expose_secret()));
        let mut block = Key::<Hmac<Sha256>>::default();
        block.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        let mut mac = Hmac::<Sha256>::new(&block);
        feed(&mut |bytes: &[u8]| mac.update(bytes), &self.config);
        hexadecimal(&mac.finalize().into_bytes())
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

/// Whether a field holds a credential by its name, or options of a driver, which may be credentials too.
fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    SECRET_WORDS.iter().chain(&["connectionoptions", "connectionarguments"]).any(|word| name.contains(word))
}

/// As deep as [`holds_mask`].
fn without_credentials(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let open = fields.iter().filter(|(name, _)| !is_secret(name));
            open.map(|(name, value)| (name.clone(), without_credentials(value))).collect()
        }
        Value::Array(items) => items.iter().map(without_credentials).collect(),
        other => other.clone(),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Feeds a value with its fields in order of their names; as deep as [`holds_mask`].
fn feed(digest: &mut impl FnMut(&[u8]), value: &Value) {
    match value {
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_by_key(|(name, _)| name.as_str());
            digest(b"{");
            for (name, value) in sorted {
                digest(format!("{name:?}:").as_bytes());
                feed(digest, value);
            }
            digest(b"}");
        }
        Value::Array(items) => {
            digest(b"[");
            for item in items {
                feed(digest, item);
                digest(b",");
            }
            digest(b"]");
        }
        other => digest(other.to_string().as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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

    #[test]
    fn a_credential_is_in_a_fingerprint_with_a_key_only() {
        let with = |password: &str| {
            connection(&json!({"hostPort": "h", "authType": {"password": password, "awsSecretAccessKey": password},
                "connectionOptions": {"pwd": password}, "privateKey": [password]}))
        };
        let (one, two) = (with("one"), with("two"));
        assert_eq!(one.fingerprint(), two.fingerprint());
        assert_eq!(one.fingerprint(), with("*********").fingerprint());
        assert_ne!(one.fingerprint(), connection(&json!({"hostPort": "g", "authType": {}})).fingerprint());
        let (key, other) = (SecretString::from("token"), SecretString::from("another"));
        assert_eq!(one.keyed_fingerprint(&key), with("one").keyed_fingerprint(&key));
        assert_ne!(one.keyed_fingerprint(&key), two.keyed_fingerprint(&key));
        assert_ne!(one.keyed_fingerprint(&key), one.keyed_fingerprint(&other));
    }
}
