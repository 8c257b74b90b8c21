"""How a case of the contract runs, and which cases concern a channel."""

from collections.abc import Callable, Coroutine, Mapping
from inspect import getmembers_static
from typing import Any, ClassVar, TypeVar

import pytest

from entrepot.channel import AuthError, ChannelError, ChannelType, Reads, RecordError, structure
from entrepot.simulation.doubles.shop import ShopDouble
from entrepot.simulation.virtual_time.loop import VirtualLoop
from entrepot.simulation.virtual_time.run import run
from entrepot.testing.contract.verdict import explain, explain_answer, explain_double, explain_portion
from entrepot.testing.trial import Trial

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., None])

FACTS = "Next: let each route spend the limit that its operation's `spends` names, at the rate of the facts"
"""After requests that the double refused with 429, though the core reserved them."""

OWN = (
    "The double raised this itself. Next: mend its route; where the shop has no unpaid orders, parts of orders or "
    "amounts of whole lines, declare `unpaid = False`, `partial = False` or `unit_prices = True` in the double"
)

SEND_KEY = (
    "Next: let `connect` send the key where the double looks for it; where the shop wants it elsewhere, say so in "
    "`key_header` or `carried_key` of the double"
)

NAMED = {"shop": "the class of the channel's double", "settings": "the settings of an account, as in plugins.toml"}

Condition = Callable[[type["Contract"]], bool]
Scenario = Callable[[Trial], Coroutine[Any, Any, T]]


def concerns(condition: Condition, *, unless: str = "") -> Callable[[F], F]:
    """Keep the case only for channels and shops that meet the condition.

    Where they declare something else, `unless` says what: the case is reported as skipped for that reason. Without it
    the case vanishes.
    """

    def mark(case: F) -> F:
        case.__dict__.setdefault("concerns", []).append((condition, unless))
        return case

    return mark


def having(*operations: str) -> Callable[[F], F]:
    """Keep the case only for channels that declare the operations."""
    return concerns(lambda case: set(operations) <= set(case.channel.operations))


def asking(operation: str) -> Callable[[F], F]:
    """Keep the case only for channels whose operation makes a request at all."""
    asked = concerns(lambda case: asks(case.channel, operation), unless=f"{operation} spends nothing, so asks nobody")
    return lambda case: having(operation)(asked(case))


def asks(channel: ChannelType, operation: str) -> bool:
    return operation in channel.operations and bool(channel.operations[operation].spends)


def lists(case: "type[Contract]") -> Reads:
    facts = case.channel.operations["fetch_orders"]
    assert isinstance(facts, Reads)
    return facts


def _skipped(reason: str) -> Callable[["Contract"], None]:
    @pytest.mark.skip(reason=reason)
    def case(_: "Contract") -> None: ...

    return case


class Contract:
    channel: ClassVar[ChannelType]
    shop: ClassVar[type[ShopDouble]]
    settings: ClassVar[Mapping[str, Any]]
    marketplaces: ClassVar[tuple[str, ...]] = ()
    refused: ClassVar[bool] = False
    """Whether a case has failed because the double refused the right key."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if not hasattr(cls, "channel"):
            return
        for name in ("shop", "settings"):
            if not hasattr(cls, name):
                message = f"{cls.__name__} has a channel and no `{name}`. Next: name {NAMED[name]}"
                raise TypeError(message)
        for name, case in getmembers_static(cls):
            for condition, unless in reversed(getattr(case, "concerns", ())):  # the outermost comes first
                if not condition(cls):
                    setattr(cls, name, _skipped(unless) if unless else None)
                    break

    def simulate(self, scenario: Scenario[T], *, seed: int = 1) -> T:
        """Run a scenario over a fresh shop. Afterwards nothing was throttled.

        Raises what a route of the shop itself raised, with its traceback: the 500 that came of it is no cause. Fails
        where the right key is refused.
        """
        account = self._account()

        async def world(loop: VirtualLoop) -> T:
            trial = Trial(self.channel, self.shop, account, loop, seed, self.marketplaces)
            try:
                result = await self._played(scenario, trial)
            finally:
                await trial.http.aclose()
                for error in trial.network.app_errors:
                    explain_double(error, self.shop)
                    error.add_note(OWN)
                    raise error from None
            assert not trial.shop.throttled, f"refused for their frequency: {dict(trial.shop.throttled)}. {FACTS}"
            return result

        try:
            return run(world, seed)
        except RecordError as unmapped:
            explain(unmapped, self.shop)
            raise
        except ValueError as error:
            explain_portion(error)
            raise
        except ChannelError as unwanted:
            explain_answer(unwanted)
            raise

    def _account(self) -> Any:
        """The settings, as plugins.toml would give them."""
        try:
            return structure(dict(self.settings), self.channel.settings)
        except RecordError as unfit:
            message = f"`settings` are no {self.channel.settings.__name__}: {unfit}. Next: give each of its fields"
            raise pytest.fail.Exception(message, pytrace=False) from None

    async def _played(self, scenario: Scenario[T], trial: Trial) -> T:
        try:
            return await scenario(trial)
        except AuthError as refused:
            raise self._without_key(trial.shop.keyless or str(refused)) from None
        except AssertionError as failed:
            if isinstance(failed.__cause__, AuthError) and trial.shop.keyless:
                raise self._without_key(trial.shop.keyless) from None
            raise

    def _without_key(self, refused: str) -> BaseException:
        """Nearly every case fails then: the first one says why, and none shows a traceback."""
        told = refused if "Next: " in refused else f"{refused}. {SEND_KEY}"
        why = "as above. Next: mend that first" if self.refused else told
        type(self).refused = True
        return pytest.fail.Exception(f"the double refuses the right key: {why}", pytrace=False)
