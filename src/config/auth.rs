//! Section `auth`, and the address: who can reach the server, and who may call it.

use std::net::SocketAddr;

use super::values::Values;
use super::{ConfigError, Setting};
use crate::jobs::Principal;

const LISTEN: Setting =
    Setting::new("listen", "WARREN_LISTEN", "address and port that HTTP is served on; port 0 takes a free one")
        .default("127.0.0.1:8080");
const MODE: Setting = Setting::new(
    "auth.mode",
    "WARREN_AUTH",
    "`none`: whoever reaches the address may call; `tokens`: API tokens only. Beyond loopback it must be `tokens`",
)
.otherwise("`none` on loopback, `tokens` elsewhere");
const DEFAULT_USER: Setting = Setting::new(
    "auth.default_user",
    "WARREN_DEFAULT_USER",
    "whose jobs they are when nobody says so; Trino runs the queries as this user. Without tokens only",
)
.default("warren");

pub(super) const SETTINGS: &[&Setting] = &[&LISTEN, &MODE, &DEFAULT_USER];

/// How callers show who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMode {
    /// Not at all. On loopback only.
    None,
    /// By an API token.
    Tokens,
}

impl AuthMode {
    /// The word in the file and the environment.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Tokens => "tokens",
        }
    }
}

pub(super) fn listen(values: &Values) -> Result<SocketAddr, ConfigError> {
    values.read(&LISTEN, "an address and a port, such as 127.0.0.1:8080", |text| text.parse().ok())
}

pub(super) fn derive(values: &mut Values, listen: SocketAddr) {
    let mode = if listen.ip().is_loopback() { AuthMode::None } else { AuthMode::Tokens };
    values.derive(&MODE, mode.as_str().to_owned());
}

pub(super) fn mode(values: &Values, listen: SocketAddr) -> Result<AuthMode, ConfigError> {
    let modes = [AuthMode::None, AuthMode::Tokens];
    let mode = values.read(&MODE, "none or tokens", |text| modes.into_iter().find(|mode| mode.as_str() == text))?;
    match mode {
        AuthMode::None if !listen.ip().is_loopback() => Err(ConfigError::OpenBeyondLoopback { listen }),
        mode => Ok(mode),
    }
}

pub(super) fn default_user(values: &Values) -> Result<Principal, ConfigError> {
    values.read(&DEFAULT_USER, "a user name of 1 to 256 bytes without control characters", Principal::parse)
}
