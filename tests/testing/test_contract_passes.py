"""Mistakes between pages and between passes, each of which turns one case of the contract red, with what to do next."""

import pytest
from attrs import evolve, frozen

from entrepot import channel
from entrepot_mock_channel.connector import MockConnector
from entrepot_mock_channel.shop import MockShop
from tests.testing.contracts import contract
from tests.testing.recipes import (
    CHANGE_LOG,
    NUMBERED_LOG,
    OFFSETS,
    ChangeLog,
    ListWithOffsets,
    LogPage,
    NumberedLog,
    Offsets,
    ReadsLog,
    variant,
)


def reads_log(first="0", behind=0, place=-1):
    """A connector of the log that begins at `first` and goes on `behind` the number of the order at `place`."""

    @frozen
    class Reads(MockConnector):
        async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
            params = {"after": request.cursor or first, "size": request.page_size}
            page = await self.http.get("/v1/log", params=params, into=LogPage)
            last = page.orders[place]["seq"] if page.orders else page.last
            if page.more:
                return channel.RecordPage("order", page.orders, next_cursor=str(last + behind))
            return channel.RecordPage("order", page.orders, resume=str(last + behind))

    lists = NUMBERED_LOG.operations["fetch_orders"]
    return evolve(
        NUMBERED_LOG, connect=variant(Reads).connect, operations=NUMBERED_LOG.operations | {"fetch_orders": lists}
    )


@pytest.mark.parametrize(
    "mistake", [{"behind": 1}, {"first": "40"}, {"first": "1"}], ids=["one too high", "begins at 40", "begins at 1"]
)
def test_numbers_without_gaps_show_what_a_cursor_skips(mistake):
    """Covers P1. Numbers that lie a thousand apart hid each of these."""
    contract(reads_log(), NumberedLog).test_changes_that_are_numbered_without_gaps_are_all_told()
    with pytest.raises(AssertionError, match=r"not told, .* first\. Next: begin a first pass before number 1"):
        contract(reads_log(**mistake), NumberedLog).test_changes_that_are_numbered_without_gaps_are_all_told()


def test_a_pass_that_ends_without_a_word_to_the_next_one_is_told():
    @frozen
    class Forgets(ReadsLog):
        async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
            return evolve(await ReadsLog.fetch_orders(self, request), resume=None)

    contract(NUMBERED_LOG, NumberedLog).test_next_pass_knows_where_to_go_on()
    forgetful = evolve(NUMBERED_LOG, connect=variant(Forgets).connect)
    with pytest.raises(AssertionError, match=r"has `resume`.* Next: return in `resume`"):
        contract(forgetful, NumberedLog).test_next_pass_knows_where_to_go_on()
    [skipped] = contract(
        forgetful, type("Whole", (NumberedLog,), {"resumes": False})
    ).test_next_pass_knows_where_to_go_on.pytestmark
    assert "`resumes = False`" in skipped.kwargs["reason"]


def test_lists_that_are_cut_by_time_are_not_asked_for_their_passes():
    windowed = contract(variant(MockConnector), MockShop)
    assert windowed.test_next_pass_knows_where_to_go_on is None
    assert contract(CHANGE_LOG, ChangeLog).test_next_pass_knows_where_to_go_on is not None


def test_a_cursor_of_the_first_order_of_a_page_ends_soon():
    """It moves on by one order a page: minutes of requests, and in production a month's."""
    slow = contract(reads_log(place=0), NumberedLog)
    with pytest.raises(
        AssertionError, match=r"does not end: 2\d pages for 201 orders\. Next: take `next_cursor` from the end"
    ):
        slow.test_every_page_is_fetched()


def test_a_list_of_stock_without_end_ends():
    @frozen
    class Endless(MockConnector):
        async def fetch_stock(self, request: channel.FetchStock) -> channel.RecordPage:
            page = await MockConnector.fetch_stock(self, request)
            return evolve(page, next_cursor=str(int(request.cursor or 0) + 1))

    with pytest.raises(AssertionError, match="fetch_stock does not end: 20 pages for 3 offers"):
        contract(variant(Endless), MockShop).test_shown_quantities_are_read()


def test_pages_of_one_order_are_read_to_their_end():
    """Though the list moves between its pages."""
    log = CHANGE_LOG.operations | {"fetch_orders": evolve(CHANGE_LOG.operations["fetch_orders"], page_size=1)}
    contract(evolve(CHANGE_LOG, operations=log), ChangeLog).test_orders_that_change_between_pages_are_not_missed()


def test_pages_that_begin_at_an_instant_which_fills_one_fail():
    """The list would be read for ever, or up to its first page."""

    @frozen
    class BeginsAgain(Offsets):
        async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
            page = await Offsets.fetch_orders(self, request)
            start = page.next_cursor and page.next_cursor.partition("|")[0]
            return evolve(page, next_cursor=start and f"{start}|0")

    contract(OFFSETS, ListWithOffsets).test_orders_of_one_instant_are_all_told()
    planted = contract(evolve(OFFSETS, connect=variant(BeginsAgain).connect), ListWithOffsets)
    with pytest.raises(AssertionError, match=r"\Apage \d has the cursor .* where one instant fills a page, go on"):
        planted.test_orders_of_one_instant_are_all_told()
