"""Bring the store in line with what plugins.toml says, before the loop starts and at a reload."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from entrepot.channel import ChannelType
from entrepot.errors import Fault
from entrepot.model import DEFAULT_LOCATION, AccountId, LocationId, Sku
from entrepot.store import Tx
from entrepot.store.records import AccountRow, StreamKind
from entrepot.sync.applications import forget_applications
from entrepot.sync.blocking import forget_blocking
from entrepot.sync.budget import forget_budget
from entrepot.sync.catalog import tell_left
from entrepot.sync.composition import bundles_by_name
from entrepot.sync.intake import map_offer
from entrepot.sync.mapping import map_stated
from entrepot.sync.runtime import Runtime
from entrepot.sync.source import Source
from entrepot.sync.telling import Observer, add_observer
from entrepot.sync.wishes import wish_again, wish_for

HISTORY = timedelta(days=30)
"""How far back the first pass reads where plugins.toml does not say."""


def set_up(
    tx: Tx,
    runtimes: Iterable[Runtime],
    articles: Iterable[tuple[Sku, str, str]],
    observers: Iterable[Observer],
    now: datetime,
    *,
    locations: Sequence[LocationId] = (DEFAULT_LOCATION,),
) -> None:
    """Accounts, catalog, locations, streams and observers as configured. Accounts that left stay, detached."""
    configured = list(runtimes)
    listed = list(articles)
    tx.accounts.save_articles(listed)
    tx.accounts.save_locations(locations)
    tx.breakers.try_now(now)  # what a person has mended shall not wait
    forget_applications(tx, {runtime.application for runtime in configured}, now)
    for runtime in configured:
        tx.accounts.save(AccountRow(runtime.id, runtime.channel.id, runtime.publish, runtime.rules, runtime.bundles))
        _ensure_streams(tx, runtime, now)
        forget_budget(tx, runtime, now)
        account = tx.accounts.find(runtime.id)
        if account is not None:
            map_new_articles(tx, account, runtime.channel, now)
            map_stated(tx, account, runtime.channel, now)
            wish_for(tx, account, tx.offers.all(account.id), now)  # the rules may be others now
    tx.accounts.detach_others([runtime.id for runtime in configured], now)
    forget_blocking(tx, now)
    tell_left(tx, {sku for sku, _, _ in listed}, now)
    for observer in observers:
        add_observer(tx, observer, now)


def foreign_accounts(tx: Tx, channels: Mapping[AccountId, ChannelType], source: str) -> list[Fault]:
    """Accounts whose id belongs to another channel's stored orders and offers. `source` is the file's name."""
    rows = [row for row in tx.accounts.all() if row.id in channels and channels[row.id].id != row.channel]
    return [
        Fault(
            "E502",
            f"{source}: accounts.{row.id}.channel",
            f"the database has {row.id} as an account of channel {row.channel!r}, not {channels[row.id].id!r}; "
            "ids are permanent",
            f'write channel = "{row.channel}", or give the new account an id of its own',
        )
        for row in rows
    ]


def _ensure_streams(tx: Tx, runtime: Runtime, now: datetime) -> None:
    kinds = [StreamKind.HEALTH]
    if runtime.bound.orders:
        kinds += [StreamKind.ORDERS, StreamKind.ORDER_REPAIR]
    if runtime.bound.stock:
        kinds += [StreamKind.STOCK, StreamKind.PUSH]
    if runtime.bound.bulk_stock:
        kinds.append(StreamKind.BULK)
    since, times = runtime.orders_since or now - HISTORY, runtime.timetable
    for kind in kinds:
        order_stream = kind in {StreamKind.ORDERS, StreamKind.ORDER_REPAIR}
        tx.streams.ensure(runtime.id, kind, now, watermark=since if order_stream else None)
        repair = kind is StreamKind.ORDER_REPAIR
        tx.streams.wake(runtime.id, kind, times.at_start(times.order_audit, now) if repair else now)


def map_new_articles(tx: Tx, account: AccountRow, channel: ChannelType, now: datetime) -> list[str]:
    """Map the offers that waited for an article or a bundle of that name. Returns their names."""
    source = Source.of(account, channel)
    waiting = {offer for owner, offer, _ in tx.orders.unmapped_offers() if owner == account.id}
    waiting |= {offer.external_id for offer in tx.offers.all(account.id) if offer.bundle_version is None}
    found = bundles_by_name(tx, account.id, sorted(waiting))
    affected = {sku for offer, bundle in found.items() for sku in map_offer(tx, account.id, offer, bundle, source, now)}
    wish_again(tx, affected, now)
    return list(found)
