"""What becomes of a listing: its status, its issues and its quantity, before and after.

Changes within the second that passes until they are told are told as one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from attrs import field, frozen

from entrepot.channel import Json
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.catalog.facts import asin_of
from entrepot_amazon_sp.simulator.listings.inventory import Inventory
from entrepot_amazon_sp.simulator.listings.listing import MERCHANT, View, issues_in, statuses
from entrepot_amazon_sp.simulator.notifications.courier import Courier
from entrepot_amazon_sp.simulator.notifications.types import ISSUES_CHANGE, MFN_QUANTITY_CHANGE, STATUS_CHANGE
from entrepot_amazon_sp.simulator.times import instant

TOLD = (STATUS_CHANGE, ISSUES_CHANGE, MFN_QUANTITY_CHANGE)

GONE = ["DELETED"]
NO_ISSUE = ["NONE"]

ByStore = Mapping[str, Sequence[str]]


@frozen
class _Seen:
    """A listing at one moment; nothing of one that is not there. `quantity` is None also where Amazon sends it."""

    created_at: datetime | None = None
    quantity: int | None = None
    statuses: ByStore = field(factory=dict)
    severities: ByStore = field(factory=dict)
    actions: ByStore = field(factory=dict)


class ListingChanges:
    def __init__(self, account: Account, inventory: Inventory, courier: Courier) -> None:
        self._account = account
        self._inventory = inventory
        self._courier = courier
        self._untold: set[str] = set()

    def note(self, sku: str) -> None:
        """Something of it is about to change."""
        if sku in self._untold or not self._courier.is_awaited(*TOLD):
            return
        self._untold.add(sku)
        self._courier.later(partial(self._tell, sku, self._look(sku), self._account.market.now()))

    def _look(self, sku: str) -> _Seen:
        view = self._inventory.view(sku, self._account.places)
        return _Seen() if view is None else _seen(view)

    def _tell(self, sku: str, before: _Seen, at: datetime) -> None:
        self._untold.discard(sku)
        after = self._look(sku)
        for body in self._status_changes(sku, before, after):
            self._courier.tell(STATUS_CHANGE, sku, at, body)
        for body in self._issue_changes(sku, before, after):
            self._courier.tell(ISSUES_CHANGE, sku, at, body)
        if after.quantity not in {None, before.quantity}:
            told = {"FulfillmentChannelCode": MERCHANT, "Sku": sku, "Quantity": after.quantity}
            self._courier.tell(MFN_QUANTITY_CHANGE, sku, at, {"SellerId": self._account.seller} | told)

    def _status_changes(self, sku: str, before: _Seen, after: _Seen) -> Iterator[Json]:
        created_at = after.created_at or before.created_at
        created = {"CreatedDate": instant(created_at)} if created_at else {}
        for store, status in _changes(before.statuses, after.statuses, GONE):
            yield self._listing(sku, store) | created | {"Status": status}

    def _issue_changes(self, sku: str, before: _Seen, after: _Seen) -> Iterator[Json]:
        for store, severities in _changes(before.severities, after.severities, NO_ISSUE):
            words = {"Severities": severities, "EnforcementActions": after.actions.get(store, [])}
            yield self._listing(sku, store) | words

    def _listing(self, sku: str, store: str) -> dict[str, Json]:
        return {"SellerId": self._account.seller, "MarketplaceId": store, "Asin": asin_of(sku), "Sku": sku}


def _changes(before: ByStore, after: ByStore, absent: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """The new words of each store whose words are new."""
    for store in dict.fromkeys([*after, *before]):
        if before.get(store, absent) != after.get(store, absent):
            yield store, after.get(store, absent)


def _seen(view: View) -> _Seen:
    issues = {place.id: issues_in(view.listing, place.id) for place in view.places}
    return _Seen(
        view.listing.created_at,
        None if view.listing.is_sent_by_amazon else view.quantity,
        {place.id: statuses(view, place) for place in view.places},
        {store: sorted({issue["severity"] for issue in found}) for store, found in issues.items() if found},
        {store: _actions(found) for store, found in issues.items() if found},
    )


def _actions(issues: Iterable[Json]) -> Sequence[str]:
    found = {each["action"] for issue in issues for each in issue.get("enforcements", {}).get("actions", ())}
    return sorted(found)
