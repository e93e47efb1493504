//! What every database must do for the store: one list of cases, run on SQLite and on PostgreSQL. Each case gets a
//! database of its own.

mod claims;
mod constraints;
mod corruption;
mod data_models;
mod expiry;
pub(crate) mod fixture;
mod lists;
mod managed_catalogs;
mod model_queue;
mod openmetadata;
mod outage;
mod round_trip;
pub(crate) mod samples;
mod schema;
mod submissions;
mod tokens;
mod transitions;

macro_rules! conformance {
    ($($module:ident: $($case:ident),+;)+) => {
        mod sqlite {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $case() {
                    super::fixture::on_sqlite(super::$module::$case).await;
                }
            )+)+
        }

        mod postgres {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $case() {
                    super::fixture::on_postgres(stringify!($case), super::$module::$case).await;
                }
            )+)+
        }
    };
}

conformance! {
    round_trip:
        every_state_comes_back, a_job_of_any_state_can_be_inserted, unusual_values_come_back,
        what_the_tables_cannot_hold_is_refused, a_job_that_is_not_there_is_none;
    submissions:
        an_id_is_taken_once, a_key_makes_one_job, a_key_belongs_to_its_owner, twins_with_one_key_make_one_job,
        a_key_is_free_again_when_its_job_is_deleted;
    transitions:
        a_transition_needs_its_version, a_transition_needs_its_status, a_transition_needs_its_lease,
        a_lost_race_leaves_nothing_behind, a_finish_stores_its_commands, a_finish_without_its_lease_stores_no_command,
        a_write_under_a_lease_keeps_what_others_write, only_one_of_two_transitions_counts,
        a_job_that_ended_can_be_deleted, a_job_with_commands_cannot_be_deleted;
    claims:
        jobs_are_claimed_by_priority_and_age, a_claim_makes_the_row_that_the_domain_makes,
        no_two_claims_get_the_same_job, a_lease_that_ran_out_goes_to_another_worker,
        a_worker_has_the_time_of_a_lease_to_renew_its_own_jobs, takeovers_are_counted_but_not_what_was_given_back,
        abandoned_jobs_are_claimed_before_those_that_wait, a_renewal_moves_the_lease_and_the_progress,
        a_renewal_without_a_query_notes_no_place, a_lost_lease_is_not_renewed, a_cancel_is_asked_for_once,
        a_worker_learns_of_a_cancel;
    expiry:
        results_expire_once_their_time_has_come, one_result_can_be_made_to_expire,
        what_is_left_of_a_result_is_found_until_it_is_noted, each_result_expires_once;
    lists:
        pages_meet_over_equal_times, each_filter_picks_its_jobs, text_is_taken_literally,
        jobs_sort_by_time_to_the_microsecond, a_list_carries_the_models_of_each_job, left_over_jobs_are_found,
        a_place_in_the_queue_counts_those_ahead;
    model_queue:
        commands_are_claimed_in_order_and_once, commands_of_one_target_follow_one_another,
        a_command_is_settled_by_who_holds_it, commands_of_one_claim_are_settled_at_once, a_command_that_fails_too_often_is_a_dead_letter,
        a_command_may_be_given_up_or_handed_back, progress_is_noted_by_who_holds_the_command,
        a_command_whose_consumers_go_silent_is_a_dead_letter, no_two_consumers_get_the_same_command,
        of_one_target_one_command_is_on_its_way, a_command_that_is_seen_late_waits_for_the_one_on_its_way,
        claims_at_the_same_moment_take_one_of_a_target, an_ingestion_goes_past_lineage_that_waits,
        a_claim_is_bounded_by_bytes, a_command_that_says_the_same_is_covered,
        a_command_that_was_handed_back_covers_what_it_has_not_begun, jobs_that_end_at_once_leave_no_command_undone,
        the_queue_is_listed_by_pages;
    data_models:
        a_model_is_stored_with_its_job_or_not_at_all, what_a_model_is_comes_from_its_jobs,
        a_model_that_was_made_stays_one, a_job_of_a_model_cannot_be_deleted, models_are_listed_by_pages, what_is_used_together_is_counted;
    managed_catalogs:
        every_state_of_a_managed_catalog_comes_back,
        a_managed_catalog_is_changed_as_it_was_read_or_not_at_all;
    openmetadata:
        answers_grow_old_by_what_they_are_about, answers_are_forgotten_by_what_they_are_about,
        events_keep_their_order;
    tokens:
        a_token_stands_for_its_principal_while_it_works, a_name_has_one_token_that_works,
        the_last_use_is_noted_once_a_minute;
    constraints:
        impossible_rows_are_refused, rows_without_their_job_are_refused;
    corruption:
        a_corrupt_value_is_named, a_corrupt_job_stops_no_other, a_corrupt_status_is_named, a_value_of_another_type_is_named;
    schema:
        the_documented_columns_are_there, steps_go_up_down_and_up, the_step_to_queries_keeps_the_queue,
        the_step_to_covered_commands_leaves_one_of_each_target_on_its_way, replicas_may_migrate_at_once,
        a_newer_database_is_refused;
    outage:
        a_database_that_goes_away_is_unavailable, a_closed_store_is_unavailable;
}
