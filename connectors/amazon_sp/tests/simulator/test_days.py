"""From the price to the parcel and back, in days that take no time: what a static sandbox cannot show."""

import asyncio

from connectors.amazon_sp.tests.simulator.asking import ORDERS, ask, instant, market_of
from connectors.amazon_sp.tests.simulator.feeds.feeding import listings_feed, patch_message, process
from connectors.amazon_sp.tests.simulator.listings.listing import EFFECT, PRICE, patch, send
from connectors.amazon_sp.tests.simulator.orders.test_orders_v0 import confirm
from entrepot_amazon_sp.simulator.faults import AmazonFault


async def days(seller):
    """A price and a quantity are set, two orders come, one is sent and one is cancelled, and Amazon fails once."""
    amazon, told = seller.amazon, {}
    amazon.faults.plan(AmazonFault.SILENT_FEED)
    await process(seller, listings_feed(patch_message(1, "TEA", 7)))
    told["after a silent feed"] = amazon.stock["TEA"]
    await send(seller, patch(PRICE, path="/attributes/purchasable_offer"))
    await process(seller, listings_feed(patch_message(1, "TEA", 7)))
    await asyncio.sleep(EFFECT)
    [sold], unpaid = await seller.sell({"TEA": 2}), amazon.place({"TEA": 1}, market_of("DE"))
    told["after two orders"] = amazon.stock["TEA"]
    told["paid"] = str(sold.total.amount)
    await confirm(seller, sold)
    await asyncio.sleep(2 * 86400)
    amazon.cancel(unpaid.external_id)
    await asyncio.sleep(180)
    window = {"lastUpdatedAfter": instant(sold.placed_at), "includedData": "FULFILLMENT"}
    answers = [await seller.get(ORDERS, **window) for _ in range(21)]
    told["orders"] = [order["fulfillment"]["fulfillmentStatus"] for order in answers[0].json()["orders"]]
    told["too often"] = answers[20].status_code
    return told | {"at last": amazon.stock["TEA"], "trace": amazon.trace}


def test_orders_prices_quantities_and_faults_live_through_days_that_repeat_themselves():
    """Covers R95: all changes by what is done, limits refuse, faults strike, and the same seed is the same run."""
    told = ask(days)
    assert told == ask(days)
    assert told.pop("trace") != ask(days, seed=2)["trace"]
    assert told == {
        "after a silent feed": 10,
        "after two orders": 4,
        "paid": "29.58",
        "orders": ["SHIPPED", "CANCELLED"],
        "too often": 429,
        "at last": 5,
    }
