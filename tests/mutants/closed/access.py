"""How a channel is reached: limits, tokens, secrets, and schedules that go on."""

import math
from functools import partial

from connectors.amazon_sp.tests.authorization import test_ages, test_overlap
from tests.cli import test_first_day
from tests.http import test_observed, test_outcomes, test_pagination, test_tokens
from tests.mutants import calls, loop, setup
from tests.mutants.closed.complaint import Complaint
from tests.quota import test_learning, test_proof, test_stored
from tests.sync import test_applications, test_budget, test_credentials, test_failing, test_pace, test_passes
from tests.vault import test_thousand_accounts, test_token_cache

OUTLIVED = partial(test_pagination.test_a_list_that_outlives_its_token_is_read_to_its_end, refusal=401)
ELEVEN = partial(
    test_thousand_accounts.test_token_requests_do_not_grow_with_accounts_or_daemons, accounts=11, every=1800
)
ITEMS = partial(test_proof.test_a_days_orders_are_fetched_without_a_429, limit=test_proof.GET_ORDER_ITEMS, calls=59)
UNLIMITED = partial(test_learning.test_what_cannot_be_a_rate_changes_nothing, absurd=math.inf)
STOPPED = partial(test_learning.test_what_cannot_be_a_rate_changes_nothing, absurd=0.0)
THROTTLED = partial(test_observed.test_only_answers_from_behind_the_limiter_tell_a_rate, status=429, rate=None)

ACCESS = [
    Complaint("R1", ITEMS, calls.tokens_never_run_out),
    Complaint(
        "R5", test_learning.test_a_budget_that_somebody_else_eats_is_found_by_trying, calls.refusals_teach_nothing
    ),
    Complaint("R5", test_learning.test_a_told_rate_is_used_from_the_next_request_on, calls.told_rates_are_not_read),
    Complaint("R6", UNLIMITED, calls.any_rate_is_believed),
    Complaint("R6", STOPPED, calls.any_rate_is_believed),
    Complaint("R6", THROTTLED, calls.rates_of_every_answer_are_believed),
    Complaint(
        "R7",
        test_stored.test_an_account_that_is_refused_holds_no_other_account_up,
        calls.all_accounts_share_a_bucket,
    ),
    Complaint(
        "R9",
        test_stored.test_workers_that_ask_at_one_moment_get_no_more_than_is_there,
        calls.token_is_looked_at_and_then_taken,
    ),
    Complaint(
        "R11",
        test_passes.test_a_throttled_page_is_asked_for_again_and_the_pass_goes_on,
        loop.refusal_ends_the_pass,
    ),
    Complaint("R12", test_failing.test_a_429_waits_for_a_token_and_fails_nothing, loop.waits_of_160_seconds),
    Complaint(
        "R12",
        test_pace.test_a_pause_is_never_shorter_than_the_operations_own_period,
        loop.waits_of_160_seconds,
    ),
    *(
        Complaint(
            "R14",
            test_budget.test_a_budget_is_told_in_time_and_stops_sweeps_but_no_order_and_no_quantity,
            mutant,
        )
        for mutant in (
            calls.requests_are_not_counted,
            calls.budget_stops_everything,
            calls.budget_stops_nothing,
        )
    ),
    Complaint("R15", OUTLIVED, calls.a_token_is_kept_whatever_the_channel_says),
    Complaint("R16", test_token_cache.test_of_many_tasks_and_processes_one_asks, calls.everybody_asks_for_a_token),
    Complaint(
        "R16",
        test_token_cache.test_a_refused_token_is_renewed_once_whoever_sees_it_first,
        calls.a_refused_token_is_renewed_by_each,
    ),
    Complaint("R17", ELEVEN, calls.a_new_token_clears_the_cache),
    Complaint("R18", test_tokens.test_two_accounts_never_share_a_token, calls.accounts_share_a_token),
    Complaint("R19", test_tokens.test_a_stalled_token_endpoint_is_given_up, calls.no_timeouts),
    Complaint("R19", test_outcomes.test_every_phase_of_a_request_has_a_timeout, calls.no_timeouts),
    Complaint(
        "R20",
        test_ages.test_the_age_of_a_secret_is_known_and_told_from_a_month_before_its_end,
        calls.ages_told_once_it_is_too_late,
    ),
    Complaint(
        "R20",
        test_ages.test_the_age_of_a_secret_is_known_and_told_from_a_month_before_its_end,
        calls.secret_as_old_as_its_process,
    ),
    Complaint(
        "R20",
        test_ages.test_a_secret_that_is_replaced_is_young_again_also_after_a_restart,
        calls.every_secret_as_old_as_the_first,
    ),
    Complaint(
        "R20",
        test_credentials.test_what_ends_soon_is_a_problem_until_a_check_warns_no_more,
        calls.warnings_of_a_check_told_nobody,
    ),
    *(
        Complaint("R21", test, mutant)
        for test, mutant in [
            (
                test_overlap.test_a_rotation_stops_nothing_while_amazon_does_not_take_the_new_secret_yet,
                calls.present_secret_only,
            ),
            (
                test_overlap.test_a_rotation_stops_nothing_while_amazon_does_not_take_the_new_secret_yet,
                calls.previous_secret_for_ever,
            ),
            (test_overlap.test_work_goes_on_as_long_as_either_secret_is_taken, calls.present_secret_only),
            (test_overlap.test_a_check_warns_while_the_present_secret_is_refused, calls.previous_secret_for_ever),
        ]
    ),
    Complaint(
        "R22",
        test_applications.test_a_wave_of_refused_tokens_parks_nobody_and_ends_by_itself,
        loop.waves_never_seen,
    ),
    Complaint("R22", test_applications.test_few_calls_are_made_while_a_wave_lasts, loop.waves_never_rest),
    Complaint(
        "R22",
        test_applications.test_a_refused_application_is_one_problem_and_stops_all_its_accounts,
        loop.applications_have_one_account,
    ),
    *(
        Complaint("R23", partial(test_passes.test_no_failure_switches_a_schedule_off, status=status), mutant)
        for status, mutant in [(500, loop.schedule_switched_off), (403, loop.schedule_switched_off)]
    ),
    *(
        Complaint("R24", test, setup.doctor_never_asks_elsewhere)
        for test in (
            test_first_day.test_sandbox_credentials_in_production_are_named_before_the_first_sync,
            test_first_day.test_stores_of_another_region_are_named_before_the_first_sync,
        )
    ),
]
