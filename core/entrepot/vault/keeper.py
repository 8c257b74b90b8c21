"""What the accounts of one process keep: their secrets, and the tokens that they share with other processes."""

from entrepot.http import Kept, MemoryShelf, Shelf
from entrepot.model import AccountId
from entrepot.runtime import Clock, Rng
from entrepot.secrets import Redactor
from entrepot.store import Store
from entrepot.vault.keys import Keyring
from entrepot.vault.port import NoVault, StoreVault
from entrepot.vault.shelf import StoreShelf


class Keeper:
    """`keyring` None: no secret is kept, and tokens are shared within this process alone."""

    def __init__(self, store: Store, keyring: Keyring | None, clock: Clock, rng: Rng, redactor: Redactor) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._redactor = redactor
        self._shelf: Shelf = StoreShelf(store, keyring, clock, rng) if keyring else MemoryShelf(clock)

    def of(self, account: AccountId) -> Kept:
        if self._keyring is None:
            return Kept(NoVault(account), self._shelf)
        return Kept(StoreVault(account, self._store, self._keyring, self._clock, self._redactor), self._shelf)
