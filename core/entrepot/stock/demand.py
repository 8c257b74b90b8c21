"""What an order's line holds back from sale, and what its shipment takes away."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from attrs import field, frozen

from entrepot.model import (
    DEFAULT_LOCATION,
    AccountId,
    Bundle,
    DataSet,
    Fulfillment,
    LocationId,
    Movement,
    MovementKind,
    Order,
    OrderLine,
    Package,
    Sku,
    Target,
    held_by,
)
from entrepot.model.merge import WITHHELD


@frozen
class Booked:
    """What the ledger already has of a line: units open, and units whose shipment was booked."""

    open: int = 0
    shipped: int = 0


@frozen
class LineChange:
    """What a new version of a line changes. `reversed_by` units are claimed to have come back; they never restock."""

    open_delta: int
    shipped_delta: int
    reversed_by: int


def line_change(order: Order, line: OrderLine, booked: Booked) -> LineChange:
    """Compare a line with what is booked. Shipped quantities only ever rise in the ledger."""
    return LineChange(
        open_delta=order.open_units(line) - booked.open,
        shipped_delta=max(0, line.shipped - booked.shipped),
        reversed_by=max(0, booked.shipped - line.shipped),
    )


@frozen
class Shelves:
    """The merchant's own locations, in the order in which orders are taken from them.

    `free`: units that are there and not promised, of articles that were counted or received there.
    """

    places: Sequence[LocationId] = (DEFAULT_LOCATION,)
    free: Mapping[tuple[Sku, LocationId], int] = field(factory=dict)

    def place_for(self, sku: Sku, units: int) -> LocationId:
        """The first that has them all; else the first at which the article is known, so that it falls short there."""
        known = [place for place in self.places if (sku, place) in self.free]
        having = (place for place in known if self.free[sku, place] >= units)
        return next(having, (known or self.places)[0])


def choose_targets(
    account: AccountId, fulfillment: Fulfillment, bundle: Bundle, units: int, shelves: Shelves
) -> tuple[Target, ...]:
    """Where the articles of a line of so many units are taken from.

    A line that the channel fulfills touches only what this channel holds.
    """

    def place_for(sku: Sku, taken: int) -> LocationId:
        return held_by(account) if fulfillment is Fulfillment.CHANNEL else shelves.place_for(sku, taken)

    return tuple(
        Target(sku, place_for(sku, units * each), each, bundle.version) for sku, each in sorted(bundle.parts.items())
    )


CLOCK_ERROR = timedelta(seconds=2)
"""So well is a channel's clock known at best: HTTP's Date has whole seconds, and a change of less is not noted."""


@frozen
class Departure:
    """Units that left together. `not_before` only where the channel did not tell when: see `Movement`."""

    units: int
    at: datetime
    not_before: datetime | None = None


def departures(order: Order, line: OrderLine, before: Order | None, booked: Booked) -> list[Departure]:
    """When the units left that are shipped now and not booked yet.

    Told by the packages that `before`, the version that the ledger knows, did not have.
    """
    seen = before if before and _shipped_in(before, line) <= booked.shipped else None
    units = line.shipped - booked.shipped
    packages = _packages_of(order, line, seen)
    told = [(package.shipped_at, package.lines.get(line.external_id, 0)) for package in packages if package.shipped_at]
    named = sum(count for _, count in told)
    left = list[Departure]()
    if all(package.lines for package in packages) and named <= units:
        left = [Departure(count, at) for at, count in told]
    elif len(told) == len(packages):
        first, last = min(told)[0], max(told)[0]
        left = [Departure(units, last, first if first < last else None)]
    rest = units - sum(departure.units for departure in left)
    return [*left, Departure(rest, order.changed_at, _last_sight(order, line, seen))] if rest else left


def _shipped_in(order: Order, line: OrderLine) -> int:
    return next((old.shipped for old in order.lines if old.external_id == line.external_id), 0)


def _packages_of(order: Order, line: OrderLine, before: Order | None) -> list[Package]:
    """New packages that hold units of the line. One that names no lines may hold any."""
    known = {package.external_id for package in before.packages} if before else set()
    holding = [package for package in order.packages if not package.lines or package.lines.get(line.external_id)]
    return [package for package in holding if package.external_id not in known]


def _last_sight(order: Order, line: OrderLine, before: Order | None) -> datetime:
    """When the units were certainly still there; without a better sight, when the order was placed."""
    told = [package.shipped_at for package in _packages_of(order, line, None) if package.shipped_at]
    if before is None or before.data_sets.get(DataSet.STATUS) in WITHHELD:
        return order.placed_at
    return min([before.changed_at, *told])


def shipments(
    account: AccountId,
    order: Order,
    line: OrderLine,
    target: Target,
    before: Order | None,
    booked: Booked,
    *,
    ahead: timedelta = timedelta(),
) -> Iterator[Movement]:
    """The movements for the units that left since `booked`, by our clock: so are the counts. `ahead` is the channel's.

    Each takes effect when its units have certainly left, as far as the channel's clock is known. Its reference names
    the total that it reaches, so it is booked once.
    """
    reached = booked.shipped
    for departure in departures(order, line, before, booked):
        reached += departure.units
        yield Movement(
            sku=target.sku,
            quantity=-departure.units * target.per_unit,
            kind=MovementKind.SHIPMENT,
            effective_at=departure.at - ahead + CLOCK_ERROR,
            reference=f"{account}/{order.external_id}/{line.external_id}/shipped-{reached}",
            location=target.location,
            not_before=(departure.not_before or departure.at) - ahead - CLOCK_ERROR,
        )


def equal_sku(offer: str, catalog: Mapping[Sku, object]) -> Bundle | None:
    """An offer whose name is an article of the catalog is one unit of it."""
    return Bundle(0, {Sku(offer): 1}) if Sku(offer) in catalog else None
