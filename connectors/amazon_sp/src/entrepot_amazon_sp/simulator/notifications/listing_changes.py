"""What becomes of a listing: its status, its issues and its quantity, before and after.

Changes within the second that passes until they are told are told as one.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial

from attrs import frozen

from entrepot.channel import Json
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.inventory import Inventory
from entrepot_amazon_sp.simulator.listings import MERCHANT, View, issues_in, statuses
from entrepot_amazon_sp.simulator.notifications.courier import Courier
from entrepot_amazon_sp.simulator.notifications.types import ISSUES_CHANGE, MFN_QUANTITY_CHANGE, STATUS_CHANGE
from entrepot_amazon_sp.simulator.times import instant

TOLD = (STATUS_CHANGE, ISSUES_CHANGE, MFN_QUANTITY_CHANGE)

GONE = ("DELETED",)
NO_ISSUE = ("NONE",)


@frozen
class _Seen:
    """A listing at one moment. `quantity` is None where the merchant does not send it; the rest goes by store."""

    asin: str
    created_at: datetime
    quantity: int | None
    statuses: Mapping[str, tuple[str, ...]]
    severities: Mapping[str, tuple[str, ...]]
    actions: Mapping[str, tuple[str, ...]]


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
        before, at = self._look(sku), self._account.market.now()
        self._courier.later(partial(self._tell, sku, before, at))

    def _look(self, sku: str) -> _Seen | None:
        view = self._inventory.view(sku, self._account.places)
        return None if view is None else _seen(view)

    def _tell(self, sku: str, before: _Seen | None, at: datetime) -> None:
        self._untold.discard(sku)
        after = self._look(sku)
        known = after or before
        if known is None:
            return
        listing = {"SellerId": self._account.seller, "Asin": known.asin, "Sku": sku}
        for store, status in _changed(before and before.statuses, after and after.statuses, GONE):
            created = {"CreatedDate": instant(known.created_at), "Status": [*status]}
            self._courier.tell(STATUS_CHANGE, sku, at, listing | {"MarketplaceId": store} | created)
        for store, severities in _changed(before and before.severities, after and after.severities, NO_ISSUE):
            actions = after.actions.get(store, ()) if after else ()
            words = {"Severities": [*severities], "EnforcementActions": [*actions]}
            self._courier.tell(ISSUES_CHANGE, sku, at, listing | {"MarketplaceId": store} | words)
        if after and after.quantity is not None and (before is None or before.quantity != after.quantity):
            words = {"FulfillmentChannelCode": MERCHANT, "Sku": sku, "Quantity": after.quantity}
            self._courier.tell(MFN_QUANTITY_CHANGE, sku, at, {"SellerId": self._account.seller} | words)


Words = Mapping[str, tuple[str, ...]]


def _changed(before: Words | None, after: Words | None, absent: tuple[str, ...]) -> Iterable[tuple[str, tuple[str, ...]]]:
    """What is new, by store."""
    old, new = before or {}, after or {}
    for store in [*new, *(store for store in old if store not in new)]:
        if old.get(store, absent) != new.get(store, absent):
            yield store, new.get(store, absent)


def _seen(view: View) -> _Seen:
    found = {place.id: issues_in(view.listing, place.id) for place in view.places}
    return _Seen(
        view.listing.asin,
        view.listing.created_at,
        None if view.listing.is_sent_by_amazon else view.quantity,
        {place.id: tuple(statuses(view, place)) for place in view.places},
        {store: tuple(sorted({issue["severity"] for issue in issues})) for store, issues in found.items() if issues},
        {store: _actions(issues) for store, issues in found.items()},
    )


def _actions(issues: Iterable[Json]) -> tuple[str, ...]:
    found = (each["action"] for issue in issues for each in issue.get("enforcements", {}).get("actions", ()))
    return tuple(sorted(set(found)))
