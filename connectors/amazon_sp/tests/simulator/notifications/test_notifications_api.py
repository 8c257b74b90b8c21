"""Notifications API v1: destinations and subscriptions, and how Amazon refuses them (FACTS 17)."""

import pytest

from connectors.amazon_sp.tests.simulator.asking import DE, US, ask, error
from connectors.amazon_sp.tests.simulator.notifications.notified import (
    ARN,
    BUS,
    DESTINATIONS,
    SCOPE,
    SUBSCRIPTIONS,
    TO_BUS,
    TO_QUEUE,
    VERSIONS,
    create_destination,
    create_subscription,
    subscribe,
)
from connectors.amazon_sp.tests.simulator.test_models import MODELS, faults

ORDERS = f"{SUBSCRIPTIONS}/ORDER_CHANGE"
FILTER = {"eventFilterType": "ORDER_CHANGE", "marketplaceIds": [DE], "orderChangeTypes": ["OrderStatusChange"]}


async def destination_id(seller, resource=TO_QUEUE):
    return (await create_destination(seller, resource)).json()["payload"]["destinationId"]


def test_destination_is_a_queue_or_an_event_source_that_amazon_names():
    async def create(seller):
        answers = [await create_destination(seller, resource) for resource in (TO_QUEUE, TO_BUS)]
        listed = await seller.get(DESTINATIONS, token=await seller.grantless(SCOPE))
        return [answer.json()["payload"] for answer in answers], listed.json()["payload"]

    made, listed = ask(create)
    assert listed == made
    assert made[0]["resource"] == {"sqs": {"arn": ARN}}
    assert made[1]["resource"] == {"eventBridge": {"name": BUS, "region": "eu-west-1", "accountId": "123456789012"}}


@pytest.mark.parametrize(
    "resource",
    [
        None,
        {},
        {"sqs": {"arn": ARN}} | TO_BUS,
        {"sqs": {"arn": "arn:aws:sns:eu-west-1:123456789012:topic"}},
        {"sqs": {"arn": ARN + ".fifo"}},
        {"sqs": ARN},
        {"eventBridge": {"accountId": "123456789012"}},
    ],
)
def test_destination_that_is_none_is_refused(resource):
    answer = ask(lambda seller: create_destination(seller, resource))
    assert (answer.status_code, error(answer)["code"]) == (400, "InvalidInput")


def test_queue_is_a_destination_once():
    async def twice(seller):
        await create_destination(seller)
        return await create_destination(seller, name="another")

    answer = ask(twice)
    assert (answer.status_code, error(answer)["code"]) == (409, "Conflict")
    assert ARN in error(answer)["details"]


def test_destination_with_subscriptions_stays_until_they_are_gone():
    async def delete(seller):
        [id_] = await subscribe(seller, "ORDER_CHANGE")
        token = await seller.grantless(SCOPE)
        destination = (await seller.get(ORDERS)).json()["payload"]["destinationId"]
        path = f"{DESTINATIONS}/{destination}"
        refused = await seller.delete(path, token=token)
        gone = [await seller.delete(f"{ORDERS}/{id_}", token=token), await seller.delete(path, token=token)]
        return refused, gone, await seller.get(path, token=token), await seller.get(ORDERS)

    refused, gone, *missing = ask(delete)
    assert (refused.status_code, error(refused)["details"]) == (403, "Destination has subscriptions")
    assert [(answer.status_code, answer.json()) for answer in gone] == [(200, {})] * 2
    assert [answer.status_code for answer in missing] == [404, 404]


def test_some_operations_want_a_sellers_grant_and_some_the_applications_own():
    async def swap(seller):
        [id_] = await subscribe(seller, "ORDER_CHANGE")
        own = await seller.grantless(SCOPE)
        return [
            *[await seller.get(path) for path in (DESTINATIONS, f"{ORDERS}/{id_}")],
            *[await seller.get(path, token=own) for path in (ORDERS, SUBSCRIPTIONS)],
            *[await seller.get(path, token=own) for path in (DESTINATIONS, f"{ORDERS}/{id_}")],
            await seller.get(ORDERS),
        ]

    assert [answer.status_code for answer in ask(swap)] == [403, 403, 403, 403, 200, 200, 200]


def test_subscription_is_found_by_type_by_version_and_by_id():
    async def find(seller):
        [id_] = await subscribe(seller, "ORDER_CHANGE", processingDirective={"eventFilter": FILTER})
        return [
            await seller.get(ORDERS),
            await seller.get(ORDERS, payloadVersion="1.0"),
            await seller.get(f"{ORDERS}/{id_}", token=await seller.grantless(SCOPE)),
        ], [
            await seller.get(SUBSCRIPTIONS, notificationTypes="ORDER_CHANGE", pageSize="30"),
            await seller.get(SUBSCRIPTIONS, notificationTypes="ANY_OFFER_CHANGED"),
        ]

    (first, *others), (listed, none) = ask(find)
    told = first.json()
    assert told["payload"]["processingDirective"] == {"eventFilter": FILTER}
    assert [answer.json() for answer in others] == [told, told]
    assert listed.json() == {"payload": {"subscriptions": [told["payload"]]}}
    assert none.json() == {"payload": {"subscriptions": []}}


@pytest.mark.parametrize(
    ("kind", "more", "status", "says"),
    [
        ("ORDER_STATUS_CHANGE", {}, 400, "not valid"),
        ("MFN_ORDER_STATUS_CHANGE", {}, 400, "not valid"),
        ("ANY_OFFER_CHANGED", {}, 501, "ANY_OFFER_CHANGED"),
        ("ORDER_CHANGE", {"payloadVersion": "2.0"}, 400, "1.0"),
        ("ORDER_CHANGE", {"destinationId": "none"}, 404, "No destination with id 'none'"),
        ("ORDER_CHANGE", {"destinationId": None}, 400, "destinationId"),
        ("LISTINGS_ITEM_STATUS_CHANGE", {}, 400, "does not support AWS_SQS"),
        ("ORDER_CHANGE", {"processingDirective": {"filterExpression": "x == 1"}}, 501, "filterExpression"),
        ("ORDER_CHANGE", {"processingDirective": {"filterExpression": "x" * 257}}, 400, "256"),
        ("ORDER_CHANGE", {"processingDirective": {"filterExpression": "x", "eventFilter": FILTER}}, 400, "not both"),
        ("ORDER_CHANGE", {"processingDirective": {"eventFilter": FILTER | {"eventFilterType": "X"}}}, 400, "Type"),
        ("ORDER_CHANGE", {"processingDirective": {"eventFilter": FILTER | {"orderChangeTypes": ["X"]}}}, 400, "X"),
        ("ORDER_CHANGE", {"processingDirective": {"eventFilter": FILTER | {"marketplaceIds": [US]}}}, 403, US),
        ("ORDER_CHANGE", {"processingDirective": {"eventFilter": FILTER | {"aggregationSettings": {}}}}, 400, "agg"),
        ("FEED_PROCESSING_FINISHED", {"processingDirective": {"eventFilter": FILTER}}, 400, "eventFilter"),
    ],
)
def test_subscription_that_amazon_would_not_make_is_refused(kind, more, status, says):
    async def create(seller):
        return await create_subscription(seller, kind, **{"destination": await destination_id(seller)} | more)

    answer = ask(create)
    assert (answer.status_code, says in error(answer)["details"]) == (status, True), answer.text


def test_old_version_of_listing_issues_is_refused():
    async def create(seller):
        bus = await destination_id(seller, TO_BUS)
        return await create_subscription(seller, "LISTINGS_ITEM_ISSUES_CHANGE", bus, payloadVersion="1.0")

    assert ask(create).status_code == 400


def test_type_of_a_queue_does_not_go_to_an_event_bus():
    async def create(seller):
        return await create_subscription(seller, "FEED_PROCESSING_FINISHED", await destination_id(seller, TO_BUS))

    details = error(ask(create))["details"]
    assert details == "Notification type FEED_PROCESSING_FINISHED does not support AWS_EVENT_BRIDGE"


def test_second_subscription_conflicts_with_the_first():
    async def twice(seller):
        await subscribe(seller, "ORDER_CHANGE")
        first = (await seller.get(ORDERS)).json()["payload"]
        return await create_subscription(seller, "ORDER_CHANGE", first["destinationId"])

    answer = ask(twice)
    assert (answer.status_code, error(answer)["code"]) == (409, "StateConflict")
    assert error(answer)["details"] == "Subscription already exist for notification type ORDER_CHANGE"


@pytest.mark.parametrize("query", [{}, {"notificationTypes": "NO_TYPE"}, {"pageSize": "29"}, {"nextToken": "x"}])
def test_list_of_subscriptions_refuses_what_the_model_has_not(query):
    asked = query if "notificationTypes" in query or not query else query | {"notificationTypes": "ORDER_CHANGE"}
    assert ask(lambda seller: seller.get(SUBSCRIPTIONS, **asked)).status_code == 400


@pytest.mark.skipif(not MODELS.exists(), reason="Amazon's models are not here (../shared/spapi/models)")
def test_answers_have_only_what_the_model_defines():
    async def collect(seller):
        ids = await subscribe(seller, *VERSIONS)
        token = await seller.grantless(SCOPE)
        queue, bus = (await seller.get(DESTINATIONS, token=token)).json()["payload"]
        one = f"{SUBSCRIPTIONS}/{next(iter(VERSIONS))}/{ids[0]}"
        return [
            ("CreateDestinationResponse", await create_destination(seller, {"sqs": {"arn": ARN + "2"}})),
            ("GetDestinationsResponse", await seller.get(DESTINATIONS, token=token)),
            *[
                ("GetDestinationResponse", await seller.get(f"{DESTINATIONS}/{each['destinationId']}", token=token))
                for each in (queue, bus)
            ],
            ("DeleteDestinationResponse", await seller.delete(f"{DESTINATIONS}/{queue['destinationId']}", token=token)),
            ("GetSubscriptionResponse", await seller.get(ORDERS)),
            ("GetSubscriptionsResponse", await seller.get(SUBSCRIPTIONS, notificationTypes="ORDER_CHANGE")),
            ("CreateSubscriptionResponse", await create_subscription(seller, "ORDER_CHANGE", queue["destinationId"])),
            ("GetSubscriptionByIdResponse", await seller.get(one, token=token)),
            ("DeleteSubscriptionByIdResponse", await seller.delete(one, token=token)),
        ]

    for definition, answer in ask(collect):
        assert faults("notifications.json", definition, answer.json()) == [], answer.text
