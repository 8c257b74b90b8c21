"""Kept records once more through a mended mapper: what it reads differently becomes a new version."""

from datetime import datetime

from attrs import frozen

from entrepot.channel import ChannelType
from entrepot.model import keep_withheld
from entrepot.store import Tx
from entrepot.store.records import AccountRow, RawRecord
from entrepot.sync.intake import take_again
from entrepot.sync.records import Mapped, map_kept
from entrepot.sync.retry import take_in_again
from entrepot.sync.source import Source
from entrepot.sync.wishes import wish_again

AT_ONCE = 200
"""Records in one transaction."""


@frozen
class Remapped:
    """Counts of a piece. `last`: the place of its last record, None where there was none left."""

    last: int | None = None
    looked_at: int = 0
    changed: tuple[str, ...] = ()
    refused: int = 0


def remap(
    tx: Tx, account: AccountRow, channel: ChannelType, after: int, now: datetime, *, dry_run: bool = False
) -> Remapped:
    """The next piece of an account's orders. A record that an order has left behind, by a newer one, is passed over.

    One that the mapper refuses now is counted, and what the order is stays: the older mapper could read it.
    """
    rows = tx.orders.present_raw(account.id, "order", after, AT_ONCE)
    mapped = [map_kept(channel, "order", row.body) for row in rows]
    differing = [(row, record) for row, record in zip(rows, mapped, strict=True) if _differs(tx, account, row, record)]
    if differing and not dry_run:
        source = Source.of(account, channel)
        wish_again(tx, take_again(tx, source, [record for _, record in differing], now), now)
    return Remapped(
        rows[-1].place if rows else None,
        len(rows),
        tuple(row.external_id for row, _ in differing),
        sum(record.value is None for record in mapped),
    )


def _differs(tx: Tx, account: AccountRow, row: RawRecord, record: Mapped) -> bool:
    stored = tx.orders.load(account.id, row.external_id)
    return record.value is not None and stored is not None and keep_withheld(record.value, stored) != stored


def remap_letters(
    tx: Tx, account: AccountRow, channel: ChannelType, now: datetime, *, dry_run: bool = False
) -> tuple[int, int]:
    """How many refused orders the mapper reads now, which are taken in, and how many it does not."""
    letters = [one for one in tx.orders.dead_letters() if (one.account, one.kind) == (account.id, "order")]
    if dry_run:
        records = [map_kept(channel, "order", one.body) for one in letters]
        readable = sum(record.value is not None for record in records)
    else:
        readable = take_in_again(tx, account, channel, letters, now)
    return readable, len(letters) - readable
