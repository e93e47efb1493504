//! Who calls: a token, or nobody in particular where no token is needed.

use std::net::{Ipv4Addr, Ipv6Addr};

use sha2::{Digest, Sha256};

use super::{App, AppError};
use crate::jobs::{Identity, Principal, Scope};
use crate::problem::{Code, Problem};

/// Who may call without a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody who can reach the loopback address; they are this principal unless they say who they are.
    Open {
        /// The principal of a caller who does not say.
        default: Principal,
    },
    /// Nobody.
    Tokens,
}

/// What a caller shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// The token of `Authorization: Bearer`.
    pub bearer: Option<String>,
    /// The name of `X-Warren-User`, which counts on an open server only.
    pub user: Option<String>,
    /// The `Host` that the request was sent to.
    pub host: Option<String>,
}

impl App {
    /// Who shows these credentials, and what they may do. On an open server everybody may do everything.
    ///
    /// # Errors
    /// When they are missing or not valid, or the database is gone.
    pub async fn authenticate(&self, credentials: Credentials) -> Result<Identity, AppError> {
        if let Some(token) = credentials.bearer {
            let known = self.store.identity_of(&token_sha256(&token), self.clock.now()).await?;
            return known.ok_or_else(|| refused("the token is unknown, expired or revoked"));
        }
        let Access::Open { default } = &self.access else { return Err(refused("this server needs a token")) };
        if !credentials.host.as_deref().is_some_and(names_loopback) {
            return Err(Problem::new(Code::Unauthenticated, "without a token this server answers to localhost only")
                .with_hint(
                    "send the request to localhost, 127.0.0.1 or [::1], or `Authorization: Bearer <token>` with it",
                )
                .into());
        }
        let principal = match credentials.user {
            None => default.clone(),
            Some(name) => Principal::parse(&name)
                .ok_or_else(|| AppError::new(Code::InvalidRequest, "the name in X-Warren-User is not valid"))?,
        };
        Ok(Identity { principal, scope: Scope::Scheduler })
    }
}

/// Whether a `Host` is a name that a machine has for itself. A web page whose own name was made to lead here (DNS
/// rebinding) counts as one origin with this server to the browser, but the browser sends the page's name.
fn names_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let inner = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    match inner {
        Some(address) => address.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback()),
        None => {
            name.eq_ignore_ascii_case("localhost")
                || name.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        }
    }
}

/// What is stored of a token. It has 256 random bits, so that a plain hash is as good as a slow one.
pub(super) fn token_sha256(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        use std::fmt::Write;
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn refused(detail: &str) -> AppError {
    Problem::new(Code::Unauthenticated, detail)
        .with_hint("send `Authorization: Bearer <token>`; the operator makes one with `warren token create`")
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_machine_itself_calls_itself_so() {
        for own in ["localhost", "LocalHost:8080", "127.0.0.1", "127.9.9.9:1", "[::1]", "[::1]:8080"] {
            assert!(names_loopback(own), "{own}");
        }
        for other in [
            "",
            "evil.example",
            "evil.example:8080",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "evil.example#@localhost",
            "user@localhost",
            "10.0.0.1:8080",
            "0.0.0.0",
            "[::2]",
            "::1",
        ] {
            assert!(!names_loopback(other), "{other}");
        }
    }
}
