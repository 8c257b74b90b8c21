"""Orders into the store and the ledger, in one transaction with the page's cursor."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import evolve

from entrepot.model import AccountId, Bundle, EventName, Sku, business_date, keep_withheld
from entrepot.store import Tx
from entrepot.store.records import KnownOrder
from entrepot.sync.announce import event
from entrepot.sync.gathering import Intake
from entrepot.sync.order_lines import take_lines
from entrepot.sync.order_problems import end_unmapped, order_subject, tell_flaws
from entrepot.sync.records import Mapped, revision_of
from entrepot.sync.refusals import refuse
from entrepot.sync.source import Source


def take_in(tx: Tx, source: Source, records: Sequence[Mapped], now: datetime) -> set[Sku]:
    """Store a page of orders. Returns the articles whose positions changed.

    A record is news if its revision is greater, or equal with other content. What cannot be mapped becomes a dead
    letter.
    """
    for record in records:
        if record.value is None:
            refuse(tx, source.channel, source.account, "order", record, now)
    good = [record for record in records if record.value is not None]
    known = dict(tx.orders.known(source.account, [record.value.external_id for record in good]))
    news = [record for record in good if _is_news(source, record, known)]
    raw = [(record.value.external_id, record.content_hash, record.body) for record in news]
    tx.orders.save_raw(source.account, "order", raw, source.channel.mapper_version, now)
    intake = Intake.of(tx, source, [record.value for record in news], now)
    for record in news:
        _take_order(intake, record, known)
    return intake.settle()


def take_again(tx: Tx, source: Source, records: Sequence[Mapped], now: datetime) -> set[Sku]:
    """A version of each order from a record that is no news, but is read differently now. As `take_in` otherwise."""
    known = dict(tx.orders.known(source.account, [record.value.external_id for record in records]))
    intake = Intake.of(tx, source, [record.value for record in records], now)
    for record in records:
        _save_version(intake, record, known)
    return intake.settle()


def map_offer(tx: Tx, account: AccountId, offer: str, bundle: Bundle, source: Source, now: datetime) -> set[Sku]:
    """Map an offer; lines that waited for it take effect now. Returns the articles whose positions changed."""
    waiting = [tx.orders.load(account, order_id) for order_id in tx.orders.waiting_for(account, offer)]
    orders = [order for order in waiting if order is not None]
    tx.offers.map(account, offer, _as_version(tx, account, offer, bundle))
    intake = Intake.of(tx, source, orders, now)
    for order in orders:
        take_lines(intake, order, order)
    end_unmapped(tx, account, offer, now)
    return set(bundle.parts) | intake.settle()


def _as_version(tx: Tx, account: AccountId, offer: str, bundle: Bundle) -> Bundle:
    """Before the offer was unmapped, the version may have been something else: then it becomes the next one."""
    last = tx.offers.last_version(account, offer)
    return bundle if last is None or bundle.version > last else evolve(bundle, version=last + 1)


def _is_news(source: Source, record: Mapped, known: Mapping[str, KnownOrder]) -> bool:
    stored = known.get(record.value.external_id)
    if stored is None:
        return True
    revision = revision_of(source.channel, record.value)
    return revision > stored.revision or (revision == stored.revision and record.content_hash != stored.content_hash)


def _take_order(intake: Intake, record: Mapped, known: dict[str, KnownOrder]) -> None:
    if _is_news(intake.source, record, known):  # the same page may have held a newer version
        _save_version(intake, record, known)


def _save_version(intake: Intake, record: Mapped, known: dict[str, KnownOrder]) -> None:
    tx, source, now = intake.tx, intake.source, intake.now
    order = source.dated(record.value, now)
    stored = known.get(order.external_id)
    before = None
    if order.external_id in intake.versions:
        intake.write_orders()  # the page holds both versions
    if stored:
        before = tx.orders.load(source.account, order.external_id)
        order = keep_withheld(order, before) if before else order
    version = KnownOrder(
        stored.version + 1 if stored else 1,
        revision_of(source.channel, order),
        record.content_hash,
        order.changed_at,
    )
    zone = source.time_zones.get(order.marketplace, "UTC")
    intake.versions[order.external_id] = (order, version, business_date(order.placed_at, zone))
    known[order.external_id] = version
    tell_flaws(tx, source.account, order, now, intake.flawed)
    place = _place(version, stored)
    changed = event(
        EventName.ORDER_CHANGED,
        source.account,
        order_subject(order),
        place,
        now,
        status=order.status,
        first=version.version == 1,
    )
    intake.events.append(changed)
    take_lines(intake, order, before)


def _place(version: KnownOrder, before: KnownOrder | None) -> str:
    """What the channel said names the change, not our number of it: a restored store counts on from an older one."""
    said = f"{version.revision}:{version.content_hash[:16]}"
    same_revision = before is not None and before.revision == version.revision
    return f"{said}:{version.version}" if same_revision else said  # it may go back and forth
