//! Brings the tables up to date.

use migration::{Migrator, MigratorTrait};
use sea_orm::{DatabaseTransaction, DbBackend, DbErr};

use super::{Fault, Store, StoreError};

const OPERATION: &str = "bring the tables up to date";
/// An advisory lock of PostgreSQL that replicas which start at the same moment wait for: `warren` in ASCII.
const LOCK: &str = "SELECT pg_advisory_xact_lock(131260415632750)";

impl Store {
    /// Applies every step that the database does not have yet, all or none; the names of those applied. Replicas may do
    /// it at the same time.
    ///
    /// # Errors
    /// [`StoreError::TooNew`] when a newer Warren has been here; otherwise when the database is not available or the
    /// user may not change it.
    pub async fn migrate(&self) -> Result<Vec<String>, StoreError> {
        let transaction = self.begin(OPERATION).await?;
        if self.backend() == DbBackend::Postgres {
            transaction.statements().batch(LOCK).await?;
        }
        let applied = apply(transaction.inner()).await.map_err(|error| migration_error(&error))?;
        transaction.commit().await?;
        Ok(applied)
    }

    /// The names of the steps that the database does not have yet. Changes nothing.
    ///
    /// # Errors
    /// As [`Self::migrate`].
    pub async fn pending_migrations(&self) -> Result<Vec<String>, StoreError> {
        let pending = Migrator::get_pending_migrations_read_only(&self.reader).await;
        Ok(names(&pending.map_err(|error| migration_error(&error))?))
    }
}

async fn apply(transaction: &DatabaseTransaction) -> Result<Vec<String>, DbErr> {
    let pending = Migrator::get_pending_migrations(transaction).await?;
    Migrator::up(transaction, None).await?;
    Ok(names(&pending))
}

fn names(migrations: &[migration::Migration]) -> Vec<String> {
    migrations.iter().map(|migration| migration.name().to_owned()).collect()
}

/// SeaORM says with a custom error that a step of the database has no file.
fn migration_error(error: &DbErr) -> StoreError {
    match error {
        DbErr::Custom(_) => StoreError::TooNew { source: Fault::of(error) },
        _ => StoreError::of(OPERATION, error),
    }
}
