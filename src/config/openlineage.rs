//! Section `openlineage`: who else is told of lineage, in the events of OpenLineage.

use secrecy::SecretString;
use url::Url;

use super::values::Values;
use super::{ConfigError, Secrecy, Setting};

const URL: Setting = Setting::new(
    "openlineage.url",
    "WARREN_OPENLINEAGE_URL",
    "where the events of OpenLineage go, such as `https://marquez.internal/api/v1/lineage`; beside OpenMetadata only",
)
.secrecy(Secrecy::Url);
const TOKEN: Setting =
    Setting::new("openlineage.token", "WARREN_OPENLINEAGE_TOKEN", "the bearer token of these requests")
        .secrecy(Secrecy::Secret);
const NAMESPACE: Setting =
    Setting::new("openlineage.namespace", "WARREN_OPENLINEAGE_NAMESPACE", "the namespace of Warren's jobs there")
        .default("warren");

pub(super) const SETTINGS: &[&Setting] = &[&URL, &TOKEN, &NAMESPACE];

/// A receiver of OpenLineage's events.
#[derive(Clone, Debug)]
pub struct OpenLineageConfig {
    /// Where events go: `WARREN_OPENLINEAGE_URL`.
    pub url: Url,
    /// What goes with them: `WARREN_OPENLINEAGE_TOKEN`.
    pub token: Option<SecretString>,
    /// The namespace of jobs: `WARREN_OPENLINEAGE_NAMESPACE`.
    pub namespace: String,
}

/// The receiver, where one is set. The scheduler feeds it, which runs only where there is an OpenMetadata.
pub(super) fn read(values: &Values, has_openmetadata: bool) -> Result<Option<OpenLineageConfig>, ConfigError> {
    let Some(text) = values.text(&URL) else {
        return match values.get(&TOKEN) {
            Some(_) => Err(ConfigError::NoOpenLineage { key: TOKEN.key }),
            None => Ok(None),
        };
    };
    if !has_openmetadata {
        return Err(ConfigError::NoOpenMetadata { key: URL.key });
    }
    let is_http = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    let url = Url::parse(text).ok().filter(is_http);
    Ok(Some(OpenLineageConfig {
        url: values.read(&URL, "an http(s)://host[:port]/path url", |_| url)?,
        token: values.text(&TOKEN).map(SecretString::from),
        namespace: values.read(&NAMESPACE, "a name", |text| (!text.is_empty()).then(|| text.to_owned()))?,
    }))
}
