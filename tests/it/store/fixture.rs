//! A database for one case, and plain SQL beside the store.

use std::any::Any;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::time::Duration;

use futures::FutureExt;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use warren::store::{Store, StoreOptions};

use crate::harness::{skipped, unique, variable};

/// A database with Warren's tables.
pub(crate) struct Fixture {
    /// The store on it.
    pub(crate) store: Store,
    /// Where it is.
    pub(crate) url: String,
    /// Plain SQL on the same database.
    pub(crate) sql: DatabaseConnection,
}

impl Fixture {
    async fn new(url: String, sql: DatabaseConnection) -> Self {
        let store = connect(&url).await;
        store.migrate().await.unwrap();
        Self { store, url, sql }
    }

    /// The store of another process on the same database.
    pub(crate) async fn another_store(&self) -> Store {
        connect(&self.url).await
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.sql.get_database_backend() == DbBackend::Sqlite
    }

    /// Runs SQL; the error's text when the database refuses it.
    pub(crate) async fn run(&self, sql: &str) -> Result<u64, String> {
        let done = self.sql.execute_unprepared(sql).await;
        done.map(|done| done.rows_affected()).map_err(|error| error.to_string())
    }

    /// The first column of the first row, as text.
    pub(crate) async fn value(&self, sql: &str) -> Option<String> {
        let statement = Statement::from_string(self.sql.get_database_backend(), sql);
        let row = self.sql.query_one_raw(statement).await.unwrap()?;
        row.try_get_by_index::<Option<String>>(0).unwrap()
    }

    /// The number of rows of a table.
    pub(crate) async fn count(&self, table: &str) -> usize {
        let sql = format!("SELECT CAST(COUNT(*) AS VARCHAR(20)) FROM {table}");
        self.value(&sql).await.unwrap().parse().unwrap()
    }
}

async fn connect(url: &str) -> Store {
    Store::connect(&options(url)).await.unwrap()
}

pub(crate) fn options(url: &str) -> StoreOptions {
    StoreOptions { url: url.into(), max_connections: 8, acquire_timeout: Duration::from_secs(10) }
}

/// One connection, which keeps what it is told. Opening one on PostgreSQL costs more than most cases.
async fn one_connection(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1);
    Database::connect(options).await.unwrap()
}

pub(crate) async fn on_sqlite(case: impl AsyncFnOnce(&Fixture)) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}?mode=rwc", folder.path().join("warren.db").display());
    let sql = one_connection(&url).await;
    let fixture = Fixture::new(url, sql).await;
    case(&fixture).await;
}

pub(crate) async fn on_postgres(name: &str, case: impl AsyncFnOnce(&Fixture)) {
    let Some(base) = variable("WARREN_TEST_DATABASE_URL") else {
        return skipped(name, "a PostgreSQL (WARREN_TEST_DATABASE_URL)");
    };
    // A schema is as good as a database for one case, and made in a moment.
    let schema = format!("warren_store_{}", unique());
    let sql = one_connection(&base).await;
    sql.execute_unprepared(&format!("CREATE SCHEMA {schema}; SET search_path = {schema}")).await.unwrap();
    let mut url = url::Url::parse(&base).unwrap();
    url.query_pairs_mut().append_pair("options[search_path]", &schema);
    let fixture = Fixture::new(url.into(), sql).await;
    let outcome = AssertUnwindSafe(case(&fixture)).catch_unwind().await;
    fixture.store.close().await;
    fixture.sql.execute_unprepared(&format!("DROP SCHEMA {schema} CASCADE")).await.unwrap();
    outcome.unwrap_or_else(|panic: Box<dyn Any + Send>| resume_unwind(panic));
}
