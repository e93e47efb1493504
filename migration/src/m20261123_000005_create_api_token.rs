//! The table `api_token`: what programs and people log in with. Only a hash of a token is kept.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{
    ConditionalStatement, DbErr, DeriveMigrationName, Expr, Index, MigrationTrait, SchemaManager, Table,
};
use sea_orm_migration::schema::{
    string, string_len_uniq, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
};
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table("api_token")
            .col(uuid("id").primary_key())
            .col(string("name"))
            .col(string("principal"))
            .col(string_len_uniq("token_sha256", 64))
            .col(timestamp_with_time_zone("created"))
            .col(timestamp_with_time_zone_null("expires"))
            .col(timestamp_with_time_zone_null("revoked"))
            .col(timestamp_with_time_zone_null("last_used"));
        if manager.get_database_backend() == DbBackend::Sqlite {
            table.check(("api_token_id_is_text", Expr::cust("typeof(id) = 'text' AND length(id) = 36")));
        }
        manager.create_table(table).await?;
        // A name is free again once its token was revoked, so that a token can be replaced under its name.
        let mut live_name = Index::create();
        live_name
            .name("api_token_live_name")
            .unique()
            .table("api_token")
            .col("name")
            .and_where(Expr::cust("revoked IS NULL"));
        manager.create_index(live_name).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("api_token").take()).await
    }
}
