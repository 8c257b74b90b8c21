"""Notifications to an AWS on this machine, such as moto's server: real queues, and a real event bus.

Needs the extra `aws` (botocore).
"""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from entrepot_amazon_sp.simulator.notifications.register import Destination
from entrepot_amazon_sp.simulator.notifications.types import SQS

KEYS = {"aws_access_key_id": "simulator", "aws_secret_access_key": "simulator"}
"""Invented: whoever's real keys lie on the machine, they are not for a simulator."""

HASTE = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2})

log = structlog.get_logger()


class UndeliveredError(Exception):
    """The bus answered, and did not take the event."""


class AwsQueues:
    """`endpoint` is the address of all services. A thread of its own sends one message after the other.

    Events go to the default bus of the destination's region: servers such as moto have no partner event sources.
    """

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._session = Session()
        self._clients: dict[tuple[str, str], Any] = {}
        self._urls: dict[str, str] = {}
        self._told: set[str] = set()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="notifications")

    def send(self, destination: Destination, body: str, lost: Callable[[], object]) -> None:
        self._worker.submit(self._deliver, destination, body, lost)

    def close(self) -> None:
        """Waits for what is on its way."""
        self._worker.shutdown()

    def _deliver(self, destination: Destination, body: str, lost: Callable[[], object]) -> None:
        try:
            self._to_queue(destination, body) if destination.transport == SQS else self._to_bus(destination, body)
        except (BotoCoreError, ClientError, UndeliveredError) as error:
            lost()
            self._tell_once(destination.address, str(error))

    def _tell_once(self, address: str, reason: str) -> None:
        """All that follows to the same destination is in the truth about notifications."""
        if address not in self._told:
            self._told.add(address)
            reason = f"{reason}. Next: have an AWS listen at {self._endpoint} (AWS_ENDPOINT_URL), with this destination"
            log.warning("notifications_not_delivered", destination=address, reason=reason)

    def _to_queue(self, destination: Destination, body: str) -> None:
        *_, region, _, name = destination.address.split(":")
        client = self._client("sqs", region)
        if name not in self._urls:
            self._urls[name] = client.get_queue_url(QueueName=name)["QueueUrl"]
        client.send_message(QueueUrl=self._urls[name], MessageBody=body)

    def _to_bus(self, destination: Destination, body: str) -> None:
        event = json.loads(body)
        entry = {"Source": event["source"], "DetailType": event["detail-type"], "Detail": json.dumps(event["detail"])}
        told = self._client("events", destination.region).put_events(Entries=[entry])
        if told["FailedEntryCount"]:
            raise UndeliveredError(str(told["Entries"]))

    def _client(self, service: str, region: str) -> Any:
        if (service, region) not in self._clients:
            made = self._session.create_client(service, region, endpoint_url=self._endpoint, config=HASTE, **KEYS)
            self._clients[service, region] = made
        return self._clients[service, region]
