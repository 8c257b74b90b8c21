"""Restricted data tokens: what opens personal data in Orders v0, and what does not (FACTS 3)."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.amazon_sp.tests.simulator.asking import DE, NL, ORDERS, SETTINGS, ask, error, market_of
from connectors.amazon_sp.tests.simulator.authorization.test_tokens import ACCOUNT, NOTIFICATIONS
from connectors.amazon_sp.tests.simulator.orders.test_orders_v0 import OLD, START
from connectors.amazon_sp.tests.simulator.test_models import MODELS, faults
from entrepot.channel import Environment, ForbiddenError
from entrepot_amazon_sp import SellingPartner
from entrepot_amazon_sp.simulator.authorization.resources import Resource

CREATE = "/tokens/2021-03-01/restrictedDataToken"
ROLES = frozenset({"BUYER", "RECIPIENT"})
SEARCH = {"LastUpdatedAfter": START, "MarketplaceIds": f"{DE},{NL}"}
BOTH = ("buyerInfo", "shippingAddress")
ADDRESS = f"{OLD}/{{orderId}}/address"


def resource(path, *elements, method="GET"):
    return {"method": method, "path": path} | ({"dataElements": list(elements)} if elements else {})


async def create(seller, *resources, **more):
    return await seller.post(CREATE, {"restrictedResources": list(resources)} | more)


async def token_for(seller, *resources):
    answer = await create(seller, *resources)
    assert answer.status_code == 200, answer.text
    return answer.json()["restrictedDataToken"]


async def sold(seller, roles=ROLES):
    seller.amazon.granted = roles
    [order] = await seller.sell({"TEA": 1})
    await asyncio.sleep(240)
    return order.external_id


def test_token_has_its_shape_and_an_hour():
    async def ask_for_one(seller):
        await sold(seller)
        return (await create(seller, resource(ADDRESS), targetApplication="amzn1.sellerapps.app.other")).json()

    answer = ask(ask_for_one)
    assert answer.keys() == {"restrictedDataToken", "expiresIn"}
    assert answer["restrictedDataToken"].startswith("Atz.sprdt|")
    assert answer["expiresIn"] == 3600


@pytest.mark.skipif(not MODELS.exists(), reason="Amazon's models are not here (../shared/spapi/models)")
def test_answers_are_amazons_model():
    async def collect(seller):
        await sold(seller)
        return (await create(seller, resource(ADDRESS))).json(), (await create(seller)).json()

    granted, refused = ask(collect)
    assert faults("tokens_2021-03-01.json", "CreateRestrictedDataTokenResponse", granted) == []
    assert faults("tokens_2021-03-01.json", "ErrorList", refused) == []


def test_orders_tell_the_elements_that_the_token_names():
    async def read(seller):
        number = await sold(seller)
        one, all_ = f"{OLD}/{number}", OLD
        tokens = [
            await token_for(seller, resource(one, *elements), resource(all_, *elements))
            for elements in (BOTH, BOTH[:1], BOTH[1:], ("buyerTaxInformation",))
        ]
        wholes = [(await seller.get(one, token=token)).json()["payload"] for token in tokens]
        lists = [(await seller.get(all_, token=token, **SEARCH)).json()["payload"]["Orders"] for token in tokens]
        return wholes, lists

    wholes, lists = ask(read)
    personal = [whole.keys() & {"BuyerInfo", "ShippingAddress"} for whole in wholes]
    assert personal == [{"BuyerInfo", "ShippingAddress"}, {"BuyerInfo"}, {"ShippingAddress"}, set()]
    assert lists == [[whole] for whole in wholes]


def test_parts_of_an_order_tell_all_that_they_have():
    async def read(seller):
        path = f"{OLD}/{await sold(seller)}"
        parts = ("/address", "/buyerInfo", "/orderItems/buyerInfo")
        token = await token_for(seller, *[resource(path + part) for part in parts])
        return [(await seller.get(path + part, token=token)).json()["payload"] for part in parts]

    address, buyer, items = ask(read)
    assert address["ShippingAddress"].keys() >= {"Name", "AddressLine1", "City", "PostalCode", "CountryCode", "Phone"}
    assert buyer.keys() == {"AmazonOrderId", "BuyerName", "BuyerEmail"}
    assert items["OrderItems"]


@pytest.mark.skipif(not MODELS.exists(), reason="Amazon's models are not here (../shared/spapi/models)")
def test_personal_answers_are_amazons_model():
    parts = {"": "GetOrderResponse", "/address": "GetOrderAddressResponse", "/buyerInfo": "GetOrderBuyerInfoResponse"}

    async def read(seller):
        path = f"{OLD}/{await sold(seller)}"
        asked = [resource(path + part, *([] if part else BOTH)) for part in parts]
        token = await token_for(seller, *asked)
        return [(await seller.get(path + part, token=token)).json() for part in parts]

    for definition, answer in zip(parts.values(), ask(read), strict=True):
        assert faults("ordersV0.json", definition, answer) == []


def test_both_apis_name_the_same_person():
    """FACTS 3: the newer API needs the role, and no such token."""

    async def read(seller):
        number = await sold(seller)
        token = await token_for(seller, resource(f"{OLD}/{number}", *BOTH))
        old = (await seller.get(f"{OLD}/{number}", token=token)).json()["payload"]
        new = (await seller.get(f"{ORDERS}/{number}", includedData="BUYER,RECIPIENT")).json()["order"]
        return old, new

    old, new = ask(read)
    assert old["BuyerInfo"]["BuyerEmail"] == new["buyer"]["buyerEmail"]
    assert old["ShippingAddress"]["Name"] == new["recipient"]["deliveryAddress"]["name"]


def test_order_that_is_not_paid_has_no_address_yet():
    async def read(seller):
        seller.amazon.granted = ROLES
        number = seller.amazon.place({"TEA": 1}, market_of("DE")).external_id
        path = f"{OLD}/{number}"
        token = await token_for(seller, resource(path, *BOTH), resource(path + "/address"))
        return [(await seller.get(each, token=token)).json()["payload"] for each in (path, path + "/address")]

    whole, address = ask(read)
    assert not whole.keys() & {"BuyerInfo", "ShippingAddress"}
    assert address.keys() == {"AmazonOrderId"}


# What a token does not open


def test_token_opens_exactly_its_resource():
    async def read(seller):
        first, [second] = await sold(seller), await seller.sell({"MUG": 1})
        own = f"{OLD}/{first}/address"
        specific, generic = await token_for(seller, resource(own)), await token_for(seller, resource(ADDRESS))
        paths = [own, f"{OLD}/{second.external_id}/address", f"{OLD}/{first}", OLD, ACCOUNT]
        return [[(await seller.get(path, token=token)).status_code for path in paths] for token in (specific, generic)]

    assert ask(read) == [[200, 403, 403, 403, 403], [200, 200, 403, 403, 403]]


def test_token_of_one_method_opens_no_other():
    async def confirm(seller):
        path = f"{OLD}/{await sold(seller)}"
        token = await token_for(seller, resource(path, *BOTH))
        return [await seller._ask(method, path, None, token, {}) for method in ("GET", "POST")]

    assert [answer.status_code for answer in ask(confirm)] == [200, 403]


def test_token_cannot_ask_for_another_nor_can_the_applications_own():
    async def again(seller):
        await sold(seller)
        body = {"restrictedResources": [resource(ADDRESS)]}
        tokens = [await token_for(seller, resource(ADDRESS)), await seller.grantless(NOTIFICATIONS), None]
        return [(await seller.post(CREATE, body, token=token)).status_code for token in tokens]

    assert ask(again) == [403, 403, 403]


def test_token_ends_with_its_hour():
    async def late(seller):
        path = f"{OLD}/{await sold(seller)}/address"
        token = await token_for(seller, resource(path))
        await asyncio.sleep(3599)
        early = await seller.get(path, token=token)
        await asyncio.sleep(2)
        return early.status_code, await seller.get(path, token=token)

    early, refused = ask(late)
    assert (early, refused.status_code) == (200, 403)
    assert "expired" in error(refused)["details"]


# Refused wishes

MALFORMED = "Request is missing or has invalid parameters"
NO_ACCESS = "Application do not have access to some or all requested resource"


@pytest.mark.parametrize(
    ("resources", "message"),
    [
        ([], MALFORMED),
        ("all", MALFORMED),
        ([resource(ADDRESS)] * 51, MALFORMED),
        ([resource(ADDRESS, method="PATCH")], MALFORMED),
        ([{"method": "GET"}], MALFORMED),
        ([resource(ADDRESS) | {"dataElements": "buyerInfo"}], MALFORMED),
        ([resource(ADDRESS, method="POST")], NO_ACCESS),
        ([resource("/orders/v0/nothing")], NO_ACCESS),
        ([resource(ACCOUNT)], NO_ACCESS),
        ([resource(f"{ORDERS}/{{orderId}}")], NO_ACCESS),
        ([resource(OLD)], NO_ACCESS),
        ([resource(f"{OLD}/{{orderId}}/orderItems", "shippingAddress")], NO_ACCESS),
        ([resource(ADDRESS, "shippingAddress")], NO_ACCESS),
        ([resource("/reports/2021-06-30/documents/{reportDocumentId}")], NO_ACCESS),
        ([resource(ADDRESS), resource(ACCOUNT)], NO_ACCESS),
    ],
    ids=str,
)
def test_wishes_that_are_none(resources, message):
    async def wish(seller):
        await sold(seller)
        return await seller.post(CREATE, {"restrictedResources": resources})

    answer = ask(wish)
    assert (answer.status_code, error(answer)["message"]) == (400, message)


def test_fifty_resources_are_not_too_many():
    async def wish(seller):
        await sold(seller)
        return await create(seller, *[resource(ADDRESS)] * 50)

    assert ask(wish).status_code == 200


def test_document_of_one_report_can_be_wished_for():
    wished = resource("/reports/2021-06-30/documents/amzn1.tortuga.4.eu.1")
    assert ask(lambda seller: create(seller, wished)).status_code == 200


@pytest.mark.parametrize(
    ("roles", "path", "elements", "message"),
    [
        ((), OLD, BOTH, "requested data elements: [buyerInfo, shippingAddress]"),
        (("RECIPIENT",), OLD, BOTH, "requested data elements: [buyerInfo]"),
        (("BUYER",), ADDRESS, (), NO_ACCESS),
        (("RECIPIENT",), f"{OLD}/{{orderId}}/buyerInfo", (), NO_ACCESS),
    ],
)
def test_application_without_the_role_gets_no_token(roles, path, elements, message):
    async def wish(seller):
        await sold(seller, frozenset(roles))
        return await create(seller, resource(path, *elements))

    answer = ask(wish)
    assert (answer.status_code, error(answer)["code"], error(answer)["details"]) == (400, "InvalidInput", "")
    assert error(answer)["message"].endswith(message)


NAMES = st.text("abc{}-.0/", max_size=6)


@given(NAMES, NAMES)
def test_specific_path_opens_itself_and_nothing_else(path, other):
    if "{" not in path:
        assert Resource("GET", path, frozenset()).is_at("GET", other) == (path == other)


# With our own client


def with_client(scenario, roles=ROLES):
    async def connected(seller):
        number = await sold(seller, roles)
        async with SellingPartner(
            SETTINGS, region="EU", transport=seller.network, clock=seller.clock, environment=Environment.PRODUCTION
        ) as client:
            return await scenario(client, number)

    return ask(connected)


@pytest.mark.filterwarnings("ignore::entrepot_amazon_sp.RetirementWarning")
def test_our_client_asks_for_tokens_by_itself():
    async def read(client, number):
        address = await client.call("getOrderAddress", orderId=number)
        plain = await client.call("ordersV0.getOrder", orderId=number)
        personal = await client.call("ordersV0.getOrder", orderId=number, data_elements=["buyerInfo"])
        return address["payload"], plain["payload"], personal["payload"]

    address, plain, personal = with_client(read)
    assert address["ShippingAddress"]["City"] == "Exampletown"
    assert not plain.keys() & {"BuyerInfo", "ShippingAddress"}
    assert personal.keys() & {"BuyerInfo", "ShippingAddress"} == {"BuyerInfo"}


@pytest.mark.filterwarnings("ignore::entrepot_amazon_sp.RetirementWarning")
def test_our_client_names_the_role_where_there_is_no_token():
    async def read(client, number):
        with pytest.raises(ForbiddenError) as refused:
            await client.call("getOrderAddress", orderId=number)
        return str(refused.value)

    assert "ask for the role that permits it" in with_client(read, frozenset())
