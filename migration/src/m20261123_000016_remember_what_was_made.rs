//! The column `made_before` of `model`: whether a job before the last one has made it, so that what stands under its name in
//! Trino is Warren's although the last job failed. Of rows that were there before nobody knows that; they count as never
//! made, so that nothing is dropped that may belong to somebody else.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, Table};
use sea_orm_migration::schema::boolean;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = boolean("made_before").default(false).take();
        manager.alter_table(Table::alter().table("model").add_column(column).take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("model").drop_column("made_before").take()).await
    }
}
