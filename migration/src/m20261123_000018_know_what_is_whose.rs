//! Whose a catalog of Trino is (`managed_catalog.made`), and what an entity of OpenMetadata was called before
//! (`om_event.formerly`). Answers are found by their names whatever the case.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, Expr, Index, MigrationTrait, SchemaManager, Table};
use sea_orm_migration::schema::{string_len, text_null};
use sea_orm_migration::sea_orm::ConnectionTrait;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The catalogs that were there before were made, or begun, by Warren.
const MADE: &str = "made IN ('NO', 'PERHAPS', 'YES') AND (state <> 'READY' OR made = 'YES')";
/// Both databases write an index of an expression so.
const FOLDED: &str = "CREATE INDEX om_entity_of_folded_name ON om_entity (lower(fqn))";

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let made = string_len("made", 16).default("YES").check(Expr::cust(MADE)).take();
        manager.alter_table(Table::alter().table("managed_catalog").add_column(made).take()).await?;
        manager.alter_table(Table::alter().table("om_event").add_column(text_null("formerly")).take()).await?;
        manager.get_connection().execute_unprepared(FOLDED).await.map(|_done| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("om_entity_of_folded_name").table("om_entity").to_owned()).await?;
        manager.alter_table(Table::alter().table("om_event").drop_column("formerly").take()).await?;
        manager.alter_table(Table::alter().table("managed_catalog").drop_column("made").take()).await
    }
}
