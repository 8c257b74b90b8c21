"""Listings that Amazon finds fault with: by lot, each for a while, as sellers know it.

Categories and actions are the model's; codes, texts and how often it happens are made up.
"""

from functools import partial

from entrepot.channel import Json
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.listings.inventory import Inventory
from entrepot_amazon_sp.simulator.listings.schema_issues import issue

DAY = 86_400.0
LASTS_SECONDS = (3600.0, 4 * DAY)

KINDS = (
    issue("18027", "The main image is not permitted.", "main_image", "INVALID_IMAGE", action="LISTING_SUPPRESSED"),
    issue("5886", "You need approval to list this.", "brand", "QUALIFICATION_REQUIRED", action="LISTING_SUPPRESSED"),
    issue("18299", "The product was removed.", "item_name", "DUPLICATE", action="CATALOG_ITEM_REMOVED"),
    issue("100339", "An image is missing.", "main_image", "MISSING_IMAGE", action="SEARCH_SUPPRESSED"),
    issue("8572", "The size is not known.", "size", "INVALID_ATTRIBUTE", action="ATTRIBUTE_SUPPRESSED"),
)
"""After the first three nobody can order."""


class Troubles:
    def __init__(self, account: Account, inventory: Inventory) -> None:
        self._account = account
        self._inventory = inventory
        self._market = account.market

    def begin(self, share: float) -> None:
        """From now on so many of the offers get into trouble every day, and out of it within four."""
        self._market.later(self._account.wait((0, DAY)), partial(self._strike, share))

    def _strike(self, share: float) -> None:
        offers, rng = [*self._market.stock], self._account.rng
        for _ in range(round(share * len(offers))):
            self._find_fault(rng.choice(offers), rng.choice(KINDS))
        self._market.later(self._account.wait((DAY, DAY)), partial(self._strike, share))

    def _find_fault(self, sku: str, kind: Json) -> None:
        """In one store, or in all."""
        stores = [place.id for place in self._account.places]
        found = kind | {"marketplaceIds": self._account.rng.choice([stores, stores[:1]])}
        self._inventory.find_fault(sku, found)
        self._market.later(self._account.wait(LASTS_SECONDS), partial(self._inventory.clear_fault, sku, found))
