"""One transaction with all its shelves, and the store that runs it."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from entrepot.store.protocol.accounts import Accounts
from entrepot.store.protocol.breakers import Breakers
from entrepot.store.protocol.daemons import Daemons
from entrepot.store.protocol.imports import Imports
from entrepot.store.protocol.ledger import Ledger
from entrepot.store.protocol.offers import Offers
from entrepot.store.protocol.orders import Orders
from entrepot.store.protocol.outbox import Outbox
from entrepot.store.protocol.problems import Problems
from entrepot.store.protocol.quota import Quota
from entrepot.store.protocol.streams import Streams
from entrepot.store.protocol.vault import Vault

T = TypeVar("T")


class Tx(Protocol):
    """One transaction, open while a unit of work runs."""

    @property
    def accounts(self) -> Accounts: ...
    @property
    def streams(self) -> Streams: ...
    @property
    def orders(self) -> Orders: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def imports(self) -> Imports: ...
    @property
    def offers(self) -> Offers: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def problems(self) -> Problems: ...
    @property
    def quota(self) -> Quota: ...
    @property
    def daemons(self) -> Daemons: ...
    @property
    def vault(self) -> Vault: ...
    @property
    def breakers(self) -> Breakers: ...


class Store(Protocol):
    """Where everything is kept."""

    async def write(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in one transaction: all of it is kept, or, when it raises, nothing.

        The transaction has ended before a cancellation of the caller is raised.
        """
        ...

    async def read(self, work: Callable[[Tx], T]) -> T:
        """Run `work` on one consistent state; it must not write."""
        ...

    async def changes(self) -> int:
        """A number that differs once somebody else has committed."""
        ...
