"""A simulator in a process of its own: buyers who trade on it, and the truth for those who judge from outside."""

import asyncio
import socket
from collections.abc import Callable, Coroutine, Iterable, Mapping, MutableMapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import uvicorn
from attrs import asdict, evolve, frozen
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from entrepot.channel import DescribeAccount, Json
from entrepot.http import grant
from entrepot.model import Marketplace, Order
from entrepot.runtime import Clock, Rng
from entrepot.simulation.doubles.fault_script import FaultScript
from entrepot.simulation.doubles.sellers import markets
from entrepot.simulation.doubles.shop import ShopDouble
from entrepot.simulation.markets.buyers import Buyers
from entrepot.simulation.markets.market import Market
from entrepot.simulation.network.exchange import Disconnected
from entrepot.sync.runtime import Runtime

INSPECTOR = "/_simulator/"
"""GET what really happened, as JSON: `truth` is all of it, one of its names that part. No channel has such a path, and
no limit counts the request."""

PULSE = 0.2
"""Seconds between two looks whether something is due."""


class Served:
    """An ASGI application: the channel's simulator, and the truth beside it. `trading` while buyers may still act.

    Of several sellers, each part of the truth is told by account. `clock` is what the Date header shows. The faults of
    the script begin with the buyers, who must get in first.
    """

    def __init__(self, simulator: Any, clock: Clock, script: FaultScript) -> None:
        self.simulator = simulator
        self._clock = clock
        self._script = script
        self.trading: set[Market] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app: Any = self.simulator
        if scope["type"] == "http" and scope["path"].startswith(INSPECTOR) and markets(app):
            app = self._inspected(scope["path"].removeprefix(INSPECTOR))

        async def send_dated(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(self._clock.now(), usegmt=True).encode()
                message["headers"] = [*message.get("headers", ()), (b"date", date)]
            await send(message)

        with suppress(Disconnected):
            await app(scope, receive, send_dated)

    async def go_on(self) -> None:
        """For ever: what is due in the market happens also while nobody asks."""
        while True:
            for market in markets(self.simulator).values():
                market.catch_up()
            await asyncio.sleep(PULSE)

    def begin_faults(self, market: Market) -> None:
        self._script.begin(market)

    def _inspected(self, name: str) -> JSONResponse:
        told = {account: self._truth(market) for account, market in markets(self.simulator).items()}
        parts = {name for whole in told.values() for name in whole}
        if name != "truth" and name not in parts:
            return JSONResponse({"message": f"no such truth; there are truth, {', '.join(sorted(parts))}"}, 404)
        chosen = told if name == "truth" else {account: whole[name] for account, whole in told.items()}
        return JSONResponse(chosen.get("", chosen))

    def _truth(self, market: Market) -> Mapping[str, Json]:
        market.catch_up()
        return truth(market) | {"trading": market in self.trading}


@frozen
class Trade:
    """Buyers who want `demand` units of each offer of the market within `span` of simulated time.

    Without `ships` the merchant ships nothing by himself: his open orders wait for the client that is tried out.
    """

    market: Market
    demand: Mapping[str, int]
    span: timedelta
    rng: Rng
    ships: bool = True

    async def go_on(self, served: Served, runtime: Runtime, clock: Clock) -> None:
        """Until the span is over. Raises ChannelError where the simulator is shut."""
        served.trading.add(self.market)
        places = await marketplaces(runtime)
        served.begin_faults(self.market)
        await self.buyers(places, clock.now(), runtime.pace.time_scale).trade(clock)
        served.trading.remove(self.market)

    def buyers(self, places: Sequence[Marketplace], start: datetime, time_scale: int) -> Buyers:
        own = self.market.habits
        habits = evolve(own, ships=self.ships and own.ships)
        return Buyers(
            self.market,
            places,
            self.demand,
            self.rng,
            start=start,
            span=self.span,
            time_scale=time_scale,
            habits=habits,
        )


def listen(port: int, host: str = "127.0.0.1") -> socket.socket:
    """A port of this machine; 0 for any that is free. Others reach it where `host` is another. Raises OSError."""
    listener = socket.socket(proto=socket.IPPROTO_TCP)  # where it is not named, asyncio leaves Nagle's algorithm on
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


async def serve(app: Served, listener: socket.socket, beside: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Until a signal comes. `beside` runs as long; what goes wrong in it ends everything.

    Without access log: at time_scale 200 it would be all there is to see.
    """
    config = uvicorn.Config(
        app, log_config=None, log_level="warning", access_log=False, date_header=False, lifespan="off"
    )
    async with asyncio.TaskGroup() as group:
        working = [group.create_task(each) for each in (beside(), app.go_on())]
        await uvicorn.Server(config).serve([listener])
        for task in working:
            task.cancel()


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
        "calls": dict(market.calls),
        "throttled": dict(market.throttled),
        "trace": market.trace,
    }
    return {**market.truths(), **told, **seen}


async def marketplaces(runtime: Runtime) -> Sequence[Marketplace]:
    """Where the account sells, as its own connector tells. Raises ChannelError."""
    operation = "describe_account"
    with grant(operation, runtime.channel.operations.get(operation)):
        description = await runtime.bound.required.describe_account(DescribeAccount())
    chosen = runtime.marketplaces
    return [place for place in description.marketplaces if not chosen or place.id in chosen]


def _order(order: Order) -> Mapping[str, Json]:
    return {
        "status": order.status,
        "changed_at": order.changed_at.isoformat(),
        "lines": [
            [line.external_id, line.offer, line.ordered, line.shipped, line.cancelled, order.open_units(line)]
            for line in order.lines
        ],
    }


def _records(records: Iterable[Any]) -> list[Json]:
    return [asdict(record, value_serializer=_text) for record in records]


def _text(_: object, __: object, value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
