"""What really happened at a simulator, over HTTP, for those who judge from outside."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from attrs import asdict
from starlette.responses import JSONResponse

from entrepot.channel import Json
from entrepot.model import Order
from entrepot.simulation.doubles.sellers import markets
from entrepot.simulation.doubles.shop import ShopDouble
from entrepot.simulation.markets.market import Market

INSPECTOR = "/_simulator/"
"""GET what really happened, as JSON: `truth` is all of it, one of its names that part. No channel has such a path, and
no limit counts the request."""

WHOLE = "truth"


class Inspector:
    """Of several sellers each part is told by account; a path may name one. `trading` are markets with buyers."""

    def __init__(self, simulator: Any, trading: Collection[Market]) -> None:
        self._markets = markets(simulator)
        self._trading = trading

    def is_at(self, path: str) -> bool:
        return bool(self._markets) and f"{path}/".startswith(INSPECTOR)

    def answer(self, method: str, path: str) -> JSONResponse:
        if method not in {"GET", "HEAD"}:
            return JSONResponse({"message": "what happened can only be read"}, 405, {"Allow": "GET, HEAD"})
        name, _, account = path.removeprefix(INSPECTOR.rstrip("/")).strip("/").partition("/")
        told = {each: self._truth(market) for each, market in self._markets.items()}
        parts = [WHOLE, *sorted({part for whole in told.values() for part in whole})]
        if not name:
            return JSONResponse({"paths": [f"{INSPECTOR}{part}" for part in parts], "accounts": [*filter(None, told)]})
        if name not in parts or (account and account not in told):
            return JSONResponse({"message": f"no such truth; there are {', '.join(parts)}"}, 404)
        chosen = {each: whole if name == WHOLE else whole[name] for each, whole in told.items()}
        return JSONResponse(chosen.get(account, chosen))

    def _truth(self, market: Market) -> Mapping[str, Json]:
        market.catch_up()
        return truth(market) | {"trading": market in self._trading}


def truth(market: Market) -> dict[str, Json]:
    """Instants are ISO 8601 in UTC. `calls` are requests by limit, `throttled` those refused for their frequency."""
    told = {
        "orders": {number: _order(order) for number, order in market.orders.items()},
        "stock": dict(market.stock),
        "sales": _records(market.sales),
        "writes": _records(market.stock.writes),
        "cancel_requests": _records(market.happened.cancel_requests),
        "deliveries": _records(market.happened.arrivals),
        "returns": _records(market.happened.returns),
    }
    if not isinstance(market, ShopDouble):
        return told | {"throttled": {}}
    seen = {
        "faults": dict(market.faults.happened),
        "calls": dict(+market.calls),
        "throttled": dict(market.throttled),
        "requests": _records(market.requests),
        "trace": market.trace,
    }
    return {**market.truths(), **told, **seen}


def _order(order: Order) -> Mapping[str, Json]:
    return {
        "status": order.status,
        "sent_by": order.fulfillment,
        "changed_at": order.changed_at.isoformat(),
        "lines": [
            [line.external_id, line.offer, line.ordered, line.shipped, line.cancelled, order.open_units(line)]
            for line in order.lines
        ],
        "packages": [
            [parcel.external_id, parcel.carrier, parcel.tracking_number, dict(parcel.lines)]
            for parcel in order.packages
        ],
    }


def _records(records: Iterable[Any]) -> list[Json]:
    return [asdict(record, value_serializer=_text) for record in records]


def _text(_: object, __: object, value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
