//! The table `fusion_model`: what each name of a job's query referred to when the job was made.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, Expr, ForeignKey, ForeignKeyAction, Index, MigrationTrait, SchemaManager, Table,
};
use sea_orm_migration::schema::{big_integer, boolean, text, text_null, uuid};
use sea_orm_migration::sea_query::ColumnDef;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table("fusion_model")
            .col(ColumnDef::new("id").big_integer().not_null().auto_increment().primary_key())
            .col(uuid("job_id"))
            .col(text_null("model_id_of_om"))
            .col(text("fully_qualified_name"))
            .col(text("trino_model_name"))
            .col(big_integer("start_"))
            .col(big_integer("end_"))
            .col(boolean("target"))
            .check(("fusion_model_range", Expr::cust("start_ >= 0 AND end_ >= start_")))
            .foreign_key(
                ForeignKey::create()
                    .name("fusion_model_job_id_fkey")
                    .from("fusion_model", "job_id")
                    .to("job", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            );
        manager.create_table(table).await?;
        // A job's models, in the order in which they were written.
        let mut by_job = Index::create();
        by_job.name("fusion_model_of_job").table("fusion_model").col("job_id").col("id");
        manager.create_index(by_job).await?;
        // The jobs that used a model.
        let mut by_name = Index::create();
        by_name.name("fusion_model_users").table("fusion_model").col("fully_qualified_name").col("job_id");
        manager.create_index(by_name).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("fusion_model").take()).await
    }
}
