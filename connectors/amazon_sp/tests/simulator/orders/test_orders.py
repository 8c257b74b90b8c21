"""searchOrders and getOrder, rule by rule."""

import asyncio
import re
from datetime import timedelta

import pytest

from connectors.amazon_sp.tests.simulator.asking import ALL_GROUPS, DE, JP, NL, ORDERS, ask, error, instant, market_of

START = "2029-12-31T00:00:00Z"
SECOND = timedelta(seconds=1)


async def settle():
    await asyncio.sleep(180)


def search(seller, **query):
    return seller.get(ORDERS, **({"lastUpdatedAfter": START} | query))


def refused(scenario):
    answer = ask(scenario)
    assert (answer.status_code, error(answer)["code"]) == (400, "InvalidInput")
    return error(answer)["details"]


@pytest.mark.parametrize(
    "query",
    [
        {"lastUpdatedAfter": None},
        {"createdAfter": START},
        {"createdBefore": START},
        {"lastUpdatedAfter": "TEST_CASE_400"},
        {"lastUpdatedAfter": "0001-01-01T00:00:00+14:00"},
        {"lastUpdatedBefore": "2029-12-30T23:59:59Z"},
        {"lastUpdatedBefore": "2030-01-01T00:00:00Z"},
        {"maxResultsPerPage": "0"},
        {"maxResultsPerPage": "101"},
        {"maxResultsPerPage": "ten"},
        {"includedData": "FULFILLMENT,EVERYTHING"},
        {"includedData": ["FULFILLMENT", "PACKAGES"]},
        {"fulfilledBy": "NOBODY"},
        {"fulfillmentStatuses": "Shipped"},
        {"marketplaceIds": "DE"},
        {"marketplaceIds": ",".join([DE] * 51)},
        {"marketplaceIds": ""},
        {"paginationToken": "never-given"},
    ],
    ids=str,
)
def test_what_the_model_forbids_is_refused(query):
    given = {"lastUpdatedAfter": START} | query
    assert refused(
        lambda seller: seller.get(ORDERS, **{name: text for name, text in given.items() if text is not None})
    )


def test_window_may_end_two_minutes_ago():
    async def both(seller):
        await seller.token()
        await settle()
        now = seller.clock.now()
        late, good = (instant(now - timedelta(seconds=ago)) for ago in (119, 120))
        return await search(seller, lastUpdatedBefore=late), await search(seller, lastUpdatedBefore=good), good

    late, good, end = ask(both)
    assert (late.status_code, good.status_code) == (400, 200)
    assert "pagination" not in good.json()
    assert good.json()["lastUpdatedBefore"][:19] == end[:19]


def test_end_that_is_left_out_is_told():
    async def both(seller):
        updated = await search(seller)
        return updated.json(), (await seller.get(ORDERS, createdAfter=START)).json()

    updated, created = ask(both)
    assert set(updated) == {"orders", "lastUpdatedBefore"}
    assert set(created) == {"orders", "createdBefore"}
    assert updated["lastUpdatedBefore"] < "2029-12-31T23:58:01"


def test_window_has_both_its_ends():
    async def border(seller):
        [order] = await seller.sell({"TEA": 1})
        await settle()
        at = instant(order.changed_at)
        answers = [
            await search(seller, lastUpdatedAfter=at, lastUpdatedBefore=at),
            await search(seller, lastUpdatedAfter=instant(order.changed_at + SECOND / 1000)),
            await search(seller, lastUpdatedBefore=instant(order.changed_at - SECOND / 1000)),
        ]
        return [len(answer.json()["orders"]) for answer in answers]

    assert ask(border) == [1, 0, 0]


def test_created_orders_are_found_however_they_changed():
    async def find(seller):
        [order] = await seller.sell({"TEA": 1})
        await asyncio.sleep(3600)
        seller.amazon.ship(order.external_id)
        await settle()
        at = instant(order.placed_at)
        by_creation = await seller.get(ORDERS, createdAfter=at, createdBefore=at)
        by_change = await search(seller, lastUpdatedAfter=at, lastUpdatedBefore=at)
        return len(by_creation.json()["orders"]), len(by_change.json()["orders"])

    assert ask(find) == (1, 0)


def test_filters():
    async def find(seller):
        await seller.sell({"TEA": 1}, "DE")
        [sent] = await seller.sell({"TEA": 1}, "NL")
        seller.amazon.ship(sent.external_id)
        await settle()
        filters = [
            {"marketplaceIds": DE},
            {"marketplaceIds": f"{DE},{NL}"},
            {"fulfilledBy": "AMAZON"},
            {"fulfilledBy": "AMAZON,MERCHANT"},
            {"fulfillmentStatuses": "SHIPPED"},
            {"fulfillmentStatuses": "SHIPPED,UNSHIPPED"},
        ]
        return [len((await search(seller, **each)).json()["orders"]) for each in filters]

    assert ask(find) == [1, 2, 0, 2, 1, 2]


def test_pages_follow_by_token_until_there_is_none():
    async def read(seller):
        placed = await seller.sell({"MUG": 1}, count=5)
        await settle()
        told, token = [], {}
        while True:
            page = (await search(seller, maxResultsPerPage=2, **token)).json()
            told += [order["orderId"] for order in page["orders"]]
            if "pagination" not in page:
                return told, [order.external_id for order in placed]
            token = {"paginationToken": page["pagination"]["nextToken"]}

    told, placed = ask(read)
    assert told == placed


async def first_token(seller, **query):
    await seller.sell({"MUG": 1}, count=3)
    await settle()
    return (await search(seller, maxResultsPerPage=1, **query)).json()["pagination"]["nextToken"]


def test_only_page_size_and_data_may_differ_with_a_token():
    async def differ(seller):
        token = await first_token(seller, marketplaceIds=DE)
        wanted = {"paginationToken": token, "marketplaceIds": DE}
        good = await search(seller, **wanted, maxResultsPerPage=2, includedData="FULFILLMENT")
        return good, [
            await search(seller, **wanted, fulfilledBy="MERCHANT"),
            await search(seller, paginationToken=token),
            await search(seller, **wanted, lastUpdatedAfter="2029-12-31T00:00:01Z"),
        ]

    good, others = ask(differ)
    assert (good.status_code, len(good.json()["orders"])) == (200, 2)
    assert {(answer.status_code, error(answer)["code"]) for answer in others} == {(400, "InvalidInput")}


def test_token_that_is_not_encoded_is_refused():
    async def careless(seller):
        token = await first_token(seller)
        return await seller.get(f"{ORDERS}?lastUpdatedAfter={START}&paginationToken={token}")

    assert refused(careless)


def test_token_is_outdated_after_a_day():
    async def wait(seller):
        token = await first_token(seller)
        await asyncio.sleep(24 * 3600 - 300)
        seller._token = None
        good = await search(seller, paginationToken=token)
        await asyncio.sleep(600)
        return good, await search(seller, paginationToken=token)

    good, outdated = ask(wait)
    assert (good.status_code, outdated.status_code, error(outdated)["code"]) == (200, 400, "InvalidInput")


def test_change_comes_into_the_list_within_two_minutes_and_alone_at_once():
    async def look(seller):
        [order] = await seller.sell({"TEA": 1})
        alone = (await seller.get(f"{ORDERS}/{order.external_id}")).json()["order"]
        await asyncio.sleep(121)
        listed = (await search(seller)).json()["orders"]
        return alone["orderId"], [each["orderId"] for each in listed]

    alone, listed = ask(look)
    assert [alone] == listed


def test_without_included_data_there_is_neither_status_nor_money():
    async def look(seller):
        [order] = await seller.sell({"TEA": 2})
        return (await seller.get(f"{ORDERS}/{order.external_id}")).json()["order"]

    order = ask(look)
    assert set(order) == {
        *("orderId", "orderAliases", "createdTime", "lastUpdatedTime", "programs", "salesChannel", "orderItems")
    }
    assert set(order["orderItems"][0]) == {"orderItemId", "quantityOrdered", "product"}
    assert re.fullmatch(r"\d{3}-\d{7}-\d{7}", order["orderId"])
    assert re.fullmatch(r"\d{14}", order["orderItems"][0]["orderItemId"])
    assert re.fullmatch(r"2030-01-01T00:00:\d\d\.\d{3}Z", order["createdTime"])
    assert order["salesChannel"] == {"channelName": "AMAZON", "marketplaceId": DE, "marketplaceName": "Amazon.de"}


async def everything(seller, number):
    return (await seller.get(f"{ORDERS}/{number}", includedData=ALL_GROUPS)).json()["order"]


def amounts(proceeds):
    return {part["type"]: part["subtotal"]["amount"] for part in proceeds["breakdowns"]}


def test_pending_order_has_no_proceeds():
    async def look(seller):
        return await everything(seller, seller.amazon.place({"TEA": 1}, market_of("DE")).external_id)

    order = ask(look)
    assert not {"proceeds", "payment"} & set(order)
    assert not {"proceeds"} & set(order["orderItems"][0])
    assert "price" not in order["orderItems"][0]["product"]
    assert order["fulfillment"]["fulfillmentStatus"] == "PENDING"


@pytest.mark.parametrize(("code", "on_top"), [("DE", False), ("US", True), ("JP", False)])
def test_tax_is_inside_the_price_or_on_top_of_it(code, on_top):
    async def look(seller):
        [order] = await seller.sell({"TEA": 3})
        return order, await everything(seller, order.external_id)

    order, told = ask(look, codes=(code,))
    [line], [item] = order.lines, told["orderItems"]
    parts = amounts(item["proceeds"])
    price = line.gross - line.tax if on_top else line.gross
    assert parts["ITEM"] == str(price.amount)
    assert parts["TAX"] == str(line.tax.amount)
    assert item["proceeds"]["proceedsTotal"]["amount"] == str((line.gross + order.shipping).amount)
    assert told["proceeds"]["grandTotal"]["amount"] == str(order.total.amount)
    assert amounts(told["proceeds"]) == parts
    assert ("expense" in item) == (code == "JP")
    assert ("tax" in item) == on_top


def test_yen_have_no_decimals():
    async def look(seller):
        [order] = await seller.sell({"TEA": 3})
        return await everything(seller, order.external_id)

    told = ask(look, codes=("JP",))
    assert told["salesChannel"]["marketplaceId"] == JP
    assert "." not in told["proceeds"]["grandTotal"]["amount"]


def test_parcels_cancellations_and_quantities():
    async def look(seller):
        [order] = await seller.sell({"TEA": 3, "MUG": 1})
        tea, mug = (line.external_id for line in order.lines)
        seller.amazon.ship(order.external_id, {tea: 2})
        seller.amazon.cancel(order.external_id, {mug: 1})
        return tea, await everything(seller, order.external_id)

    tea, told = ask(look)
    assert told["fulfillment"]["fulfillmentStatus"] == "PARTIALLY_SHIPPED"
    [parcel] = told["packages"]
    assert (parcel["packageReferenceId"], parcel["packageItems"]) == ("1", [{"orderItemId": tea, "quantity": 2}])
    quantities = [item["fulfillment"] for item in told["orderItems"]]
    assert quantities == [
        {"quantityFulfilled": 2, "quantityUnfulfilled": 1},
        {"quantityFulfilled": 0, "quantityUnfulfilled": 0},
    ]
    assert ["cancellation" in item for item in told["orderItems"]] == [False, True]


def test_personal_data_needs_a_role():
    async def look(seller):
        [order] = await seller.sell({"TEA": 1})
        without = await everything(seller, order.external_id)
        seller.amazon.granted = frozenset({"RECIPIENT"})
        half = await everything(seller, order.external_id)
        seller.amazon.granted = frozenset({"BUYER", "RECIPIENT"})
        unasked = (await seller.get(f"{ORDERS}/{order.external_id}", includedData="FULFILLMENT")).json()["order"]
        return without, half, await everything(seller, order.external_id), unasked

    without, half, whole, unasked = ask(look)
    shown = [{"buyer", "recipient"} & set(order) for order in (without, half, whole, unasked)]
    assert shown == [set(), {"recipient"}, {"buyer", "recipient"}, set()]
    assert whole["recipient"]["deliveryAddress"]["city"] == "Exampletown"


def test_unknown_order_is_not_found_and_what_is_no_number_is_refused():
    async def look(seller):
        return await seller.get(f"{ORDERS}/302-0000000-0000000"), await seller.get(f"{ORDERS}/TEST_CASE_400")

    missing, malformed = ask(look)
    assert (missing.status_code, error(missing)["code"]) == (404, "NotFound")
    assert (malformed.status_code, error(malformed)["code"]) == (400, "InvalidInput")


def test_numbers_are_never_the_same():
    async def number(seller):
        return [seller.amazon.order_number(market_of("DE"), place) for place in range(1, 5000)]

    numbers = ask(number)
    assert len(set(numbers)) == len(numbers)
