"""The stores in which one account sells."""

from collections.abc import Iterable, Sequence
from typing import Self

from attrs import frozen

from entrepot_amazon_sp.places import PLACES, REGIONS, Place, Region


@frozen
class Stores:
    """`places` are of one region, in the order of plugins.toml."""

    places: tuple[Place, ...]

    @classmethod
    def chosen(cls, codes: Sequence[str]) -> Self:
        """Raises ValueError for no store, unknown ones, and stores of several regions."""
        if not codes:
            raise ValueError('no marketplaces. Next: name the stores of the account, e.g. marketplaces = ["DE", "NL"]')
        unknown = [code for code in codes if code not in PLACES]
        if unknown:
            raise ValueError(
                f"Amazon has no marketplace {', '.join(map(repr, unknown))}. Next: choose from {', '.join(PLACES)}"
            )
        places = tuple(PLACES[code] for code in dict.fromkeys(codes))
        regions = dict.fromkeys(place.region for place in places)
        if len(regions) > 1:
            lists = [", ".join(place.code for place in places if place.region == region) for region in regions]
            raise ValueError(
                f"an authorization is good for one region, and the marketplaces lie in {len(regions)}: "
                f"{'; '.join(lists)}. Next: make an account for each region"
            )
        return cls(places)

    @property
    def region(self) -> Region:
        return REGIONS[self.places[0].region]

    @property
    def ids(self) -> str:
        return ids_of(self.places)

    @property
    def codes(self) -> str:
        return ", ".join(place.code for place in self.places)

    @property
    def pools(self) -> tuple[tuple[Place, ...], ...]:
        """The stores by stock pool: those of one pool show one quantity."""
        names = dict.fromkeys(place.stock_pool for place in self.places)
        return tuple(tuple(place for place in self.places if place.stock_pool == name) for name in names)

    def among(self, marketplace_ids: Iterable[str]) -> Self:
        """Those of the stores that are named; all where none is."""
        named = set(marketplace_ids)
        return type(self)(tuple(place for place in self.places if place.id in named) or self.places)


def ids_of(places: Iterable[Place]) -> str:
    """As Amazon wants a list in a query: with commas."""
    return ",".join(place.id for place in places)
