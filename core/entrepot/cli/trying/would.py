"""What the store would make of a page of records: stored in a transaction that is rolled back."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from attrs import frozen

from entrepot.cli.context import Home
from entrepot.model import LocationId, Sku, StockLevel
from entrepot.store import Store, Tx
from entrepot.sync.assembly import catalog
from entrepot.sync.intake import take_in
from entrepot.sync.observing import Look, see_levels
from entrepot.sync.records import Mapped
from entrepot.sync.runtime import Runtime
from entrepot.sync.setup import set_up
from entrepot.sync.source import Source
from entrepot.sync.stock import LOOK_AGAIN
from entrepot.sync.wishes import channel_time, wish_again

MOST_EVENTS = 1000


@frozen
class WouldTell:
    name: str
    subject: str
    details: Any


@frozen
class WouldMove:
    """Differences."""

    sku: Sku
    location: LocationId
    on_hand: int
    reserved: int


@frozen
class WouldShow:
    """An offer's numbers afterwards; `ours` is None while it is unmapped or was never counted."""

    offer: str
    shown: int
    ours: int | None


@frozen
class Would:
    events: Sequence[WouldTell]
    stock: Sequence[WouldMove]
    offers: Sequence[WouldShow]
    refused: int

    @property
    def is_empty(self) -> bool:
        return not (self.events or self.stock or self.offers or self.refused)


class _RollBack(Exception):  # noqa: N818 - how the transaction ends, and on purpose
    def __init__(self, would: Would) -> None:
        super().__init__()
        self.would = would


async def would_store(home: Home, store: Store, runtime: Runtime, kind: str, records: Sequence[Mapped]) -> Would:
    def work(tx: Tx) -> Would:
        raise _RollBack(_store(tx, home, runtime, kind, records))

    try:
        return await store.write(work)
    except _RollBack as told:
        return told.would


def _store(tx: Tx, home: Home, runtime: Runtime, kind: str, records: Sequence[Mapped]) -> Would:
    now = home.clock.now()
    if tx.accounts.find(runtime.id) is None:
        set_up(tx, [runtime], catalog(home.config), (), now, locations=home.config.locations.own)
    events, stock, offers, letters = (
        tx.outbox.last_id(),
        _stock(tx),
        _offers(tx, runtime),
        len(tx.orders.dead_letters()),
    )
    account = tx.accounts.find(runtime.id)
    assert account is not None  # noqa: S101 - for the type checker: it is there, or set_up has saved it
    if kind == "order":
        source = Source.of(account, runtime.channel)
        wish_again(tx, take_in(tx, source, records, now), now)
    else:
        levels: list[StockLevel] = [record.value for record in records if record.value is not None]
        see_levels(tx, account, levels, Look(channel_time(account, now), runtime.pace.scaled(LOOK_AGAIN)), now)
    after = tx.outbox.after(events, MOST_EVENTS)
    return Would(
        events=[WouldTell(row.name, row.subject, orjson.loads(row.details)) for row in after],
        stock=_moved(stock, _stock(tx)),
        offers=[offer for name, offer in _offers(tx, runtime).items() if offers.get(name) != offer],
        refused=len(tx.orders.dead_letters()) - letters,
    )


Stock = Mapping[tuple[Sku, LocationId], tuple[int, int]]


def _stock(tx: Tx) -> Stock:
    return {(row.sku, row.location): (row.on_hand, row.reserved) for row in tx.ledger.positions()}


def _moved(before: Stock, after: Stock) -> list[WouldMove]:
    moved = []
    for key, (on_hand, reserved) in after.items():
        had, held = before.get(key, (0, 0))
        if (had, held) != (on_hand, reserved):
            moved.append(WouldMove(*key, on_hand - had, reserved - held))
    return moved


def _offers(tx: Tx, runtime: Runtime) -> dict[str, WouldShow]:
    rows = tx.offers.all(runtime.id)
    return {row.external_id: WouldShow(row.external_id, row.believed, row.desired) for row in rows}
