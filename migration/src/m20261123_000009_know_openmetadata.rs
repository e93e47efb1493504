//! What OpenMetadata said: the version of each fusion model, the answers that are kept (`om_entity`) and the changes that it
//! announced (`om_event`). Answers can be asked for again, so nothing refers to them.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, Index, MigrationTrait, SchemaManager, Table};
use sea_orm_migration::schema::{string, text, text_null, timestamp_with_time_zone};
use sea_orm_migration::sea_query::ColumnDef;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let version = text_null("model_version_of_om");
        manager.alter_table(Table::alter().table("fusion_model").add_column(version).take()).await?;
        let mut entities = Table::create();
        entities
            .table("om_entity")
            .col(text("key").primary_key())
            .col(text("fqn"))
            .col(text("document"))
            .col(timestamp_with_time_zone("fetched"));
        manager.create_table(entities).await?;
        let mut by_name = Index::create();
        by_name.name("om_entity_of_name").table("om_entity").col("fqn");
        manager.create_index(by_name).await?;
        let mut events = Table::create();
        events
            .table("om_event")
            .col(ColumnDef::new("seq").big_integer().not_null().auto_increment().primary_key())
            .col(string("id").unique_key())
            .col(text("event_type"))
            .col(text("entity_type"))
            .col(text("entity_id"))
            .col(text_null("fqn"))
            .col(timestamp_with_time_zone("happened"))
            .col(timestamp_with_time_zone("received"));
        manager.create_table(events).await?;
        let mut by_age = Index::create();
        by_age.name("om_event_of_age").table("om_event").col("received");
        manager.create_index(by_age).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["om_event", "om_entity"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        manager.alter_table(Table::alter().table("fusion_model").drop_column("model_version_of_om").take()).await
    }
}
