"""What a listing of Amazon's shows, as a stock level of ours."""

from collections.abc import Iterable, Iterator, Mapping

from entrepot import channel
from entrepot.model import Fulfillment, StockLevel
from entrepot_amazon_sp.places import code_of
from entrepot_amazon_sp.wire.listings import Issue, Item, Shown

MERCHANT = "DEFAULT"
"""The fulfillment channel of the merchant's own stock; any other is Amazon's (`AMAZON_EU`, ...)."""


def map_stock(record: channel.Json) -> StockLevel:
    """The largest quantity that a pool shows: what is above the wish is lowered at once, in every pool."""
    document = channel.structure(record, Shown)
    quantities = {code: _quantity(item) for code, item in document.shown.items()}
    return StockLevel(
        offer=document.sku,
        quantity=max(quantities.values(), default=0),
        fulfillment=fulfillment_of(*document.shown.values()),
        issues=tuple(dict.fromkeys([*_differing(quantities), *_issues(document.shown.values())])),
    )


def fulfillment_of(*items: Item) -> Fulfillment:
    """Amazon's as soon as one entry is: a quantity of the merchant's would convert the offer."""
    channels = {entry.fulfillmentChannelCode for item in items for entry in item.fulfillmentAvailability}
    return Fulfillment.CHANNEL if channels - {MERCHANT} else Fulfillment.MERCHANT


def word_issue(issue: Issue) -> str:
    stores = ", ".join(map(code_of, issue.marketplaceIds))
    return f"{issue.code}{f' ({stores})' if stores else ''}: {issue.message}"


def errors_of(issues: Iterable[Issue]) -> list[str]:
    """What Amazon calls an error, in its words."""
    return [word_issue(issue) for issue in issues if issue.severity == "ERROR"]


def _quantity(item: Item) -> int:
    """Nothing told is nothing for sale."""
    own = (entry for entry in item.fulfillmentAvailability if entry.fulfillmentChannelCode == MERCHANT)
    return max((entry.quantity or 0 for entry in own), default=0)


def _differing(quantities: Mapping[str, int]) -> Iterator[str]:
    if len(set(quantities.values())) > 1:
        (first, shown), *others = quantities.items()
        yield ", ".join([f"{first} shows {shown}", *(f"{code} {quantity}" for code, quantity in others)])


def _issues(items: Iterable[Item]) -> Iterator[str]:
    for item in items:
        yield from errors_of(item.issues)
