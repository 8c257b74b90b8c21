"""Care of the secrets that are kept: which of them a keyring opens, and encrypting them anew."""

from collections.abc import Iterator

from attrs import evolve

from entrepot.runtime import Clock
from entrepot.store import Store, Tx
from entrepot.store.records import SealedRow
from entrepot.vault.keys import Keyring
from entrepot.vault.sealing import UnopenedError, seal, unseal

AT_ONCE = 100
"""Rows in one transaction: whoever else writes does not notice."""


def unopened(tx: Tx, keyring: Keyring) -> Iterator[tuple[SealedRow, str]]:
    """What does not open, with why and what to do."""
    for row in tx.vault.all():
        try:
            unseal(keyring, row)
        except UnopenedError as error:
            yield row, str(error)


def forget_unopened(tx: Tx, keyring: Keyring) -> list[SealedRow]:
    """Returns what was forgotten."""
    rows = [row for row, _ in unopened(tx, keyring)]
    for row in rows:
        tx.vault.forget(row.account, row.name)
    return rows


async def rotate(store: Store, keyring: Keyring, clock: Clock) -> tuple[int, int]:
    """Encrypt with the present key what was encrypted with a previous one. Returns how many, and how many do not open.

    Begun again after a stop, it finds the rest.
    """
    changed = 0
    while piece := await store.write(lambda tx: _rotate_some(tx, keyring, clock)):
        changed += piece
    return changed, await store.read(lambda tx: sum(1 for _ in unopened(tx, keyring)))


def _rotate_some(tx: Tx, keyring: Keyring, clock: Clock) -> int:
    outdated = [row for row in tx.vault.all() if row.key_id != keyring.present.id and keyring.find(row.key_id)]
    done = 0
    for row in outdated:
        try:
            secret = unseal(keyring, row)
        except UnopenedError:
            continue
        sealed = seal(keyring, row.account, row.name, secret, clock.now(), row.expires_at)
        tx.vault.save(evolve(sealed, written_at=row.written_at))
        done += 1
        if done == AT_ONCE:
            break
    return done
