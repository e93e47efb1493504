//! The catalogs of Trino: which ones new queries find, and the statements that make and drop one. The text of such a
//! statement holds a password, and Trino's messages may repeat it: neither is kept, shown or logged.

use std::collections::BTreeSet;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use warren_trino::Session;

use super::{Clusters, SmallQueryError, small_query};

/// How long Trino may take for a statement about a catalog.
const PATIENCE: Duration = Duration::from_secs(20);

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

impl Clusters {
    /// The catalogs that new queries find, in lower case, as far as this user may see them.
    ///
    /// # Errors
    /// When Trino does not say them.
    pub async fn catalogs(&self, user: &str) -> Result<BTreeSet<String>, SmallQueryError> {
        let rows: Vec<(String,)> = small_query(&self.choose().client, "SHOW CATALOGS", &Session::new(user)).await?;
        Ok(rows.into_iter().map(|(name,)| name.to_lowercase()).collect())
    }

    /// Runs a statement that makes or drops a catalog, where new queries go.
    ///
    /// # Errors
    /// When Trino refuses it or does not answer in time. It may have taken effect then all the same.
    pub async fn change_catalogs(&self, statement: &SecretString, user: &str) -> Result<(), CatalogFault> {
        let session = Session::new(user);
        let running = small_query::<Value>(&self.choose().client, statement.expose_secret(), &session);
        match tokio::time::timeout(PATIENCE, running).await {
            Ok(Ok(_no_rows)) => Ok(()),
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
