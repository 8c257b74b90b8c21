"""Mistakes with ids, prices and times, each of which turns one case of the contract red, with what to do next."""

import pytest
from attrs import evolve, frozen

from entrepot import channel
from entrepot.testing import ConnectorContract, route
from entrepot_mock_channel import MOCK
from entrepot_mock_channel.connector import MockConnector
from entrepot_mock_channel.shop import MockShop
from tests.testing.recipes import variant
from tests.testing.shops_words import WHOLE_SECONDS, WritesWholeSeconds
from tests.testing.small_shop import SMALL, SmallConnector, SmallShop

SETTINGS = {"url": "https://mock.example", "token": "not-a-secret"}
LIFE = "test_order_is_followed_through_its_life"
PARTS = "test_parts_of_a_total_add_up"


def contract(kind, double):
    class Planted(ConnectorContract):
        channel, shop, settings = kind, double, SETTINGS

    return Planted()


# Ids


@frozen
class QuotesNothing(SmallConnector):
    async def push_stock(self, request: channel.PushStock) -> channel.PushReport:
        [item] = request.items
        path, body, headers = f"/v1/articles/{item.offer}", {"quantity": item.quantity}, {"If-Match": "*"}
        try:
            await self.http.put(path, params=self._asking(), json=body, headers=headers, into=type(None))
        except channel.RejectedError as refused:
            return channel.PushReport({item.offer: str(refused)})
        return channel.PushReport({item.offer: None})


@frozen
class CutsAtTheSlash(MockConnector):
    async def fetch_stock(self, request: channel.FetchStock) -> channel.RecordPage:
        cut = tuple(offer.partition("/")[0] for offer in request.offers)
        return await MockConnector.fetch_stock(self, evolve(request, offers=cut))


def test_an_id_that_is_not_quoted_in_a_path_fails():
    plain = evolve(SMALL, connect=lambda settings, ports: QuotesNothing(ports.http(settings.url), settings.token))
    contract(SMALL, SmallShop).test_offer_with_a_slash_is_pushed()
    with pytest.raises(AssertionError, match=r"\Athe report says .*404.*Next: quote an id that stands in a path"):
        contract(plain, SmallShop).test_offer_with_a_slash_is_pushed()


def test_an_id_that_is_cut_fails():
    contract(MOCK, MockShop).test_offer_with_a_slash_is_read()
    with pytest.raises(AssertionError, match=r"\Aof CUP/RED 50%25 is read \{\}\. Next: quote an id"):
        contract(variant(CutsAtTheSlash), MockShop).test_offer_with_a_slash_is_read()


# Prices


class LosesDiscounts(MockShop):
    """Has no word for a discount, and does not take it off the price. Its total is what was paid."""

    @route("GET /v1/orders")
    def list_orders(self, call):
        page = MockShop.list_orders(self, call)
        for line in (line for order in page["orders"] for line in order["lines"]):
            line["discount"] = None
        return page


def test_a_discount_that_only_the_total_holds_fails():
    """A shop without a word for discounts, whose double forgets to take them off the price."""
    with pytest.raises(AssertionError, match=r"is lost in mapping: .*`line\.gross - line\.discount`"):
        getattr(contract(MOCK, LosesDiscounts), PARTS)()


# Times


def test_a_window_that_begins_within_a_second_fails_with_its_cause():
    getattr(contract(WHOLE_SECONDS, WritesWholeSeconds), LIFE)()
    with pytest.raises(AssertionError, match=r"\Aa change .* Next: the shop cuts times to its `resolution`"):
        getattr(contract(MOCK, WritesWholeSeconds), LIFE)()
