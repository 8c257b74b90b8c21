"""`channel.Vault` of one account: on the store, or, where plugins.toml names no key, in name only."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Never, TypeVar

from attrs import frozen

from entrepot.channel import Secret
from entrepot.errors import AuthError, StoreError, TransientError
from entrepot.model import AccountId
from entrepot.runtime import Clock
from entrepot.secrets import Redactor
from entrepot.store import Store, Tx
from entrepot.vault.keys import Keyring
from entrepot.vault.sealing import UnopenedError, seal, unseal

T = TypeVar("T")

RESERVED = "oauth2 "
"""Names that begin so are those of shared access tokens."""

NO_KEY = "there is no key to encrypt secrets with. Next: entrepot key new FILE, then name it as `key` of [entrepot]"


@frozen
class StoreVault:
    """What it hands out is masked in logs and errors from then on."""

    account: AccountId
    store: Store
    keyring: Keyring
    clock: Clock
    redactor: Redactor

    async def get(self, name: str) -> Secret | None:
        row = await self._ask(self.store.read, lambda tx: tx.vault.find(self.account, name))
        if row is None or (row.expires_at is not None and row.expires_at <= self.clock.now()):
            return None
        try:
            secret = unseal(self.keyring, row)
        except UnopenedError as unopened:
            raise TransientError(f"account {self.account}: the secret {name!r}: {unopened}") from None
        self.redactor.remember(secret)
        return secret

    async def put(self, name: str, secret: Secret, *, expires_at: datetime | None = None) -> None:
        if name.startswith(RESERVED):
            raise ValueError(f"names that begin with {RESERVED!r} are not a plugin's. Next: choose another one")
        self.redactor.remember(secret)
        row = seal(self.keyring, self.account, name, secret, self.clock.now(), expires_at)
        await self._ask(self.store.write, lambda tx: tx.vault.save(row))

    async def forget(self, name: str) -> None:
        await self._ask(self.store.write, lambda tx: tx.vault.forget(self.account, name))

    async def _ask(self, run: Callable[[Callable[[Tx], T]], Awaitable[T]], work: Callable[[Tx], T]) -> T:
        try:
            return await run(work)
        except StoreError as refused:
            raise TransientError(f"account {self.account}: its secrets cannot be reached: {refused}") from refused


@frozen
class NoVault:
    """Everything works that needs no vault; what needs one says what to do."""

    account: AccountId

    async def get(self, name: str) -> Secret | None:
        self._refuse(name)

    async def put(self, name: str, secret: Secret, *, expires_at: datetime | None = None) -> None:  # noqa: ARG002 - a vault's parameters
        self._refuse(name)

    async def forget(self, name: str) -> None:
        self._refuse(name)

    def _refuse(self, name: str) -> Never:
        raise AuthError(f"account {self.account}: the secret {name!r} cannot be kept or read: {NO_KEY}")
