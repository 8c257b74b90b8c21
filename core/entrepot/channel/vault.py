"""Secrets that a program receives while it runs, such as a refresh token: kept encrypted, never in plugins.toml."""

from datetime import datetime
from typing import Protocol

from entrepot.channel.secret import Secret

REFRESH_TOKEN = "refresh_token"  # noqa: S105 - the name under which one is kept
"""What an authorization of the account brought; `ports.http.refresh_token` without a token of its own takes it."""


class Vault(Protocol):
    """Named secrets of one account. What is kept is there after a restart, and in every process on the same store.

    `put` replaces. What has expired is forgotten. Each raises AuthError where plugins.toml names no key, and
    TransientError where the store refuses; `get` raises TransientError too where none of the keys opens the secret.
    """

    async def get(self, name: str) -> Secret | None: ...
    async def put(self, name: str, secret: Secret, *, expires_at: datetime | None = None) -> None: ...
    async def forget(self, name: str) -> None: ...


class MemoryVault:
    """A vault that ends with its process: for simulations, tests, and a client without a store. Nothing expires."""

    def __init__(self) -> None:
        self.kept: dict[str, Secret] = {}

    async def get(self, name: str) -> Secret | None:
        return self.kept.get(name)

    async def put(self, name: str, secret: Secret, *, expires_at: datetime | None = None) -> None:  # noqa: ARG002 - see above
        self.kept[name] = secret

    async def forget(self, name: str) -> None:
        self.kept.pop(name, None)
