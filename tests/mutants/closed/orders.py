"""How orders are read: passes, money, time, and what a crash leaves."""

from datetime import date
from functools import partial

from connectors.amazon_sp.tests import test_pages
from entrepot.errors import TransientError, UnknownOutcome
from tests.http import test_outcomes
from tests.model import test_order, test_time
from tests.mutants import calls, intake, loop, setup
from tests.mutants.closed.complaint import Complaint
from tests.sync import (
    test_breaking,
    test_data_sets,
    test_days,
    test_importing,
    test_lateness,
    test_passes,
    test_schema_drift,
)
from tests.testing import test_contract_maps

NO_PAGE = partial(
    test_outcomes.test_no_other_status_is_a_success_whatever_the_body,
    status=502,
    body=b'{"orders": []}',
    read=TransientError,
    write=UnknownOutcome,
)
NAIVE = partial(test_time.test_only_aware_instants_cross_the_border, build=test_time.BUILDERS["changed_at"])
TOTAL = partial(test_order.test_a_total_that_is_not_its_parts_is_told_and_the_order_kept, wrong={"discount": None})
MIDNIGHT = partial(
    test_time.test_a_business_day_follows_the_clocks_of_its_marketplace,
    instant="2026-10-24T22:00:00+00:00",
    zone="Europe/Berlin",
    day=date(2026, 10, 25),
)
WITHHELD = partial(
    test_data_sets.test_orders_keep_coming_without_a_data_set_that_is_refused_and_get_it_when_it_returns, named=False
)

ORDERS = [
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
        Complaint("R43", test_contract_maps.test_a_map_that_loses_a_part_of_the_total_fails, mutant)
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
    Complaint("R89", NAIVE, intake.naive_instant_taken_for_utc),
    Complaint("R90", MIDNIGHT, setup.days_of_utc),
    Complaint("R91", test_days.test_orders_of_today_are_those_of_the_marketplaces_own_day, setup.days_of_utc),
    *(
        Complaint("R99", test_schema_drift.test_fields_that_are_new_or_never_come_are_told_and_fail_nothing, mutant)
        for mutant in (intake.unknown_field_fails_its_record, intake.fields_never_compared)
    ),
    Complaint("R101", test_passes.test_a_crash_anywhere_in_a_pass_loses_nothing, loop.cursor_before_data),
    Complaint(
        "R102",
        test_passes.test_what_changes_during_a_pass_is_read_by_the_next_one,
        loop.watermark_at_the_end_of_the_pass,
    ),
    Complaint("R103", test_passes.test_a_pass_resumes_with_its_own_bounds, loop.window_opened_anew_at_each_page),
]
