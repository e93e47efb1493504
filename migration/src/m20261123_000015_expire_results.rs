//! The column `result_deleted` of `job`: when the objects of a result that expired were deleted. Two indexes find what is
//! left to do, and hold nothing else: results that will expire, in the order in which they do, and expired ones of which
//! objects may be left.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{
    ConditionalStatement, DbErr, DeriveMigrationName, Expr, Index, MigrationTrait, SchemaManager, Table,
};
use sea_orm_migration::schema::timestamp_with_time_zone_null;

const RULE: &str = "result_deleted IS NULL OR result_status = 'EXPIRED'";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut deleted = timestamp_with_time_zone_null("result_deleted");
        deleted.check(("job_deletion_fits_result", Expr::cust(RULE)));
        manager.alter_table(Table::alter().table("job").add_column(deleted).take()).await?;
        let mut expiring = Index::create();
        expiring.name("job_result_expiring").table("job").col("expires_at");
        expiring.and_where(Expr::cust("result_status = 'READY' AND expires_at IS NOT NULL"));
        manager.create_index(expiring).await?;
        let mut expired = Index::create();
        expired.name("job_result_expired").table("job").col("id");
        expired.and_where(Expr::cust("result_status = 'EXPIRED' AND result_deleted IS NULL"));
        manager.create_index(expired).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in ["job_result_expiring", "job_result_expired"] {
            manager.drop_index(Index::drop().name(index).table("job").to_owned()).await?;
        }
        manager.alter_table(Table::alter().table("job").drop_column("result_deleted").take()).await
    }
}
