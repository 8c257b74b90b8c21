"""What a person says an offer is made of: a new version of its composition, in force for what waited and what comes."""

from collections.abc import Mapping
from datetime import datetime

from entrepot.channel import ChannelType
from entrepot.model import Bundle, Fulfillment, Sku
from entrepot.store import Tx
from entrepot.store.records import AccountRow, StreamKind
from entrepot.sync.description import time_zones
from entrepot.sync.intake import Source, map_offer
from entrepot.sync.wishes import channel_time, wish_again


def map_by_hand(
    tx: Tx, account: AccountRow, channel: ChannelType, offer: str, parts: Mapping[Sku, int], now: datetime
) -> Bundle | None:
    """The new version; None where the offer is made of just these already. Lines that are taken in keep theirs."""
    row = tx.offers.find(account.id, offer)
    if row is None:
        _expect(tx, account, offer, now)
    elif row.bundle_version is not None and tx.offers.bundle(account.id, offer, row.bundle_version).parts == parts:
        return None
    mapped = row.bundle_version if row else None
    bundle = Bundle(1 if mapped is None else mapped + 1, parts)  # version 0 is that of equal names
    before = tx.offers.bundles(account.id, [offer])
    source = Source(account.id, channel, time_zones(account))
    affected = map_offer(tx, account.id, offer, bundle, source, now)
    wish_again(tx, affected | {sku for old in before.values() for sku in old.parts}, now)
    return bundle


def map_stated(tx: Tx, account: AccountRow, channel: ChannelType, now: datetime) -> None:
    """A new version of each offer that was mapped otherwise than plugins.toml states now."""
    for offer, parts in account.bundles.items():
        row = tx.offers.find(account.id, offer)
        if row is not None and row.bundle_version is not None:
            map_by_hand(tx, account, channel, offer, parts, now)


def _expect(tx: Tx, account: AccountRow, offer: str, now: datetime) -> None:
    """No article bears its name, so the channel was never asked for it: it is looked at, at once.

    Until then nobody knows who fulfills it. Taken for the channel's, it is sent nothing.
    """
    tx.offers.see(account.id, offer, Fulfillment.CHANNEL, 0, channel_time(account, now))
    tx.offers.verify(account.id, offer, now)
    tx.streams.wake(account.id, StreamKind.STOCK, now)
