"""What `searchOrders` is asked for, and the pagination tokens in which it hides where it stands."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Self
from zlib import crc32

from attrs import frozen

from entrepot.model import Fulfillment, Order
from entrepot.simulation import Call
from entrepot_amazon_sp.places import PLACES
from entrepot_amazon_sp.simulator import parameters
from entrepot_amazon_sp.simulator.hosts import check_stores
from entrepot_amazon_sp.simulator.orders.statuses import STATUS_WORDS, status_word
from entrepot_amazon_sp.simulator.refusals import invalid

UNSETTLED = timedelta(minutes=2)
"""A window ends so long ago at the latest."""

MOST_STORES = 50
LARGEST_PAGE = 100

FREE = {"paginationToken", "maxResultsPerPage", "includedData"}
"""Parameters that may differ from page to page."""

GROUPS = frozenset(
    [
        *("BUYER", "RECIPIENT", "PROCEEDS", "EXPENSE", "PROMOTION", "CANCELLATION", "FULFILLMENT", "PACKAGES", "TAX"),
        *("PAYMENT", "FULFILLMENT_ORDERS"),
    ]
)
"""Values of `includedData`."""

FULFILLERS = {Fulfillment.MERCHANT: "MERCHANT", Fulfillment.CHANNEL: "AMAZON"}

EVER, END_OF_TIME = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@frozen
class Token:
    """`cursor` is the place in the market's list, `before` the end of the window, `asked` what must not change."""

    cursor: str
    before: str
    asked: Mapping[str, str]

    def text(self) -> str:
        """In characters that a client must percent-encode: who forgets it is refused, as by Amazon."""
        content = json.dumps([self.cursor, self.before, dict(self.asked)]).encode()
        return f"+/{base64.b64encode(content).decode()}={crc32(content):08x}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises AmazonRefusal for a token that was never given."""
        never_given = invalid("The pagination token is not valid.")
        try:
            encoded, _, sum_ = text.removeprefix("+/").rpartition("=")
            content, expected = base64.b64decode(encoded, validate=True), int(sum_, 16)
        except ValueError:
            raise never_given from None
        if not text.startswith("+/") or expected != crc32(content):
            raise never_given
        return cls(*json.loads(content))


@frozen
class Search:
    """A request that keeps every rule. `by` is "created" or "lastUpdated"."""

    by: str
    after: datetime
    before: datetime
    stores: tuple[str, ...]
    fulfilled_by: tuple[str, ...]
    statuses: tuple[str, ...]
    size: int
    included: frozenset[str]
    cursor: str | None
    asked: Mapping[str, str]

    def window(self) -> tuple[datetime, datetime]:
        """Of changes, with its start and without its end; Amazon's windows have both."""
        return (self.after, self.before + timedelta.resolution) if self.by == "lastUpdated" else (EVER, END_OF_TIME)

    def keeps(self, order: Order) -> bool:
        created = self.by == "lastUpdated" or self.after <= order.placed_at <= self.before
        return (
            created
            and (not self.stores or PLACES[order.marketplace].id in self.stores)
            and (not self.fulfilled_by or FULFILLERS[order.fulfillment] in self.fulfilled_by)
            and (not self.statuses or status_word(order) in self.statuses)
        )

    def token(self, cursor: str) -> str:
        return Token(cursor, self.before.isoformat(), self.asked).text()


def read_search(call: Call, region: str, now: datetime, time_scale: int) -> Search:
    """Raises Refusal for whatever Amazon's model forbids."""
    by = read_mode(call)
    text = parameters.single(call, "paginationToken")
    token = None if text is None else Token.read(text)
    asked = {name: ",".join(values) for name, values in sorted(call.query.items()) if name not in FREE}
    if token is not None and token.asked != asked:
        raise invalid("The pagination token was given for other parameters.")
    stores = parameters.array(call, "marketplaceIds", most=MOST_STORES)
    check_stores(stores, region, invalid("marketplaceIds has an unknown value."))
    after, before = read_window(call, by, now - UNSETTLED / time_scale)
    return Search(
        by=by,
        after=after,
        before=datetime.fromisoformat(token.before) if token else before,
        stores=stores,
        fulfilled_by=parameters.array(call, "fulfilledBy", allowed=FULFILLERS.values()),
        statuses=parameters.array(call, "fulfillmentStatuses", allowed=STATUS_WORDS),
        size=parameters.number(call, "maxResultsPerPage", LARGEST_PAGE, LARGEST_PAGE),
        included=read_included(call),
        cursor=token.cursor if token else None,
        asked=asked,
    )


def read_included(call: Call) -> frozenset[str]:
    return frozenset(parameters.array(call, "includedData", allowed=GROUPS))


def read_mode(call: Call) -> str:
    """By which time the search goes: exactly one of the two, and no end of the other."""
    given = {mode: parameters.single(call, f"{mode}After") for mode in ("created", "lastUpdated")}
    modes = [mode for mode, value in given.items() if value is not None]
    if len(modes) != 1:
        raise invalid("Exactly one of createdAfter and lastUpdatedAfter must be given.")
    other = "created" if modes[0] == "lastUpdated" else "lastUpdated"
    if parameters.single(call, f"{other}Before") is not None:
        raise invalid(f"{other}Before may not be given with {modes[0]}After.")
    return modes[0]


def read_window(call: Call, by: str, latest: datetime) -> tuple[datetime, datetime]:
    """With both its ends; `latest` where the second is left out. Raises AmazonRefusal."""
    after = parameters.time(call, f"{by}After") or EVER
    before = parameters.time(call, f"{by}Before")
    if before is None:
        return after, latest
    if before < after:
        raise invalid(f"{by}Before must be equal to or after {by}After.")
    if before > latest:
        raise invalid(f"{by}Before must be at least two minutes before the time of the request.")
    return after, before
