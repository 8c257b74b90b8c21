"""Days of a seller who does by hand all that the simulator can: searches, ships, feeds, reports. Prints the trace.

All that can become of orders happens, an offer comes out on the second day, and some are suppressed for a while.

python -m connectors.amazon_sp.tests.simulator.seller_days DAYS SEED
"""

import asyncio
import sys
from datetime import timedelta

from connectors.amazon_sp.tests.simulator.asking import ORDERS, ask, instant, market_of
from connectors.amazon_sp.tests.simulator.feeds.feeding import FEEDS, listings_feed, patch_message, send
from entrepot.simulation import stream
from entrepot.simulation.markets.buyers import Buyers
from entrepot.simulation.markets.habits import MANIFOLD

SKUS = {f"SKU-{number:02d}": 40 for number in range(30)}
CODES = ("DE", "NL")
REPORTS = "/reports/2021-06-30/reports"
ORDER_REPORT = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"


async def live(seller, days, seed):
    """What the seller has told the simulator by the end is in `seller.amazon`."""
    amazon, clock = seller.amazon, seller.clock
    for sku in list(SKUS)[:5]:
        amazon.inventory.send_by_amazon(sku)
    amazon.sell_ahead("SKU-07", timedelta(days=1.5))
    amazon.troubles.begin(0.05)
    places, demand = [market_of(code) for code in CODES], dict.fromkeys(SKUS, 8 * days)
    span, rng = timedelta(days=days), stream(seed, "buyers")
    buyers = Buyers(amazon, places, demand, rng, start=clock.now(), span=span, habits=MANIFOLD)
    trading = asyncio.create_task(buyers.trade(clock))
    for hour in range(24 * days):
        await work(seller, hour)
        await asyncio.sleep(3600)
    await trading


async def work(seller, hour):
    now = seller.clock.now()
    window = {"lastUpdatedAfter": instant(now - timedelta(hours=2)), "includedData": "FULFILLMENT,PACKAGES,PROCEEDS"}
    await seller.get(ORDERS, **window)
    await seller.get("/orders/v0/orders", LastUpdatedAfter=window["lastUpdatedAfter"], MarketplaceIds=seller.stores[0])
    for order in [each for each in seller.amazon.orders.values() if each.status == "unshipped"][:2]:
        await ship(seller, order)
    if hour % 6 == 0:
        await send(seller, listings_feed(*[patch_message(at, sku, 40) for at, sku in enumerate(SKUS, 1)]))
        body = {"reportType": ORDER_REPORT, "marketplaceIds": seller.stores}
        await seller.post(REPORTS, body | {"dataStartTime": instant(now - timedelta(days=1))})
        await seller.get(FEEDS, feedTypes="JSON_LISTINGS_FEED")
        await seller.get(REPORTS, reportTypes=ORDER_REPORT)
    store = seller.stores[0]
    granularity = {"granularityType": "Marketplace", "granularityId": store, "marketplaceIds": store}
    await seller.get("/fba/inventory/v1/summaries", details="true", **granularity)


async def ship(seller, order):
    items = [{"orderItemId": line.external_id, "quantity": line.unfinished} for line in order.lines if line.unfinished]
    detail = {
        "packageReferenceId": "9",
        "carrierCode": "DHL",
        "trackingNumber": "T",
        "shipDate": "2030-01-01T00:00:00Z",
    }
    store = seller.stores[CODES.index(order.marketplace)]
    body = {"marketplaceId": store, "packageDetail": detail | {"orderItems": items}}
    await seller.post(f"/orders/v0/orders/{order.external_id}/shipmentConfirmation", body)


def lived(days, seed, judge=lambda seller: seller.amazon.trace):
    """What `judge` makes of the seller after so many days."""

    async def whole(seller):
        await live(seller, days, seed)
        result = judge(seller)
        return await result if asyncio.iscoroutine(result) else result

    return ask(whole, codes=CODES, skus=SKUS, seed=seed)


if __name__ == "__main__":
    print(lived(int(sys.argv[1]), int(sys.argv[2])))  # noqa: T201 - what the caller waits for
