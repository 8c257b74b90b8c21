"""Accounts as the store knows them, and their secrets."""

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from entrepot.model import AccountId, Publish, Sku
from entrepot.stock.rules import Rule


@frozen
class Withheld:
    """Data sets of orders that a channel refuses.

    `asked_without`: those that requests leave out now. `missing`: those without which the last page was read, `since`
    which instant of channel time. `probe_at`: when all are asked for again. `why`: the last refusal's words.
    """

    asked_without: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    since: datetime | None = None
    probe_at: datetime | None = None
    why: str = ""


@frozen
class AccountRow:
    """An account as the store knows it, with the rules that concern it.

    `bundles`: what offers are made of by name, before any of them is seen. `detached_since`: it left plugins.toml.
    `paused_since`: a person paused it. `parked_since`: the channel refuses our credentials. `clock_offset`: seconds
    that the channel's clock is ahead of ours.
    """

    id: AccountId
    channel: str
    publish: Publish
    rules: tuple[Rule, ...] = ()
    bundles: Mapping[str, Mapping[Sku, int]] = field(factory=dict)
    detached_since: datetime | None = None
    paused_since: datetime | None = None
    parked_since: datetime | None = None
    clock_offset: float = 0.0
    description: str | None = None
    withheld: Withheld = field(factory=Withheld)

    @property
    def rests(self) -> bool:
        """No call is made for it, not even to check whether it is let in."""
        return self.detached_since is not None or self.paused_since is not None


@frozen
class SealedRow:
    """A secret, encrypted. `account` None: an application's, which several accounts share. `key_id` names the key."""

    account: AccountId | None
    name: str
    key_id: str
    nonce: bytes
    ciphertext: bytes
    written_at: datetime
    expires_at: datetime | None = None
