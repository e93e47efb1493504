//! Who calls: a token, or nobody in particular where no token is needed.

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
        let principal = match credentials.user {
            None => default.clone(),
            Some(name) => Principal::parse(&name)
                .ok_or_else(|| AppError::new(Code::InvalidRequest, "the name in X-Warren-User is not valid"))?,
        };
        Ok(Identity { principal, scope: Scope::Scheduler })
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
