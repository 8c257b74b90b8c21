"""How a case of the contract runs, and which cases concern a channel."""

from collections.abc import Callable, Coroutine, Mapping
from inspect import getmembers_static
from typing import Any, ClassVar, TypeVar

from entrepot.channel import ChannelType, Reads, structure
from entrepot.simulation.loop import VirtualLoop
from entrepot.simulation.run import run
from entrepot.simulation.shop import ShopDouble
from entrepot.testing.trial import Trial

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., None])

Condition = Callable[[type["Contract"]], bool]
Scenario = Callable[[Trial], Coroutine[Any, Any, T]]


def concerns(condition: Condition) -> Callable[[F], F]:
    """Keep the case only for channels and shops that meet the condition."""

    def mark(case: F) -> F:
        case.__dict__["concerns"] = condition
        return case

    return mark


def having(*operations: str) -> Callable[[F], F]:
    """Keep the case only for channels that declare the operations."""
    return concerns(lambda case: set(operations) <= set(case.channel.operations))


def asking(operation: str) -> Callable[[F], F]:
    """Keep the case only for channels whose operation makes a request at all."""
    return concerns(lambda case: asks(case.channel, operation))


def asks(channel: ChannelType, operation: str) -> bool:
    return operation in channel.operations and bool(channel.operations[operation].spends)


def cursors_expire(case: "type[Contract]") -> bool:
    facts = case.channel.operations.get("fetch_orders")
    return isinstance(facts, Reads) and facts.cursor_lifetime is not None


def windowed(case: "type[Contract]") -> bool:
    facts = case.channel.operations.get("fetch_orders")
    return isinstance(facts, Reads) and facts.windowed


class Contract:
    channel: ClassVar[ChannelType]
    shop: ClassVar[type[ShopDouble]]
    settings: ClassVar[Mapping[str, Any]]
    marketplaces: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if not hasattr(cls, "channel"):
            return
        for name, case in getmembers_static(cls):
            condition: Condition | None = getattr(case, "concerns", None)
            if condition is not None and not condition(cls):
                setattr(cls, name, None)  # no skip: there is nothing to come back to

    def simulate(self, scenario: Scenario[T], *, seed: int = 1) -> T:
        """Run a scenario over a fresh shop. Afterwards nothing was throttled.

        Raises what a route of the shop itself raised, with its traceback: the 500 that came of it is no cause.
        """

        async def world(loop: VirtualLoop) -> T:
            account: Any = structure(dict(self.settings), self.channel.settings)
            trial = Trial(self.channel, self.shop, account, loop, seed, self.marketplaces)
            try:
                result = await scenario(trial)
            finally:
                await trial.http.aclose()
                if trial.network.app_errors:
                    raise trial.network.app_errors[0] from None
            assert not trial.shop.throttled, "429s of our making: limits and spends are not what the routes cost"
            return result

        return run(world, seed)
