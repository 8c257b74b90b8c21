"""The mock channel in other shops' words: whole seconds, rates of taxes, refusals.

Code of docs/how-to/write-a-channel.md.
"""

from collections.abc import Sequence
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar

from attrs import evolve, frozen

from entrepot import channel, model
from entrepot.channel import Json
from entrepot.simulation import Call, Refusal, rate_of, route
from entrepot_mock_channel import MOCK
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


BUSY = {(503, "SLOW_DOWN"): channel.RateLimited, (409, "LOCKED"): channel.TransientError}

REFUSALS = evolve(MOCK, errors=channel.STANDARD_ERRORS | BUSY, error_code=reason_of)
