"""What users of other connectors complain about and cannot happen here: each with a test, and a mutant that it catches.

The numbers are those of docs/reference/requirements.md.
"""

import math
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest
from attrs import frozen

from connectors.amazon_sp.tests import test_catalog_data, test_pages, test_retirement, test_silent_success
from connectors.amazon_sp.tests.authorization import test_ages, test_overlap
from connectors.amazon_sp.tests.simulator import test_days as test_days_of_amazon
from connectors.amazon_sp.tests.storage import test_upload
from connectors.amazon_sp.tests.storage.bucket import fault
from entrepot.errors import RejectedError, TransientError, UnknownOutcome
from tests import test_offline
from tests.cli import test_first_day
from tests.config import test_pools
from tests.http import test_observed, test_outcomes, test_pagination, test_tokens
from tests.model import test_order, test_time
from tests.mutants import amazon, calls, intake, loop, setup, trusting
from tests.plugins import test_loading
from tests.quota import test_learning, test_proof, test_stored
from tests.sync import (
    test_applications,
    test_breaking,
    test_budget,
    test_credentials,
    test_data_sets,
    test_days,
    test_failing,
    test_importing,
    test_lateness,
    test_pace,
    test_passes,
    test_schema_drift,
)
from tests.testing import test_contract_bites
from tests.vault import test_thousand_accounts, test_token_cache


@frozen
class Complaint:
    """`test` takes nothing but a `tmp_path`, if that; `mutant` takes a monkeypatch."""

    id: str
    test: Callable[..., Any]
    mutant: Callable[[pytest.MonkeyPatch], None]

    @property
    def function(self):
        return self.test.func if isinstance(self.test, partial) else self.test

    def __str__(self):
        return f"{self.id}-{self.function.__name__}-{self.mutant.__name__}"


NO_PAGE = partial(
    test_outcomes.test_no_other_status_is_a_success_whatever_the_body,
    status=502,
    body=b'{"orders": []}',
    read=TransientError,
    write=UnknownOutcome,
)
OUTLIVED = partial(test_pagination.test_a_list_that_outlives_its_token_is_read_to_its_end, refusal=401)
ELEVEN = partial(
    test_thousand_accounts.test_token_requests_do_not_grow_with_accounts_or_daemons, accounts=11, every=1800
)
NAIVE = partial(test_time.test_only_aware_instants_cross_the_border, build=test_time.BUILDERS["changed_at"])
TOTAL = partial(test_order.test_a_total_that_is_not_its_parts_is_told_and_the_order_kept, wrong={"discount": None})
MIDNIGHT = partial(
    test_time.test_a_business_day_follows_the_clocks_of_its_marketplace,
    instant="2026-10-24T22:00:00+00:00",
    zone="Europe/Berlin",
    day=date(2026, 10, 25),
)
MISMATCH = partial(
    test_upload.test_a_refusal_of_the_storage_is_named_and_not_repeated,
    refusal=fault("403 Forbidden", "SignatureDoesNotMatch", "no match"),
    kind=RejectedError,
    words="nothing on the way changes",
)
NOTICED = partial(
    test_retirement.test_an_operation_that_ends_within_180_days_is_told_and_still_called, day=date(2026, 9, 28), count=1
)
GONE = partial(
    test_retirement.test_a_removed_type_is_refused_before_anything_is_sent,
    operation="createFeed",
    body={"feedType": "POST_PRODUCT_DATA"},
    words="Next: use JSON_LISTINGS_FEED",
)
WITHHELD = partial(
    test_data_sets.test_orders_keep_coming_without_a_data_set_that_is_refused_and_get_it_when_it_returns, named=False
)
ITEMS = partial(test_proof.test_a_days_orders_are_fetched_without_a_429, limit=test_proof.GET_ORDER_ITEMS, calls=59)
UNLIMITED = partial(test_learning.test_what_cannot_be_a_rate_changes_nothing, absurd=math.inf)
STOPPED = partial(test_learning.test_what_cannot_be_a_rate_changes_nothing, absurd=0.0)
THROTTLED = partial(test_observed.test_only_answers_from_behind_the_limiter_tell_a_rate, status=429, rate=None)

COMPLAINTS = [
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
    *(
        Complaint("R27", test, mutant)
        for test, mutant in (
            (WITHHELD, loop.all_data_or_none),
            (WITHHELD, loop.withheld_for_ever),
            (test_data_sets.test_what_comes_back_is_read_again_while_the_rest_stays_away, loop.nothing_is_filled_in),
        )
    ),
    Complaint("R31", test_lateness.test_orders_that_come_late_for_a_busy_account_are_told, loop.lateness_never_judged),
    Complaint("R32", test_passes.test_a_window_ends_before_what_may_not_show_yet, loop.window_until_now),
    Complaint("R33", test_passes.test_a_page_that_comes_again_does_not_end_the_pass, loop.repeated_page_ends_the_pass),
    Complaint("R34", test_passes.test_an_empty_page_with_a_cursor_is_not_the_end, loop.empty_page_ends_the_pass),
    Complaint(
        "R35",
        test_pages.test_the_token_is_found_where_each_operation_has_it,
        loop.one_place_for_every_page_token,
    ),
    *(
        Complaint("R36", test_pages.test_what_the_next_page_repeats_drops_or_changes, mutant)
        for mutant in (loop.next_page_repeats_everything, loop.next_page_changes_nothing)
    ),
    Complaint("R37", NO_PAGE, calls.every_status_is_a_success),
    Complaint("R38", test_passes.test_orders_may_come_newest_first, intake.only_newer_than_all_before),
    Complaint("R42", test_passes.test_every_change_of_an_order_is_applied, intake.known_order_skipped),
    Complaint("R43", test_order.test_a_line_of_three_is_one_amount, intake.net_with_tax),
    Complaint("R43", TOTAL, intake.total_never_compared),
    *(
        Complaint("R43", test_contract_bites.test_a_map_that_loses_a_part_of_the_total_fails, mutant)
        for mutant in (intake.total_never_compared, intake.orders_of_the_contract_have_no_discount)
    ),
    Complaint("R44", test_order.test_a_line_of_three_is_one_amount, intake.line_total_taken_for_the_price_of_a_unit),
    Complaint(
        "R45",
        test_passes.test_an_order_without_prices_reserves_and_one_that_expires_releases,
        intake.pending_order_holds_nothing,
    ),
    Complaint(
        "R45",
        test_passes.test_an_order_without_prices_reserves_and_one_that_expires_releases,
        intake.cancelled_order_holds_on,
    ),
    Complaint("R46", test_passes.test_a_bad_record_does_not_stop_its_page, intake.bad_record_stops_its_page),
    Complaint(
        "R47",
        test_importing.test_a_refused_line_is_taken_once_its_cause_is_mended,
        intake.import_done_whatever_it_refused,
    ),
    *(
        Complaint("R49", partial(test_breaking.test_all_of_an_incident_is_read_once_it_is_over, status=400), mutant)
        for mutant in (loop.refusal_ends_the_pass, loop.breakers_never_open)
    ),
    Complaint(
        "R49", test_breaking.test_a_cursor_from_before_an_incident_is_given_up, loop.refused_cursor_asked_for_ever
    ),
    Complaint(
        "R49",
        test_breaking.test_a_daemon_that_is_started_again_does_not_storm_a_channel_in_trouble,
        loop.breakers_never_open,
    ),
    Complaint(
        "R50",
        partial(test_passes.test_two_channels_race_for_the_last_units, seed=2),  # both commit at the same time
        loop.position_read_in_one_call_and_written_in_another,
    ),
    *(
        Complaint(
            "R52",
            partial(
                test_silent_success.test_a_quantity_that_is_accepted_and_without_effect_is_found_told_and_sent_again,
                units=units,
            ),
            mutant,
        )
        for units in (30, 3)
        for mutant in (
            trusting.accepted_is_effective,
            trusting.whatever_is_read_back_proves_it,
            trusting.what_had_no_effect_is_told_nobody,
        )
    ),
    *(
        Complaint("R55", test_pools.test_stores_of_one_stock_pool_cannot_be_given_different_numbers, mutant)
        for mutant in (setup.rules_by_store_are_taken, setup.accounts_divide_a_pool)
    ),
    Complaint(
        "R58",
        test_first_day.test_an_offer_that_the_channel_holds_is_never_sent_our_stock,
        intake.stock_sent_whoever_fulfills,
    ),
    *(
        Complaint("R60", test_first_day.test_why_a_sku_shows_nothing_while_units_are_there, mutant)
        for mutant in (setup.attempts_forgotten, setup.why_says_all_is_well)
    ),
    Complaint(
        "R66",
        test_upload.test_text_of_any_script_arrives_with_the_declared_content_type,
        amazon.text_sent_as_latin_1,
    ),
    Complaint("R66", MISMATCH, amazon.xml_of_a_storage_is_not_read),
    Complaint(
        "R66",
        test_upload.test_an_expired_link_is_renewed_with_its_document,
        amazon.expired_link_is_a_missing_permission,
    ),
    Complaint("R89", NAIVE, intake.naive_instant_taken_for_utc),
    Complaint("R90", MIDNIGHT, setup.days_of_utc),
    Complaint("R91", test_days.test_orders_of_today_are_those_of_the_marketplaces_own_day, setup.days_of_utc),
    *(
        Complaint(
            "R95",
            test_days_of_amazon.test_orders_prices_quantities_and_faults_live_through_days_that_repeat_themselves,
            mutant,
        )
        for mutant in (
            amazon.simulator_only_says_that_it_ships,
            amazon.simulator_never_refuses,
            amazon.simulator_by_lot,
        )
    ),
    *(
        Complaint("R96", test_offline.test_nothing_outside_is_reached_and_no_credential_is_seen, mutant)
        for mutant in (setup.suite_may_go_anywhere, setup.suite_sees_credentials)
    ),
    Complaint(
        "R97",
        test_catalog_data.test_neither_a_default_nor_the_connector_points_at_what_is_removed_within_90_days,
        amazon.default_names_what_is_removed,
    ),
    Complaint("R97", NOTICED, amazon.ends_are_not_told),
    Complaint("R97", GONE, amazon.removed_types_are_sent),
    *(
        Complaint("R99", test_schema_drift.test_fields_that_are_new_or_never_come_are_told_and_fail_nothing, mutant)
        for mutant in (intake.unknown_field_fails_its_record, intake.fields_never_compared)
    ),
    Complaint("R100", test_loading.test_what_is_not_loaded_says_why, setup.import_fails_in_silence),
    Complaint("R100", test_loading.test_what_is_not_loaded_says_why, setup.absent_plugin_is_not_listed),
    Complaint("R101", test_passes.test_a_crash_anywhere_in_a_pass_loses_nothing, loop.cursor_before_data),
    Complaint(
        "R102",
        test_passes.test_what_changes_during_a_pass_is_read_by_the_next_one,
        loop.watermark_at_the_end_of_the_pass,
    ),
    Complaint("R103", test_passes.test_a_pass_resumes_with_its_own_bounds, loop.window_opened_anew_at_each_page),
]
