//! Every statement goes through here, on a connection or within a transaction: ids take the form that the database keeps
//! them in, and an error says what was tried.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, QueryResult, SqliteTransactionMode,
    Statement, StatementBuilder, TransactionOptions, TransactionTrait, Value,
};

use super::StoreError;

/// Runs statements.
pub(super) struct Statements<'c, C> {
    connection: &'c C,
    operation: &'static str,
}

impl<'c, C: ConnectionTrait> Statements<'c, C> {
    /// Statements for an operation, which completes "the database is not available to …".
    pub(super) fn new(connection: &'c C, operation: &'static str) -> Self {
        Self { connection, operation }
    }

    /// Runs a statement; the number of rows that it changed.
    pub(super) async fn execute(&self, statement: &impl StatementBuilder) -> Result<u64, StoreError> {
        self.try_execute(statement).await.map_err(|error| self.error(&error))
    }

    /// The same, for callers that know what a broken constraint means.
    pub(super) async fn try_execute(&self, statement: &impl StatementBuilder) -> Result<u64, DbErr> {
        Ok(self.connection.execute_raw(self.build(statement)).await?.rows_affected())
    }

    /// The first row.
    pub(super) async fn one(&self, statement: &impl StatementBuilder) -> Result<Option<QueryResult>, StoreError> {
        self.connection.query_one_raw(self.build(statement)).await.map_err(|error| self.error(&error))
    }

    /// All rows.
    pub(super) async fn all(&self, statement: &impl StatementBuilder) -> Result<Vec<QueryResult>, StoreError> {
        self.connection.query_all_raw(self.build(statement)).await.map_err(|error| self.error(&error))
    }

    /// All rows of SQL with the parameters `$1`, `$2` and so on, which both databases know.
    pub(super) async fn all_of_sql(&self, sql: String, values: Vec<Value>) -> Result<Vec<QueryResult>, StoreError> {
        self.try_all_of_sql(sql, values).await.map_err(|error| self.error(&error))
    }

    /// The same, for callers that know what a broken constraint means.
    pub(super) async fn try_all_of_sql(&self, sql: String, values: Vec<Value>) -> Result<Vec<QueryResult>, DbErr> {
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        self.connection.query_all_raw(with_readable_ids(statement)).await
    }

    /// Runs SQL without parameters.
    pub(super) async fn batch(&self, sql: &str) -> Result<(), StoreError> {
        self.connection.execute_unprepared(sql).await.map_err(|error| self.error(&error))?;
        Ok(())
    }

    /// Which database it is.
    pub(super) fn backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }

    /// What an error of the driver means to the caller of the operation.
    pub(super) fn error(&self, error: &DbErr) -> StoreError {
        StoreError::of(self.operation, error)
    }

    fn build(&self, statement: &impl StatementBuilder) -> Statement {
        with_readable_ids(statement.build(&self.backend()))
    }
}

/// A transaction that writes. Dropping it takes everything back.
pub(super) struct Transaction {
    inner: DatabaseTransaction,
    operation: &'static str,
}

impl Transaction {
    pub(super) async fn begin(writer: &DatabaseConnection, operation: &'static str) -> Result<Self, StoreError> {
        // SQLite: taking the write lock at the start waits for it; taking it after a read could only fail.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let inner = writer.begin_with_options(options).await.map_err(|error| StoreError::of(operation, &error))?;
        Ok(Self { inner, operation })
    }

    pub(super) fn statements(&self) -> Statements<'_, DatabaseTransaction> {
        Statements::new(&self.inner, self.operation)
    }

    pub(super) fn inner(&self) -> &DatabaseTransaction {
        &self.inner
    }

    pub(super) async fn commit(self) -> Result<(), StoreError> {
        self.inner.commit().await.map_err(|error| StoreError::of(self.operation, &error))
    }

    pub(super) async fn rollback(self) -> Result<(), StoreError> {
        self.inner.rollback().await.map_err(|error| StoreError::of(self.operation, &error))
    }
}

/// SQLite has no type for a UUID, and the driver would write a blob, which nobody can read or type in. There it is text,
/// in lower case with hyphens, which sorts as the number does.
fn with_readable_ids(mut statement: Statement) -> Statement {
    if statement.db_backend == DbBackend::Sqlite
        && let Some(values) = &mut statement.values
    {
        for value in &mut values.0 {
            if let Value::Uuid(Some(id)) = value {
                *value = Value::String(Some(id.hyphenated().to_string()));
            }
        }
    }
    statement
}
