"""What shipping, delivering and cancelling make of an order."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve

from entrepot.model import Cancellation, Fulfillment, Order, OrderLine, OrderStatus, Package, PackageStatus

Changes = dict[str, Any]
"""Fields of an order."""


def sender(offers: Mapping[str, Fulfillment]) -> Fulfillment:
    """Who sends an order of these offers. Raises ValueError where it is not one alone: such a basket is two orders."""
    if len({*offers.values()}) > 1:
        message = f"the merchant and the channel send some each of {', '.join(offers)}. Next: place them apart"
        raise ValueError(message)
    return next(iter(offers.values()))


def left(order: Order) -> dict[str, int]:
    """Units by line id that are neither sent nor cancelled."""
    return {line.external_id: line.unfinished for line in order.lines if line.unfinished}


def chosen(order: Order, units: Mapping[str, int] | None, *, partial: bool) -> Mapping[str, int]:
    """Those that are named, or all that is left. Raises ValueError for a choice where orders go as a whole."""
    if units is not None and not partial:
        message = f"{order.external_id} is sent or cancelled as a whole (`partial = False`). Next: name no units"
        raise ValueError(message)
    return left(order) if units is None else units


def sent(order: Order, parcel: Package) -> Changes:
    units = parcel.lines
    lines = tuple(evolve(line, shipped=line.shipped + units.get(line.external_id, 0)) for line in order.lines)
    return {"lines": lines, "status": _status(lines), "packages": (*order.packages, parcel)}


def on_the_way(order: Order) -> list[Package]:
    return [parcel for parcel in order.packages if parcel.status is not PackageStatus.DELIVERED]


def delivered(order: Order) -> Changes:
    return {"packages": tuple(evolve(parcel, status=PackageStatus.DELIVERED) for parcel in order.packages)}


def unwanted(order: Order, asked: Cancellation) -> Changes:
    return {"lines": tuple(evolve(line, cancel_request=asked) if line.unfinished else line for line in order.lines)}


def given_up(order: Order) -> Changes:
    """Raises ValueError for one that is the merchant's to send."""
    if order.fulfillment is not Fulfillment.CHANNEL:
        message = f"{order.external_id} is the merchant's to send"
        raise ValueError(message)
    return {"status": OrderStatus.UNFULFILLABLE}


def voided(order: Order, units: Mapping[str, int], why: Cancellation | None) -> Changes:
    """An order keeps its status while units of it are left."""
    lines = tuple(_voided(order.lines, units, why))
    return {"lines": lines, "status": order.status if any(line.unfinished for line in lines) else _status(lines)}


def _voided(lines: Iterable[OrderLine], units: Mapping[str, int], why: Cancellation | None) -> Iterator[OrderLine]:
    for line in lines:
        void = units.get(line.external_id, 0)
        yield evolve(line, cancelled=line.cancelled + void, cancellation=why) if void else line


def _status(lines: Iterable[OrderLine]) -> OrderStatus:
    shipped = any(line.shipped for line in lines)
    if any(line.unfinished for line in lines):
        return OrderStatus.PARTIALLY_SHIPPED if shipped else OrderStatus.UNSHIPPED
    return OrderStatus.SHIPPED if shipped else OrderStatus.CANCELLED
