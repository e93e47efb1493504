//! What `model_queue` needs so that a command that waits stands for others that say the same, and so that of one target no
//! two are on their way, whoever claims at the same moment. No query ever went down the index `model_queue_due`.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{
    ConditionalStatement, DbErr, DeriveMigrationName, Expr, Index, IndexCreateStatement, MigrationTrait, SchemaManager,
    Table,
};
use sea_orm_migration::schema::{big_integer_null, text_null, timestamp_with_time_zone_null};
use sea_orm_migration::sea_orm::ConnectionTrait;
use sea_orm_migration::sea_query::ColumnDef;

/// Of several commands of one target that are on their way the first stays; the others wait until their leases are over.
const ONE_OF_EACH_TARGET: &str = "UPDATE model_queue SET state = 'QUEUED' WHERE state = 'RUNNING' AND EXISTS (\
    SELECT 1 FROM model_queue AS first WHERE first.model_name_fqn = model_queue.model_name_fqn \
    AND first.state = 'RUNNING' AND first.id < model_queue.id)";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in columns() {
            // SQLite adds one column a statement.
            manager.alter_table(Table::alter().table("model_queue").add_column(column).take()).await?;
        }
        manager.drop_index(Index::drop().name("model_queue_due").table("model_queue").to_owned()).await?;
        manager.get_connection().execute_unprepared(ONE_OF_EACH_TARGET).await?;
        manager.create_index(partial("model_queue_running", "model_name_fqn", "RUNNING").unique().take()).await?;
        manager.create_index(partial("model_queue_of_key", "dedupe_key", "QUEUED")).await?;
        manager.create_index(partial("model_queue_dead", "id", "DEAD")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in ["model_queue_running", "model_queue_of_key", "model_queue_dead"] {
            manager.drop_index(Index::drop().name(index).table("model_queue").to_owned()).await?;
        }
        let mut due = Index::create();
        due.name("model_queue_due").table("model_queue").col("due").col("id");
        due.and_where(Expr::cust("state IN ('QUEUED', 'RUNNING')"));
        manager.create_index(due).await?;
        for column in columns().iter().rev() {
            let name = column.get_column_name();
            manager.alter_table(Table::alter().table("model_queue").drop_column(name).take()).await?;
        }
        Ok(())
    }
}

fn columns() -> Vec<ColumnDef> {
    vec![
        text_null("dedupe_key"),
        // A number, and no reference: the command that was carried out may go with its job.
        big_integer_null("covered_by").check(Expr::cust("covered_by IS NULL OR state = 'DONE'")).take(),
        timestamp_with_time_zone_null("made"),
    ]
}

/// An index of the rows in one state, which is written out: it serves only a condition that the planner can see.
fn partial(name: &'static str, column: &'static str, state: &str) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(name).table("model_queue").col(column).and_where(Expr::cust(format!("state = '{state}'")));
    index
}
