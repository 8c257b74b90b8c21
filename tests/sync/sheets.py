"""A store that dies at a given transaction, and files of counts that are brought to it."""

from datetime import UTC, datetime

from entrepot.model import CountMeaning, Sku
from entrepot.stock.mass_change import HoldIf
from entrepot.stock.sheet import Reading
from entrepot.store.sqlite import migrate
from entrepot.sync import importing
from entrepot.sync.csv_delivery import csv_delivery
from tests.store.opened import done, open_inline
from tests.store.values import NOON, minutes

ARTICLES = {f"SKU-{number}": None for number in range(12)}
TEA, CUP = Sku("SKU-0"), Sku("SKU-1")


class Standing:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOON


class Store:
    """A store of a file of its own that dies at a given transaction."""

    def __init__(self, folder):
        self.path = folder / "entrepot.db"
        migrate(self.path)
        self.opened = open_inline(self.path)
        self.left = None

    async def write(self, work):
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise KeyboardInterrupt
        return await self.opened.write(work)

    async def read(self, work):
        return await self.opened.read(work)

    def units(self, *skus):
        return done(self.read(lambda tx: [tx.ledger.available([Sku(sku)]).get(Sku(sku)) for sku in skus or ARTICLES]))

    def problems(self, kind):
        return done(self.read(lambda tx: [one for one in tx.problems.all() if one.kind is kind]))


def write_sheet(store, counts, name="erp.csv"):
    path = store.path.parent / name
    path.write_text("sku,quantity\n" + "".join(f"{sku},{units}\n" for sku, units in counts.items()), "utf-8")
    return path


def delivery(path, articles=ARTICLES, counted_at=None, meaning=CountMeaning.ON_HAND):
    return csv_delivery(path, Reading(meaning, counted_at or NOON, minutes(60), UTC), counted_at, articles)


def bring(store, path, **more):
    """Import a file, and follow it."""
    told = done(importing.import_counts(store, delivery(path, **more), HoldIf(), Standing()))
    done(importing.follow_all(store, Standing()))
    return told


FULL = dict.fromkeys(ARTICLES, 5)
