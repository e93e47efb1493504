//! The built-in scheduler against the stand-in of OpenMetadata: one list of cases, each on SQLite and on PostgreSQL, with
//! a server of the oldest version and one of the newest. Time is a clock that moves when somebody sleeps on it.

mod events;
mod ingestion;
mod lineage;
mod outage;
mod queries;
mod service;
mod world;

macro_rules! cases {
    ($($module:ident: $($case:ident),+;)+) => {
        mod sqlite {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    for version in super::world::VERSIONS {
                        super::world::on_sqlite(version, super::$module::$case).await;
                    }
                }
            )+)+
        }

        mod postgres {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    for version in super::world::VERSIONS {
                        super::world::on_postgres(stringify!($case), version, super::$module::$case).await;
                    }
                }
            )+)+
        }
    };
}

cases! {
    lineage:
        columns_are_told_in_the_case_that_is_stored, what_others_say_of_an_edge_stays,
        columns_that_openmetadata_does_not_have_are_left_out, an_edge_comes_without_columns_that_are_refused,
        lineage_waits_for_its_target, a_command_naming_an_entity_that_is_gone_dies_at_once,
        a_source_that_is_ingested_later_is_waited_for, a_deleted_end_is_waited_for, a_view_and_a_container_have_lineage_too,
        a_table_that_is_made_of_itself_has_none, a_second_delivery_changes_nothing;
    ingestion:
        an_ingestion_brings_the_table_and_its_lineage_follows, a_service_without_a_pipeline_is_a_dead_letter,
        a_pipeline_that_is_not_ready_is_started_later, a_runner_that_refuses_is_asked_later,
        a_run_that_failed_is_started_again, a_run_that_could_not_read_everything_is_done_with_a_warning,
        commands_of_one_service_share_a_run, a_run_of_somebody_else_is_enough, a_run_from_before_is_not_enough,
        a_run_from_before_a_covered_command_is_not_enough,
        a_run_is_followed_after_a_restart_and_not_started_twice, a_start_whose_answer_was_lost_is_not_repeated,
        a_start_that_led_to_nothing_is_repeated, a_start_is_noted_before_it_is_asked_for;
    queries:
        a_query_arrives_with_its_tables_and_counts_each_once, what_is_no_table_is_left_out_of_a_query,
        a_query_is_told_and_counted_once_after_a_crash, no_table_is_counted_twice_after_a_crash,
        a_count_that_did_not_arrive_is_sent_again, a_query_of_a_table_does_not_hold_up_its_lineage;
    events:
        every_command_is_an_event_that_says_all_of_its_job, a_sink_that_failed_is_told_again_and_the_other_is_not;
    outage:
        nothing_is_lost_while_openmetadata_is_down, a_token_that_is_refused_kills_no_command,
        a_stop_hands_back_what_is_carried_out, a_lost_lease_says_nothing;
}
