//! The connection of a service as a hash that can be kept.

use super::Client;
use crate::error::Error;
use crate::secret::Connection;

impl Client {
    /// A hash of a connection with its credentials, in hexadecimal digits. The key is the token with which the server is
    /// asked: a new token gives other hashes. Without a token the credentials are left out.
    ///
    /// # Errors
    /// [`Error::NoToken`].
    pub async fn keyed_fingerprint(&self, connection: &Connection) -> Result<String, Error> {
        match self.inner.options.token.as_deref() {
            Some(source) => Ok(connection.keyed_fingerprint(&self.inner.session.token(source).await?)),
            None => Ok(connection.fingerprint()),
        }
    }
}
