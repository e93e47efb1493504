//! The table `model_queue`: commands for the scheduler, written in the transaction that finishes their job.
//!
//! A command must not be lost, and it is of no use without its job. So the foreign key refuses to delete a job that has
//! commands, instead of taking them along or leaving them without a job.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, Expr, ForeignKey, ForeignKeyAction, Index, MigrationTrait, SchemaManager, Table,
};
use sea_orm_migration::schema::{string_len, text, text_null, timestamp_with_time_zone, uuid};
use sea_orm_migration::sea_query::ColumnDef;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table("model_queue")
            .col(ColumnDef::new("id").big_integer().not_null().auto_increment().primary_key())
            .col(uuid("job_id"))
            .col(text("model_name_fqn"))
            .col(text_null("from_fqn"))
            .col(string_len("command", 16))
            .col(timestamp_with_time_zone("created"))
            .check(("model_queue_command_is_known", Expr::cust("command IN ('LINEAGE', 'INGESTION')")))
            .check(("model_queue_source_fits_command", Expr::cust("(command = 'LINEAGE') = (from_fqn IS NOT NULL)")))
            .foreign_key(
                ForeignKey::create()
                    .name("model_queue_job_id_fkey")
                    .from("model_queue", "job_id")
                    .to("job", "id")
                    .on_delete(ForeignKeyAction::NoAction),
            );
        manager.create_table(table).await?;
        let mut by_job = Index::create();
        by_job.name("model_queue_of_job").table("model_queue").col("job_id").col("id");
        manager.create_index(by_job).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("model_queue").take()).await
    }
}
