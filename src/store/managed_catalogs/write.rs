//! Writes of managed catalogs. Each says whether it counted: another process may have been faster.

use chrono::{DateTime, Utc};
use entity::managed_catalog::{Column, Entity};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryTrait};

use crate::managed_catalogs::{ManagedCatalog, ManagedCatalogState};
use crate::store::{Store, StoreError, rows};

impl Store {
    /// Stores a catalog that nobody has begun; whether nobody had.
    ///
    /// # Errors
    /// [`StoreError::Unstorable`] for a text with the character U+0000; when the database is not available.
    pub async fn begin_managed_catalog(&self, catalog: &ManagedCatalog) -> Result<bool, StoreError> {
        let once = OnConflict::column(Column::Name).do_nothing().to_owned();
        let insert = Entity::insert(rows::new_managed_catalog(catalog)?).on_conflict(once).into_query();
        Ok(self.writing("begin a managed catalog").execute(&insert).await? == 1)
    }

    /// Gives a catalog another state; the catalog as it is then, or none where it is not as it was read.
    ///
    /// # Errors
    /// [`StoreError::Unstorable`] for a text with the character U+0000; when the database is not available.
    pub async fn move_managed_catalog(
        &self,
        was: &ManagedCatalog,
        state: ManagedCatalogState,
        now: DateTime<Utc>,
    ) -> Result<Option<ManagedCatalog>, StoreError> {
        let moved = ManagedCatalog { state, version: was.version + 1, updated: now, ..was.clone() };
        let change = rows::moved_managed_catalog(&moved)?;
        let update = Entity::update_many().set(change).filter(as_read(was)).into_query();
        let counted = self.writing("change a managed catalog").execute(&update).await? == 1;
        Ok(counted.then_some(moved))
    }

    /// Forgets a catalog that Trino does not have, or that is not Warren's; whether it was as it was read.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn forget_managed_catalog(&self, was: &ManagedCatalog) -> Result<bool, StoreError> {
        let delete = Entity::delete_many().filter(as_read(was)).into_query();
        Ok(self.writing("forget a managed catalog").execute(&delete).await? == 1)
    }
}

fn as_read(was: &ManagedCatalog) -> Condition {
    Condition::all().add(Column::Name.eq(was.name.as_str())).add(Column::Version.eq(rows::small(was.version)))
}
