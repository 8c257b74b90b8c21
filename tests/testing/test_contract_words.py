"""Mistakes with ids and prices, each of which turns one case of the contract red, with what to do next."""

import re
from decimal import Decimal

import pytest
from attrs import evolve, frozen

from entrepot import channel
from entrepot.model import Window
from entrepot.simulation import NetworkFault, Refusal
from entrepot.testing import Answer, route
from entrepot_mock_channel import MOCK, wire
from entrepot_mock_channel.connector import MockConnector
from entrepot_mock_channel.shop import MockShop
from tests.testing.contracts import contract
from tests.testing.recipes import ListWithOffsets, Offsets, variant
from tests.testing.shops_words import RATES, TellsRates, map_rated, tax_within
from tests.testing.small_shop import SMALL, SmallConnector, SmallShop

ANY = "test_every_order_survives_wording_and_mapping"
PARTS = "test_parts_of_a_total_add_up"


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


def test_a_tax_of_which_a_discount_is_not_taken_off_fails():
    def careless(record):
        return evolve(map_rated(record), lines=tuple(map(_taxed_in_full, map_rated(record).lines)))

    with pytest.raises(AssertionError, match=r"\A.*lines\.tax .* became .*Next: "):
        getattr(contract(evolve(RATES, maps={**RATES.maps, "order": careless}), TellsRates), ANY)()


def _taxed_in_full(line):
    full = tax_within(evolve(line, discount=None), Decimal(19))
    return evolve(line, tax=full) if line.tax and line.discount else line


def test_rates_that_are_not_declared_are_named_in_the_first_line():
    """A double that words any tax as a rate."""
    with pytest.raises(AssertionError, match=r"\A.*lines\.tax .* became .*Next: .*`tax_rates = "):
        getattr(contract(RATES, RoundsRates), ANY)()


class RoundsRates(MockShop):
    @route("GET /v1/orders")
    def list_orders(self, call):
        page = MockShop.list_orders(self, call)
        for line in (line for order in page["orders"] for line in order["lines"]):
            net = Decimal(line["gross"] or 0) - Decimal(line["tax"] or 0)
            line["vat"] = line["tax"] and str(round(100 * Decimal(line["tax"]) / (net or 1)))
        return page


# What the first line says


@frozen
class TakesOne(MockConnector):
    async def push_stock(self, request: channel.PushStock) -> channel.PushReport:
        [item] = request.items
        return await MockConnector.push_stock(self, evolve(request, items=(item,)))


@frozen
class JoinsNothing(SmallConnector):
    async def fetch_stock(self, request: channel.FetchStock) -> channel.RecordPage:
        page = await self.http.get("/v1/articles", params=self._asking(skus=request.offers), into=wire.StockPage)
        return channel.RecordPage("stock", page.stock)


@frozen
class SendsNoMatch(SmallConnector):
    async def push_stock(self, request: channel.PushStock) -> channel.PushReport:
        [item] = request.items
        try:
            await self.http.put(f"/v1/articles/{item.offer}", params=self._asking(), json={}, into=type(None))
        except channel.RejectedError as refused:
            return channel.PushReport({item.offer: str(refused)})
        return channel.PushReport({item.offer: None})


@frozen
class SendsAnother(MockConnector):
    async def check(self, request: channel.Check) -> channel.CheckReport:
        with pytest.raises(channel.RejectedError):
            await self.http.post("/v1/nothing", json={}, into=wire.Job)
        return channel.CheckReport()

    async def push_stock(self, request: channel.PushStock) -> channel.PushReport:
        items = tuple(evolve(item, quantity=item.quantity + 1) for item in request.items)
        return await MockConnector.push_stock(self, evolve(request, items=items))


class RefusesJobs(MockShop):
    @route("POST /v1/bulk", spends="stock")
    def start_job(self, call):
        raise Refusal(428, "say which version")


class NeedsPrices(MockShop):
    @route("GET /v1/orders")
    def list_orders(self, call):
        return [str(order.total.amount) for order in self.orders.values()]


@frozen
class SendsNoEnd(MockConnector):
    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        page = await self.http.get("/v1/orders", params={"from": request.window.start}, into=wire.OrderPage)
        return channel.RecordPage("order", page.orders)


@frozen
class ReadsAnother(MockConnector):
    async def push_stock(self, request: channel.PushStock) -> channel.PushReport:
        await self.http.put("/v1/stock", json={item.offer: item.quantity for item in request.items}, into=wire.Job)
        return channel.PushReport.of(request)


@frozen
class AsksForAnotherTime(MockConnector):
    """As somebody does who sends seconds where the shop takes milliseconds."""

    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        start, end = (at.replace(year=1970) for at in (request.window.start, request.window.end))
        return await MockConnector.fetch_orders(self, evolve(request, window=Window(start, end)))


class NumbersOrders(MockShop):
    @route("GET /v1/orders")
    def list_orders(self, call):
        return [int(number) for number in self.orders]


class RefusesUnknown(MockShop):
    @route("GET /v1/stock")
    def list_stock(self, call):
        if set(call.texts("sku")) - self.stock.keys():
            raise Refusal(404, "no such article")
        return MockShop.list_stock(self, call)


@frozen
class GetsFifty(Offsets):
    """The shop gives no more at once, whatever it is asked for."""

    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        return await Offsets.fetch_orders(self, evolve(request, page_size=50))


def small(connector):
    return evolve(SMALL, connect=lambda settings, ports: connector(ports.http(settings.url), settings.token))


FIRST_LINES = [
    (variant(TakesOne), MockShop, "test_pushed_quantity_is_read_back", r"to unpack.*Next: .*`batch_size=1`"),
    (
        small(JoinsNothing),
        SmallShop,
        "test_shown_quantities_are_read",
        r"last asked GET /v1/articles\?skus=TEA-250&skus=SOLD-OUT.*Next: ",
    ),
    (
        variant(SendsNoEnd),
        MockShop,
        "test_every_page_is_fetched",
        r"parameter to is missing\. Next: let the connector send",
    ),
    (variant(ReadsAnother), MockShop, "test_pushed_quantity_is_read_back", r"unusable body: .*\. Next: .*wire\.py"),
    (
        variant(AsksForAnotherTime),
        MockShop,
        "test_every_page_is_fetched",
        r"first; the double was last asked GET /v1/orders\?from=1970.*\. Next: ",
    ),
    (MOCK, NumbersOrders, "test_every_page_is_fetched", r"invalid literal.*'MOCK-000001'.*Next: .*`order_number`"),
    (MOCK, NeedsPrices, "test_order_without_prices_has_none", r"'NoneType'.*Next: .*`unpaid = False`"),
    (MOCK, RefusesUnknown, "test_shown_quantities_are_read", r"last is unknown: .*404.*Next: .*`page_size=1`"),
    (
        variant(GetsFifty, cursor_lifetime=None),
        ListWithOffsets,
        "test_cursor_outlives_the_connector",
        r"told again\. Next: the first page has 50 of the 100 orders .*`page_size`",
    ),
]


@pytest.mark.parametrize(("kind", "double", "case", "line"), FIRST_LINES)
def test_the_first_line_names_the_cause(kind, double, case, line):
    errors = (AssertionError, AttributeError, ValueError, channel.ChannelError, pytest.fail.Exception)
    with pytest.raises(errors, match=rf"\A.*{line}") as red:
        getattr(contract(kind, double), case)()
    assert "not-a-secret" not in str(red.value)


def test_a_write_that_the_double_refuses_by_itself_shows_why():
    planted = contract(small(SendsNoMatch), SmallShop)
    with pytest.raises(AssertionError, match=r"\AUnknownOutcome is not raised, but reported: .*428.*Next: "):
        planted.test_refused_write(Answer(500, after_effect=True), channel.UnknownOutcome)


def refused_unheard(kind, double, case, *arguments):
    with pytest.raises(AssertionError) as red:
        getattr(contract(kind, double), case)(*arguments)
    return str(red.value)


@pytest.mark.parametrize("fault", [NetworkFault.DROPPED_AFTER_EFFECT, NetworkFault.HALF_BODY, NetworkFault.HTML_504])
def test_a_write_that_is_refused_and_whose_answer_is_lost_shows_why(fault):
    """The connector never hears of the 428; without it nobody looks at the write."""
    case = "test_lost_answer_to_a_write_is_an_unknown_outcome"
    told = refused_unheard(small(SendsNoMatch), SmallShop, case, fault)
    asked = r"PUT /v1/articles/TEA-250\?key=\*\*\*"
    assert re.match(
        rf"the double refused {asked} with 428 .*Precondition Required.*which the connector never heard", told
    )
    assert "was to be on show" in told
    assert "not-a-secret" not in told


def test_a_job_that_is_refused_and_whose_answer_is_lost_shows_why():
    told = refused_unheard(MOCK, RefusesJobs, "test_job_is_found_by_its_attempt")
    assert re.match(r"the double refused POST /v1/bulk.* with 428 .*say which version.*find_bulk finds no job", told)


def test_a_write_that_was_refused_before_is_no_cause():
    """What `check` asked for in vain says nothing of the quantity that was lost."""
    case = "test_lost_answer_to_a_write_is_an_unknown_outcome"
    told = refused_unheard(variant(SendsAnother), MockShop, case, NetworkFault.HALF_BODY)
    assert re.match(r"\{'TEA-250': 17\} was to be on show, and \{'TEA-250': 18\} is read", told)
