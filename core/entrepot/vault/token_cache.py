"""Tokens shared through the store: by every task and process on it, and over restarts."""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count

import orjson
import structlog
from attrs import evolve, frozen
from cattrs import Converter

from entrepot.channel import Secret, TransientError
from entrepot.errors import StoreError
from entrepot.http.sharing import Ask, Grant, Slot, Step, decide, settled
from entrepot.http.token_cache import MemoryTokenCache
from entrepot.runtime import Clock, Rng
from entrepot.store import Store, Tx
from entrepot.store.records import SealedRow
from entrepot.vault.keys import Keyring
from entrepot.vault.port import RESERVED
from entrepot.vault.sealing import UnopenedError, seal, unseal

Change = Callable[[Slot], Slot]

PAUSE = (0.1, 0.4)
"""Seconds between two looks of whoever waits for another process."""

log = structlog.get_logger()


class StoreTokenCache:
    """Slots as secrets of the vault. Where the store refuses, this process goes on with what it knows.

    Then it uses its tokens until their end, and asks for others by itself: a call may need them to end well. Only a
    refresh token that may have been replaced is not used, for nobody knows by whom, and two uses may revoke it.
    """

    def __init__(self, store: Store, keyring: Keyring, clock: Clock, rng: Rng) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._rng = rng
        self._own = MemoryTokenCache(clock)
        self._unsaved: dict[Grant, tuple[str, Change]] = {}

    async def claim(self, grant: Grant, asker: str, refused: Secret | None) -> Step:
        try:
            if grant in self._unsaved:
                await self._settle(grant, *self._unsaved[grant])
            step, slot = await self._decide(grant, asker, refused)
        except StoreError as error:
            return await self._alone(grant, asker, refused, error)
        self._own.keep(grant, slot)
        return step

    async def settle(self, grant: Grant, asker: str, change: Change) -> Slot:
        try:
            return await self._settle(grant, asker, change)
        except StoreError as error:
            log.error("token_not_stored", account=grant.account, grant=grant.name, reason=str(error))  # noqa: TRY400 - the message says it all
            self._unsaved[grant] = asker, change
            return await self._own.settle(grant, asker, change)

    def pause(self) -> float:
        return self._rng.uniform(*PAUSE)

    async def _decide(self, grant: Grant, asker: str, refused: Secret | None) -> tuple[Step, Slot]:
        """A look that finds a token locks nobody out."""

        def look(tx: Tx) -> tuple[Step, Slot]:
            slot = self._place(tx, grant).slot
            return decide(grant, slot, asker, self._clock.now(), refused), slot

        def claim(tx: Tx) -> tuple[Step, Slot]:
            place = self._place(tx, grant)
            step = decide(grant, place.slot, asker, self._clock.now(), refused)
            if not isinstance(step, Ask):
                return step, place.slot
            self._put(tx, grant, evolve(place, slot=step.slot))
            return step, step.slot

        step, slot = await self._store.read(look)
        return await self._store.write(claim) if isinstance(step, Ask) else (step, slot)

    async def _settle(self, grant: Grant, asker: str, change: Change) -> Slot:
        def write(tx: Tx) -> Slot:
            place = self._place(tx, grant)
            slot = settled(place.slot, asker, change)
            if slot is not place.slot:
                self._put(tx, grant, evolve(place, slot=slot))
            return slot

        slot = await self._store.write(write)
        self._unsaved.pop(grant, None)
        self._own.keep(grant, slot)
        return slot

    async def _alone(self, grant: Grant, asker: str, refused: Secret | None, error: StoreError) -> Step:
        log.warning("tokens_not_shared", account=grant.account, grant=grant.name, reason=str(error))
        before = self._own.find(grant)
        step = await self._own.claim(grant, asker, refused)
        if isinstance(step, Ask) and (grant.kept_as or step.slot.refresh != grant.first):
            self._own.keep(grant, before)
            raise TransientError(f"account {grant.account}: its refresh token cannot be read: {error}") from error
        return step

    def _place(self, tx: Tx, grant: Grant) -> "_Place":
        """Grants of one name differ in their secrets, which only what is encrypted tells."""
        wanted, taken = grant.digest, set[str]()
        for row in tx.vault.beginning(grant.account, f"{RESERVED}{grant.name} #"):
            taken.add(row.name)
            kept = self._open(row)
            if kept is not None and kept.grant == wanted:
                return _Place(row.name, self._refreshed(tx, grant, kept.slot))
        name = next(name for name in _names(grant) if name not in taken)
        return _Place(name, self._refreshed(tx, grant, Slot(grant.first)))

    def _open(self, row: SealedRow) -> "_Sealed | None":
        """None where no key opens it: a token can be had anew, and the doctor names the row."""
        try:
            text = unseal(self._keyring, row).reveal()
        except UnopenedError:
            return None
        return _CONVERTER.structure(orjson.loads(text), _Sealed)

    def _refreshed(self, tx: Tx, grant: Grant, slot: Slot) -> Slot:
        """With the refresh token that is kept. Raises TransientError where no key opens it."""
        if not grant.kept_as:
            return slot
        row = tx.vault.find(grant.account, grant.kept_as)
        try:
            return evolve(slot, refresh=None if row is None else unseal(self._keyring, row))
        except UnopenedError as unopened:
            msg = f"account {grant.account}: the secret {grant.kept_as!r}: {unopened}"
            raise TransientError(msg) from None

    def _put(self, tx: Tx, grant: Grant, place: "_Place") -> None:
        now, slot = self._clock.now(), place.slot
        expires_at: datetime | None = _end(slot, now)
        if grant.kept_as:
            if slot.refresh is not None and slot.refresh != self._refreshed(tx, grant, slot).refresh:
                tx.vault.save(seal(self._keyring, grant.account, grant.kept_as, slot.refresh, now))
            slot = evolve(slot, refresh=None)
        elif slot.refresh != grant.first:
            expires_at = None  # it holds the only copy
        text = orjson.dumps(_CONVERTER.unstructure(_Sealed(grant.digest, slot))).decode()
        tx.vault.save(seal(self._keyring, grant.account, place.name, Secret(text), now, expires_at))


@frozen
class _Place:
    """A slot, and the name of its row."""

    name: str
    slot: Slot


@frozen
class _Sealed:
    """What is encrypted."""

    grant: str
    slot: Slot


def _names(grant: Grant) -> Iterator[str]:
    return (f"{RESERVED}{grant.name} #{number}" for number in count(1))


def _end(slot: Slot, now: datetime) -> datetime:
    """From when on the slot says nothing any more."""
    failure = slot.failure.until if slot.failure else None
    return max((end for end in (slot.renew_at, slot.asked_until, failure) if end is not None), default=now)


def _converter() -> Converter:
    converter = Converter(omit_if_default=True)
    converter.register_unstructure_hook(Secret, Secret.reveal)
    converter.register_structure_hook(Secret, lambda text, _: Secret(text))
    converter.register_unstructure_hook(datetime, datetime.isoformat)
    converter.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))
    return converter


_CONVERTER = _converter()
