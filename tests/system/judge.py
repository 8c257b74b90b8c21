"""What the store says, against what the simulators say. Truth is theirs; it is asked over HTTP."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from entrepot.model import DEFAULT_LOCATION, AccountId, Sku
from tests.system.processes import ARTICLES, BUFFER, COUNTED, Site

EVER = 100_000


def broken(site: Site) -> list[str]:
    """Each promise that does not hold, once everything has come to rest."""
    truths = {account: site.truth(account) for account in site.ports}
    return site.read(lambda tx: [*_orders(tx, truths), *_ledger(tx, truths), *_channels(tx, truths)])


def _orders(tx: Any, truths: dict[str, Any]) -> Iterator[str]:
    stored = Counter({account: orders for account, orders, _ in tx.orders.counts()})
    for account, truth in truths.items():
        if stored[account] != len(truth["orders"]):
            yield f"P2 {account} has {len(truth['orders'])} orders, {stored[account]} are stored"
        for number, told in truth["orders"].items():
            order = tx.orders.load(AccountId(account), number)
            lines = order and [
                [line.external_id, line.offer, line.ordered, line.shipped, line.cancelled, order.open_units(line)]
                for line in order.lines
            ]
            if order is None or (order.status, lines) != (told["status"], told["lines"]):
                yield f"P1 {account}: {number} is {told}, stored is {order}"


def _ledger(tx: Any, truths: dict[str, Any]) -> Iterator[str]:
    yield from (f"P2 {wrong}" for wrong in tx.ledger.wrong_positions())
    lines = [line for truth in truths.values() for order in truth["orders"].values() for line in order["lines"]]
    for sku in ARTICLES:
        shipped = sum(line[3] for line in lines if line[1] == sku)
        opened = sum(line[5] for line in lines if line[1] == sku)
        position, _ = tx.ledger.position(Sku(sku), DEFAULT_LOCATION)
        if (position.on_hand, position.reserved) != (COUNTED - shipped, opened):
            yield f"P2 {sku}: {position}, in truth {COUNTED - shipped} on hand and {opened} reserved"


def _channels(tx: Any, truths: dict[str, Any]) -> Iterator[str]:
    available = tx.ledger.available(ARTICLES)
    for account, truth in truths.items():
        for sku, shown in truth["stock"].items():
            if shown != max(0, available[sku] - BUFFER):
                yield f"P5 {account} shows {shown} of {sku}, available are {available[sku]}"
        for write in truth["writes"]:
            sent = [item.quantity for _, item in tx.offers.attempts_of(AccountId(account), write["offer"], EVER)]
            if write["quantity"] not in sent:
                yield f"P5 {account} was sent {write} without an attempt"
        if truth["throttled"]:
            yield f"P6 {account} refused {truth['throttled']}"
    yield from (f"P5 {attempt}" for account in truths for attempt in tx.offers.open_attempts(AccountId(account)))
