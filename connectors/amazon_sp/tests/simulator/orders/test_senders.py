"""Orders of offers that the merchant sends, and of offers that Amazon sends."""

import asyncio
from datetime import timedelta

from connectors.amazon_sp.tests.simulator.asking import ask, error, market_of
from connectors.amazon_sp.tests.simulator.orders.test_orders_v0 import START, confirm, search
from entrepot.model import Fulfillment
from entrepot.simulation import stream
from entrepot.simulation.markets.buyers import Buyers

SKUS = {f"SKU-{number}": 30 for number in range(6)}
AMAZONS = {"SKU-0", "SKU-3"}


def test_no_order_of_a_day_has_offers_of_both():
    async def trade(seller):
        for sku in AMAZONS:
            seller.amazon.inventory.send_by_amazon(sku)
        demand, rng = dict.fromkeys(SKUS, 20), stream(1, "buyers")
        buyers = Buyers(
            seller.amazon, [market_of("DE")], demand, rng, start=seller.clock.now(), span=timedelta(hours=8)
        )
        await buyers.trade(seller.clock)
        await asyncio.sleep(180)
        mixed = [wish for wish in buyers.wishes if set(wish.units) & AMAZONS and set(wish.units) - AMAZONS]
        told = {}
        for channel in ("AFN", "MFN"):
            orders = (await search(seller, LastUpdatedAfter=START, FulfillmentChannels=channel)).json()["payload"][
                "Orders"
            ]
            told[channel] = {order["AmazonOrderId"] for order in orders}
        return mixed, told, seller.amazon.orders

    mixed, told, orders = ask(trade, skus=SKUS)
    assert mixed
    for number, order in orders.items():
        by_amazon = {line.offer in AMAZONS for line in order.lines}
        assert by_amazon == {order.fulfillment is Fulfillment.CHANNEL}
        assert number in told["AFN" if True in by_amazon else "MFN"]


def test_what_amazon_sends_cannot_be_confirmed():
    async def ship(seller):
        seller.amazon.inventory.send_by_amazon("MUG")
        [amazons] = await seller.sell({"MUG": 1})
        answer = await confirm(seller, amazons)
        return answer, seller.amazon.orders[amazons.external_id]

    answer, order = ask(ship)
    assert (answer.status_code, error(answer)["code"]) == (400, "InvalidInput")
    assert "is not the seller's to ship" in error(answer)["details"]
    assert (order.status, order.packages) == ("unshipped", ())
