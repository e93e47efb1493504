//! The configuration file: `--config`, else `WARREN_CONFIG`, else `warren.toml` in the working directory if there is one.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use toml::{Table, Value};

use super::error::FilePlace;
use super::nearest::nearest;
use super::{ConfigError, Origin, Sources};

/// Names the file.
pub(super) const VARIABLE: &str = "WARREN_CONFIG";
const NAME: &str = "warren.toml";
const CLUSTER: &str = "cluster";
const CLUSTER_KEYS: [&str; 6] = ["name", "url", "user", "password", "token", "allow_plaintext_credentials"];

/// What the file says.
#[derive(Debug, Default)]
pub(super) struct File {
    /// Where it lies.
    pub(super) path: PathBuf,
    /// Its settings by key, in the order of the file.
    pub(super) values: Vec<(String, String)>,
    /// Its `[[cluster]]` tables.
    pub(super) clusters: Vec<ClusterText>,
}

/// One `[[cluster]]` as written.
#[derive(Debug, Deserialize)]
pub(super) struct ClusterText {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) user: Option<String>,
    #[serde(default, deserialize_with = "secret")]
    pub(super) password: Option<SecretString>,
    #[serde(default, deserialize_with = "secret")]
    pub(super) token: Option<SecretString>,
    #[serde(default)]
    pub(super) allow_plaintext_credentials: bool,
}

/// The error of a secret that is no text must not repeat it.
fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(Some(text.into())),
        other => Err(D::Error::custom(format!("a password or token is a text, not {}", other.type_str()))),
    }
}

/// Reads the file, if there is one.
pub(super) fn read(sources: &Sources) -> Result<File, ConfigError> {
    let named = sources.file.clone().or_else(|| sources.environment.get(VARIABLE).map(PathBuf::from));
    let path = sources.working_dir.join(named.as_deref().unwrap_or(Path::new(NAME)));
    match std::fs::read_to_string(&path) {
        Ok(text) => parse(path, &text),
        Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => Ok(File::default()),
        Err(source) => Err(ConfigError::Unreadable { path, source }),
    }
}

/// Reads the text of a file.
pub(super) fn parse(path: PathBuf, text: &str) -> Result<File, ConfigError> {
    let mut table: Table = text.parse().map_err(|error| malformed(&path, text, &error))?;
    let clusters = match table.remove(CLUSTER) {
        None => Vec::new(),
        Some(clusters) => {
            refuse_unknown_cluster_keys(&clusters, &path)?;
            clusters.try_into().map_err(|error| malformed(&path, text, &error))?
        }
    };
    let mut file = File { path, values: Vec::new(), clusters };
    flatten(&table, "", &mut file)?;
    Ok(file)
}

/// The error without the line that it quotes: a password may stand there.
fn malformed(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let before = error.span().and_then(|span| text.get(..span.start));
    let place = before.map(|before| {
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        FilePlace { line: before.matches('\n').count() + 1, column }
    });
    ConfigError::Toml { path: path.to_owned(), place, message: error.message().to_owned() }
}

fn flatten(table: &Table, section: &str, file: &mut File) -> Result<(), ConfigError> {
    for (name, value) in table {
        let key = if section.is_empty() { name.clone() } else { format!("{section}.{name}") };
        let text = match value {
            Value::Table(inner) => {
                flatten(inner, &key, file)?;
                continue;
            }
            Value::String(text) => text.clone(),
            Value::Integer(number) => number.to_string(),
            Value::Boolean(truth) => truth.to_string(),
            Value::Float(_) | Value::Datetime(_) | Value::Array(_) => {
                return Err(ConfigError::Invalid {
                    key,
                    value: "this".to_owned(),
                    origin: Origin::File(file.path.clone()),
                    expected: "a text, a whole number or a truth value".to_owned(),
                });
            }
        };
        file.values.push((key, text));
    }
    Ok(())
}

fn refuse_unknown_cluster_keys(clusters: &Value, path: &Path) -> Result<(), ConfigError> {
    let tables = clusters.as_array().into_iter().flatten().filter_map(Value::as_table);
    match tables.flat_map(Table::keys).find(|key| !CLUSTER_KEYS.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(ConfigError::UnknownKey {
            key: format!("{CLUSTER}.{key}"),
            origin: Origin::File(path.to_owned()),
            nearest: nearest(key, CLUSTER_KEYS.into_iter()),
        }),
    }
}
