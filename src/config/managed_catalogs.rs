//! Section `managed_catalogs`: whether and how Warren makes catalogs of Trino from the services of OpenMetadata.

use std::time::Duration;

use super::values::Values;
use super::{ConfigError, Secrecy, Setting};
use crate::managed_catalogs::SecretTemplate;

const MODE: Setting = Setting::new(
    "managed_catalogs.mode",
    "WARREN_MANAGED_CATALOGS",
    "`dynamic`: a database of OpenMetadata that no catalog reaches gets one by CREATE CATALOG, for which Trino needs \
     catalog.management=dynamic; `off`: Warren makes none",
)
.default("off");
const USER: Setting =
    Setting::new("managed_catalogs.user", "WARREN_MANAGED_CATALOGS_USER", "the user of Trino who makes and drops them")
        .default("warren");
const SECRET_TEMPLATE: Setting = Setting::new(
    "managed_catalogs.secret_template",
    "WARREN_MANAGED_CATALOGS_SECRET_TEMPLATE",
    "a reference that Trino resolves in the place of each password, such as `${ENV:WARREN_{SERVICE}_PASSWORD}`; without it \
     the password comes from OpenMetadata",
)
.secrecy(Secrecy::Secret);
const GRACE_MS: Setting = Setting::new(
    "managed_catalogs.grace_ms",
    "WARREN_MANAGED_CATALOGS_GRACE_MS",
    "how long a catalog that nothing new uses is kept for queries that wait or run",
)
.default("600000");

pub(super) const SETTINGS: &[&Setting] = &[&MODE, &USER, &SECRET_TEMPLATE, &GRACE_MS];

/// A week, as milliseconds.
const MAX_GRACE_MS: u64 = 604_800_000;

/// How Warren makes catalogs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedCatalogsConfig {
    /// The user of Trino who makes and drops them: `WARREN_MANAGED_CATALOGS_USER`.
    pub user: String,
    /// What stands in the place of passwords: `WARREN_MANAGED_CATALOGS_SECRET_TEMPLATE`.
    pub secret_template: Option<SecretTemplate>,
    /// How long one that nothing new uses is kept: `WARREN_MANAGED_CATALOGS_GRACE_MS`.
    pub grace: Duration,
}

/// What managed catalogs need beside their own settings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Needs {
    /// Whether there is an OpenMetadata.
    pub(super) openmetadata: bool,
    /// Whether there is a Trino beside the embedded engine.
    pub(super) trino: bool,
}

/// How they are made; `None` where they are off.
pub(super) fn read(values: &Values, needs: Needs) -> Result<Option<ManagedCatalogsConfig>, ConfigError> {
    let mode = |text: &str| match text {
        "off" => Some(false),
        "dynamic" if needs.trino || !needs.openmetadata => Some(true),
        _ => None,
    };
    let is_on = values.read(&MODE, "off, or dynamic where trino.url is set", mode)?;
    let secret_template = match values.text(&SECRET_TEMPLATE) {
        None => None,
        Some(_) => Some(values.read(&SECRET_TEMPLATE, "one reference such as ${ENV:NAME}", SecretTemplate::parse)?),
    };
    let grace = values.millis(&GRACE_MS, 0..=MAX_GRACE_MS)?;
    let user = values.read(&USER, "a user of Trino", |text| (!text.is_empty()).then(|| text.to_owned()))?;
    match is_on {
        false => Ok(None),
        true if !needs.openmetadata => Err(ConfigError::NoOpenMetadata { key: MODE.key }),
        true => Ok(Some(ManagedCatalogsConfig { user, secret_template, grace })),
    }
}
