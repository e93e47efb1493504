//! API tokens: made, listed and revoked by the operator. The token itself is shown once and never stored.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::AppError;
use super::authenticate::token_sha256;
use crate::jobs::{Principal, Scope};
use crate::problem::{Code, Problem};
use crate::store::{NewToken, Store};
use crate::time::{Clock, Ids};

/// How a token of Warren begins, so that people and secret scanners know one when they see it.
const PREFIX: &str = "wrn_";
const RANDOM_BYTES: usize = 32;

/// A token to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRequest {
    /// A name for people.
    pub name: String,
    /// Whom it stands for.
    pub principal: Principal,
    /// What it may do.
    pub scope: Scope,
    /// When it stops working; never where absent.
    pub expires: Option<DateTime<Utc>>,
}

/// A token that was made.
#[derive(Debug)]
pub struct CreatedToken {
    /// Its id.
    pub id: uuid::Uuid,
    /// The token. It cannot be shown again.
    pub token: SecretString,
}

impl TokenRequest {
    /// Makes the token and stores its hash.
    ///
    /// # Errors
    /// When the operating system gives no random bytes, or the database is gone.
    pub async fn create(self, store: &Store, clock: &dyn Clock, ids: &dyn Ids) -> Result<CreatedToken, AppError> {
        let mut random = [0_u8; RANDOM_BYTES];
        getrandom::fill(&mut random)
            .map_err(|error| Problem::new(Code::Internal, format!("no random bytes: {error}")))?;
        let token = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random));
        let id = ids.ordered();
        let row = NewToken {
            id,
            name: self.name,
            principal: self.principal,
            scope: self.scope,
            token_sha256: token_sha256(&token),
            created: clock.now(),
            expires: self.expires,
        };
        store.insert_token(&row).await?;
        Ok(CreatedToken { id, token: token.into() })
    }
}
