"""What Entrepot must know of Amazon, as data. Limits bear the names of Amazon's operations."""

import os
from datetime import timedelta
from importlib.resources import files

from entrepot import channel
from entrepot.runtime import Clock, Rng
from entrepot_amazon_sp.connector import MOST_FOUND, connect
from entrepot_amazon_sp.mapping.orders import map_order
from entrepot_amazon_sp.mapping.personal import PII_PATHS
from entrepot_amazon_sp.mapping.stock import map_stock
from entrepot_amazon_sp.places import PLACES
from entrepot_amazon_sp.plans import PLANS
from entrepot_amazon_sp.refusals import REFUSALS
from entrepot_amazon_sp.settings import AmazonSettings


def simulate(config: channel.SimulatorConfig, clock: Clock, rng: Rng) -> object:
    """Needs `entrepot[simulator]`, which is why it is imported late: a daemon on the real Amazon goes without."""
    from entrepot_amazon_sp.simulator import AmazonDouble, queues_at, simulate_sellers  # noqa: PLC0415 - as said

    queues = queues_at(os.environ.get(AWS))
    if config.sellers > 1:
        return simulate_sellers(AMAZON, config, clock, rng, queues)
    return AmazonDouble(AMAZON, config, clock, rng, queues=queues)


AWS = "AWS_ENDPOINT_URL"
"""AWS's own variable for the address of all its services: where a simulator takes notifications to."""


ORDER_FIELDS = files(__package__).joinpath("data/order_fields.txt").read_text("utf-8").split()
"""Every leaf of an order in Amazon's model of the Orders API 2026-01-01."""

AMAZON = channel.ChannelType(
    id="amazon_sp",
    api="1.0",
    settings=AmazonSettings,
    connect=connect,
    maps={"order": map_order, "stock": map_stock},
    revision={"order": "changed_at"},
    pii_paths={"order": PII_PATHS, "stock": ()},
    documented={"order": tuple(ORDER_FIELDS)},
    limits=PLANS,
    operations={
        "check": channel.Reads(spends={"getMarketplaceParticipations": 1}),
        "describe_account": channel.Reads(spends={"getMarketplaceParticipations": 1}),
        "fetch_orders": channel.Reads(
            spends={"searchOrders": 1},
            page_size=100,
            cursor_lifetime=timedelta(hours=24),
            # Two minutes by Amazon's clock, else it refuses the window; by ours, a little more.
            settle_lag=timedelta(minutes=2, seconds=5),
            # Amazon states no end. A month holds dispatch and delivery; what changes later is listed as changed.
            restatement_horizon=timedelta(days=30),
            history_horizon=timedelta(days=2 * 365),
        ),
        "fetch_order": channel.Reads(spends={"getOrder": 1}, page_size=1),
        "fetch_stock": channel.Reads(
            spends={"searchListingsItems": 1},
            page_size=MOST_FOUND,
            # Amazon states none: an accepted patch is applied within minutes.
            settle_lag=timedelta(minutes=5),
        ),
        "push_stock": channel.Writes(
            spends={"getListingsItem": 1, "patchListingsItem": 1}, batch_size=1, idempotent=True
        ),
    },
    errors=REFUSALS.errors,
    error_code=REFUSALS.error_code,
    meanings=REFUSALS.meanings,
    marketplaces={code: place.region for code, place in PLACES.items()},
    stock_pools={code: place.stock_pool for code, place in PLACES.items()},
    seller="seller_id",
    application="client_id",
    rate_header=REFUSALS.rate_header,
    refused_bucket=REFUSALS.refused_bucket,
    simulator=simulate,
    simulator_settings={
        "seller_id": "A2SIMULATED7EA",
        "client_id": "simulated-client",
        "client_secret": "simulated-secret",
        "refresh_token": "simulated-consent",
    },
)
