//! The two statements of a managed catalog. The one that makes it holds a password, so it is a secret as a whole.

use secrecy::{ExposeSecret as _, SecretString};

use super::Definition;

/// The statement that makes a catalog.
#[must_use]
pub fn create_statement(name: &str, definition: &Definition) -> SecretString {
    let properties = [
        ("connection-url", definition.url()),
        ("connection-user", definition.user()),
        ("connection-password", definition.password().expose_secret()),
    ];
    let properties = properties.map(|(key, value)| format!("{} = {}", delimited(key), literal(value))).join(", ");
    let connector = definition.connector();
    format!("CREATE CATALOG IF NOT EXISTS {} USING {connector} WITH ({properties})", delimited(name)).into()
}

/// The statement that drops a catalog.
#[must_use]
pub fn drop_statement(name: &str) -> SecretString {
    format!("DROP CATALOG IF EXISTS {}", delimited(name)).into()
}

fn delimited(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
