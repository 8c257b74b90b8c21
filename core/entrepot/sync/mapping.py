"""What a person says an offer is made of: a new version of its composition, in force for what waited and what comes."""

from collections.abc import Mapping
from datetime import datetime

from entrepot.channel import ChannelType
from entrepot.model import Bundle, Fulfillment, ProblemKind, Sku
from entrepot.store import Tx
from entrepot.store.records import AccountRow, OfferRow, StreamKind
from entrepot.sync.announce import close_problem
from entrepot.sync.catalog import close_left, is_missing
from entrepot.sync.composition import bundles_by_name
from entrepot.sync.intake import map_offer
from entrepot.sync.source import Source
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
    last = tx.offers.last_version(account.id, offer)
    bundle = Bundle(1 if last is None else last + 1, parts)  # version 0 is that of equal names
    before = tx.offers.bundles(account.id, [offer])
    source = Source.of(account, channel)
    affected = map_offer(tx, account.id, offer, bundle, source, now)
    wish_again(tx, affected | {sku for old in before.values() for sku in old.parts}, now)
    return bundle


def unmap(tx: Tx, account: AccountRow, channel: ChannelType, offer: OfferRow, now: datetime) -> Bundle | None:
    """Undo what a person mapped: from now on it is what its name says, which is returned, or nothing is wished of it.

    Lines that are taken in keep their articles. One that the channel never had, and that nobody ordered, is forgotten.
    """
    account_id, name = offer.account, offer.external_id
    by_name = bundles_by_name(tx, account_id, [name]).get(name)
    if by_name is not None:
        return map_by_hand(tx, account, channel, name, by_name.parts, now) or by_name
    before = tx.offers.bundles(account_id, [name])
    was_there = offer.sent is not None or not is_missing(tx, offer)
    close_problem(tx, ProblemKind.OFFER_MISSING, account_id, f"offer/{name}", now)
    if was_there or tx.orders.has_offer(account_id, name):
        tx.offers.unmap(offer, channel_time(account, now))
    else:
        tx.offers.forget(offer)
    close_left(tx, [sku for old in before.values() for sku in old.parts], now)
    return None


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
