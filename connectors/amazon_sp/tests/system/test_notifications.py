"""`entrepot simulator` with an AWS on this machine: what Amazon tells arrives in real queues, over HTTP."""

import json
import time
from contextlib import closing, contextmanager

import boto3
import httpx
import pytest

from connectors.amazon_sp.tests.simulator.notifications.notified import (
    DESTINATIONS,
    SCOPE,
    SUBSCRIPTIONS,
    TO_BUS,
    VERSIONS,
)
from tests.system.processes import Site, is_listening, wait_until

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("system")]

REGION = "eu-west-1"
CLIENT = {"client_id": "application", "client_secret": "secret-of-amazon"}
SOURCES = {"source": [{"prefix": "aws.partner/sellingpartnerapi.amazon.com"}]}
QUANTITY = "LISTINGS_ITEM_MFN_QUANTITY_CHANGE"


class Aws:
    """Two queues: one for Amazon to send to, and one behind a rule of the event bus."""

    def __init__(self, port):
        keys = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "invented", "region_name": REGION}
        keys["endpoint_url"] = f"http://127.0.0.1:{port}"
        self.sqs = boto3.client("sqs", **keys)
        self.queues = [self.sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("amazon", "events")]
        self.arns = [self._arn(queue) for queue in self.queues]
        bus = boto3.client("events", **keys)
        bus.put_rule(Name="from-amazon", EventPattern=json.dumps(SOURCES))
        bus.put_targets(Rule="from-amazon", Targets=[{"Id": "events", "Arn": self.arns[1]}])
        bus.close()

    def close(self):
        self.sqs.close()

    def _arn(self, queue):
        return self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def await_all(self, place, count):
        """What lies in a queue, as soon as there are so many."""
        found = []
        wait_until(lambda: found.extend(self._received(place)) or len(found) >= count, 60)
        return found

    def _received(self, place):
        queue = self.queues[place]
        messages = self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            self.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]


class Client:
    """Of an application, with plain HTTP."""

    def __init__(self, http):
        self._http = http
        self.own = self._token(grant_type="client_credentials", scope=SCOPE)
        self.sellers = self._token(grant_type="refresh_token", refresh_token="token-of-amazon")

    def _token(self, **form):
        return self._http.post("/auth/o2/token", data=CLIENT | form).raise_for_status().json()["access_token"]

    def post(self, path, body, token):
        answer = self._http.post(path, json=body, headers={"x-amz-access-token": token}).raise_for_status()
        return answer.json()["payload"]

    def subscribe(self, kind, resource):
        made = self.post(DESTINATIONS, {"name": kind, "resourceSpecification": resource}, self.own)
        body = {"payloadVersion": VERSIONS[kind], "destinationId": made["destinationId"]}
        self.post(f"{SUBSCRIPTIONS}/{kind}", body, self.sellers)

    def truth(self, name):
        return self._http.get(f"/_simulator/{name}").raise_for_status().json()


@pytest.fixture
def _untransformed(monkeypatch):
    """A rule without a transformer hands events on as they are: moto takes a library for it, which is not needed."""
    parser = "moto.events.models.EventTemplateParser.parse"
    monkeypatch.setattr(parser, lambda input_template, input_paths_map, event: dict(event))


@contextmanager
def simulator(site):
    running = site.start("simulator", "amazon", "--port", str(site.ports["amazon"]), "--demand", "3", "--hours", "1")
    try:
        wait_until(lambda: is_listening(site.ports["amazon"]), 30)
        with httpx.Client(base_url=f"http://127.0.0.1:{site.ports['amazon']}") as http:
            yield Client(http)
    finally:
        running.stop()


@pytest.mark.usefixtures("_untransformed")
def test_subscriber_reads_from_its_queues_what_the_simulator_says_that_it_sent(tmp_path, aws, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{aws}")
    with closing(Aws(aws)) as there, simulator(Site.make(tmp_path, scale=1000)) as client:
        client.subscribe("ORDER_CHANGE", {"sqs": {"arn": there.arns[0]}})
        client.subscribe(QUANTITY, TO_BUS)
        wait_until(lambda: not client.truth("trading"), 30)
        time.sleep(1)
        notices = client.truth("notifications")
        sent = {kind: {each["id"] for each in notices if each["type"] == kind} for kind in ("ORDER_CHANGE", QUANTITY)}
        orders, events = (there.await_all(place, len(each)) for place, each in enumerate(sent.values()))
    assert {message["NotificationMetadata"]["NotificationId"] for message in orders} == sent["ORDER_CHANGE"]
    assert {event["detail"]["NotificationMetadata"]["NotificationId"] for event in events} == sent[QUANTITY]
    assert len(orders) > 20
    assert len(events) > 5
    assert {event["detail-type"] for event in events} == {QUANTITY}
