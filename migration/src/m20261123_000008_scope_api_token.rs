//! The column `scope` of `api_token`: what a token may do besides what every caller may. Older tokens may nothing more.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, Expr, MigrationTrait, SchemaManager, Table};
use sea_orm_migration::schema::string_len;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut scope = string_len("scope", 16);
        scope.default("USER").check(Expr::cust("scope IN ('USER', 'SCHEDULER')"));
        manager.alter_table(Table::alter().table("api_token").add_column(scope).take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("api_token").drop_column("scope").take()).await
    }
}
