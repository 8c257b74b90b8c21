"""What becomes of an order after it was placed, in Amazon's words (FACTS 7, and the models' texts on statuses)."""

import asyncio
from datetime import timedelta

import pytest

from connectors.amazon_sp.tests.simulator.asking import ALL_GROUPS, DE, NL, ORDERS, ask, instant, market_of
from connectors.amazon_sp.tests.simulator.fba.test_fba_inventory import found
from connectors.amazon_sp.tests.simulator.orders.test_orders_v0 import confirm
from connectors.amazon_sp.tests.simulator.reports.asked_for import make, table
from connectors.amazon_sp.tests.simulator.test_models import MODELS, faults
from entrepot.model import Cancellation
from entrepot.simulation import CHANNEL, MERCHANT, SoldOut

pytestmark = pytest.mark.skipif(not MODELS.exists(), reason="Amazon's models are not here (../shared/spapi/models)")

FBA_RETURNS = "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA"
OWN_RETURNS = "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE"


async def told(seller, order):
    """The order by both APIs, and its items by the older one."""
    number = order.external_id
    new = (await seller.get(f"{ORDERS}/{number}", includedData=ALL_GROUPS)).json()
    assert faults("orders_2026-01-01.json", "GetOrderResponse", new) == []
    old = (await seller.get(f"/orders/v0/orders/{number}")).json()
    items = (await seller.get(f"/orders/v0/orders/{number}/orderItems")).json()
    assert faults("ordersV0.json", "GetOrderResponse", old) == []
    assert faults("ordersV0.json", "GetOrderItemsResponse", items) == []
    return new["order"], old["payload"], items["payload"]["OrderItems"]


async def statuses(seller, order):
    new, old, _ = await told(seller, order)
    return new["fulfillment"]["fulfillmentStatus"], old["OrderStatus"]


def test_order_that_was_placed_before_the_release_waits_for_it():
    """The initial status of pre-orders is PENDING_AVAILABILITY; then PENDING, when authorization of payment begins."""

    async def wait(seller):
        amazon = seller.amazon
        amazon.sell_ahead("TEA", timedelta(days=3))
        order = amazon.place({"TEA": 1, "MUG": 1}, market_of("DE"))
        before, (new, old, _) = await statuses(seller, order), await told(seller, order)
        await asyncio.sleep(3 * 86_400 + 1)
        listed = await seller.get(ORDERS, lastUpdatedAfter=instant(seller.clock.now() - timedelta(minutes=5)))
        await asyncio.sleep(240)
        again = await seller.get(ORDERS, lastUpdatedAfter=instant(seller.clock.now() - timedelta(minutes=5)))
        after = await statuses(seller, order)
        amazon.pay(order.external_id, "EUR")
        later = amazon.place({"TEA": 1}, market_of("DE"))
        return before, new, old, after, await statuses(seller, order), later, listed.json(), again.json()

    before, new, old, after, paid, later, listed, again = ask(wait)
    assert before == ("PENDING_AVAILABILITY", "PendingAvailability")
    assert (new["programs"], old["OrderType"]) == (["PREORDER"], "Preorder")
    assert new["fulfillment"]["shipByWindow"]["earliestDateTime"] == "2030-01-04T00:00:00.000Z"
    assert after == ("PENDING", "Pending")
    assert paid == ("UNSHIPPED", "Unshipped")
    assert (listed["orders"], len(again["orders"])) == ([], 1)  # the release is a change, two minutes late at most
    assert later.programs == ()


def test_buyer_asks_to_cancel_and_the_merchant_decides():
    async def decide(seller):
        granted, ignored = await seller.sell({"TEA": 1}, count=2)
        for order in (granted, ignored):
            seller.amazon.ask_to_cancel(order.external_id, "changed their mind")
        shown = seller.amazon.stock["TEA"]
        new, _, [item] = await told(seller, granted)
        seller.amazon.cancel(granted.external_id, why=Cancellation(MERCHANT, "the buyer asked for it"))
        seller.amazon.ship(ignored.external_id)
        seller.amazon.ask_to_cancel(ignored.external_id, "too late")
        ended = [await told(seller, order) for order in (granted, ignored)]
        return new, item, shown, ended, seller.amazon

    new, item, shown, [(cancelled, *_), (shipped, *_)], amazon = ask(decide)
    asked = {"requester": "BUYER", "cancelReason": "changed their mind"}
    assert new["orderItems"][0]["cancellation"] == {"cancellationRequest": asked}
    assert item["BuyerRequestedCancel"] == {
        "IsBuyerRequestedCancel": "true",
        "BuyerCancelReason": asked["cancelReason"],
    }
    assert shown == 8  # to ask gives nothing back
    assert cancelled["orderItems"][0]["cancellation"] == {
        "cancellationRequest": asked,
        "cancellationExecution": {"cancelledBy": "MERCHANT", "cancelReason": "the buyer asked for it"},
    }
    assert (shipped["fulfillment"]["fulfillmentStatus"], amazon.stock["TEA"]) == ("SHIPPED", 9)
    assert len(amazon.happened.cancel_requests) == 2


def test_order_that_is_never_paid_is_cancelled_by_amazon():
    async def leave(seller):
        order = seller.amazon.place({"TEA": 2}, market_of("DE"))
        seller.amazon.cancel(order.external_id, why=Cancellation(CHANNEL, "no payment"))
        return await told(seller, order)

    new, old, _ = ask(leave)
    assert new["orderItems"][0]["cancellation"]["cancellationExecution"]["cancelledBy"] == "AMAZON"
    assert (old["OrderStatus"], "OrderTotal" in old) == ("Canceled", False)


def test_parcel_of_the_sellers_own_is_delivered_after_it_was_confirmed():
    async def send(seller):
        [order] = await seller.sell({"TEA": 1})
        seller.amazon.deliver(order.external_id)  # nothing is on its way
        before = (await told(seller, order))[0]
        await confirm(seller, order)
        sent = (await told(seller, order))[0]
        seller.amazon.deliver(order.external_id)
        return before, sent, (await told(seller, order))[0], seller.amazon

    before, sent, arrived, amazon = ask(send)
    assert "packages" not in before
    assert [parcel["packageStatus"] for parcel in sent["packages"]] == [{"status": "SHIPPED"}]
    [parcel] = arrived["packages"]
    assert parcel["packageStatus"] == {"status": "DELIVERED", "detailedStatus": "DELIVERED"}
    assert [arrival.parcel for arrival in amazon.happened.arrivals] == [parcel["packageReferenceId"]]


def test_dates_of_delivery_are_told_of_orders_that_the_seller_is_to_send():
    """Only of seller-fulfilled orders that are not pending and not cancelled."""

    async def look(seller):
        seller.amazon.inventory.send_by_amazon("MUG")
        pending = seller.amazon.place({"TEA": 1}, market_of("DE"))
        [own], [amazons] = await seller.sell({"TEA": 1}), await seller.sell({"MUG": 1})
        return [(await told(seller, order))[1] for order in (pending, own, amazons)]

    dates = [{name for name in order if name.startswith(("Latest", "Earliest"))} for order in ask(look)]
    ship = {"EarliestShipDate", "LatestShipDate"}
    assert dates == [ship, ship | {"EarliestDeliveryDate", "LatestDeliveryDate"}, set()]


def test_amazon_cannot_send_an_order():
    """UNFULFILLABLE concerns orders that Amazon sends, and no other."""

    async def fail(seller):
        seller.amazon.inventory.send_by_amazon("TEA")
        [amazons], [own] = await seller.sell({"TEA": 2}), await seller.sell({"MUG": 1})
        seller.amazon.give_up(amazons.external_id)
        with pytest.raises(ValueError, match="is the merchant's to send"):
            seller.amazon.give_up(own.external_id)
        [units] = await found(seller, sellerSku="TEA", details="true")
        return await statuses(seller, amazons), units, seller.amazon.stock["TEA"]

    told_as, units, shown = ask(fail)
    assert told_as == ("UNFULFILLABLE", "Unfulfillable")
    assert (units["totalQuantity"], units["inventoryDetails"]["reservedQuantity"]["totalReservedQuantity"]) == (10, 0)
    assert shown == 10


async def send_back(seller):
    amazon = seller.amazon
    amazon.inventory.send_by_amazon("TEA")
    [amazons], [own] = await seller.sell({"TEA": 3}), await seller.sell({"MUG": 2})
    for order in (amazons, own):
        amazon.ship(order.external_id)
        amazon.deliver(order.external_id)
    [line], [mine] = amazons.lines, own.lines
    amazon.take_back(amazons.external_id, {line.external_id: 1}, "unwanted")
    amazon.take_back(amazons.external_id, {line.external_id: 1}, "defective", sellable=False)
    amazon.take_back(own.external_id, {mine.external_id: 1}, "unwanted")
    return amazons, own


def test_returned_units_are_amazons_stock_again_or_unsellable():
    async def look(seller):
        amazons, own = await send_back(seller)
        with pytest.raises(ValueError, match="cannot come back"):
            seller.amazon.take_back(amazons.external_id, {amazons.lines[0].external_id: 2})
        [tea] = await found(seller, sellerSku="TEA", details="true")
        return tea, seller.amazon.stock["MUG"], await statuses(seller, own)

    tea, mugs, status = ask(look)
    details = tea["inventoryDetails"]
    assert (details["fulfillableQuantity"], tea["totalQuantity"]) == (8, 9)
    assert details["unfulfillableQuantity"]["customerDamagedQuantity"] == 1
    assert mugs == 3  # what comes back to the seller is the seller's to count
    assert status == ("SHIPPED", "Shipped")


def test_returns_are_told_by_the_report_of_who_keeps_the_goods():
    async def read(seller):
        amazons, own = await send_back(seller)
        window = {"dataStartTime": "2029-12-31T00:00:00Z"}
        tables = [table((await make(seller, kind, **window))[1]) for kind in (FBA_RETURNS, OWN_RETURNS)]
        elsewhere, _ = await make(seller, FBA_RETURNS, stores=[NL], **window)
        return amazons, own, *tables, elsewhere

    amazons, own, fba, mine, elsewhere = ask(read)
    told_as = [(row["order-id"], row["quantity"], row["detailed-disposition"], row["reason"]) for row in fba]
    number = amazons.external_id
    assert told_as == [(number, "1", "SELLABLE", "UNWANTED_ITEM"), (number, "1", "CUSTOMER_DAMAGED", "DEFECTIVE")]
    assert [(row["Order ID"], row["Merchant SKU"], row["Return quantity"]) for row in mine] == [
        (own.external_id, "MUG", "1")
    ]
    assert elsewhere["processingStatus"] == "CANCELLED"  # no data


def test_stores_of_the_european_pool_share_one_number():
    """FACTS 8: one quantity serves all stores of the account; FACTS 11: the same pool shows in several of them."""

    async def share(seller):
        seller.amazon.inventory.send_by_amazon("MUG")
        for basket in ({"TEA": 4}, {"MUG": 2}):
            await seller.sell(basket, code="NL")
        answers = [
            (await seller.get(seller.item("TEA"), marketplaceIds=store, includedData="fulfillmentAvailability")).json()
            for store in (DE, NL)
        ]
        own = [answer["fulfillmentAvailability"][0]["quantity"] for answer in answers]
        amazons = [
            await found(seller, granularityId=store, marketplaceIds=store, sellerSku="MUG", details="true")
            for store in (DE, NL)
        ]
        with pytest.raises(SoldOut):
            seller.amazon.place({"TEA": 7}, market_of("DE"))
        return own, [units["inventoryDetails"]["fulfillableQuantity"] for [units] in amazons]

    assert ask(share) == ([6, 6], [3, 3])
