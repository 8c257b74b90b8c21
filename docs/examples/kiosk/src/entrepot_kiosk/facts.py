"""What Entrepot must know of the kiosk."""

from datetime import timedelta

from entrepot import channel
from entrepot.runtime import Clock, Rng
from entrepot_kiosk.connector import KioskSettings, connect
from entrepot_kiosk.mapping import map_order, map_stock


def simulate(config: channel.SimulatorConfig, clock: Clock, rng: Rng) -> object:
    from entrepot_kiosk.shop import KioskShop  # noqa: PLC0415 - needs entrepot[simulator]

    return KioskShop(KIOSK, config, clock, rng)


KIOSK = channel.ChannelType(
    id="kiosk",
    api="1.0",
    settings=KioskSettings,
    connect=connect,
    maps={"order": map_order, "stock": map_stock},
    revision={"order": "changed_at"},
    pii_paths={"order": (), "stock": ()},
    limits={
        "orders": channel.Limit(per_second=1, burst=20),
        "articles": channel.Limit(per_second=5, burst=20),
        "other": channel.Limit(per_second=1, burst=5),
    },
    operations={
        "check": channel.Reads(spends={"other": 1}),
        "describe_account": channel.Reads(),
        "fetch_orders": channel.Reads(
            spends={"orders": 1},
            windowed=False,  # open orders, whenever they changed
            page_size=20,
            cursor_lifetime=None,
            settle_lag=timedelta(seconds=10),
            restatement_horizon=timedelta(days=30),
            history_horizon=timedelta(days=30),
        ),
        "fetch_stock": channel.Reads(spends={"articles": 1}, page_size=1),
        "push_stock": channel.Writes(spends={"articles": 4}, batch_size=1, idempotent=True),
    },
    errors=channel.STANDARD_ERRORS,
    simulator=simulate,
    simulator_settings={"url": "https://kiosk.example", "api_key": "not-a-secret"},
)
