"""Orders API v0: its reads, and shipments that the seller confirms (FACTS 3 and 7)."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.amazon_sp.tests.simulator.asking import DE, JP, NL, ORDERS, US, ask, error, market_of
from connectors.amazon_sp.tests.simulator.test_models import MODELS, faults

OLD = "/orders/v0/orders"
START = "2029-12-31T00:00:00Z"

pytestmark = pytest.mark.skipif(not MODELS.exists(), reason="Amazon's models are not here (../shared/spapi/models)")


def search(seller, **query):
    given = {"LastUpdatedAfter": START, "MarketplaceIds": f"{DE},{NL}"} | query
    return seller.get(OLD, **{name: text for name, text in given.items() if text is not None})


async def orders(seller, **query):
    return (await search(seller, **query)).json()["payload"]


async def settle():
    await asyncio.sleep(240)


def package(order, *, reference="1", units=None, store=DE, **changes):
    items = units or {line.external_id: line.ordered for line in order.lines}
    detail = {
        "packageReferenceId": reference,
        "carrierCode": "DHL",
        "trackingNumber": "T-1",
        "shipDate": "2030-01-01T01:00:00.000Z",
        "orderItems": [{"orderItemId": line, "quantity": quantity} for line, quantity in items.items()],
    }
    return {"marketplaceId": store, "packageDetail": {**detail, **changes}}


def confirm(seller, order, **about):
    return seller.post(f"{OLD}/{order.external_id}/shipmentConfirmation", package(order, **about))


# Reads


def test_statuses_are_in_the_old_spelling_and_found_by_it():
    async def look(seller):
        seller.amazon.place({"TEA": 1}, market_of("DE"))
        parted, sent, gone = await seller.sell({"TEA": 1, "MUG": 1}, count=3)
        seller.amazon.ship(parted.external_id, {parted.lines[0].external_id: 1})
        seller.amazon.ship(sent.external_id)
        seller.amazon.cancel(gone.external_id)
        await settle()
        return (await orders(seller))["Orders"], (await orders(seller, OrderStatuses="Canceled,Pending"))["Orders"]

    found, only = ask(look)
    assert {order["OrderStatus"] for order in found} == {"Pending", "PartiallyShipped", "Shipped", "Canceled"}
    assert {order["OrderStatus"] for order in only} == {"Pending", "Canceled"}
    by_status = {order["OrderStatus"]: order for order in found}
    assert "OrderTotal" not in by_status["Pending"]
    assert by_status["PartiallyShipped"]["NumberOfItemsUnshipped"] == 1


def test_what_changed_first_comes_first_and_pages_follow_by_token_alone():
    """FACTS 7: NextToken overrides the other filters."""

    async def read(seller):
        placed = await seller.sell({"MUG": 1}, count=5)
        await settle()
        first = await orders(seller, MaxResultsPerPage=2)
        second = await orders(seller, LastUpdatedAfter=None, NextToken=first["NextToken"])
        third = await orders(seller, LastUpdatedAfter="2030-01-01T00:00:02Z", NextToken=second["NextToken"])
        told = [order["AmazonOrderId"] for page in (first, second, third) for order in page["Orders"]]
        return [order.external_id for order in placed], told, "NextToken" in third

    placed, told, more = ask(read)
    assert (told, more) == (placed, False)


def test_end_that_is_left_out_is_two_minutes_ago_and_told():
    """FACTS 7: the effective end is the next cursor."""

    async def read(seller):
        await settle()
        return await orders(seller), await orders(seller, LastUpdatedAfter=None, CreatedAfter=START)

    updated, created = ask(read)
    assert (set(updated), set(created)) == ({"Orders", "LastUpdatedBefore"}, {"Orders", "CreatedBefore"})
    for end in (updated["LastUpdatedBefore"], created["CreatedBefore"]):
        assert end.startswith("2030-01-01T00:02:0")


@pytest.mark.parametrize(
    "query",
    [
        {"MarketplaceIds": None},
        {"MarketplaceIds": "DE"},
        {"LastUpdatedAfter": None},
        {"CreatedAfter": START},
        {"LastUpdatedAfter": "TEST_CASE_400"},
        {"MaxResultsPerPage": "101"},
        {"OrderStatuses": "Cancelled"},
        {"AmazonOrderIds": ",".join(["302-0000000-0000000"] * 51)},
        {"NextToken": "never-given"},
    ],
    ids=str,
)
def test_bad_searches(query):
    answer = ask(lambda seller: search(seller, **query))
    assert (answer.status_code, error(answer)["code"]) == (400, "InvalidInput")


@pytest.mark.parametrize("after", ["2029-12-31", "2029-12-31T00:00:00", "2029-12-31T00:00:00Z"])
def test_a_day_and_a_time_without_an_offset_are_taken_as_utc(after):
    async def find(seller):
        await seller.sell({"TEA": 1})
        await settle()
        new = await seller.get(ORDERS, createdAfter=after)
        return await orders(seller, CreatedAfter=after, LastUpdatedAfter=None), new.json()

    old, new = ask(find)
    assert len(old["Orders"]) == len(new["orders"]) == 1


@pytest.mark.parametrize(
    ("query", "details"),
    [
        ({"CreatedAfter": "yesterday", "LastUpdatedAfter": None}, "CreatedAfter is no time in ISO 8601."),
        ({"CreatedAfter": "2029-12-31"}, "Exactly one of CreatedAfter and LastUpdatedAfter must be given."),
        ({"MaxResultsPerPage": "0"}, "MaxResultsPerPage is a number from 1 to 100."),
        ({"MarketplaceIds": None}, "MarketplaceIds is missing."),
    ],
)
def test_refusals_name_parameters_as_they_were_asked_for(query, details):
    assert error(ask(lambda seller: search(seller, **query)))["details"] == details


def test_filters():
    async def find(seller):
        [first] = await seller.sell({"TEA": 1}, "DE")
        await seller.sell({"TEA": 1}, "NL")
        await settle()
        filters = [{"MarketplaceIds": NL}, {"AmazonOrderIds": first.external_id}, {"FulfillmentChannels": "AFN"}]
        found = [len((await orders(seller, **each))["Orders"]) for each in filters]
        return found, await search(seller, BuyerEmail="a@example.com")

    found, unknown = ask(find)
    assert found == [1, 1, 0]
    assert (unknown.status_code, error(unknown)["code"]) == (501, "NotSimulated")


def test_plain_token_is_told_no_personal_data():
    """FACTS 3: the order without it, and no refusal."""

    async def read(seller):
        seller.amazon.granted = frozenset({"BUYER", "RECIPIENT"})
        [order] = await seller.sell({"TEA": 1})
        path = f"{OLD}/{order.external_id}"
        parts = ("", "/buyerInfo", "/address", "/orderItems", "/orderItems/buyerInfo")
        return [(await seller.get(path + part)).json()["payload"] for part in parts]

    whole, buyer, address, items, item_buyers = ask(read)
    assert set(buyer) == set(address) == {"AmazonOrderId"}
    assert "BuyerInfo" not in whole
    assert "ShippingAddress" not in whole
    assert [set(item) for item in item_buyers["OrderItems"]] == [{"OrderItemId"}]
    assert items["OrderItems"][0]["SellerSKU"] == "TEA"


@pytest.mark.parametrize(("number", "status"), [("TEST_CASE_400", 400), ("302-0000000-0000000", 404)])
@pytest.mark.parametrize("part", ["", "/buyerInfo", "/address", "/orderItems", "/orderItems/buyerInfo"])
def test_unknown_orders(number, status, part):
    assert ask(lambda seller: seller.get(f"{OLD}/{number}{part}")).status_code == status


@pytest.mark.parametrize(("code", "store"), [("DE", DE), ("US", US), ("JP", JP)])
def test_answers_are_amazons_model(code, store):
    async def collect(seller):
        [order] = await seller.sell({"TEA": 1, "MUG": 1})
        await confirm(seller, order, store=store, units={order.lines[0].external_id: 1})
        await settle()
        path = f"{OLD}/{order.external_id}"
        return [
            ("GetOrdersResponse", await search(seller, MarketplaceIds=store)),
            ("GetOrderResponse", await seller.get(path)),
            ("GetOrderItemsResponse", await seller.get(path + "/orderItems")),
            ("GetOrderBuyerInfoResponse", await seller.get(path + "/buyerInfo")),
            ("GetOrderAddressResponse", await seller.get(path + "/address")),
            ("GetOrderItemsBuyerInfoResponse", await seller.get(path + "/orderItems/buyerInfo")),
            ("ConfirmShipmentErrorResponse", await confirm(seller, order, store=store, reference="2")),
        ]

    for definition, answer in ask(collect, codes=(code,)):
        assert faults("ordersV0.json", definition, answer.json()) == []


# Shipments


def test_confirmed_shipment_is_seen_in_both_apis_and_leaves_the_stock():
    async def ship(seller):
        [order] = await seller.sell({"TEA": 2})
        answer = await confirm(seller, order)
        old = (await seller.get(f"{OLD}/{order.external_id}")).json()["payload"]
        new = (await seller.get(f"{ORDERS}/{order.external_id}", includedData="FULFILLMENT,PACKAGES")).json()["order"]
        return answer, old, new, seller.amazon.stock["TEA"], seller.amazon.orders[order.external_id]

    answer, old, new, left, truth = ask(ship)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (old["OrderStatus"], old["NumberOfItemsShipped"]) == ("Shipped", 2)
    assert new["fulfillment"]["fulfillmentStatus"] == "SHIPPED"
    [parcel] = new["packages"]
    assert (parcel["carrier"], parcel["trackingNumber"]) == ("DHL", "T-1")
    assert parcel["shipTime"] == "2030-01-01T01:00:00.000Z"
    assert (left, truth.lines[0].shipped) == (8, 2)


def test_parts_are_packages_of_their_own_and_a_repeated_reference_edits_one():
    async def ship(seller):
        [order] = await seller.sell({"TEA": 2, "MUG": 1})
        tea, mug = (line.external_id for line in order.lines)
        await confirm(seller, order, units={tea: 1})
        parted = seller.amazon.orders[order.external_id]
        await confirm(seller, order, units={tea: 2}, trackingNumber="T-2")
        await confirm(seller, order, units={mug: 1}, reference="2")
        return parted, seller.amazon.orders[order.external_id]

    parted, whole = ask(ship)
    assert (parted.status, whole.status) == ("partially_shipped", "shipped")
    assert [(each.external_id, each.tracking_number) for each in whole.packages] == [("1", "T-2"), ("2", "T-1")]
    assert [line.shipped for line in whole.lines] == [2, 1]


def test_order_that_is_shipped_can_be_edited_but_no_unit_is_sent_twice():
    """FACTS 7: confirmShipment can double. Here the second parcel finds nothing left."""

    async def ship(seller):
        [order] = await seller.sell({"TEA": 1})
        answers = [
            await confirm(seller, order),
            await confirm(seller, order, carrierCode="Other", carrierName="Nobody's Post"),
            await confirm(seller, order, reference="2"),
        ]
        return [answer.status_code for answer in answers], seller.amazon.orders[order.external_id].packages

    statuses, [parcel] = ask(ship)
    assert (statuses, parcel.carrier) == ([204, 204, 400], "Nobody's Post")


@pytest.mark.parametrize(
    "about",
    [
        {"carrierCode": ""},
        {"carrierCode": "Other"},
        {"trackingNumber": None},
        {"shipDate": "02/21/2022"},
        {"reference": "0"},
        {"reference": "A"},
        {"units": {"1": 1}},
        {"orderItems": []},
        {"orderItems": [{"orderItemId": "1"}]},
        {"store": NL},
    ],
    ids=str,
)
def test_bad_confirmations(about):
    async def ship(seller):
        [order] = await seller.sell({"TEA": 1})
        return await confirm(seller, order, **about), seller.amazon.orders[order.external_id].status

    answer, status = ask(ship)
    assert (answer.status_code, error(answer)["code"], status) == (400, "InvalidInput", "unshipped")


def test_order_that_is_not_paid_cannot_be_shipped():
    async def ship(seller):
        return await confirm(seller, seller.amazon.place({"TEA": 1}, market_of("DE")))

    assert ask(ship).status_code == 400


def test_buyers_plan_does_not_ship_again_what_the_seller_shipped():
    async def ship(seller):
        [order] = await seller.sell({"TEA": 1})
        await confirm(seller, order)
        seller.amazon.ship(order.external_id)
        return seller.amazon.orders[order.external_id]

    order = ask(ship)
    assert (order.lines[0].shipped, len(order.packages)) == (1, 1)


PARCELS = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 4), st.integers(0, 4)).filter(lambda parcel: any(parcel[1:])),
    max_size=6,
)


@given(PARCELS)
def test_whatever_is_confirmed_no_unit_is_sent_twice_and_the_parcels_are_what_was_sent(parcels):
    async def ship(seller):
        [order] = await seller.sell({"TEA": 3, "MUG": 2})
        for reference, *units in parcels:
            items = {line.external_id: each for line, each in zip(order.lines, units, strict=True) if each}
            await confirm(seller, order, reference=str(reference), units=items)
        return seller.amazon.orders[order.external_id]

    order = ask(ship)
    for line in order.lines:
        assert line.shipped == sum(parcel.lines.get(line.external_id, 0) for parcel in order.packages) <= line.ordered
    assert len({parcel.external_id for parcel in order.packages}) == len(order.packages)
    assert (order.status == "shipped") == (not any(line.unfinished for line in order.lines))
