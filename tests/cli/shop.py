"""A web shop at 11:41:50 on a Tuesday in Berlin: what it sells, and what it told."""

from datetime import UTC, datetime, timedelta

from entrepot.model import AccountId, Bundle, Fulfillment, Publish, Sku
from entrepot.stock.rules import Rule
from entrepot.store.records import AccountRow, Attempt, AttemptItem, StreamKind
from entrepot.sync.intake import take_in
from entrepot.sync.records import map_records
from entrepot.sync.source import Source
from entrepot.sync.stocktaking import count, receive
from entrepot.sync.wishes import wish_again
from entrepot_mock_channel import MOCK

PLUGINS = """
    [entrepot]
    store = "sqlite:shop.db"
    time_zone = "Europe/Berlin"
    [plugins]
    mock_channel = "*"
    [accounts.webshop]
    channel = "mock"
    publish = "live"
    environment = "simulator"
    settings = { url = "http://webshop.example", token = "a-simulated-token" }
    [skus]
    catalog = "skus.csv"
    [[rules]]
    buffer = 7
"""

CATALOG = "sku,title\nTEA-ASSAM-250,Assam tea\nMUG-BLUE,Blue mug\n"

NOW = datetime(2026, 11, 24, 10, 41, 50, tzinfo=UTC)
SHOP = AccountId("webshop")
TEA = Sku("TEA-ASSAM-250")
RULES = (Rule(1, buffer=7),)
SOURCE = Source(SHOP, MOCK, {"MOCK": "Europe/Berlin"})


def before(**span):
    return NOW - timedelta(**span)


def document(number, units, *, changed=NOW, sent=0, offer=TEA, gross="20.00", **more):
    """An order in the shop's own words."""
    line = {"id": "1", "sku": offer, "title": "", "quantity": units, "sent": sent, "cancelled": 0, "gross": gross}
    told = {"number": number, "status": "sent" if sent == units else "paid", "currency": "EUR"}
    times = {"placed": before(hours=2).isoformat(), "changed": changed.isoformat()}
    return {
        **told,
        **times,
        "discount": None,
        "shipping": None,
        "total": gross,
        "lines": [{**line, "tax": None, "discount": None}],
        **more,
    }


def open_account(tx, publish=Publish.LIVE):
    tx.accounts.save(AccountRow(SHOP, "mock", publish, RULES))
    tx.accounts.save_articles([(TEA, "Assam tea", ""), (Sku("MUG-BLUE"), "Blue mug", "")])
    tx.streams.ensure(SHOP, StreamKind.ORDERS, NOW, watermark=before(seconds=30))


def offer(tx, name=TEA, *, shown=60, sku=TEA):
    tx.offers.see(SHOP, name, Fulfillment.MERCHANT, shown, before(hours=3))
    if sku:
        tx.offers.map(SHOP, name, Bundle(0, {sku: 1}))


def take(tx, *documents, now=NOW):
    wish_again(tx, take_in(tx, SOURCE, map_records(MOCK, "order", documents), now), now)


def morning(tx):
    """Counted at six, one delivery, one shipped and one open order."""
    open_account(tx)
    offer(tx)
    count(tx, TEA, 61, before(hours=5, minutes=41, seconds=50), "erp-0600", before(hours=5))
    receive(tx, TEA, 4, "delivery-9", before(hours=1))
    take(tx, document("W-1", 1, sent=1, changed=before(minutes=90)), now=before(minutes=89))
    take(tx, document("W-2", 7, changed=before(seconds=45)), now=before(seconds=44))


def send(tx, quantity, *, result=None, at=NOW, effective=False):
    """An attempt for the present version, answered with `result`."""
    row = tx.offers.find(SHOP, TEA)
    item = AttemptItem(TEA, quantity, row.desired_version, row.believed, row.desired_at)
    attempt = Attempt(f"{quantity:08x}", SHOP, "push_stock", 1, at, at + timedelta(seconds=30), "hash", items=(item,))
    tx.offers.save_attempt(attempt)
    if result == "":
        tx.offers.accepted(attempt, item, at, at, at)
    elif result is not None:
        tx.offers.rejected(attempt, item)
    if result is not None:
        tx.offers.save_result(attempt.id, TEA, result)
        tx.offers.close_attempt(attempt.id, "answered", at)
    if effective:
        sent = tx.offers.find(SHOP, TEA)
        tx.offers.effective(sent, quantity, at + timedelta(seconds=37))
