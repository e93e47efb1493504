//! The column `takeovers` of `job`: how often a job was taken over from a worker that went silent, so that one which ends
//! its workers is not run for ever.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, Expr, MigrationTrait, SchemaManager, Table};
use sea_orm_migration::schema::integer;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut takeovers = integer("takeovers");
        takeovers.default(0).check(Expr::cust("takeovers >= 0"));
        manager.alter_table(Table::alter().table("job").add_column(takeovers).take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("job").drop_column("takeovers").take()).await
    }
}
