"""Connectors that ask from too late, and what the contract says to them."""

from datetime import timedelta

import pytest
from attrs import evolve, frozen

from entrepot import channel
from entrepot.simulation import route
from entrepot_mock_channel import MOCK, wire
from entrepot_mock_channel.connector import MockConnector
from entrepot_mock_channel.shop import MockShop
from tests.testing.contracts import contract
from tests.testing.recipes import ListWithOffsets, Offsets, variant
from tests.testing.shops_words import AFTER, WHOLE_SECONDS, ListsAfter, WritesWholeSeconds

LIFE = "test_order_is_followed_through_its_life"


def test_a_window_that_begins_within_a_second_fails_with_its_cause():
    getattr(contract(WHOLE_SECONDS, WritesWholeSeconds), LIFE)()
    with pytest.raises(AssertionError, match=r"\Aa change .* Next: the shop cuts times to its `resolution`"):
        getattr(contract(MOCK, WritesWholeSeconds), LIFE)()


@frozen
class AsksFromTheStart(MockConnector):
    """Of a shop that leaves it out."""

    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        start = request.window.start.replace(microsecond=0)
        params = {"updated_after": start, "to": request.window.end, "after": request.cursor, "size": request.page_size}
        page = await self.http.get("/v1/after", params=params, into=wire.OrderPage)
        return channel.RecordPage("order", page.orders, next_cursor=page.next)


class OffsetsBehindTheStart(WritesWholeSeconds, ListWithOffsets):
    @route("GET /v1/offsets", spends="orders")
    def list_offsets(self, call):
        late = call.time("from") + timedelta.resolution
        return ListWithOffsets.list_offsets(self, evolve(call, query={**call.query, "from": [late.isoformat()]}))


TOO_LATE = [
    (variant(AsksFromTheStart), ListsAfter, LIFE),
    (variant(AsksFromTheStart), ListsAfter, "test_window_has_its_start_and_nothing_behind_its_end"),
    (variant(Offsets, cursor_lifetime=None), OffsetsBehindTheStart, "test_orders_of_one_instant_are_all_told"),
]


@pytest.mark.parametrize(("kind", "double", "case"), TOO_LATE, ids=["life", "window", "crowded instant"])
def test_a_start_that_the_shop_leaves_out_is_named(kind, double, case):
    getattr(contract(AFTER, ListsAfter), case)()
    with pytest.raises(AssertionError, match=r"\A.* Next: .*leaves the start itself out .*one tick before"):
        getattr(contract(kind, double), case)()


def test_a_list_without_windows_has_no_start_to_leave_out():
    with pytest.raises(AssertionError, match="is not told") as red:
        getattr(contract(variant(TellsNothing, windowed=False), MockShop), LIFE)()
    assert "one tick before" not in str(red.value)


@frozen
class TellsNothing(MockConnector):
    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        return channel.RecordPage("order", [])
