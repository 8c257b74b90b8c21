"""One secret, encrypted and decrypted: AES-256-GCM, bound to its account and name."""

import json
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from entrepot.channel import Secret
from entrepot.model import AccountId
from entrepot.runtime import secret_bytes
from entrepot.store.records import SealedRow
from entrepot.vault.keys import Keyring

NONCE_BYTES = 12
"""Of NIST SP 800-38D, 8.2.2: random ones do for 2^32 secrets under one key."""


class UnopenedError(Exception):
    """A row that no key opens. The text has the reason and the next action."""


def seal(
    keyring: Keyring,
    account: AccountId | None,
    name: str,
    secret: Secret,
    now: datetime,
    expires_at: datetime | None = None,
) -> SealedRow:
    key, nonce = keyring.present, secret_bytes(NONCE_BYTES)
    ciphertext = AESGCM(key.material).encrypt(nonce, secret.reveal().encode(), _bound_to(account, name))
    return SealedRow(account, name, key.id, nonce, ciphertext, now, expires_at)


def unseal(keyring: Keyring, row: SealedRow) -> Secret:
    """Raises UnopenedError: also for a row that was written for another account or name, or changed since."""
    key = keyring.find(row.key_id)
    if key is None:
        raise UnopenedError(
            f"it was encrypted with the key {row.key_id}, which plugins.toml does not name. "
            "Next: name that key in previous_keys of [entrepot]; where it is lost: entrepot key forget"
        )
    try:
        text = AESGCM(key.material).decrypt(row.nonce, row.ciphertext, _bound_to(row.account, row.name))
    except InvalidTag:
        raise UnopenedError(
            "it was changed, or written for another account or name. Next: restore a backup, or: entrepot key forget"
        ) from None
    return Secret(text.decode())


def _bound_to(account: AccountId | None, name: str) -> bytes:
    """JSON keeps the two apart, whatever characters they have."""
    return json.dumps(["entrepot", account, name]).encode()
