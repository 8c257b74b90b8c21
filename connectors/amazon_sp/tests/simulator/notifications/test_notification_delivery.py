"""How notifications come: as SQS hands them out, each once, or lost, late, twice and out of order (FACTS 17)."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from hashlib import md5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from connectors.amazon_sp.tests.simulator.asking import ask
from connectors.amazon_sp.tests.simulator.feeds.feeding import FEEDS, listings_feed, patch_message, send
from connectors.amazon_sp.tests.simulator.notifications.notified import (
    ARN,
    QUEUE,
    SCOPE,
    SUBSCRIPTIONS,
    received,
    subscribe,
)
from connectors.amazon_sp.tests.simulator.reports.asked_for import REPORTS, request
from connectors.amazon_sp.tests.simulator.seller_days import CODES, SKUS, live
from entrepot_amazon_sp.simulator import queues_at
from entrepot_amazon_sp.simulator.faults import AmazonFault
from entrepot_amazon_sp.simulator.notifications.queues import MemoryQueues
from entrepot_amazon_sp.simulator.notifications.register import Destination
from entrepot_amazon_sp.simulator.orders.words_v0 import old_status

DAY = 86_400


async def sold_with(seller, *faults):
    """One order that is placed and paid, with these faults for what is told of it, and what came of it in two hours."""
    await subscribe(seller, "ORDER_CHANGE")
    for fault in faults:
        seller.amazon.faults.plan(fault)
    await seller.sell({"TEA": 1})
    await asyncio.sleep(7200)
    return received(seller), seller.amazon.notifications.notices


def test_message_is_as_sqs_hands_it_out():
    async def look(seller):
        await subscribe(seller, "ORDER_CHANGE")
        await seller.sell({"TEA": 1})
        await asyncio.sleep(5)
        client = seller.amazon.queues
        [first] = client.receive_message(QueueUrl=QUEUE)["Messages"]
        [second] = client.receive_message(QueueUrl=QUEUE, MaxNumberOfMessages=10)["Messages"]
        hidden = client.receive_message(QueueUrl=QUEUE)
        await asyncio.sleep(31)
        again = client.receive_message(QueueUrl=QUEUE, MaxNumberOfMessages=10, VisibilityTimeout=0)["Messages"]
        client.delete_message(QueueUrl=QUEUE, ReceiptHandle=again[0]["ReceiptHandle"])
        client.delete_message(QueueUrl=QUEUE, ReceiptHandle=first["ReceiptHandle"])  # of an earlier time: no effect
        return first, second, hidden, again, client.receive_message(QueueUrl=QUEUE, MaxNumberOfMessages=10)["Messages"]

    first, second, hidden, again, rest = ask(look)
    assert first.keys() == {"MessageId", "ReceiptHandle", "MD5OfBody", "Body", "Attributes"}
    assert first["MD5OfBody"] == md5(first["Body"].encode(), usedforsecurity=False).hexdigest()
    assert first["Attributes"]["ApproximateReceiveCount"] == "1"
    assert hidden == {}
    assert [each["MessageId"] for each in again] == [first["MessageId"], second["MessageId"]]
    assert again[0]["Attributes"]["ApproximateReceiveCount"] == "2"
    assert again[0]["ReceiptHandle"] != first["ReceiptHandle"]
    assert [each["MessageId"] for each in rest] == [second["MessageId"]]


def test_queue_keeps_a_message_for_four_days():
    async def wait(seller, days):
        await subscribe(seller, "ORDER_CHANGE")
        await seller.sell({"TEA": 1})
        await asyncio.sleep(5)
        seller.amazon.catch_up()
        await asyncio.sleep(days * DAY)
        return len(received(seller))

    assert [ask(lambda seller, days=days: wait(seller, days)) for days in (3, 4)] == [2, 0]


def test_without_a_fault_each_comes_once_and_a_second_after_the_event():
    messages, notices = ask(sold_with)
    assert [message["Payload"]["OrderChangeNotification"]["Summary"]["OrderStatus"] for message in messages] == [
        "Pending",
        "Unshipped",
    ]
    assert [message["NotificationMetadata"]["NotificationId"] for message in messages] == [each.id for each in notices]
    for message, notice in zip(messages, notices, strict=True):
        times = [message["NotificationMetadata"]["PublishTime"], message["EventTime"]]
        published, happened = map(datetime.fromisoformat, times)
        assert published - happened == timedelta(seconds=1)
        assert notice.sent_at == [notice.published_at]
        assert notice.fates == []


def test_lost_notification_never_comes():
    [message], [lost, other] = ask(lambda seller: sold_with(seller, AmazonFault.LOST_NOTIFICATION))
    assert message["NotificationMetadata"]["NotificationId"] == other.id
    assert (lost.fates, lost.sent_at) == (["lost"], [])


def test_delayed_notification_is_published_late():
    messages, [late, _] = ask(lambda seller: sold_with(seller, AmazonFault.DELAYED_NOTIFICATION))
    assert [message["NotificationMetadata"]["NotificationId"] == late.id for message in messages] == [False, True]
    published = datetime.fromisoformat(messages[1]["NotificationMetadata"]["PublishTime"])
    assert timedelta(minutes=5) < published - late.event_at < timedelta(hours=1, seconds=2)
    assert late.fates == ["delayed"]


def test_overtaken_notification_was_published_in_time():
    messages, [held, _] = ask(lambda seller: sold_with(seller, AmazonFault.OVERTAKEN_NOTIFICATION))
    times = [message["NotificationMetadata"]["PublishTime"] for message in messages]
    assert times == sorted(times)  # both in one second
    assert [message["NotificationMetadata"]["NotificationId"] == held.id for message in messages] == [False, True]
    assert held.sent_at[0] - held.published_at >= timedelta(seconds=20)


def test_doubled_notification_comes_twice_with_one_id():
    messages, [doubled, other] = ask(lambda seller: sold_with(seller, AmazonFault.DOUBLED_NOTIFICATION))
    assert Counter(message["NotificationMetadata"]["NotificationId"] for message in messages) == {
        doubled.id: 2,
        other.id: 1,
    }
    assert len(doubled.sent_at) == 2


def test_truth_has_each_notification_and_what_struck_it():
    async def look(seller):
        await sold_with(seller, AmazonFault.LOST_NOTIFICATION, AmazonFault.DOUBLED_NOTIFICATION)
        return seller.amazon.truths()["notifications"], seller.amazon.faults.happened

    (lost, doubled), happened = ask(look)
    assert (lost["type"], lost["fates"], lost["sent_at"], lost["published_at"]) == ("ORDER_CHANGE", ["lost"], [], None)
    assert (doubled["fates"], len(doubled["sent_at"]), doubled["undelivered_at"]) == (["doubled"], 2, [])
    assert lost["message"] is None
    assert doubled["message"]["NotificationMetadata"]["NotificationId"] == doubled["id"]
    assert happened == {"lost_notification": 1, "doubled_notification": 1}


def test_truth_marks_what_could_not_be_delivered(monkeypatch):
    monkeypatch.setattr(MemoryQueues, "send", lambda _queues, _destination, _body, lost: lost())

    async def look(seller):
        await sold_with(seller)
        return seller.amazon.truths()["notifications"]

    for told in ask(look):
        assert told["undelivered_at"] == told["sent_at"] != []


def test_nothing_is_told_to_nobody_nor_after_the_end():
    async def leave(seller):
        await seller.sell({"TEA": 1})
        [id_] = await subscribe(seller, "ORDER_CHANGE")
        await seller.sell({"TEA": 1})
        await asyncio.sleep(5)
        seller.amazon.catch_up()
        await seller.delete(f"{SUBSCRIPTIONS}/ORDER_CHANGE/{id_}", token=await seller.grantless(SCOPE))
        await seller.sell({"TEA": 1})
        await asyncio.sleep(5)
        return len(received(seller))

    assert ask(leave) == 2


def test_cancelled_jobs_have_ended_too():
    async def cancel(seller):
        await subscribe(seller, "FEED_PROCESSING_FINISHED", "REPORT_PROCESSING_FINISHED")
        feed = await send(seller, listings_feed(patch_message(1, "TEA", 9)))
        report = (await request(seller, "GET_MERCHANT_LISTINGS_ALL_DATA")).json()["reportId"]
        await seller.delete(f"{FEEDS}/{feed}")
        await seller.delete(f"{REPORTS}/{report}")
        await asyncio.sleep(600)
        return [message["payload"] for message in received(seller)], feed, report

    (feed, report), feed_id, report_id = ask(cancel)
    told_of_feed, told_of_report = *feed.values(), *report.values()
    assert (told_of_feed["feedId"], told_of_feed["processingStatus"]) == (feed_id, "CANCELLED")
    assert (told_of_report["reportId"], told_of_report["processingStatus"]) == (report_id, "CANCELLED")
    assert not {"resultFeedDocumentId", "reportDocumentId"} & (told_of_feed.keys() | told_of_report.keys())


# What happens and what is told are one truth

TOLD = ("ORDER_CHANGE", "FEED_PROCESSING_FINISHED", "REPORT_PROCESSING_FINISHED")
FAULTS = [fault for fault in AmazonFault if fault.value.endswith("_notification")]


def witnessed(amazon):
    """Counts (order, status) for each version that tells something new, as the market puts them."""
    put, known, seen = amazon.put, {}, Counter()

    def watched(order):
        order = put(order)
        state = old_status(order), tuple((line.shipped, line.cancelled, line.cancel_request) for line in order.lines)
        if known.get(order.external_id) != state:
            known[order.external_id] = state
            seen[order.external_id, state[0]] += 1
        return order

    amazon.put = watched
    return seen


async def told_in(seller, days, seed, plan):
    """The messages of some days, what was to be told, and the notices."""
    seen = witnessed(seller.amazon)
    await subscribe(seller, *TOLD)
    for fault, times in plan:
        seller.amazon.faults.plan(fault, times)
    messages = []
    living = asyncio.create_task(live(seller, days, seed))
    while not living.done():
        await asyncio.sleep(3600)
        messages += received(seller)
    await living
    await asyncio.sleep(7200)
    jobs = [
        job
        for path, kind in (
            (FEEDS, "JSON_LISTINGS_FEED"),
            (REPORTS, "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"),
        )
        for job in await listed(seller, path, kind)
    ]
    for job in jobs:
        seen[job.get("feedId") or job["reportId"], job["processingStatus"]] += 1
    return [*messages, *received(seller)], seen, seller.amazon.notifications.notices


async def listed(seller, path, kind):
    noun = path.rpartition("/")[2]
    query = {"pageSize": "100", f"{noun[:-1]}Types": kind}
    page = (await seller.get(path, **query)).json()
    assert "nextToken" not in page
    return page[noun]


def key_of(message):
    """What it is about, and the status that it tells."""
    payload = message.get("Payload") or message["payload"]
    [told] = payload.values()
    if "AmazonOrderId" in told:
        return told["AmazonOrderId"], told["Summary"]["OrderStatus"]
    return told.get("feedId") or told["reportId"], told["processingStatus"]


def ids_of(messages):
    metadata = [message.get("NotificationMetadata") or message["notificationMetadata"] for message in messages]
    return [each.get("NotificationId") or each["notificationId"] for each in metadata]


@pytest.mark.parametrize("seed", range(3))
def test_each_change_of_an_order_and_each_end_of_a_job_is_told_exactly_once(seed):
    messages, seen, _ = ask(lambda seller: told_in(seller, 1, seed, ()), codes=CODES, skus=SKUS, seed=seed)
    assert len(seen) > 100
    assert Counter(map(key_of, messages)) == seen


@settings(max_examples=5)
@given(
    st.integers(0, 1000),
    st.lists(st.tuples(st.sampled_from(FAULTS), st.integers(1, 40)), min_size=1, max_size=4),
)
def test_with_faults_each_comes_at_least_once_or_is_listed_as_lost(seed, plan):
    messages, seen, notices = ask(lambda seller: told_in(seller, 1, seed, plan), codes=CODES, skus=SKUS, seed=seed)
    came, lost = Counter(ids_of(messages)), {each.id for each in notices if "lost" in each.fates}
    assert came.keys() == {each.id for each in notices} - lost
    assert came == {each.id: len(each.sent_at) for each in notices if each.id not in lost}
    assert len(notices) == seen.total()
    told = {json.dumps(key_of(message)) for message in messages}
    assert len({json.dumps(key) for key in seen} - told) <= len(lost)


# An AWS on this machine


def test_simulator_comes_without_botocore_until_an_address_is_given():
    code = (
        "import sys; from entrepot_amazon_sp.simulator import queues_at;"
        "assert queues_at(None) is None; assert 'botocore' not in sys.modules;"
        "queues_at('http://127.0.0.1:9'); assert 'botocore' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own interpreter


def test_address_that_does_not_answer_is_told_and_stops_nobody():
    queues = queues_at("http://127.0.0.1:9")
    lost = []
    with capture_logs() as logged:
        for number in range(3):
            queues.send(Destination("id", "name", "sqs", ARN), "{}", partial(lost.append, number))
        queues.close()
    [told] = logged
    assert lost == [0, 1, 2]
    assert (told["event"], told["destination"]) == ("notifications_not_delivered", ARN)
    assert "Next: have an AWS listen at http://127.0.0.1:9 (AWS_ENDPOINT_URL)" in told["reason"]
