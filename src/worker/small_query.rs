//! Statements of Warren's own whose few rows fit into memory, such as `SHOW CATALOGS`.

use serde::de::DeserializeOwned;
use warren_trino::{Client, Error, QueryError, Session};

/// Why a small query gave no rows.
#[derive(Debug, thiserror::Error)]
pub enum SmallQueryError {
    /// Trino does not answer as it should.
    #[error(transparent)]
    Trino(#[from] Error),
    /// The query failed.
    #[error("trino says: {}", .0.message)]
    Query(Box<QueryError>),
    /// The rows are not of the shape that was asked for.
    #[error("trino's rows cannot be read")]
    Rows(#[from] serde_json::Error),
}

/// Runs a statement to its end; each row as a value, such as a tuple. Whoever calls it bounds the time.
///
/// # Errors
/// When Trino does not answer, the statement fails, or a row has another shape.
pub async fn small_query<R: DeserializeOwned>(
    client: &Client,
    sql: &str,
    session: &Session,
) -> Result<Vec<R>, SmallQueryError> {
    let mut page = client.submit(sql, session).await?;
    let mut rows = Vec::new();
    loop {
        if let Some(error) = page.error {
            return Err(SmallQueryError::Query(Box::new(error)));
        }
        if let Some(more) = page.rows_json() {
            rows.extend(serde_json::from_slice::<Vec<R>>(more)?);
        }
        match page.next {
            Some(next) => page = client.advance(&next).await?,
            None => return Ok(rows),
        }
    }
}
