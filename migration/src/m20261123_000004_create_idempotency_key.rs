//! The table `idempotency_key`: which job a principal's `Idempotency-Key` made.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, ForeignKey, ForeignKeyAction, Index, MigrationTrait, SchemaManager, Table,
};
use sea_orm_migration::schema::{string, text, timestamp_with_time_zone, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table("idempotency_key")
            .col(string("owner"))
            .col(string("key"))
            .col(text("body_sha256"))
            .col(uuid("job_id"))
            .col(timestamp_with_time_zone("created"))
            .primary_key(Index::create().name("idempotency_key_pkey").col("owner").col("key"))
            .foreign_key(
                ForeignKey::create()
                    .name("idempotency_key_job_id_fkey")
                    .from("idempotency_key", "job_id")
                    .to("job", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            );
        manager.create_table(table).await?;
        let mut by_job = Index::create();
        by_job.name("idempotency_key_of_job").table("idempotency_key").col("job_id");
        manager.create_index(by_job).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("idempotency_key").take()).await
    }
}
