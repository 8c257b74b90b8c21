"""What Entrepot must know of the shop, as data. A missing fact is an error, not a default."""

from datetime import timedelta

from entrepot import channel
from entrepot.runtime import Clock, Rng
from entrepot_mock_channel.connector import MockSettings, connect
from entrepot_mock_channel.mapping import map_order, map_stock
from entrepot_mock_channel.wire import OrderDocument, StockDocument


def simulate(config: channel.SimulatorConfig, clock: Clock, rng: Rng) -> object:
    """Needs `entrepot[simulator]`, which is why it is imported late: a daemon on a real shop goes without."""
    from entrepot_mock_channel.shop import MockShop  # noqa: PLC0415 - as said

    return MockShop(MOCK, config, clock, rng)


MOCK = channel.ChannelType(
    id="mock",
    api="1.0",
    settings=MockSettings,
    connect=connect,
    maps={"order": map_order, "stock": map_stock},
    revision={"order": "changed_at"},  # what makes one version newer than another
    pii_paths={"order": (), "stock": ()},  # the shop shows us no buyer
    documented={"order": channel.fields_of(OrderDocument), "stock": channel.fields_of(StockDocument)},
    limits={  # buckets for each account; operations that spend from the same one share it
        "orders": channel.Limit(per_second=2, burst=10),
        "stock": channel.Limit(per_second=5, burst=10),
        "bulk": channel.Limit(per_second=0.5, burst=5),
        "other": channel.Limit(per_second=0.5, burst=5),
    },
    operations={
        "check": channel.Reads(spends={"other": 1}),
        "describe_account": channel.Reads(spends={"other": 1}),
        "fetch_orders": channel.Reads(
            spends={"orders": 1},
            page_size=100,
            cursor_lifetime=timedelta(hours=1),
            settle_lag=timedelta(seconds=20),  # a change is in the list after at most this long
            restatement_horizon=timedelta(days=30),  # an order may still change for this long
            history_horizon=timedelta(days=365),  # older orders are not shown
        ),
        "fetch_order": channel.Reads(spends={"orders": 1}, page_size=50),
        "fetch_stock": channel.Reads(spends={"stock": 1}, page_size=200),
        "push_stock": channel.Writes(spends={"stock": 1}, batch_size=200, idempotent=True),
        "submit_bulk": channel.Writes(spends={"bulk": 1}, batch_size=10_000, idempotent=False),
        "poll_bulk": channel.Reads(spends={"bulk": 1}),
        "find_bulk": channel.Reads(spends={"bulk": 1}),
    },
    errors=channel.STANDARD_ERRORS | {(409, "busy"): channel.TransientError},
    simulator=simulate,
    simulator_settings={"url": "https://webshop.example", "token": "not-a-secret"},
)
