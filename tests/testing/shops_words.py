"""The mock channel in other shops' words: whole seconds, a start that is left out, rates of taxes, refusals.

Code of docs/how-to/write-a-channel.md.
"""

from collections.abc import Sequence
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar

from attrs import evolve, frozen

from entrepot import channel, model
from entrepot.channel import Json
from entrepot.simulation import Call, CursorError, Refusal, rate_of, route
from entrepot_mock_channel import MOCK, wire
from entrepot_mock_channel.connector import MockConnector
from entrepot_mock_channel.mapping import map_order
from entrepot_mock_channel.shop import MockShop, word_order
from tests.testing.recipes import variant

# Times in whole seconds


@frozen
class AsksFromWholeSeconds(MockConnector):
    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        """A change at 12:00:05.7 is told as of 12:00:05, which a window from 12:00:05.5 on would leave out."""
        start = request.window.start.replace(microsecond=0)
        return await MockConnector.fetch_orders(self, evolve(request, window=evolve(request.window, start=start)))


class WritesWholeSeconds(MockShop):
    resolution: ClassVar[timedelta] = timedelta(seconds=1)


WHOLE_SECONDS = variant(AsksFromWholeSeconds)


# A start that is not in the list


@frozen
class AsksFromOneTickBefore(MockConnector):
    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        """`updated_after` leaves out what changed at that very second, where the window has it."""
        start = request.window.start.replace(microsecond=0) - timedelta(seconds=1)
        params = {"updated_after": start, "to": request.window.end, "after": request.cursor, "size": request.page_size}
        page = await self.http.get("/v1/after", params=params, into=wire.OrderPage)
        return channel.RecordPage("order", page.orders, next_cursor=page.next)


class ListsAfter(WritesWholeSeconds):
    @route("GET /v1/after", spends="orders")
    def list_after(self, call: Call) -> Json:
        start, after = call.time("updated_after") + timedelta.resolution, call.text("after", default=None)
        found = self.changed_between(start, call.time("to"), after, call.number("size"))
        return {"orders": list(map(word_order, found.orders)), "next": found.cursor if found.more else None}


AFTER = variant(AsksFromOneTickBefore)


# The rate of a tax, in percent, in place of the tax


@frozen
class RatedLine:
    vat: Decimal | None


def map_rated(record: Json) -> model.Order:
    order = map_order(record)
    rates = [channel.structure(line, RatedLine).vat for line in record["lines"]]
    pairs = zip(order.lines, rates, strict=True)
    return evolve(order, lines=tuple(evolve(line, tax=tax_within(line, rate)) for line, rate in pairs))


def tax_within(line: model.OrderLine, rate: Decimal | None) -> model.Money | None:
    """The tax that the line's price holds after its discount, rounded half up to the cent."""
    if rate is None or line.gross is None:
        return None
    paid = line.gross - line.discount if line.discount else line.gross
    tax = paid.amount * rate / (100 + rate)
    return model.Money(tax.quantize(Decimal("0.01"), ROUND_HALF_UP), paid.currency)


class TellsRates(MockShop):
    tax_rates: ClassVar[Sequence[str]] = ("19", "7", "0")

    @route("GET /v1/orders")
    def list_orders(self, call: Call) -> Json:
        found = self.changed_between(
            call.time("from"), call.time("to"), after=call.text("after", default=None), size=call.number("size")
        )
        return {"orders": list(map(word_rated, found.orders)), "next": found.cursor if found.more else None}

    @route("GET /v1/orders/named", spends="orders")
    def list_named_orders(self, call: Call) -> Json:
        return {"orders": [word_rated(self.orders[no]) for no in call.texts("number") if no in self.orders]}


def word_rated(order: model.Order) -> Json:
    words = zip(word_order(order)["lines"], order.lines, strict=True)
    lines = [word | {"tax": None, "vat": rate_of(line, TellsRates.tax_rates)} for word, line in words]
    return {**word_order(order), "lines": lines}


RATES = evolve(MOCK, maps={**MOCK.maps, "order": map_rated})


# A refusal in words of the shop's own


def reason_of(body: Json) -> str:
    """Of `{"fault": {"reason": "SLOW_DOWN", "text": "..."}}`."""
    return str(body["fault"]["reason"])


class WordsRefusals(MockShop):
    def word_refusal(self, call: Call, refusal: Refusal) -> Json:
        return {"fault": {"reason": refusal.code, "text": refusal.message}}

    @route("GET /v1/orders")
    def list_orders(self, call: Call) -> Json:
        try:
            return MockShop.list_orders(self, call)
        except CursorError as error:
            raise Refusal(422, str(error), code="LIST_GONE" if error.expired else "NO_LIST") from None


BUSY = {(503, "SLOW_DOWN"): channel.RateLimited, (409, "LOCKED"): channel.TransientError}
GONE = {(422, "LIST_GONE"): channel.CursorExpired}

REFUSALS = evolve(MOCK, errors=channel.STANDARD_ERRORS | BUSY | GONE, error_code=reason_of)


# A refusal that is one text


def text_of(body: Json) -> str:
    return str(body["text"])


class TellsOneText(MockShop):
    def word_refusal(self, call: Call, refusal: Refusal) -> Json:
        named = {code for _, code in BUSY}
        return {"text": refusal.code if refusal.code in named else refusal.message}


ONE_TEXT = evolve(MOCK, errors=channel.STANDARD_ERRORS | BUSY, error_code=text_of)


# Orders that show their prices before they are paid


def map_priced(record: Json) -> model.Order:
    """No price is ever null."""
    channel.structure(record, Priced)
    return map_order(record)


@frozen
class Priced:
    total: Decimal


class PricesUnpaidOrders(MockShop):
    priced_early: ClassVar[bool] = True


PRICED = evolve(MOCK, maps={**MOCK.maps, "order": map_priced})
