"""What the accounts of one process keep: their secrets, and the tokens that they share with other processes."""

from entrepot.http import Keeping, MemoryTokenCache, TokenCache
from entrepot.model import AccountId
from entrepot.runtime import Clock, Rng
from entrepot.secrets import Redactor
from entrepot.store import Store
from entrepot.vault.keys import Keyring
from entrepot.vault.port import NoVault, StoreVault
from entrepot.vault.token_cache import StoreTokenCache


class Keeper:
    """`keyring` None: no secret is kept, and tokens are shared within this process alone."""

    def __init__(self, store: Store, keyring: Keyring | None, clock: Clock, rng: Rng, redactor: Redactor) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._redactor = redactor
        self._cache: TokenCache = StoreTokenCache(store, keyring, clock, rng) if keyring else MemoryTokenCache(clock)

    def of(self, account: AccountId) -> Keeping:
        if self._keyring is None:
            return Keeping(NoVault(account), self._cache)
        return Keeping(StoreVault(account, self._store, self._keyring, self._clock, self._redactor), self._cache)
