"""Which searches show what an account's offers have, one after the other, and what was seen so far.

Amazon's search tells one quantity for the stores that it is asked about, so each stock pool takes a search of its own.
Of the search's bucket of five a caller can count on two: several searches at once cannot be had.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Self, TypeAlias

from attrs import evolve, frozen

from entrepot import channel
from entrepot_amazon_sp.places import Place

Pool: TypeAlias = tuple[Place, ...]
Search: TypeAlias = tuple[tuple[str, ...], Pool]
"""SKUs, and the stores to search for them."""


def searches(skus: Sequence[str], pools: Sequence[Pool]) -> list[Search]:
    """All SKUs in one search of a pool. Amazon cuts a list at commas, so a SKU that holds one is asked for alone."""
    plain = tuple(sku for sku in skus if "," not in sku)
    batches = [plain] if plain else []
    batches += [(sku,) for sku in skus if "," in sku]
    return [(batch, pool) for batch in batches for pool in pools]


@frozen
class Progress:
    """`done` of the searches were answered; `shown` is the listing by SKU and by the code of a pool's first store."""

    done: int
    shown: dict[str, dict[str, channel.Json]]

    @classmethod
    def parse(cls, cursor: str) -> Self:
        return cls(*json.loads(cursor))

    def dump(self) -> str:
        return json.dumps([self.done, self.shown], default=str)  # a number with a point is none that is read

    def seeing(self, code: str, items: Iterable[channel.Json]) -> Self:
        shown = dict(self.shown)
        for item in items:
            shown[item["sku"]] = shown.get(item["sku"], {}) | {code: item}
        return evolve(self, done=self.done + 1, shown=shown)

    def records(self) -> list[channel.Json]:
        return [{"sku": sku, "shown": shown} for sku, shown in self.shown.items()]
