//! Reads of managed catalogs.

use entity::managed_catalog::{Column, Entity};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait};
use uuid::Uuid;

use crate::managed_catalogs::ManagedCatalog;
use crate::store::{Store, StoreError, rows};

impl Store {
    /// The managed catalogs of a service.
    ///
    /// # Errors
    /// When the database is not available or a row is corrupt.
    pub async fn managed_catalogs_of(&self, service_id: Uuid) -> Result<Vec<ManagedCatalog>, StoreError> {
        let select = Entity::find().filter(Column::ServiceId.eq(service_id)).order_by_asc(Column::Name).into_query();
        let found = self.reading("read the managed catalogs of a service").all(&select).await?;
        found.iter().map(rows::managed_catalog).collect()
    }

    /// All managed catalogs.
    ///
    /// # Errors
    /// When the database is not available or a row is corrupt.
    pub async fn managed_catalogs(&self) -> Result<Vec<ManagedCatalog>, StoreError> {
        let select = Entity::find().order_by_asc(Column::Name).into_query();
        let found = self.reading("read the managed catalogs").all(&select).await?;
        found.iter().map(rows::managed_catalog).collect()
    }
}
