"""Values to put on the shelves."""

from datetime import UTC, datetime, timedelta

from entrepot.model import AccountId, Bundle, Fulfillment, Order, OrderLine, OrderStatus, Publish, Sku
from entrepot.store.records import AccountRow, Attempt, AttemptItem

SHOP = AccountId("shop")
OTHER = AccountId("other")
NOON = datetime(2026, 11, 24, 12, 0, 0, 123456, UTC)


def minutes(count):
    return NOON + timedelta(minutes=count)


def account(id_=SHOP):
    return AccountRow(id_, "mock", Publish.LIVE)


def order(number="A1", *, offer="MUG", ordered=1, placed=NOON, changed=NOON, marketplace="MOCK", **more):
    line = OrderLine("1", offer, ordered)
    return Order(number, marketplace, OrderStatus.UNSHIPPED, placed, changed, (line,), **more)


def item(offer, quantity, version=1, believed=0):
    return AttemptItem(offer, quantity, version, believed, NOON)


def attempt(id_, *items, operation="push_stock", created=NOON):
    return Attempt(id_, SHOP, operation, 1, created, created + timedelta(seconds=30), "hash", items=items)


def offered(tx, name, *, shown, desired=None, wished=NOON, fulfillment=Fulfillment.MERCHANT):
    """An offer that shows `shown`, and for which `desired` is wished."""
    tx.offers.see(SHOP, name, fulfillment, shown, NOON)
    tx.offers.map(SHOP, name, Bundle(0, {Sku(name): 1}))
    if desired is not None:
        tx.offers.wish(tx.offers.find(SHOP, name), desired, wished)
