//! The way of a query from end to end, the same list on both stacks.

mod circle;
mod explain;
mod federation;
mod immediate;
mod life;
mod lineage;
mod models;
mod result;
pub(crate) mod tpch;
mod window;

use crate::harness::{Stack, TestServer};

/// One server of a stack walks the whole list: starting one for each step costs more than the steps.
async fn walk(stack: Stack) {
    let server = TestServer::start_with(stack, federation::prepare).await;
    result::a_query_by_fqn_becomes_a_stored_result(&server).await;
    result::every_format_can_be_downloaded(&server).await;
    result::values_come_out_as_they_went_in(&server).await;
    window::limit_and_offset_are_split_off(&server).await;
    window::a_result_that_was_cut_says_so(&server).await;
    lineage::a_write_puts_commands_into_the_model_queue(&server).await;
    lineage::a_read_puts_none(&server).await;
    lineage::columns_claim_no_more_than_is_known(&server).await;
    models::a_view_is_made_of_a_query_by_fqn(&server).await;
    models::a_table_is_made_of_a_query_by_fqn(&server).await;
    life::a_query_that_cannot_be_read_is_a_job_that_failed(&server).await;
    life::an_error_of_trino_points_into_the_users_sql(&server).await;
    life::a_job_that_runs_can_be_canceled(&server).await;
    life::a_job_can_be_deleted_with_its_result(&server).await;
    federation::tables_of_two_catalogs_are_joined(&server, stack).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_a_folder_and_the_embedded_engine() {
    walk(Stack::Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_minio_and_trino() {
    if let Some(stack) = Stack::real("flow::on_postgresql_minio_and_trino") {
        walk(stack).await;
    }
}
