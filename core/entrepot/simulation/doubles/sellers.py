"""Several sellers' accounts of one channel behind one address."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from entrepot.channel import SimulatorConfig
from entrepot.simulation.doubles.shop import ShopDouble
from entrepot.simulation.markets.market import Market


@frozen
class Seller:
    """`config` is what the shop was made of: its settings are what a client needs."""

    config: SimulatorConfig
    shop: ShopDouble


@frozen
class Sellers:
    """An ASGI application. `accounts` begins with the one that was asked for; `pick` names that of a request."""

    accounts: Mapping[str, Seller]
    pick: Callable[[Request], str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.accounts[self.pick(Request(scope))].shop(scope, receive, send)


def markets(simulator: Any) -> Mapping[str, Market]:
    """By account where there are several; "" is that of a simulator of one. Empty where it is none of ours."""
    if isinstance(simulator, Sellers):
        return {name: seller.shop for name, seller in simulator.accounts.items()}
    return {"": simulator} if isinstance(simulator, Market) else {}
