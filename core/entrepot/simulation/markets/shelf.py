"""The quantities that a simulated channel shows, and who changed them when."""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from datetime import datetime
from typing import Self

from attrs import frozen


class SoldOut(Exception):  # noqa: N818 - an event, not a mistake
    """The channel shows fewer units than the buyer wants."""


@frozen
class StockWrite:
    """A quantity that the merchant set, at the instant it took effect."""

    at: datetime
    offer: str
    quantity: int
    previous: int | None  # None: the channel did not have the offer


class Shelf(MutableMapping[str, int]):
    """Offer to quantity for sale. Setting one is the merchant's write and is recorded; `move` is the buyers' doing.

    `watchers` are told an offer before anything of it changes.
    """

    def __init__(self, quantities: Mapping[str, int], now: Callable[[], datetime]) -> None:
        self._quantities = dict(quantities)
        self._now = now
        self.writes: list[StockWrite] = []
        self.watchers: list[Callable[[str], object]] = []

    def announce(self, offer: str) -> None:
        """Something of it is about to change: its quantity, or what the channel keeps beside that."""
        for watcher in self.watchers:
            watcher(offer)

    def __getitem__(self, offer: str) -> int:
        return self._quantities[offer]

    def __setitem__(self, offer: str, quantity: int) -> None:
        self.announce(offer)
        self.writes.append(StockWrite(self._now(), offer, quantity, self._quantities.get(offer)))
        self._quantities[offer] = quantity

    def __delitem__(self, offer: str) -> None:
        self.announce(offer)
        del self._quantities[offer]

    def __iter__(self) -> Iterator[str]:
        return iter(self._quantities)

    def __len__(self) -> int:
        return len(self._quantities)

    def __ior__(self, quantities: Mapping[str, int]) -> Self:
        self.update(quantities)
        return self

    @property
    def changes(self) -> list[StockWrite]:
        """Writes that changed what is shown: a channel with one document for many offers sets the others again."""
        return [write for write in self.writes if write.quantity != write.previous]

    def check(self, units: Mapping[str, int]) -> None:
        """Raises SoldOut."""
        for offer, wanted in units.items():
            if (shown := self._quantities.get(offer, 0)) < wanted:
                raise SoldOut(f"{offer}: {wanted} wanted, {shown} shown. Next: show more in `stock` first")

    def move(self, offer: str, units: int) -> None:
        """A sale takes units, a cancellation brings them back; an offer that was taken down stays down."""
        if offer in self._quantities:
            self.announce(offer)
            self._quantities[offer] += units
