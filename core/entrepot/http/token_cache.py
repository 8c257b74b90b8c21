"""Where the slots of tokens lie: in this process, or wherever another implementation shares them further."""

from collections.abc import Callable
from typing import Protocol

from attrs import evolve, frozen

from entrepot.channel import MemoryVault, Secret, Vault
from entrepot.http.sharing import Ask, Grant, Slot, Step, decide, settled
from entrepot.runtime import Clock

AGAIN = 0.05
"""Seconds between two looks of whoever waits in the same process."""


class TokenCache(Protocol):
    """Slots, each changed by one at a time."""

    async def claim(self, grant: Grant, asker: str, refused: Secret | None) -> Step:
        """What `asker` does next, as `decide` says; to ask is noted. Raises TransientError."""
        ...

    async def settle(self, grant: Grant, asker: str, change: Callable[[Slot], Slot]) -> Slot:
        """Store what came of asking, unless another has taken over, and return what counts now.

        Raises TransientError.
        """
        ...

    def pause(self) -> float:
        """Seconds before whoever waits looks again."""
        ...


class MemoryTokenCache:
    """Shared by the tasks of one process, and gone with it. `vault`: where refresh tokens are kept, if anywhere."""

    def __init__(self, clock: Clock, vault: MemoryVault | None = None) -> None:
        self._clock = clock
        self._vault = vault
        self._slots: dict[Grant, Slot] = {}

    async def claim(self, grant: Grant, asker: str, refused: Secret | None) -> Step:
        step = decide(grant, self.find(grant), asker, self._clock.now(), refused)
        if isinstance(step, Ask):
            self.keep(grant, step.slot)
        return step

    async def settle(self, grant: Grant, asker: str, change: Callable[[Slot], Slot]) -> Slot:
        slot = settled(self.find(grant), asker, change)
        self.keep(grant, slot)
        return slot

    def pause(self) -> float:
        return AGAIN

    def find(self, grant: Grant) -> Slot:
        slot = self._slots.get(grant, Slot(grant.first))
        if grant.kept_as and self._vault is not None:
            return evolve(slot, refresh=self._vault.kept.get(grant.kept_as))
        return slot

    def keep(self, grant: Grant, slot: Slot) -> None:
        self._slots[grant] = slot
        if grant.kept_as and self._vault is not None and slot.refresh is not None:
            self._vault.kept[grant.kept_as] = slot.refresh


@frozen
class Keeping:
    """Where one account keeps its secrets, and shares its tokens."""

    vault: Vault
    tokens: TokenCache


def in_memory(clock: Clock) -> Keeping:
    """An account's own, for as long as its process runs."""
    vault = MemoryVault()
    return Keeping(vault, MemoryTokenCache(clock, vault))
