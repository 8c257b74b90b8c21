"""The secrets that are kept: is there a key, and does it open them?"""

from collections.abc import Iterator

from entrepot.cli.context import Home
from entrepot.cli.doctor.finding import Finding, Subject
from entrepot.cli.show import counted
from entrepot.store import Store, Tx
from entrepot.vault.care import unopened
from entrepot.vault.keys import Keyring


async def vault(home: Home, store: Store) -> list[Finding]:
    """Every secret is opened, and none is shown."""
    keyring = home.config.keyring
    if keyring is None:
        return await store.read(lambda tx: list(_without_key(tx)))
    return await store.read(lambda tx: list(_with_key(tx, keyring)))


def _without_key(tx: Tx) -> Iterator[Finding]:
    """No key is no fault where nothing is kept."""
    kept = tx.vault.all()
    if kept:
        ids = ", ".join(sorted({row.key_id for row in kept}))
        action = f"name the key {ids} as key of [entrepot]"
        yield Subject("vault").wrong("D034", f"{counted(len(kept), 'secret')} kept, and no key is named", action)


def _with_key(tx: Tx, keyring: Keyring) -> Iterator[Finding]:
    subject, kept, closed = Subject("vault"), tx.vault.all(), list(unopened(tx, keyring))
    for row, why in closed:
        message, _, action = why.partition(". Next: ")
        yield Subject("vault", row.account or "").wrong("D035", f"{row.name}: {message}", action)
    closed_rows = [row for row, _ in closed]
    outdated = [row for row in kept if row.key_id != keyring.present.id and row not in closed_rows]
    if outdated:
        message = f"{counted(len(outdated), 'secret')} encrypted with a previous key"
        yield subject.warn("D036", message, "entrepot key rotate")
    if not closed:
        yield subject.fine(f"key {keyring.present.id}, {counted(len(kept), 'secret')} opened")
