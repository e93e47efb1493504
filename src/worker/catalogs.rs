//! The catalogs of Trino: which ones new queries find, and the statements that make and drop one. The text of such a
//! statement holds a password, and Trino's messages may repeat it: neither is kept, shown or logged.

use std::collections::BTreeSet;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use warren_trino::Session;

use super::{Clusters, SmallQueryError, small_query};

/// How long Trino may take for a statement about its catalogs.
pub const CATALOG_PATIENCE: Duration = Duration::from_secs(20);

/// Why a statement about a catalog did not work. Nothing of the statement is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogFault {
    /// Trino refuses it.
    #[error("{error_name}")]
    Refused {
        /// Trino's name of the error, such as `PERMISSION_DENIED`.
        error_name: String,
    },
    /// Trino does not answer as it should.
    #[error("it does not answer")]
    Silent,
    /// It takes too long.
    #[error("it takes too long")]
    Slow,
}

impl CatalogFault {
    /// Whether the statement was to make a catalog, and there is one of that name.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        matches!(self, Self::Refused { error_name } if error_name == "ALREADY_EXISTS")
    }
}

impl Clusters {
    /// The catalogs that new queries find, in lower case, as far as this user may see them.
    ///
    /// # Errors
    /// When Trino does not say them in that time.
    pub async fn catalogs(&self, user: &str, patience: Duration) -> Result<BTreeSet<String>, CatalogFault> {
        let rows: Vec<(String,)> = self.ask("SHOW CATALOGS", user, patience).await?;
        Ok(rows.into_iter().map(|(name,)| name.to_lowercase()).collect())
    }

    /// Runs a statement that makes or drops a catalog, where new queries go.
    ///
    /// # Errors
    /// When Trino refuses it or does not answer in time. It may have taken effect then all the same.
    pub async fn change_catalogs(&self, statement: &SecretString, user: &str) -> Result<(), CatalogFault> {
        let _no_rows: Vec<Value> = self.ask(statement.expose_secret(), user, CATALOG_PATIENCE).await?;
        Ok(())
    }

    async fn ask<R: DeserializeOwned>(
        &self,
        statement: &str,
        user: &str,
        patience: Duration,
    ) -> Result<Vec<R>, CatalogFault> {
        let session = Session::new(user);
        let running = small_query::<R>(&self.choose().client, statement, &session);
        match tokio::time::timeout(patience, running).await {
            Ok(Ok(rows)) => Ok(rows),
            Ok(Err(SmallQueryError::Query(error))) => Err(CatalogFault::Refused { error_name: error_name(error.name) }),
            Ok(Err(SmallQueryError::Trino(_) | SmallQueryError::Rows(_))) => Err(CatalogFault::Silent),
            Err(_elapsed) => Err(CatalogFault::Slow),
        }
    }
}

/// The name, if it is one: nothing but a word is shown.
fn error_name(name: String) -> String {
    let is_word = !name.is_empty() && name.len() <= 80 && name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    if is_word { name } else { "an error without a name".to_owned() }
}
