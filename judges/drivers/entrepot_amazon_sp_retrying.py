"""Our client against a throttled server: `python ... URL OPERATION WAY WANTED TIME_SCALE`, the outcome on stdout."""

import asyncio
import json
import sys

from attrs import evolve

from entrepot.channel import ChannelError, Secret
from entrepot.http.reroute import Rerouted
from entrepot.model import AccountId
from entrepot.quota import scaled
from entrepot_amazon_sp import AmazonSettings, SellingPartner, selling_partner
from entrepot_amazon_sp.catalog import find

URL, OPERATION, _, WANTED, TIME_SCALE = sys.argv[1:]
SETTINGS = AmazonSettings("A2JUDGE", "judge", Secret("of the judge"), Secret("Atzr|judge"))
DE = "A1PA6795UKMFR9"


def faster(name):
    """The operation where time runs `TIME_SCALE` times as fast: the client itself knows the real one alone."""
    operation = find(name)
    return evolve(operation, limit=scaled(operation.limit, int(TIME_SCALE)))


async def go():
    network = Rerouted(URL, AccountId(SETTINGS.seller_id))
    async with SellingPartner(SETTINGS, region="EU", transport=network) as client:
        if OPERATION == "searchOrders":
            pages = client.pages("searchOrders", marketplaceIds=[DE], lastUpdatedAfter="2026-11-01T00:00:00Z")
            return sum([len(page["orders"]) async for page in pages])
        for got in range(int(WANTED)):
            await client.call("ordersV0.getOrderItems", orderId=str(got))
        return int(WANTED)


selling_partner.find = faster
try:
    print(json.dumps({"got": asyncio.run(go()), "ended": "complete"}))
except ChannelError as error:
    print(json.dumps({"got": 0, "ended": f"gave up: {type(error).__name__}"}))
