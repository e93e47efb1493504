//! The table `managed_catalog`: catalogs of Trino that Warren makes from services of OpenMetadata. It is also the lock of
//! making and dropping them, and the only list of what may be dropped. No credential is in it.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, Expr, Index, MigrationTrait, SchemaManager, Table};
use sea_orm_migration::schema::{
    integer, string_len, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const STATES: &str = "state IN ('CREATING', 'READY', 'BROKEN', 'DROPPING')";
/// A moment goes with what is under way, an error with what failed.
const DUE: &str = "(due IS NOT NULL) = (state IN ('CREATING', 'DROPPING'))";
const ERROR: &str = "(last_error IS NOT NULL) = (state = 'BROKEN')";

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table("managed_catalog")
            .col(text("name").primary_key())
            .col(uuid("service_id"))
            .col(text("service"))
            .col(text_null("database"))
            .col(text("connector"))
            .col(text("fingerprint"))
            .col(integer("generation").check(Expr::cust("generation > 0")).take())
            .col(string_len("state", 16).check(Expr::cust(STATES)).take())
            .col(timestamp_with_time_zone_null("due").check(Expr::cust(DUE)).take())
            .col(text_null("last_error").check(Expr::cust(ERROR)).take())
            .col(integer("version"))
            .col(timestamp_with_time_zone("created"))
            .col(timestamp_with_time_zone("updated"));
        manager.create_table(table).await?;
        let mut of_service = Index::create();
        of_service.name("managed_catalog_of_service").table("managed_catalog").col("service_id");
        manager.create_index(of_service).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("managed_catalog").take()).await
    }
}
