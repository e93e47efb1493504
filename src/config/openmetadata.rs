//! Section `openmetadata`: the catalogue whose names the queries use, and how far what it said is trusted.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::values::Values;
use super::{ConfigError, Secrecy, Setting, Sources};

const URL: Setting = Setting::new(
    "openmetadata.url",
    "WARREN_OPENMETADATA_URL",
    "OpenMetadata's API, `http(s)://host:port/api`; without it names come from the mapping file alone",
)
.secrecy(Secrecy::Url);
const TOKEN: Setting =
    Setting::new("openmetadata.token", "WARREN_OPENMETADATA_TOKEN", "the token of Warren's bot there")
        .secrecy(Secrecy::Secret);
const TOKEN_FILE: Setting = Setting::new(
    "openmetadata.token_file",
    "WARREN_OPENMETADATA_TOKEN_FILE",
    "a file with that token, read again when OpenMetadata refuses the one before",
);
const FRESH_MS: Setting = Setting::new(
    "openmetadata.fresh_ms",
    "WARREN_OPENMETADATA_FRESH_MS",
    "how long what OpenMetadata said of a name counts without asking again",
)
.default("600000");
const STALE_MS: Setting = Setting::new(
    "openmetadata.stale_ms",
    "WARREN_OPENMETADATA_STALE_MS",
    "how long it counts, with a warning, while OpenMetadata does not answer",
)
.default("86400000");
const LOOKUP_MS: Setting = Setting::new(
    "openmetadata.lookup_ms",
    "WARREN_OPENMETADATA_LOOKUP_MS",
    "how long OpenMetadata may take to tell what one name or one database is, with all the requests that it takes",
)
.default("5000");
const REPAIR_MS: Setting = Setting::new(
    "openmetadata.repair_ms",
    "WARREN_OPENMETADATA_REPAIR_MS",
    "how often OpenMetadata is asked for changes that its webhook did not bring; 0 for never",
)
.default("300000");
const ALLOW_DELETED: Setting = Setting::new(
    "openmetadata.allow_deleted",
    "WARREN_OPENMETADATA_ALLOW_DELETED",
    "whether queries may name tables that are deleted in OpenMetadata and can be restored there",
)
.default("false");
const QUERIES: Setting = Setting::new(
    "openmetadata.queries",
    "WARREN_OPENMETADATA_QUERIES",
    "whether OpenMetadata is told of queries that read its tables, without their literals, and counts the tables as used",
)
.default("false");
const TRINO_SERVICES: Setting = Setting::new(
    "openmetadata.trino_services",
    "WARREN_OPENMETADATA_TRINO_SERVICES",
    "services of OpenMetadata, with commas between, that are the Trino of this installation: their databases are its catalogs",
);
const WEBHOOK_SECRET: Setting = Setting::new(
    "openmetadata.webhook_secret",
    "WARREN_OPENMETADATA_WEBHOOK_SECRET",
    "what OpenMetadata signs its events with; without it POST /openmetadata/events is refused",
)
.secrecy(Secrecy::Secret);

pub(super) const SETTINGS: &[&Setting] = &[
    &URL,
    &TOKEN,
    &TOKEN_FILE,
    &FRESH_MS,
    &STALE_MS,
    &LOOKUP_MS,
    &REPAIR_MS,
    &ALLOW_DELETED,
    &QUERIES,
    &TRINO_SERVICES,
    &WEBHOOK_SECRET,
];

/// A hundred days, as milliseconds.
const MAX_AGE_MS: u64 = 8_640_000_000;

/// The catalogue.
#[derive(Clone, Debug)]
pub struct OpenMetadataConfig {
    /// Its API, which ends in `/api`.
    pub url: Url,
    /// Where Warren's token there comes from.
    pub token: OpenMetadataToken,
    /// How long what it said of a name counts without asking again.
    pub fresh: Duration,
    /// How long it counts while OpenMetadata does not answer; at least as long.
    pub stale: Duration,
    /// How long it may take to tell what one name or one database is.
    pub lookup: Duration,
    /// How often it is asked for changes that its webhook did not bring; never where absent.
    pub repair: Option<Duration>,
    /// Whether queries may name what was deleted softly.
    pub allow_deleted: bool,
    /// Whether it is told of queries that read its tables.
    pub queries: bool,
    /// Services whose databases are catalogs of this Trino.
    pub trino_services: Vec<String>,
    /// What its events are signed with.
    pub webhook_secret: Option<SecretString>,
}

/// Where the token of Warren's bot comes from.
#[derive(Clone, Debug)]
pub enum OpenMetadataToken {
    /// Requests go out without one.
    None,
    /// This one.
    Text(SecretString),
    /// The content of this file, absolute.
    File(PathBuf),
}

/// The catalogue, where one is set.
pub(super) fn read(values: &Values, sources: &Sources) -> Result<Option<OpenMetadataConfig>, ConfigError> {
    let Some(text) = values.text(&URL) else {
        let idle =
            [&TOKEN, &TOKEN_FILE, &WEBHOOK_SECRET, &TRINO_SERVICES].into_iter().find(|own| values.get(own).is_some());
        return match idle {
            Some(setting) => Err(ConfigError::NoOpenMetadata { key: setting.key }),
            None => Ok(None),
        };
    };
    let is_base = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    let url = Url::parse(text).ok().filter(is_base);
    let url = values.read(&URL, "an http(s)://host[:port]/api url", |_| url)?;
    let fresh = values.millis(&FRESH_MS, 0..=MAX_AGE_MS)?;
    Ok(Some(OpenMetadataConfig {
        url,
        token: token(values, sources)?,
        fresh,
        stale: values.millis(&STALE_MS, 0..=MAX_AGE_MS)?.max(fresh),
        lookup: values.millis(&LOOKUP_MS, 1..=600_000)?,
        repair: Some(values.millis(&REPAIR_MS, 0..=MAX_AGE_MS)?).filter(|every| !every.is_zero()),
        allow_deleted: values.read(&ALLOW_DELETED, "true or false", |text| text.parse().ok())?,
        queries: values.read(&QUERIES, "true or false", |text| text.parse().ok())?,
        trino_services: list(values.text(&TRINO_SERVICES).unwrap_or_default()),
        webhook_secret: values.text(&WEBHOOK_SECRET).map(SecretString::from),
    }))
}

fn token(values: &Values, sources: &Sources) -> Result<OpenMetadataToken, ConfigError> {
    match (values.text(&TOKEN), values.text(&TOKEN_FILE)) {
        (Some(_), Some(_)) => Err(ConfigError::TokenTwice { keys: [TOKEN.key, TOKEN_FILE.key] }),
        (Some(token), None) => Ok(OpenMetadataToken::Text(token.into())),
        (None, Some(file)) => Ok(OpenMetadataToken::File(sources.absolute(file))),
        (None, None) => Ok(OpenMetadataToken::None),
    }
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}
