"""An application that subscribes, and reads what comes to its queue and its event bus. As any client does it."""

import asyncio
import json

SCOPE = "sellingpartnerapi::notifications"
DESTINATIONS, SUBSCRIPTIONS = "/notifications/v1/destinations", "/notifications/v1/subscriptions"

ARN = "arn:aws:sqs:eu-west-1:123456789012:amazon"
QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/amazon"
BUS = "aws.partner/sellingpartnerapi.amazon.com/123456789012/amzn1.sellerapps.app.simulated"

TO_QUEUE = {"sqs": {"arn": ARN}}
TO_BUS = {"eventBridge": {"accountId": "123456789012", "region": "eu-west-1"}}

VERSIONS = {
    "ACCOUNT_STATUS_CHANGED": "1.0",
    "FBA_INVENTORY_AVAILABILITY_CHANGES": "1.0",
    "FEED_PROCESSING_FINISHED": "2020-09-04",
    "LISTINGS_ITEM_ISSUES_CHANGE": "2023-12-13",
    "LISTINGS_ITEM_MFN_QUANTITY_CHANGE": "1.0",
    "LISTINGS_ITEM_STATUS_CHANGE": "1.0",
    "ORDER_CHANGE": "1.0",
    "REPORT_PROCESSING_FINISHED": "2020-09-04",
}
LISTINGS = [name for name in VERSIONS if name.startswith("LISTINGS_")]


async def create_destination(seller, resource=TO_QUEUE, name="to us"):
    body = {"name": name, "resourceSpecification": resource}
    return await seller.post(DESTINATIONS, body, token=await seller.grantless(SCOPE))


async def create_subscription(seller, kind, destination, **more):
    body = {"payloadVersion": VERSIONS.get(kind, "1.0"), "destinationId": destination} | more
    return await seller.post(f"{SUBSCRIPTIONS}/{kind}", body)


async def subscribe(seller, *kinds, **more):
    """To each of them, at the destination that its type has. The ids of the subscriptions."""
    made = [(await create_destination(seller, resource)).json()["payload"] for resource in (TO_QUEUE, TO_BUS)]
    ids = [destination["destinationId"] for destination in made]
    answers = []
    for kind in kinds:
        await asyncio.sleep(1)  # the limit of the operation
        answers.append(await create_subscription(seller, kind, ids[kind in LISTINGS], **more))
    assert {answer.status_code for answer in answers} == {200}, [answer.text for answer in answers]
    return [answer.json()["payload"]["subscriptionId"] for answer in answers]


def received(seller, queue=QUEUE):
    """All that lies in a queue, oldest first, taken out of it."""
    found = []
    while messages := seller.amazon.queues.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            seller.amazon.queues.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            found.append(json.loads(message["Body"]))
    return found


def events(seller):
    """What EventBridge brought."""
    return received(seller, BUS)
