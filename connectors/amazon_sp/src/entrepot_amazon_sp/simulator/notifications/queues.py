"""Where notifications arrive: a port for it, and queues in memory that are read as those of SQS are."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import md5
from itertools import islice, takewhile
from typing import Any, Protocol

from attrs import define

from entrepot.channel import Json
from entrepot.simulation import Market
from entrepot_amazon_sp.simulator.notifications.register import Destination

KEPT = timedelta(days=4)
"""How long SQS keeps messages unless told otherwise."""

VISIBLE_AFTER = 30
"""Seconds for which nobody else gets a message that was received."""

MOST_RECEIVED = 10
SENDER = "437568002678"
"""The AWS account of the Selling Partner API."""


class Queues(Protocol):
    def send(self, destination: Destination, body: str, lost: Callable[[], object]) -> None:
        """`body` is a notification, or an event of AWS around one, as JSON. Raises nothing: Amazon does not wait.

        `lost` is called, now or later and by any thread, where the destination cannot be reached.
        """
        ...


def queues_at(endpoint: str | None) -> Queues | None:
    """Those of the AWS at this address. Raises ModuleNotFoundError without the extra `aws`."""
    if endpoint is None:
        return None
    from entrepot_amazon_sp.simulator.notifications.aws import AwsQueues  # noqa: PLC0415 - of the extra `aws`

    return AwsQueues(endpoint)


@define
class _Message:
    id: str
    body: str
    sent_at: datetime
    visible_at: datetime
    received: int = 0
    first_received_at: datetime | None = None

    @property
    def receipt(self) -> str:
        return f"{self.id}#{self.received}"


def url_of(destination: Destination) -> str:
    """Of the queue with this ARN. For an event source it is its name: as if a rule led all its events to a queue."""
    if not destination.address.startswith("arn:"):
        return destination.address
    *_, region, account, name = destination.address.split(":")
    return f"https://sqs.{region}.amazonaws.com/{account}/{name}"


class MemoryQueues:
    """Queues that exist as soon as they are named, with two calls of SQS's client. `market` has the time."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._messages: defaultdict[str, dict[str, _Message]] = defaultdict(dict)  # by queue and id, oldest first
        self._count = 0

    def send(self, destination: Destination, body: str, lost: Callable[[], object]) -> None:
        self._count += 1
        now, id_ = self._market.now(), f"message-{self._count}"
        self._messages[url_of(destination)][id_] = _Message(id_, body, now, now)

    def receive_message(self, **asked: Any) -> Json:
        """QueueUrl; MaxNumberOfMessages 1 to 10, VisibilityTimeout in seconds. Nobody waits for what is to come."""
        self._market.catch_up()
        now, messages = self._market.now(), self._messages[asked["QueueUrl"]]
        hidden = asked.get("VisibilityTimeout", VISIBLE_AFTER)
        for outdated in [*takewhile(lambda each: now - each.sent_at >= KEPT, messages.values())]:
            del messages[outdated.id]
        visible = (each for each in messages.values() if each.visible_at <= now)
        found = [*islice(visible, min(asked.get("MaxNumberOfMessages", 1), MOST_RECEIVED))]
        for each in found:
            each.visible_at, each.received = now + timedelta(seconds=hidden), each.received + 1
            each.first_received_at = each.first_received_at or now
        return {"Messages": [_word(each) for each in found]} if found else {}

    def delete_message(self, **asked: Any) -> None:
        """QueueUrl and ReceiptHandle, of the last time that it was received."""
        messages, receipt = self._messages[asked["QueueUrl"]], asked["ReceiptHandle"]
        message = messages.get(receipt.partition("#")[0])
        if message is not None and message.receipt == receipt:
            del messages[message.id]


def _word(message: _Message) -> Json:
    first = message.first_received_at or message.sent_at
    return {
        "MessageId": message.id,
        "ReceiptHandle": message.receipt,
        "MD5OfBody": md5(message.body.encode(), usedforsecurity=False).hexdigest(),
        "Body": message.body,
        "Attributes": {
            "SenderId": SENDER,
            "SentTimestamp": _milliseconds(message.sent_at),
            "ApproximateReceiveCount": str(message.received),
            "ApproximateFirstReceiveTimestamp": _milliseconds(first),
        },
    }


def _milliseconds(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))
