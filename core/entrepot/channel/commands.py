"""What the commands of a plugin are lent: `@click.pass_obj` gives each of them `Accounts`."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

from attrs import frozen

from entrepot.channel.facts import Facts
from entrepot.channel.ports import Environment, Ports
from entrepot.model import AccountId

T = TypeVar("T")


@frozen
class ConfiguredAccount:
    """An account as plugins.toml has it. `simulator`: the address of its simulator, empty where it names none."""

    id: AccountId
    settings: Any
    environment: Environment
    marketplaces: tuple[str, ...]
    simulator: str


class OpenAccount(Protocol):
    """An account with its ports, for as long as a command works with it.

    Requests are made inside of `call`, as an operation makes them: `work` is run once what `facts` spend is reserved
    in the store, its requests are counted as those of `operation`, and it is given up after 30 seconds. Raises what
    `work` raises; RateLimited where there is no allowance now, and then nothing was sent. Token requests and the vault
    need no `call`.
    """

    @property
    def ports(self) -> Ports: ...
    async def call(self, operation: str, facts: Facts, work: Callable[[], Awaitable[T]]) -> T: ...


class Accounts(Protocol):
    """The accounts of plugins.toml. One that is not there, or is not of `channel`, ends the command with the reason."""

    def configured(self, name: str, channel: str) -> ConfiguredAccount: ...
    def opened(self, name: str, channel: str) -> AbstractAsyncContextManager[OpenAccount]: ...
