"""A month of a small seller on the simulated Amazon: all that can become of orders, offers and stock happens in it.

What each teller says of it at the end is a `Telling`; the truth is the market's own.
"""

import asyncio
from collections import Counter
from datetime import timedelta

from attrs import evolve, frozen

from connectors.amazon_sp.tests.simulator.asking import ORDERS, ask, instant, market_of
from connectors.amazon_sp.tests.simulator.feeds.feeding import listings_feed, patch_message, send
from connectors.amazon_sp.tests.simulator.listings.listing import availability
from connectors.amazon_sp.tests.simulator.notifications.notified import events, received, subscribe
from connectors.amazon_sp.tests.simulator.reports.asked_for import download, look, request, table
from entrepot.model import Fulfillment, OrderStatus
from entrepot.simulation import stream
from entrepot.simulation.markets.buyers import Buyers
from entrepot.simulation.markets.habits import MANIFOLD
from entrepot_amazon_sp.simulator.orders.statuses import status_word
from entrepot_amazon_sp.simulator.orders.words_v0 import old_status

CODES = ("DE", "NL")
DAYS = 30
FIRST_HOUR_OVER = "2030-01-01T01:00:00Z"
ORDER_REPORT = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
FBA_REPORT = "GET_FBA_MYI_UNSUPPRESSED_INVENTORY_DATA"
SHIP_DATE = {"carrierCode": "DHL", "trackingNumber": "T", "shipDate": "2030-01-01T00:00:00Z"}


@frozen
class Size:
    """`units` of each of `offers` are wanted in the month; every third is sent by Amazon, the first comes out later."""

    offers: int = 6
    units: int = 16

    @property
    def skus(self):
        return {f"SKU-{number:02d}": self.units for number in range(self.offers)}


@frozen
class Telling:
    """Counters of tuples: `told` by the simulator's APIs, and what they should have said."""

    told: Counter
    true: Counter


async def live(seller, seed, size):
    """Returns the notifications: they are read each day, as queues keep them for four."""
    amazon, rng = seller.amazon, stream(seed, "merchant")
    for sku in list(size.skus)[::3]:
        amazon.inventory.send_by_amazon(sku)
    amazon.sell_ahead("SKU-00", timedelta(days=6))
    amazon.troubles.begin(0.1)
    await subscribe(seller, *TOLD)
    places, demand = [market_of(code) for code in CODES], dict.fromkeys(size.skus, size.units)
    habits, span = evolve(MANIFOLD, ships=False), timedelta(days=DAYS)
    buyers = Buyers(amazon, places, demand, stream(seed, "buyers"), start=seller.clock.now(), span=span, habits=habits)
    trading = asyncio.create_task(buyers.trade(seller.clock))
    messages = []
    for day in range(DAYS):
        await asyncio.sleep(86_400)
        await work(seller, rng, day, size)
        messages += read(seller)
    await trading
    await asyncio.sleep(180)  # until lists show the last change
    return messages + read(seller)


def read(seller):
    return received(seller) + [event["detail"] for event in events(seller)]


async def work(seller, rng, day, size):
    """The merchant's: most open orders are sent, some in part, and quantities are set by both ways."""
    for order in [*seller.amazon.orders.values()]:
        if order.fulfillment is Fulfillment.MERCHANT and is_open(order) and rng.random() < 3 / 4:
            await confirm(seller, order, rng)
    own = [sku for number, sku in enumerate(size.skus) if number % 3]
    if day % 6 == 0:
        body = availability(rng.randint(0, size.units))
        await seller.patch(seller.item(rng.choice(own)), body, marketplaceIds=seller.stores[0])
    if day % 15 == 3:
        await send(seller, listings_feed(*[patch_message(at, sku, size.units) for at, sku in enumerate(own, 1)]))


def is_open(order):
    return order.status in {OrderStatus.UNSHIPPED, OrderStatus.PARTIALLY_SHIPPED}


async def confirm(seller, order, rng):
    line = rng.choice([line for line in order.lines if line.unfinished])
    items = [{"orderItemId": line.external_id, "quantity": rng.randint(1, line.unfinished)}]
    parcel = SHIP_DATE | {"packageReferenceId": str(len(order.packages) + 1), "orderItems": items}
    body = {"marketplaceId": seller.stores[CODES.index(order.marketplace)], "packageDetail": parcel}
    answer = await seller.post(f"/orders/v0/orders/{order.external_id}/shipmentConfirmation", body)
    assert answer.status_code == 204, answer.text


# Who tells


async def search(seller):
    """Orders API 2026-01-01: statuses, and units of each item."""
    told, query = Counter(), {"lastUpdatedAfter": "2029-12-31T00:00:00Z", "includedData": "FULFILLMENT"}
    async for page in pages(seller, ORDERS, query):
        for order in page["orders"]:
            status = order["fulfillment"]["fulfillmentStatus"]
            for item in order["orderItems"]:
                sent = item["fulfillment"]
                units = (item["quantityOrdered"], sent["quantityFulfilled"], sent["quantityUnfulfilled"])
                told[order["orderId"], status, item["product"]["sellerSku"], *units] += 1
    lines = ((order, line) for order in seller.amazon.orders.values() for line in order.lines)
    true = Counter(
        (order.external_id, status_word(order), line.offer, line.ordered, line.shipped, line.unfinished)
        for order, line in lines
    )
    return Telling(told, true)


async def pages(seller, path, query):
    while True:
        answer = (await seller.get(path, **query)).json()
        yield answer
        if "pagination" not in answer:
            return
        query = query | {"paginationToken": answer["pagination"]["nextToken"]}


async def search_v0(seller):
    """Orders API v0: statuses in its spelling, and how many units."""
    told, query = Counter(), {"LastUpdatedAfter": "2029-12-31T00:00:00Z", "MarketplaceIds": ",".join(seller.stores)}
    while query:
        page = (await seller.get("/orders/v0/orders", **query)).json()["payload"]
        for order in page["Orders"]:
            units = (order["NumberOfItemsShipped"], order["NumberOfItemsUnshipped"])
            told[order["AmazonOrderId"], order["OrderStatus"], *units] += 1
        query = query | {"NextToken": page["NextToken"]} if "NextToken" in page else None
    true = Counter((number, old_status(order), *counted(order)) for number, order in seller.amazon.orders.items())
    return Telling(told, true)


def counted(order):
    return sum(line.shipped for line in order.lines), sum(line.unfinished for line in order.lines)


async def report(seller):
    """The order report: units of each item, but of orders that were over in the first hour: it tells thirty days."""
    rows = await rows_of(seller, ORDER_REPORT, FIRST_HOUR_OVER)
    told = Counter((row["amazon-order-id"], row["sku"], row["quantity"]) for row in rows)
    changed = [order for order in seller.amazon.orders.values() if instant(order.changed_at) >= FIRST_HOUR_OVER]
    lines = ((order, line) for order in changed for line in order.lines)
    true = Counter((order.external_id, line.offer, str(line.ordered - line.cancelled)) for order, line in lines)
    return Telling(told, true)


async def rows_of(seller, kind, start):
    window = {"dataStartTime": start, "dataEndTime": instant(seller.clock.now())}
    asked = (await request(seller, kind, **window)).json()["reportId"]
    await asyncio.sleep(300)
    return table((await download(seller, (await look(seller, asked))["reportDocumentId"]))[0])


async def inventory(seller):
    """FBA Inventory and its report: units for sale, reserved and unsellable, of one pool for all stores."""
    told, true = Counter(), Counter()
    for store in seller.stores:
        query = {"granularityType": "Marketplace", "granularityId": store, "marketplaceIds": store, "details": "true"}
        answer = (await seller.get("/fba/inventory/v1/summaries", **query)).json()["payload"]
        for units in answer["inventorySummaries"]:
            told[store, units["sellerSku"], *summed(units)] += 1
            true[store, units["sellerSku"], *true_units(seller.amazon, units["sellerSku"])] += 1
    for row in await rows_of(seller, FBA_REPORT, instant(seller.clock.now())):
        names = ("fulfillable", "reserved", "unsellable", "total")
        told["report", row["sku"], *[int(row[f"afn-{name}-quantity"]) for name in names]] += 1
        true["report", row["sku"], *true_units(seller.amazon, row["sku"])] += 1
    return Telling(told, true)


def summed(units):
    details = units["inventoryDetails"]
    reserved = details["reservedQuantity"]["totalReservedQuantity"]
    unsellable = details["unfulfillableQuantity"]["totalUnfulfillableQuantity"]
    return details["fulfillableQuantity"], reserved, unsellable, units["totalQuantity"]


def true_units(amazon, sku):
    by_amazon = [order for order in amazon.orders.values() if order.fulfillment is Fulfillment.CHANNEL]
    reserved = sum(order.open_units(line) for order in by_amazon for line in order.lines if line.offer == sku)
    numbers = {order.external_id for order in by_amazon}
    back = [each for each in amazon.happened.returns if each.offer == sku and each.order in numbers]
    unsellable = sum(each.units for each in back if not each.sellable)
    return amazon.stock[sku], reserved, unsellable, amazon.stock[sku] + reserved + unsellable


def notifications(seller, messages):
    """The last that was told of each order, and of each quantity: all changes are told within a second."""
    told = {}
    for message in sorted(messages, key=lambda message: message["EventTime"]):
        told |= TOLD[message["NotificationType"]](message["Payload"])
    true = {number: (old_status(order), *counted(order)) for number, order in seller.amazon.orders.items()}
    for sku, shown in seller.amazon.stock.items():
        by_amazon = seller.amazon.inventory.listing(sku).is_sent_by_amazon
        true[sku] = true_units(seller.amazon, sku)[:3] if by_amazon else (shown,)
    return Telling(Counter(told.items()), Counter(true.items()))


def told_order(payload):
    change = payload["OrderChangeNotification"]
    summary = change["Summary"]
    units = (summary["NumberOfItemsShipped"], summary["NumberOfItemsUnshipped"])
    return {change["AmazonOrderId"]: (summary["OrderStatus"], *units)}


def told_fba(payload):
    units = payload["FulfillmentInventoryByMarketplace"][0]["FulfillmentInventory"]
    reserved = units["ReservedQuantityBreakdown"]["PendingCustomerOrder"]
    return {payload["SKU"]: (units["Fulfillable"], reserved, units["Unfulfillable"])}


TOLD = {
    "ORDER_CHANGE": told_order,
    "FBA_INVENTORY_AVAILABILITY_CHANGES": told_fba,
    "LISTINGS_ITEM_MFN_QUANTITY_CHANGE": lambda payload: {payload["Sku"]: (payload["Quantity"],)},
}


async def movements(seller, size):
    """What is on show is what there was, what the merchant set more or less, less sales, and what was given back."""
    amazon, true = seller.amazon, Counter(size.skus)
    for write in amazon.stock.writes:
        true[write.offer] += write.quantity - write.previous
    for sale in amazon.sales:
        true[sale.offer] -= sale.units
    for order in amazon.orders.values():
        for line in order.lines:
            given_up = line.unfinished if order.status is OrderStatus.UNFULFILLABLE else 0
            true[line.offer] += line.cancelled + given_up
    for back in amazon.happened.returns:
        by_amazon = amazon.orders[back.order].fulfillment is Fulfillment.CHANNEL
        true[back.offer] += back.units if back.sellable and by_amazon else 0
    answers = {sku: (await seller.get(seller.item(sku), marketplaceIds=seller.stores[0])).json() for sku in size.skus}
    assert all("summaries" in answer for answer in answers.values())
    return Telling(Counter(dict(amazon.stock)), true)


async def sales(seller):
    """Every unit that a buyer took is ordered, once."""
    ordered = Counter()
    for order in seller.amazon.orders.values():
        for line in order.lines:
            ordered[order.external_id, line.offer] += line.ordered
    taken = Counter()
    for sale in seller.amazon.sales:
        taken[sale.order, sale.offer] += sale.units
    return Telling(ordered, taken)


def tellings(seed, size=None):
    """By name, what each teller says after a month of this seed, and the market."""
    size = size or Size()

    async def whole(seller):
        seller.patient = True
        messages = await live(seller, seed, size)
        tellers = {"orders": search, "orders_v0": search_v0, "report": report, "fba": inventory, "sales": sales}
        said = {name: await teller(seller) for name, teller in tellers.items()}
        said |= {"movements": await movements(seller, size), "notifications": notifications(seller, messages)}
        return said, seller.amazon

    return ask(whole, codes=CODES, skus=size.skus, seed=seed)
