//! Where the bearer token comes from. OpenMetadata keeps one token for a bot and forgets the old one with a new one, so a
//! token can stop working at any time, and its source is asked again when it does.

use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;

use secrecy::SecretString;

/// A token that comes later.
pub type TokenFuture<'a> = Pin<Box<dyn Future<Output = Result<SecretString, TokenError>> + Send + 'a>>;

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The file cannot be read.
    #[error("the token's file {} cannot be read", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The variable is not set, or is no text.
    #[error("the environment variable {name} is not set")]
    Variable {
        /// The variable.
        name: String,
    },
    /// There is nothing but spaces.
    #[error("the token is empty")]
    Empty,
    /// It cannot stand in a header.
    #[error("the token holds a character that no HTTP header can")]
    Unsendable,
}

/// A source of tokens. It is asked before the first request, and once more when the server answers 401.
pub trait TokenSource: fmt::Debug + Send + Sync {
    /// The token as it is now.
    fn token(&self) -> TokenFuture<'_>;
}

/// A token that never changes.
#[derive(Clone, Debug)]
pub struct StaticToken(SecretString);

impl StaticToken {
    /// This token.
    #[must_use]
    pub fn new(token: SecretString) -> Self {
        Self(token)
    }
}

impl TokenSource for StaticToken {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }
}

/// A token in a file, such as a mounted secret; read anew each time. Spaces around it do not count.
#[derive(Clone, Debug)]
pub struct FileToken(PathBuf);

impl FileToken {
    /// The token in this file.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }
}

impl TokenSource for FileToken {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(async {
            let read = tokio::fs::read_to_string(&self.0).await;
            trimmed(&read.map_err(|source| TokenError::File { path: self.0.clone(), source })?)
        })
    }
}

/// A token in a variable of the environment; read anew each time.
#[derive(Clone, Debug)]
pub struct EnvToken(String);

impl EnvToken {
    /// The token in this variable.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }
}

impl TokenSource for EnvToken {
    fn token(&self) -> TokenFuture<'_> {
        #[expect(clippy::disallowed_methods, reason = "the variable is the source: it is read when a token is needed")]
        let value = std::env::var(&self.0);
        let missing = |_absent| TokenError::Variable { name: self.0.clone() };
        Box::pin(std::future::ready(value.map_err(missing).and_then(|value| trimmed(&value))))
    }
}

fn trimmed(text: &str) -> Result<SecretString, TokenError> {
    match text.trim() {
        "" => Err(TokenError::Empty),
        token => Ok(token.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[tokio::test]
    async fn a_file_is_read_anew() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let source = FileToken::new(file.path().to_owned());
        assert!(matches!(source.token().await, Err(TokenError::Empty)));
        for token in ["one", "two"] {
            std::fs::write(file.path(), format!(" {token}\n")).unwrap();
            assert_eq!(source.token().await.unwrap().expose_secret(), token);
        }
        drop(file);
        assert!(matches!(source.token().await, Err(TokenError::File { .. })));
    }

    #[tokio::test]
    async fn a_variable_that_is_not_set_is_named() {
        let error = EnvToken::new("WARREN_NO_SUCH_VARIABLE").token().await.unwrap_err();
        assert_eq!(error.to_string(), "the environment variable WARREN_NO_SUCH_VARIABLE is not set");
    }

    #[test]
    fn a_source_does_not_show_its_token() {
        assert!(!format!("{:?}", StaticToken::new("s3cret".into())).contains("s3cret"));
    }
}
