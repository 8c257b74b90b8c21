"""Restricted data tokens: asked for where they are needed, for nothing more, and not twice."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.amazon_sp.tests.scripted import SETTINGS, Amazon, refusal, told
from entrepot.channel import Environment, ForbiddenError, RejectedError, TransientError
from entrepot.simulation import VirtualClock, run
from entrepot_amazon_sp import SellingPartner
from entrepot_amazon_sp.authorization.restricted import REPORT_DOCUMENT, resource_of
from entrepot_amazon_sp.catalog import find, ids, report_type

pytestmark = pytest.mark.filterwarnings("ignore::entrepot_amazon_sp.RetirementWarning")

CREATE = "/tokens/2021-03-01/restrictedDataToken"
ORDERS = {"MarketplaceIds": ["A1PA6795UKMFR9"], "CreatedAfter": "2026-11-01T00:00:00Z"}
ADDRESS = "ordersV0.getOrderAddress"
PLAIN = "refresh-1#1"


class Guarded(Amazon):
    """Gives restricted data tokens out, `rdt-1` and so on; those in `refused` are not taken."""

    def __init__(self, *answers, lifetime=3600, **options):
        super().__init__(*(answers or [told({"payload": {}})]), **options)
        self.wishes, self.lifetime = [], lifetime
        self.denies = None

    def __call__(self, request):
        if request.url.path != CREATE:
            return super().__call__(request)
        self.wishes.append(json.loads(request.content))
        assert request.headers["x-amz-access-token"].startswith("refresh-1#")
        token = {"restrictedDataToken": f"rdt-{len(self.wishes)}", "expiresIn": self.lifetime}
        return self.denies or told(token)

    @property
    def used(self):
        return [request.headers["x-amz-access-token"] for request in self.requests]


def on(amazon, main, **options):
    async def connected(loop):
        async with SellingPartner(
            SETTINGS, region="EU", transport=amazon.network, clock=VirtualClock(loop), **options
        ) as client:
            return await main(client)

    return run(connected, seed=1)


def calling(amazon, operation, **arguments):
    return on(amazon, lambda client: client.call(operation, **arguments))


def wish(method, path, *elements):
    return {
        "restrictedResources": [
            {"method": method, "path": path} | ({"dataElements": list(elements)} if elements else {})
        ]
    }


def test_an_operation_of_personal_data_gets_a_token_for_exactly_its_path():
    amazon = Guarded()
    calling(amazon, ADDRESS, orderId="302-1")
    assert amazon.wishes == [wish("GET", "/orders/v0/orders/302-1/address")]
    assert amazon.used == ["rdt-1"]
    assert "x-amz-date" in amazon.requests[0].headers


def test_orders_are_asked_for_without_personal_data_unless_the_caller_names_it():
    amazon = Guarded()
    calling(amazon, "ordersV0.getOrders", **ORDERS)
    assert (amazon.wishes, amazon.used) == ([], [PLAIN])
    amazon = Guarded()
    calling(amazon, "ordersV0.getOrders", data_elements=["shippingAddress", "buyerInfo"], **ORDERS)
    assert amazon.wishes == [wish("GET", "/orders/v0/orders", "buyerInfo", "shippingAddress")]
    assert amazon.used == ["rdt-1"]


def test_a_restricted_token_opens_nothing_but_its_resource():
    amazon = Guarded()

    async def main(client):
        await client.call(ADDRESS, orderId="302-1")
        await client.call("getMarketplaceParticipations")
        await client.call("ordersV0.getOrder", orderId="302-1", data_elements=["buyerInfo"])
        await client.call("ordersV0.getOrder", orderId="302-1")
        await client.call(ADDRESS, orderId="302-1")

    on(amazon, main)
    assert amazon.used == ["rdt-1", PLAIN, "rdt-2", PLAIN, "rdt-1"]


@pytest.mark.parametrize(
    ("kind", "token"),
    [("GET_FLAT_FILE_ORDER_REPORT_DATA_TAX", "rdt-1"), ("GET_MERCHANT_LISTINGS_ALL_DATA", PLAIN), ("", PLAIN)],
)
def test_only_the_document_of_a_restricted_report_needs_a_token(kind, token):
    amazon = Guarded(told({"url": "https://x"}))
    calling(amazon, "getReportDocument", reportDocumentId="doc.1", report_type=kind)
    assert amazon.used == [token]
    expected = [wish("GET", "/reports/2021-06-30/documents/doc.1")] if token == "rdt-1" else []
    assert amazon.wishes == expected


def test_the_pages_of_a_list_share_one_token():
    amazon = Guarded(told({"payload": {"Orders": [], "NextToken": "t2"}}), told({"payload": {"Orders": []}}))

    async def main(client):
        async for _ in client.pages("ordersV0.getOrders", data_elements=["buyerInfo"], **ORDERS):
            pass

    on(amazon, main)
    assert len(amazon.wishes) == 1
    assert amazon.used == ["rdt-1", "rdt-1"]


def test_tasks_share_the_request_for_a_token_and_its_failure():
    amazon = Guarded()

    async def main(client):
        async with asyncio.TaskGroup() as group:
            for _ in range(5):
                group.create_task(client.call(ADDRESS, orderId="302-1"))

    on(amazon, main)
    assert len(amazon.wishes) == 1
    amazon.denies = refusal(500, "InternalFailure")
    amazon.wishes.clear()

    async def failing(client):
        calls = [client.call(ADDRESS, orderId="302-2", deadline=3) for _ in range(5)]  # too short to repeat
        return await asyncio.gather(*calls, return_exceptions=True)

    outcomes = on(amazon, failing)
    assert {type(outcome) for outcome in outcomes} == {TransientError}
    assert len(set(map(id, outcomes))) == len(outcomes)
    assert len(amazon.wishes) == 1


def test_each_attempt_of_a_call_asks_for_a_token_once():
    """Else two policies of repetition would multiply."""
    amazon = Guarded()
    amazon.denies = refusal(500, "InternalFailure")
    with pytest.raises(TransientError) as failed:
        calling(amazon, ADDRESS, orderId="302-1")
    earlier = failed.value.__notes__
    assert earlier
    assert len(amazon.wishes) == len(earlier) + 1


def test_a_task_that_is_cancelled_takes_the_token_from_no_other():
    amazon = Guarded()

    async def main(client):
        first = asyncio.create_task(client.call(ADDRESS, orderId="302-1"))
        second = asyncio.create_task(client.call(ADDRESS, orderId="302-1"))
        await asyncio.sleep(2)
        first.cancel()
        return await second

    assert on(amazon, main) == {"payload": {}}
    assert len(amazon.wishes) == 1


@pytest.mark.parametrize(("pause", "wishes"), [(3530, 1), (3545, 2)])
def test_a_token_is_asked_for_anew_a_minute_before_its_end(pause, wishes):
    amazon = Guarded(latency=1)

    async def main(client):
        await client.call(ADDRESS, orderId="302-1")
        await asyncio.sleep(pause)
        await client.call(ADDRESS, orderId="302-1")

    on(amazon, main)
    assert len(amazon.wishes) == wishes


def test_a_token_that_amazon_refuses_is_replaced_once():
    amazon = Guarded()
    amazon.refused = {"rdt-1"}
    assert calling(amazon, ADDRESS, orderId="302-1") == {"payload": {}}
    assert amazon.used == ["rdt-1", "rdt-2"]


def test_a_role_that_is_missing_is_named_with_what_to_do():
    amazon = Guarded()
    amazon.denies = refusal(403, "Unauthorized", "Access to requested resource is denied.", "the role")
    words = (
        r"account A2SELLER: Amazon gives no restricted data token for GET /orders/v0/orders buyerInfo: .*the role.*"
        r"Next: ask for the role that permits it"
    )
    with pytest.raises(ForbiddenError, match=words) as failed:
        calling(amazon, "ordersV0.getOrders", data_elements=["buyerInfo"], **ORDERS)
    assert amazon.requests == []
    assert (str(failed.value).count("account A2SELLER"), str(failed.value).count("Next: ")) == (1, 1)
    assert failed.value.details == "Access to requested resource is denied.: the role"
    assert failed.value.request_ids == ("r-1",)


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (
            "Application does not have access to one or more requested data elements: [buyerInfo]",
            ForbiddenError,
            "role",
        ),
        ("Application do not have access to some or all requested resource", ForbiddenError, "role"),
        ("Request is missing or has invalid parameters", RejectedError, "invalid parameters"),
    ],
)
def test_a_role_that_is_missing_is_known_by_the_words_of_a_400(said, kind, words):
    amazon = Guarded()
    amazon.denies = refusal(400, "InvalidInput", said)
    with pytest.raises(kind, match=words):
        calling(amazon, "ordersV0.getOrders", data_elements=["buyerInfo"], **ORDERS)


def test_an_answer_without_a_token_is_no_token():
    amazon = Guarded()
    amazon.denies = told({"expiresIn": 3600})
    with pytest.raises(TransientError, match=r"account A2SELLER: .*no restricted data token"):
        calling(amazon, ADDRESS, orderId="302-1")


def test_requests_for_tokens_keep_to_their_own_quota():
    """One a second and ten at once, of which one is kept back for jitter."""
    amazon = Guarded(latency=0)

    async def main(client):
        started = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as group:
            for number in range(19):
                group.create_task(client.call("ordersV0.getOrderRegulatedInfo", orderId=f"302-{number}"))
        return asyncio.get_running_loop().time() - started

    assert on(amazon, main) >= 10
    assert len(amazon.wishes) == 19


class LongTokens(Guarded):
    """Too short a value is not masked."""

    def __call__(self, request):
        if request.url.path != CREATE:
            return super().__call__(request)
        return told({"restrictedDataToken": "restricted-data-token-1", "expiresIn": 3600})


def test_a_restricted_token_does_not_stand_in_errors():
    """Covers P9."""
    amazon = LongTokens(refusal(400, "InvalidInput", "you sent restricted-data-token-1"))
    with pytest.raises(RejectedError, match="InvalidInput") as refused:
        calling(amazon, ADDRESS, orderId="302-1")
    assert amazon.used == ["restricted-data-token-1"]
    assert "restricted-data-token-1" not in str(refused.value)


def test_in_the_sandbox_the_plain_token_is_sent_and_data_elements_are_refused():
    amazon = Guarded()
    on(amazon, lambda client: client.call(ADDRESS, orderId="302-1"), environment=Environment.SANDBOX)
    assert (amazon.wishes, amazon.used) == ([], [PLAIN])
    with pytest.raises(ValueError, match=r"sandbox takes restricted data tokens of production only\. Next: leave"):
        on(
            amazon,
            lambda client: client.call("ordersV0.getOrder", orderId="302-1", data_elements=["buyerInfo"]),
            environment=Environment.SANDBOX,
        )


@pytest.mark.parametrize(
    ("operation", "arguments", "words"),
    [
        ("searchOrders", {"data_elements": ["buyerInfo"]}, "has no data elements buyerInfo. Next: leave data_elements"),
        (
            "ordersV0.getOrderItems",
            {"orderId": "1", "data_elements": ["buyerInfo", "shippingAddress"]},
            "no data elements shippingAddress. Next: choose from buyerInfo",
        ),
        ("searchOrders", {"report_type": "X"}, "fetches no report. Next: leave report_type out"),
    ],
)
def test_what_an_operation_does_not_have_is_refused_before_anything_is_sent(operation, arguments, words):
    amazon = Guarded()
    with pytest.raises(ValueError, match=words):
        calling(amazon, operation, **arguments)
    assert amazon.network.requests == []


@given(st.sampled_from(ids()), st.data())
def test_a_token_is_asked_for_where_personal_data_is_wanted_and_nowhere_else(id_, data):
    operation = find(id_)
    elements = data.draw(st.lists(st.sampled_from(operation.data_elements))) if operation.data_elements else []
    kinds = ["", "GET_MERCHANT_LISTINGS_ALL_DATA", "GET_ORDER_REPORT_DATA_TAX", "GET_VAT_TRANSACTION_DATA"]
    kind = data.draw(st.sampled_from(kinds)) if id_ == REPORT_DOCUMENT else ""
    resource = resource_of(operation, "/a/path", elements, kind)
    if not operation.restricted:
        wanted = False
    elif operation.data_elements:
        wanted = bool(elements)
    elif id_ == REPORT_DOCUMENT:
        wanted = report_type(kind).restricted
    else:
        wanted = True
    assert (resource is not None) == wanted
    if resource is not None:
        assert (resource.method, resource.path) == (operation.method, "/a/path")
        assert set(resource.data_elements) == set(elements)
