"""What every API of the simulator knows of the seller's account."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from attrs import frozen

from entrepot.runtime import Rng
from entrepot.simulation import Market
from entrepot_amazon_sp.places import BY_ID, Place
from entrepot_amazon_sp.simulator.hosts import check_stores
from entrepot_amazon_sp.simulator.refusals import AmazonRefusal, invalid


@frozen
class Account:
    """`market` is the truth that all APIs share. Spans are divided by `time_scale`."""

    market: Market
    places: Sequence[Place]
    seller: str
    rng: Rng
    time_scale: int

    @property
    def region(self) -> str:
        return self.places[0].region

    def stores(self, ids: Sequence[str], refuse: Callable[[str], AmazonRefusal]) -> list[Place]:
        """The seller's among those named. Raises AmazonRefusal for ids that are none, or of another region."""
        check_stores(ids, self.region, refuse("marketplaceIds has an unknown value."))
        return [BY_ID[id_] for id_ in ids if BY_ID[id_] in self.places]

    def own(self, ids: Sequence[str]) -> tuple[str, ...]:
        """As `stores`, for work that needs one at least."""
        own = tuple(place.id for place in self.stores(ids, invalid))
        if not own:
            raise invalid("The seller does not take part in these marketplaces.")
        return own

    def wait(self, span: tuple[float, float]) -> timedelta:
        """By lot between so many seconds. In the market's time, which `later` divides by the scale."""
        return timedelta(seconds=self.rng.uniform(*span))

    def uuid(self) -> str:
        digits = f"{self.rng.randint(0, 2**128 - 1):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
