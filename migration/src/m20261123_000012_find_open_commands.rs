//! The commands of `model_queue` that are not settled, in the order in which they are claimed: without an index of their own
//! a claim goes past every command that was ever settled.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{
    ConditionalStatement, DbErr, DeriveMigrationName, Expr, Index, MigrationTrait, SchemaManager,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut open = Index::create();
        open.name("model_queue_open").table("model_queue").col("id");
        open.and_where(Expr::cust("state IN ('QUEUED', 'RUNNING')"));
        manager.create_index(open).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("model_queue_open").table("model_queue").to_owned()).await
    }
}
