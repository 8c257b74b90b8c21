"""The listings of one seller, and what is submitted for them: judged at once, in effect a little later."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from attrs import frozen

from entrepot.channel import Json, SimulatorConfig
from entrepot.simulation import FaultPoints
from entrepot_amazon_sp.places import Place
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.faults import AmazonFault
from entrepot_amazon_sp.simulator.listings.definitions import Schema, fitting, schema_of
from entrepot_amazon_sp.simulator.listings.listing import AMAZONS_OWN, MERCHANT, Listing, View
from entrepot_amazon_sp.simulator.listings.patches import (
    Draft,
    find_patch_issues,
    find_whole_issues,
    patched,
    read_patches,
    read_whole,
    replaced,
)
from entrepot_amazon_sp.simulator.listings.schema_issues import issue

if TYPE_CHECKING:
    from datetime import datetime

EFFECT_SECONDS = (2.0, 60.0)
"""From ACCEPTED until it is on show."""


OVERTAKEN_BY = timedelta(minutes=10)
"""How much later a late submission is in effect."""

RESTING = timedelta(hours=24)
"""A SKU that was deleted cannot be listed again for so long. Sellers say so; Amazon does not."""


@frozen
class WithoutEffect:
    """A submission that was called accepted and did nothing. `feed` is None for one that came by itself."""

    feed: str | None
    sku: str


class Inventory:
    """What `market` shows is each listing's quantity. `converted` are the SKUs whose offers Amazon sends no more.

    `without_effect` is the truth about what was called accepted. `names` are titles by SKU, of offers that have some.
    """

    def __init__(self, account: Account, faults: FaultPoints, config: SimulatorConfig) -> None:
        self._account = account
        self._market = account.market
        self._faults = faults
        self.names = config.titles
        self._opened_at = account.market.now()
        self._everywhere = frozenset(place.id for place in account.places)
        self._listings: dict[str, Listing] = {}
        self._busy_until: dict[str, datetime] = {}
        self._deleted_at: dict[str, datetime] = {}
        self.converted: list[str] = []
        self.without_effect: list[WithoutEffect] = []
        for sku in sorted(config.sent_by_channel):
            self.send_by_amazon(sku)

    def listing(self, sku: str) -> Listing | None:
        """None unless the market has the offer. Change only what `kept` returns."""
        if sku not in self._market.stock:
            self._listings.pop(sku, None)
            return None
        return self._listings.get(sku) or self._fresh(sku)

    def views(self, places: Sequence[Place], skus: Iterable[str] | None = None) -> list[View]:
        """Of all listings that one of these stores has, or of those with these SKUs."""
        found = [self.view(sku, places) for sku in (self._market.stock if skus is None else skus)]
        return [view for view in found if view is not None]

    def view(self, sku: str, places: Sequence[Place]) -> View | None:
        """None unless one of these stores has the listing."""
        listing = self.listing(sku)
        shown = [place for place in places if listing is not None and place.id in listing.stores]
        return View(listing, self._market.stock[sku], shown) if listing is not None and shown else None

    def _fresh(self, sku: str) -> Listing:
        """As it was when the market opened."""
        name, at = self.names.get(sku, ""), self._opened_at
        return Listing(sku, name, at, at, self._everywhere, fitting(f"{name} {sku}")[0], is_invented=True)

    # What a run may arrange

    def kept(self, sku: str) -> Listing:
        """To be changed, which is announced: of a million others nothing is kept. Raises KeyError."""
        listing = self.listing(sku)
        if listing is None:
            raise KeyError(sku)
        self._market.stock.announce(sku)
        return self._listings.setdefault(sku, listing)

    def send_by_amazon(self, sku: str) -> None:
        """From now on Amazon sends this offer and counts its units."""
        self.kept(sku).availability = {AMAZONS_OWN[self._account.region]: {}}

    def suppress(self, sku: str, *stores: str) -> None:
        """No buyer can order it, in the stores with these ids, or in all."""
        message = "The main image is not permitted."
        found = issue("18027", message, "main_image", "INVALID_IMAGE", action="LISTING_SUPPRESSED")
        self.find_fault(sku, found | ({"marketplaceIds": [*stores]} if stores else {}))

    def find_fault(self, sku: str, found: Json) -> None:
        """The listing has the issue `found`."""
        listing = self.kept(sku)
        listing.issues.append(found)
        listing.changed_at = self._market.now()

    def clear_fault(self, sku: str, found: Json) -> None:
        """It has it no more. Nothing, if the listing is gone, or has been made anew."""
        known = self.listing(sku)
        if known is not None and found in known.issues:
            listing = self.kept(sku)
            listing.issues.remove(found)
            listing.changed_at = self._market.now()

    def clear_issues(self, sku: str) -> None:
        self.kept(sku).issues.clear()

    def sent_by_amazon(self) -> list[str]:
        return [sku for sku, listing in self._listings.items() if listing.is_sent_by_amazon]

    def suppressed(self) -> dict[str, list[str]]:
        """SKU to the stores where no buyer can order it although it is listed there."""
        closed = {
            sku: sorted(store for store in listing.stores if not listing.is_offered(store))
            for sku, listing in self._listings.items()
        }
        return {sku: stores for sku, stores in closed.items() if stores}

    # What is submitted: each tells the issues for which it is refused. Raises AmazonRefusal for what is no submission.
    # `feed` is the one that it came with, if any.

    def patch(
        self, sku: str, places: Sequence[Place], body: Json, *, preview: bool = False, feed: str | None = None
    ) -> list[Json]:
        """Takes effect in the sequence of the coming, as all that is submitted for one SKU."""
        view = self.view(sku, places)
        if view is None:  # what Amazon says of it is a guess: its model has no 404 here
            return [unknown(sku)]
        patches = read_patches(body, view.listing.product_type)
        issues = find_patch_issues(patches, self._schema(body["productType"]))
        if not issues and not preview:
            self._submit(sku, feed, partial(self._change, sku, lambda listing: patched(listing, patches)))
        return issues

    def put(
        self, sku: str, places: Sequence[Place], body: Json, *, preview: bool = False, feed: str | None = None
    ) -> list[Json]:
        """A SKU that is not known becomes a listing of these stores; a known one is shown there as well."""
        attributes = read_whole(body, self.listing(sku))
        requirements = body.get("requirements", "LISTING")
        issues = find_whole_issues(attributes, self._schema(body["productType"], requirements, enforced=True))
        if not issues and not preview:
            self._submit(sku, feed, partial(self._list, sku, places, body, feed))
        return issues

    def delete(self, sku: str, places: Sequence[Place], *, feed: str | None = None) -> list[Json]:
        """The listing goes with the last store that has it."""
        if self.view(sku, places) is None:  # as above
            return [unknown(sku)]
        self._submit(sku, feed, partial(self._take_down, sku, places))
        return []

    def _schema(self, product_type: str, requirements: str = "LISTING", *, enforced: bool = False) -> Schema:
        """For all stores of the seller: an attribute may name others than those it is sent to (a guess)."""
        return schema_of(product_type, tuple(self._account.places), requirements, enforced=enforced)

    # How it takes effect

    def _submit(self, sku: str, feed: str | None, effect: Callable[[], object]) -> None:
        if self._faults.strikes(AmazonFault.SILENT_SUBMISSION):
            self.without_effect.append(WithoutEffect(feed, sku))
            return
        now, scale = self._market.now(), self._account.time_scale
        at = now + self._account.wait(EFFECT_SECONDS) / scale
        at = max(at, self._busy_until.get(sku, at))
        if self._faults.strikes(AmazonFault.LATE_SUBMISSION):
            at += OVERTAKEN_BY / scale
        else:
            self._busy_until[sku] = at
        self._market.later((at - now) * scale, partial(self._take_effect, sku, effect))

    def _take_effect(self, sku: str, effect: Callable[[], object]) -> None:
        self._market.stock.announce(sku)
        effect()

    def _list(self, sku: str, places: Sequence[Place], body: Json, feed: str | None) -> None:
        if sku not in self._market.stock:
            if self._rests(sku):
                self.without_effect.append(WithoutEffect(feed, sku))
                return
            self._market.stock[sku] = 0
            now = self._market.now()
            self._listings[sku] = Listing(sku, self.names.get(sku, ""), now, now, frozenset(), body["productType"])
        listing = self.kept(sku)
        listing.stores |= {place.id for place in places}
        listing.is_invented = False
        self._change(sku, lambda known: replaced(body["attributes"], known.availability))

    def _change(self, sku: str, make: Callable[[Listing], Draft]) -> None:
        if sku not in self._market.stock:
            return
        listing = self.kept(sku)
        draft = make(listing)
        if listing.is_sent_by_amazon and MERCHANT in draft.availability:
            self.converted.append(sku)
        listing.availability, listing.attributes = draft.availability, draft.others
        listing.changed_at = self._market.now()
        if draft.quantity is not None:
            self._market.stock[sku] = draft.quantity

    def _take_down(self, sku: str, places: Sequence[Place]) -> None:
        if sku not in self._market.stock:
            return
        listing = self.kept(sku)
        listing.stores -= {place.id for place in places}
        if not listing.stores:
            del self._market.stock[sku]
            self._deleted_at[sku] = self._market.now()

    def _rests(self, sku: str) -> bool:
        deleted_at = self._deleted_at.get(sku)
        return deleted_at is not None and self._market.now() - deleted_at < RESTING / self._account.time_scale


def unknown(sku: str) -> Json:
    return issue("8541", f"SKU {sku} does not exist.", "sku")
