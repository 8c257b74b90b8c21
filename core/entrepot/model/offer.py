"""What a channel shows for sale, and which articles one unit of it takes."""

from collections.abc import Mapping

from attrs import field, frozen

from entrepot.model.ids import AccountId, LocationId, Sku
from entrepot.model.order import Fulfillment


@frozen
class Bundle:
    """The articles in one unit of an offer: one article once, or several. A changed composition is a new version."""

    version: int
    parts: Mapping[Sku, int] = field()

    @parts.validator
    def _some(self, _: object, parts: Mapping[Sku, int]) -> None:
        if not parts or any(units < 1 for units in parts.values()):
            msg = f"a bundle holds at least one unit of each of its articles, not {dict(parts)}"
            raise ValueError(msg)


@frozen
class Target:
    """Which article at which location an order line takes, units per unit ordered. Chosen once, at first intake."""

    sku: Sku
    location: LocationId
    per_unit: int
    bundle_version: int


@frozen
class Offer:
    """`external_id` is the channel's own SKU, unique within the account; `bundle` is None while it is unmapped."""

    account: AccountId
    external_id: str
    fulfillment: Fulfillment = Fulfillment.MERCHANT
    bundle: Bundle | None = None
