//! The table `model`: views and tables of Trino that were made through Warren. It has no status: what a model is follows
//! from the jobs that it names.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, Expr, ForeignKey, ForeignKeyAction, Index, MigrationTrait, SchemaManager, Table,
};
use sea_orm_migration::schema::{string_len, text, text_null, timestamp_with_time_zone, uuid, uuid_null};
use sea_orm_migration::sea_query::ColumnDef;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table("model")
            .col(ColumnDef::new("id").uuid().not_null().primary_key())
            .col(text("fully_qualified_name"))
            .col(text("trino_model_name"))
            .col(string_len("kind", 16).check(Expr::cust("kind IN ('view', 'table')")).take())
            .col(text("owner"))
            .col(text("query"))
            .col(text_null("description"))
            .col(uuid("job_id"))
            .col(uuid_null("drop_job_id"))
            .col(timestamp_with_time_zone("created"))
            .col(timestamp_with_time_zone("updated"))
            // The job says what the model is, so it stays as long as the model does.
            .foreign_key(ForeignKey::create().name("model_job_id_fkey").from("model", "job_id").to("job", "id"))
            .foreign_key(
                ForeignKey::create()
                    .name("model_drop_job_id_fkey")
                    .from("model", "drop_job_id")
                    .to("job", "id")
                    .on_delete(ForeignKeyAction::SetNull),
            );
        manager.create_table(table).await?;
        for (name, column, unique) in [
            ("model_fully_qualified_name", "fully_qualified_name", true),
            ("model_trino_model_name", "trino_model_name", true),
            ("model_of_job", "job_id", false),
            ("model_of_drop_job", "drop_job_id", false),
        ] {
            let mut index = Index::create();
            index.name(name).table("model").col(column);
            if unique {
                index.unique();
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("model").take()).await
    }
}
