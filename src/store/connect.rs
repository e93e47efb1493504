//! Opens the connections: which database a URL names, and what each connection is told before its first statement.

use std::str::FromStr;
use std::time::Duration;

use sea_orm::sqlx::pool::{PoolConnectionMetadata, PoolOptions};
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{self, ConnectOptions, Connection, Database};
use sea_orm::{DatabaseConnection, DbErr, RuntimeErr};
use secrecy::{ExposeSecret, SecretString};

use super::{Store, StoreError};

/// A connection that was idle for longer is asked whether it still lives before it is used.
const PING_AFTER: Duration = Duration::from_secs(15);
const OPERATION: &str = "open a connection";

/// Which database, and how much of it may be used.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// `postgres://…` or `sqlite:…`. It can hold a password, so it never shows.
    pub url: SecretString,
    /// The most connections, at least 1. On SQLite one more is used for writing.
    pub max_connections: u32,
    /// How long an operation waits before it gives up: for a free connection, for a database that is down, or for another
    /// process that writes to the same SQLite file.
    pub acquire_timeout: Duration,
}

impl Store {
    /// Opens the database. A SQLite file that is not there is made; its folder must be there.
    ///
    /// # Errors
    /// [`StoreError::Url`] for a URL that names no database that Warren can use, [`StoreError::Unavailable`] when the
    /// database does not answer.
    pub async fn connect(options: &StoreOptions) -> Result<Self, StoreError> {
        let url = options.url.expose_secret();
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("postgres" | "postgresql") => postgres(url, options).await,
            Some("sqlite") => sqlite(url, options).await,
            _ => Err(StoreError::Url { reason: "it begins with neither postgres: nor sqlite:".to_owned() }),
        }
    }
}

async fn postgres(url: &str, options: &StoreOptions) -> Result<Store, StoreError> {
    let connect = PgConnectOptions::from_str(url).map_err(|error| not_readable(&error))?;
    let connect = if connect.get_application_name().is_some() { connect } else { connect.application_name("warren") };
    let connect = connect.disable_statement_logging();
    let pool = open::<sqlx::Postgres>(connect, options.max_connections, options).await?;
    Ok(Store { reader: pool.clone(), writer: pool })
}

async fn sqlite(url: &str, options: &StoreOptions) -> Result<Store, StoreError> {
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err(StoreError::Url { reason: "a database in memory would forget jobs that were promised".to_owned() });
    }
    let connect = SqliteConnectOptions::from_str(url)
        .map_err(|error| not_readable(&error))?
        .create_if_missing(true)
        .foreign_keys(true)
        .busy_timeout(options.acquire_timeout)
        .disable_statement_logging();
    // FULL syncs the write-ahead log at each commit: a job that was answered survives a power cut, where NORMAL would
    // lose the last ones.
    let writer = connect.clone().journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    let reader = connect.pragma("query_only", "ON");
    Ok(Store {
        // The writer comes first: it makes the file and chooses the journal.
        writer: open::<sqlx::Sqlite>(writer, 1, options).await?,
        reader: open::<sqlx::Sqlite>(reader, options.max_connections, options).await?,
    })
}

async fn open<DB>(
    connect: <DB::Connection as Connection>::Options,
    max_connections: u32,
    options: &StoreOptions,
) -> Result<DatabaseConnection, StoreError>
where
    DB: Database,
    sqlx::Pool<DB>: Into<DatabaseConnection>,
{
    let pool = PoolOptions::<DB>::new()
        .max_connections(max_connections.max(1))
        .acquire_timeout(options.acquire_timeout)
        // A ping before each statement would double the round trips of every operation.
        .test_before_acquire(false)
        .before_acquire(|connection, seen: PoolConnectionMetadata| {
            Box::pin(async move {
                if seen.idle_for >= PING_AFTER {
                    connection.ping().await?;
                }
                Ok(true)
            })
        });
    let pool = pool.connect_with(connect).await.map_err(|error| {
        let error = DbErr::Conn(RuntimeErr::SqlxError(error.into()));
        StoreError::of(OPERATION, &error)
    })?;
    Ok(pool.into())
}

/// The driver's words on a URL that it cannot read. They quote a parameter at most, never the URL or its password.
fn not_readable(error: &sqlx::Error) -> StoreError {
    StoreError::Url { reason: error.to_string() }
}
