//! Section `trino` and the `[[cluster]]` tables: which clusters there are, and how Warren shows itself to them.

use std::collections::HashSet;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;
use warren_trino::Auth;

use super::error::ClusterFault;
use super::file::{ClusterText, File};
use super::mask::masked_url;
use super::values::{Origin, Values};
use super::{ConfigError, Secrecy, Setting};

pub(super) const URL: Setting = Setting::new(
    "trino.url",
    "WARREN_TRINO_URL",
    "the Trino coordinator, `http(s)://host:port`; several of them as `[[cluster]]` in the file",
)
.otherwise("the embedded engine")
.secrecy(Secrecy::Url);
const USER: Setting = Setting::new("trino.user", "WARREN_TRINO_USER", "the user that the password belongs to");
const PASSWORD: Setting =
    Setting::new("trino.password", "WARREN_TRINO_PASSWORD", "Warren's password at Trino").secrecy(Secrecy::Secret);
const TOKEN: Setting =
    Setting::new("trino.token", "WARREN_TRINO_TOKEN", "Warren's JWT at Trino, instead of a password")
        .secrecy(Secrecy::Secret);
const PLAINTEXT: Setting = Setting::new(
    "trino.allow_plaintext_credentials",
    "WARREN_TRINO_ALLOW_PLAINTEXT_CREDENTIALS",
    "send the password or token over plain http, to a TLS proxy within one trusted network",
)
.default("false");
const UNAVAILABLE: Setting = Setting::new(
    "trino.unavailable_ms",
    "WARREN_TRINO_UNAVAILABLE_MS",
    "how long a job waits for a Trino that does not answer before it fails; Trino itself drops a query after five minutes",
)
.default("300000");

pub(super) const SETTINGS: &[&Setting] = &[&URL, &USER, &PASSWORD, &TOKEN, &PLAINTEXT, &UNAVAILABLE];

/// The name of the cluster that `trino.url` stands for.
const ONLY: &str = "trino";

/// One Trino coordinator that Warren may send queries to.
#[derive(Clone, Debug)]
pub struct ClusterConfig {
    /// The name that jobs remember it by.
    pub name: String,
    /// Where it is.
    pub url: Url,
    /// How Warren shows itself to it.
    pub auth: Auth,
    /// Whether credentials may travel over plain `http`.
    pub allow_plaintext_credentials: bool,
    /// Where it is set.
    pub origin: Origin,
}

/// The clusters: those of the file, or the one of `trino.url`, where that comes from a later layer.
pub(super) fn read(values: &Values, file: &File) -> Result<Vec<ClusterConfig>, ConfigError> {
    let of_file = Origin::File(file.path.clone());
    match values.get(&URL) {
        Some(url) if url.origin == of_file && !file.clusters.is_empty() => {
            Err(ConfigError::ClustersTwice { path: file.path.clone() })
        }
        Some(url) => {
            let text = ClusterText {
                name: ONLY.to_owned(),
                url: url.text.clone(),
                user: values.text(&USER).map(str::to_owned),
                password: values.text(&PASSWORD).map(SecretString::from),
                token: values.text(&TOKEN).map(SecretString::from),
                allow_plaintext_credentials: values.read(&PLAINTEXT, "true or false", |text| text.parse().ok())?,
            };
            Ok(vec![cluster(&text, &url.origin)?])
        }
        None if [&USER, &PASSWORD, &TOKEN].iter().any(|setting| values.get(setting).is_some()) => {
            Err(ConfigError::Cluster { cluster: ONLY.to_owned(), fault: ClusterFault::NoUrl })
        }
        None => several(&file.clusters, &of_file),
    }
}

pub(super) fn unavailable(values: &Values) -> Result<Duration, ConfigError> {
    values.millis(&UNAVAILABLE, 1..=86_400_000)
}

fn several(texts: &[ClusterText], origin: &Origin) -> Result<Vec<ClusterConfig>, ConfigError> {
    let mut names = HashSet::new();
    let twice = texts.iter().find(|text| !names.insert(text.name.as_str()));
    match twice {
        Some(text) => Err(ConfigError::Cluster { cluster: text.name.clone(), fault: ClusterFault::Duplicate }),
        None => texts.iter().map(|text| cluster(text, origin)).collect(),
    }
}

fn cluster(text: &ClusterText, origin: &Origin) -> Result<ClusterConfig, ConfigError> {
    let refused = |fault| ConfigError::Cluster { cluster: text.name.clone(), fault };
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if text.name.is_empty() || !text.name.chars().all(plain) {
        return Err(refused(ClusterFault::Name));
    }
    let url = Url::parse(&text.url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let url = url.ok_or_else(|| refused(ClusterFault::Url(masked_url(&text.url))))?;
    let auth = match (text.user.clone(), text.password.clone(), text.token.clone()) {
        (None, None, None) => Auth::None,
        (Some(user), Some(password), None) => Auth::Basic { user, password },
        (None, None, Some(token)) => Auth::Bearer(token),
        (_, Some(_), Some(_)) => return Err(refused(ClusterFault::TwoCredentials)),
        (None, Some(_), None) => return Err(refused(ClusterFault::NoUser)),
        (Some(_), None, _) => return Err(refused(ClusterFault::NoPassword)),
    };
    Ok(ClusterConfig {
        name: text.name.clone(),
        url,
        auth,
        allow_plaintext_credentials: text.allow_plaintext_credentials,
        origin: origin.clone(),
    })
}
