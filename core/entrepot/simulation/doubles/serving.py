"""A simulator in a process of its own: buyers who trade on it, and the truth for those who judge from outside."""

import asyncio
import logging
import socket
from collections.abc import Callable, Coroutine, Mapping, MutableMapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import partial
from typing import Any

import structlog
import uvicorn
from attrs import evolve, frozen
from starlette.types import Receive, Scope, Send

from entrepot.channel import DescribeAccount
from entrepot.http import grant
from entrepot.model import Marketplace
from entrepot.runtime import Clock, Rng
from entrepot.simulation.doubles.fault_script import FaultScript
from entrepot.simulation.doubles.inspector import Inspector
from entrepot.simulation.doubles.sellers import markets
from entrepot.simulation.doubles.shop import ShopDouble
from entrepot.simulation.markets.buyers import Buyers
from entrepot.simulation.markets.market import Market
from entrepot.simulation.network.exchange import Disconnected
from entrepot.sync.runtime import Runtime

PULSE = 0.2
"""Seconds between two looks whether something is due."""

WHERE = "describe_account"
"""The operation that tells where an account sells."""

log = structlog.get_logger()


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
        self._inspector = Inspector(simulator, self.trading)
        for account, market in markets(simulator).items():
            if isinstance(market, ShopDouble):
                market.faults.watchers.append(partial(_log_fault, account))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app: Any = self.simulator
        if scope["type"] == "http" and self._inspector.is_at(scope["path"]):
            app = self._inspector.answer(scope["method"], scope["path"])

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
        self._uncount(runtime)
        served.begin_faults(self.market)
        await self.buyers(places, clock.now(), runtime.pace.time_scale).trade(clock)
        served.trading.remove(self.market)

    def _uncount(self, runtime: Runtime) -> None:
        """The question where the account sells was our own: what is told as calls are those of clients."""
        facts = runtime.channel.operations.get(WHERE)
        if facts is not None and isinstance(self.market, ShopDouble):
            self.market.calls.subtract(facts.spends)

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


def _log_fault(account: str, fault: str, concerned: str) -> None:
    log.info("fault_struck", fault=fault, concerned=concerned, **({"account": account} if account else {}))


def _is_no_cut_answer(record: logging.LogRecord) -> bool:
    """A planned fault is the only answer that ends too soon, and is told as such: it must not look like a crash."""
    return record.getMessage() != "ASGI callable returned without completing response."


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
    logging.getLogger("uvicorn.error").addFilter(_is_no_cut_answer)
    async with asyncio.TaskGroup() as group:
        working = [group.create_task(each) for each in (beside(), app.go_on())]
        await uvicorn.Server(config).serve([listener])
        for task in working:
            task.cancel()


async def marketplaces(runtime: Runtime) -> Sequence[Marketplace]:
    """Where the account sells, as its own connector tells. Raises ChannelError."""
    with grant(WHERE, runtime.channel.operations.get(WHERE)):
        description = await runtime.bound.required.describe_account(DescribeAccount())
    chosen = runtime.marketplaces
    return [place for place in description.marketplaces if not chosen or place.id in chosen]
