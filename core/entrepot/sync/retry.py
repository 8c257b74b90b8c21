"""Once more with what could not be taken in: records that a mended plugin can read now, offers that have an article.

Orders are kept as they came, so nothing is asked of a channel. Stock is looked at again.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from attrs import frozen

from entrepot.channel import ChannelType
from entrepot.model import AccountId, Problem, ProblemKind, Sku, StockLevel
from entrepot.store import Tx
from entrepot.store.records import AccountRow, DeadLetter, StreamKind
from entrepot.sync.intake import take_in
from entrepot.sync.records import map_kept
from entrepot.sync.refusals import bury, refuse
from entrepot.sync.setup import map_new_articles
from entrepot.sync.source import Source
from entrepot.sync.wishes import channel_time, wish_again

RETRIED = frozenset({ProblemKind.RECORD_REFUSED, ProblemKind.OFFER_UNMAPPED})
"""Kinds of problems that a retry may close. The others close by themselves once their cause is gone."""


@frozen
class Retried:
    """Records taken in or refused again, offers to be looked at or mapped, records whose account has no plugin."""

    taken_in: int = 0
    refused: int = 0
    read_anew: int = 0
    mapped: tuple[str, ...] = ()
    left: int = 0


def retry(
    tx: Tx,
    channels: Mapping[AccountId, ChannelType],
    articles: Iterable[tuple[Sku, str, str]],
    now: datetime,
    only: Problem | None = None,
) -> Retried:
    """Map dead letters with the present mappers, and unmapped offers with the present catalog.

    `only`: nothing but what this problem is about.
    """
    tx.accounts.save_articles(articles)
    letters = [letter for letter in tx.orders.dead_letters() if only is None or _is_about(only, letter)]
    taken_in = refused = read_anew = handled = 0
    mapped: list[str] = []
    for account in tx.accounts.all():
        channel = channels.get(account.id)
        if channel is None:
            continue
        mine = [letter for letter in letters if letter.account == account.id]
        handled += len(mine)
        levels = [letter for letter in mine if letter.kind == "stock"]
        seen = _look_again(tx, account, channel, levels, now)
        read_anew, refused = read_anew + seen, refused + len(levels) - seen
        orders = [letter for letter in mine if letter.kind == "order"]
        good = take_in_again(tx, account, channel, orders, now)
        taken_in, refused = taken_in + good, refused + len(orders) - good
        if only is None or (only.kind, only.account) == (ProblemKind.OFFER_UNMAPPED, account.id):
            mapped += map_new_articles(tx, account, channel, now)
    return Retried(taken_in, refused, read_anew, tuple(mapped), len(letters) - handled)


def _is_about(problem: Problem, letter: DeadLetter) -> bool:
    subject = f"{letter.kind}/{letter.content_hash}"
    return (problem.kind, problem.account, problem.subject) == (ProblemKind.RECORD_REFUSED, letter.account, subject)


def take_in_again(tx: Tx, account: AccountRow, channel: ChannelType, letters: list[DeadLetter], now: datetime) -> int:
    """How many were taken in. Of one that is refused again, the reason is the new one."""
    source = Source.of(account, channel)
    records = [map_kept(channel, "order", letter.body) for letter in letters]
    wish_again(tx, take_in(tx, source, records, now), now)
    for letter, record in zip(letters, records, strict=True):
        if record.value is not None or record.content_hash != letter.content_hash:
            bury(tx, letter, now)
    return sum(record.value is not None for record in records)


def _look_again(tx: Tx, account: AccountRow, channel: ChannelType, letters: list[DeadLetter], now: datetime) -> int:
    """How many offers are looked at again now: what the record says of their quantity is old."""
    readable, unseen = 0, False
    for letter in letters:
        record = map_kept(channel, letter.kind, letter.body)
        if record.value is None:
            refuse(tx, channel, account.id, letter.kind, record, now)
            continue
        level: StockLevel = record.value
        if tx.offers.find(account.id, level.offer) is None:
            tx.offers.see(account.id, level.offer, level.fulfillment, level.quantity, channel_time(account, now))
            unseen = True
        tx.offers.verify(account.id, level.offer, now)
        tx.streams.wake(account.id, StreamKind.STOCK, now)
        bury(tx, letter, now)
        readable += 1
    if unseen:
        map_new_articles(tx, account, channel, now)
    return readable
