//! The metadata database: jobs, what they refer to, what they ask of the scheduler, models, managed catalogs, and API
//! tokens, on SQLite or PostgreSQL. One file per operation. Each write says what it expects of the row; each read is a
//! total match from row to value. What may happen to a job is decided in `jobs`, never here.

mod connect;
mod data_models;
mod error;
mod jobs;
mod managed_catalogs;
mod migrate;
mod model_queue;
mod models;
mod om;
mod rows;
mod statements;
mod tokens;

use std::fmt;

use sea_orm::{DatabaseConnection, DbBackend, EntityTrait, QuerySelect, QueryTrait};

pub use connect::StoreOptions;
pub use data_models::{ModelFilter, ModelPage, ModelWrite};
pub use error::{Fault, StoreError};
pub use jobs::{
    ClaimRequest, Cursor, ExpiredResult, Inserted, InvalidCursor, JobFilter, JobPage, PageRequest, Renewal, Renewed,
};
pub use model_queue::{CommandClaim, CommandFilter, CommandPage, Nack, Next, Settled};
pub use om::{Answers, StoredAnswer, StoredEvent};
use statements::{Statements, Transaction};
pub use tokens::{ApiToken, NewToken};

/// The metadata database. Cheap to clone; all clones share the same connections.
#[derive(Clone)]
pub struct Store {
    /// Takes statements that change nothing.
    reader: DatabaseConnection,
    /// Takes all statements. On SQLite it has one connection, so that writers of this process wait in line, not in a loop.
    writer: DatabaseConnection,
}

impl Store {
    /// Whether the database answers and has Warren's tables.
    ///
    /// # Errors
    /// When it does not.
    pub async fn check(&self) -> Result<(), StoreError> {
        let any_job = entity::job::Entity::find().select_only().column(entity::job::Column::Id).limit(1);
        self.reading("look whether the tables are there").one(&any_job.into_query()).await?;
        Ok(())
    }

    /// Closes every connection, once it is idle. Clones answer [`StoreError::Unavailable`] from then on.
    pub async fn close(self) {
        // Closing a pool cannot fail, whatever the signature says.
        let _ = self.reader.close().await;
        let _ = self.writer.close().await;
    }

    /// Runs statements that change nothing.
    fn reading(&self, operation: &'static str) -> Statements<'_, DatabaseConnection> {
        Statements::new(&self.reader, operation)
    }

    /// Runs statements that each are a transaction of their own.
    fn writing(&self, operation: &'static str) -> Statements<'_, DatabaseConnection> {
        Statements::new(&self.writer, operation)
    }

    /// Opens a transaction that writes.
    async fn begin(&self, operation: &'static str) -> Result<Transaction, StoreError> {
        Transaction::begin(&self.writer, operation).await
    }

    fn backend(&self) -> DbBackend {
        self.writer.get_database_backend()
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("backend", &self.backend()).finish_non_exhaustive()
    }
}
