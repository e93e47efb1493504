//! The built-in scheduler against the stand-in of OpenMetadata: one list of cases, each on SQLite and on PostgreSQL, with
//! a server of the oldest version and one of the newest. Time is a clock that moves when somebody sleeps on it.

mod events;
mod ingestion;
mod lineage;
mod oracle;
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
        lineage_waits_for_its_target, a_command_naming_an_entity_that_is_gone_dies_after_a_while,
        columns_that_are_gone_do_not_cost_others_theirs, columns_of_others_outlast_a_server_that_refuses_them,
        an_edge_that_a_person_drew_stays_theirs, names_that_differ_by_case_only_are_found,
        a_view_that_is_replaced_forgets_what_it_read, a_view_that_is_replaced_twice_keeps_what_it_reads_again,
        a_source_that_comes_a_little_later_is_waited_for,
        a_source_that_is_ingested_later_is_waited_for, a_deleted_end_is_waited_for, a_view_and_a_container_have_lineage_too,
        a_table_that_is_made_of_itself_has_none, a_second_delivery_changes_nothing;
    ingestion:
        an_ingestion_brings_the_table_and_its_lineage_follows, a_service_without_a_pipeline_is_a_dead_letter,
        a_pipeline_that_is_not_ready_is_started_later, a_runner_that_refuses_is_asked_later,
        a_run_that_failed_is_started_again, a_run_that_could_not_read_everything_is_done_with_a_warning,
        commands_of_one_service_share_a_run, a_run_of_somebody_else_is_enough, a_run_from_before_is_not_enough,
        a_run_from_before_a_covered_command_is_not_enough,
        a_run_that_may_be_from_before_is_not_enough, a_run_that_did_not_bring_the_target_is_not_enough,
        what_no_run_brings_is_a_dead_letter, a_run_that_never_ends_is_left_behind,
        a_service_that_is_read_from_outside_needs_no_pipeline, lineage_of_what_no_run_brings_starts_only_one,
        lineage_starts_the_ingestion_that_its_target_waits_for,
        a_run_is_followed_after_a_restart_and_not_started_twice, a_start_whose_answer_was_lost_is_not_repeated,
        a_start_that_led_to_nothing_is_repeated, a_start_is_noted_before_it_is_asked_for;
    queries:
        a_query_arrives_with_its_tables_and_counts_each_once, what_is_no_table_is_left_out_of_a_query,
        a_query_is_told_and_counted_once_after_a_crash, no_table_is_counted_twice_after_a_crash,
        a_count_that_did_not_arrive_is_sent_again, a_query_of_a_table_does_not_hold_up_its_lineage;
    events:
        every_command_is_an_event_that_says_all_of_its_job, a_sink_that_failed_is_told_again_and_the_other_is_not,
        no_command_dies_while_a_receiver_is_away, an_event_that_is_refused_counts_as_a_try;
    outage:
        nothing_is_lost_while_openmetadata_is_down, no_outage_starts_a_pipeline_twice, a_token_that_is_refused_kills_no_command,
        a_stop_hands_back_what_is_carried_out, a_lost_lease_says_nothing;
}
