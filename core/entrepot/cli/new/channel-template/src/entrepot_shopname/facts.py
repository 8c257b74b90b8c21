"""What Entrepot must know of the shop, as data. A missing fact is an error, not a default."""

from datetime import timedelta  # if orders

from entrepot import channel
from entrepot.runtime import Clock, Rng
from entrepot_shopname import mapping
from entrepot_shopname.connector import ShopnameSettings, connect


def simulate(config: channel.SimulatorConfig, clock: Clock, rng: Rng) -> object:
    """Needs `entrepot[simulator]`, which is why it is imported late: a daemon on the real shop goes without."""
    from entrepot_shopname.shop import ShopnameShop  # noqa: PLC0415 - as said

    return ShopnameShop(SHOPNAME, config, clock, rng)


SHOPNAME = channel.ChannelType(
    id="shopname",
    api="1.0",
    settings=ShopnameSettings,
    connect=connect,
    maps={
        "order": mapping.map_order,  # if orders
        "stock": mapping.map_stock,  # if stock
    },
    revision={
        "order": "changed_at",  # if orders
    },  # what makes one version newer than another
    pii_paths={
        "order": (),  # if orders
        "stock": (),  # if stock
    },  # where records hold personal data, e.g. ("buyer.email", "lines[].gift_message")
    documented={
        "order": (  # if orders
            *("number", "state", "placed", "changed", "currency", "discount", "shipping", "total"),
            *("lines[].id", "lines[].sku", "lines[].quantity", "lines[].sent", "lines[].void"),
            *("lines[].amount", "lines[].tax", "lines[].discount"),
        ),
        "stock": ("sku", "quantity"),  # if stock
    },  # every field that the API's pages name: Entrepot tells what comes beside them, and what never comes
    limits={  # buckets for each account; operations that spend from the same one share it
        "orders": channel.Limit(per_second=2, burst=10),  # if orders
        "stock": channel.Limit(per_second=5, burst=10),  # if stock
        "bulk": channel.Limit(per_second=0.5, burst=5),  # if bulk_stock
        "other": channel.Limit(per_second=0.5, burst=5),
    },
    operations={
        "check": channel.Reads(spends={"other": 1}),
        "describe_account": channel.Reads(),
        "fetch_orders": channel.Reads(  # if orders
            spends={"orders": 1},
            page_size=100,
            cursor_lifetime=timedelta(hours=1),  # None where cursors do not expire
            settle_lag=timedelta(seconds=20),  # a change is in the list after at most this long
            restatement_horizon=timedelta(days=30),  # an order may still change for this long
            history_horizon=timedelta(days=365),  # older orders are not shown
        ),
        "fetch_stock": channel.Reads(spends={"stock": 1}, page_size=200),  # if stock
        "push_stock": channel.Writes(spends={"stock": 1}, batch_size=200, idempotent=True),  # if stock
        "submit_bulk": channel.Writes(spends={"bulk": 1}, batch_size=10_000, idempotent=False),  # if bulk_stock
        "poll_bulk": channel.Reads(spends={"bulk": 1}),  # if bulk_stock
        "find_bulk": channel.Reads(spends={"bulk": 1}),  # if bulk_stock
    },
    errors=channel.STANDARD_ERRORS | {(409, "busy"): channel.TransientError},
    simulator=simulate,
    simulator_settings={"url": "https://shopname.example", "token": "not-a-secret"},
)
