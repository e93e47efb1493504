//! What it takes to work `model_queue` off: a state, leases, tries, and what a command carries. Rows that were there before
//! wait like new ones.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{
    ConditionalStatement, DbErr, DeriveMigrationName, Expr, Index, MigrationTrait, SchemaManager, Table,
};
use sea_orm_migration::schema::{integer, string_len, text_null, timestamp_with_time_zone_null, uuid_null};
use sea_orm_migration::sea_query::ColumnDef;

/// The rows that are not settled. Written out, because a partial index serves only a condition that the planner can see.
const OPEN: &str = "state IN ('QUEUED', 'RUNNING')";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in columns() {
            // SQLite adds one column a statement.
            manager.alter_table(Table::alter().table("model_queue").add_column(column).take()).await?;
        }
        let mut due = Index::create();
        due.name("model_queue_due").table("model_queue").col("due").col("id").and_where(Expr::cust(OPEN));
        manager.create_index(due).await?;
        let mut of_target = Index::create();
        of_target.name("model_queue_of_target").table("model_queue").col("model_name_fqn").col("id");
        of_target.and_where(Expr::cust(OPEN));
        manager.create_index(of_target).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in ["model_queue_due", "model_queue_of_target"] {
            manager.drop_index(Index::drop().name(index).table("model_queue").to_owned()).await?;
        }
        // The last one first: a CHECK may name a column that came before it.
        for column in columns().iter().rev() {
            let name = column.get_column_name();
            manager.alter_table(Table::alter().table("model_queue").drop_column(name).take()).await?;
        }
        Ok(())
    }
}

fn columns() -> Vec<ColumnDef> {
    vec![
        string_len("state", 16)
            .default("QUEUED")
            .check(Expr::cust("state IN ('QUEUED', 'RUNNING', 'DONE', 'DEAD')"))
            .take(),
        integer("attempts").default(0).check(Expr::cust("attempts >= 0")).take(),
        timestamp_with_time_zone_null("due"),
        uuid_null("lease_token")
            .check(Expr::cust("state <> 'RUNNING' OR (lease_token IS NOT NULL AND due IS NOT NULL)"))
            .take(),
        timestamp_with_time_zone_null("settled")
            .check(Expr::cust("(state IN ('DONE', 'DEAD')) = (settled IS NOT NULL)"))
            .take(),
        text_null("last_error"),
        text_null("payload"),
    ]
}
