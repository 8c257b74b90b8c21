"""How long a client may be used: until it is closed, and on one event loop."""

import asyncio

import pytest

from connectors.amazon_sp.tests.scripted import SETTINGS, Amazon, told
from connectors.amazon_sp.tests.storage.world import in_world
from entrepot.channel import UnknownOutcome
from entrepot.simulation import VirtualClock, run, stream
from entrepot_amazon_sp import SellingPartner

DE = "A1PA6795UKMFR9"
REPORT = {"reportType": "X", "marketplaceIds": [DE]}
CLOSED = r"the client of seller A2SELLER is closed\. Next: use it inside its `async with`, or make a new one"


def client_on(loop, amazon):
    lent = {"transport": amazon.network, "clock": VirtualClock(loop), "rng": stream(1, "client")}
    return SellingPartner(SETTINGS, region="EU", **lent)


def outcomes_at_close(amazon, calls, after):
    """What calls that began together came to, where the client is closed `after` seconds; and how long they took."""

    async def main(loop):
        async with client_on(loop, amazon) as client:
            tasks = [asyncio.create_task(client.call(operation, **arguments)) for operation, arguments in calls]
            await asyncio.sleep(after)
        closed_at = loop.time()
        told = await asyncio.gather(*tasks, return_exceptions=True)
        assert loop.time() == closed_at
        sent = len(amazon.requests)
        await asyncio.sleep(3600)
        assert len(amazon.requests) == sent
        return told

    return run(main, seed=1)


def test_calls_that_wait_for_quota_end_with_the_client():
    amazon = Amazon(told({"payload": []}), latency=0)
    ended = outcomes_at_close(amazon, [("getMyFeesEstimates", {"body": []})] * 20, after=5)
    answers = [each for each in ended if each == {"payload": []}]
    errors = [each for each in ended if isinstance(each, RuntimeError)]
    assert (len(answers), len(errors)) == (3, 17)
    assert "getMyFeesEstimates was cut off: the client of seller A2SELLER was closed. Next: await" in str(errors[0])


def test_a_write_that_was_sent_when_the_client_was_closed_has_an_unknown_outcome():
    amazon = Amazon(told({"reportId": "1"}), latency=10)
    [ended] = outcomes_at_close(amazon, [("createReport", {"body": REPORT})], after=15)
    assert isinstance(ended, UnknownOutcome)
    assert "was cut off, for the client was closed. Next: look with reports_2021-06-30." in str(ended)


def test_a_read_that_was_sent_when_the_client_was_closed_ends():
    [ended] = outcomes_at_close(Amazon(told({}), latency=10), [("getReports", {"reportTypes": ["X"]})], after=15)
    assert isinstance(ended, RuntimeError)


def test_a_task_that_its_owner_cancels_is_cancelled():
    async def main(loop):
        async with client_on(loop, Amazon(told({}), latency=10)) as client:
            task = asyncio.create_task(client.call("searchOrders"))
            await asyncio.sleep(1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    run(main, seed=1)


async def _call(client):
    await client.call("getReports", reportTypes=["X"])


async def _page(client):
    async for _ in client.pages("getReports", reportTypes=["X"]):
        pass


async def _upload(client):
    await client.upload(b"1", "application/json")


async def _read(client):
    async with client.document("getReportDocument", reportDocumentId="1"):
        pass


async def _enter(client):
    async with client:
        pass


async def _authorize(client):
    await client.authorize(None)


@pytest.mark.parametrize("use", [_call, _page, _upload, _read, _enter, _authorize])
def test_a_closed_client_sends_nothing(use):
    amazon = Amazon(told({}))

    async def main(loop):
        async with client_on(loop, amazon) as client:
            pass
        with pytest.raises(RuntimeError, match=CLOSED):
            await use(client)
        await client.aclose()

    run(main, seed=1)
    assert amazon.network.requests == []


def test_a_document_does_not_go_on_after_its_client():
    async def main(client, world):
        world.bucket.put("/r1", b"sku\n" * 100_000)
        world.bucket.faults = [{"cut": 0}]
        async with client.document("getReportDocument", reportDocumentId="r1") as document:
            await client.aclose()
            with pytest.raises(RuntimeError, match=r"the client is closed\. Next: make a new one"):
                [piece async for piece in document]

    in_world(main)


def test_a_client_belongs_to_one_event_loop():
    client = None

    async def first(loop):
        nonlocal client
        client = client_on(loop, Amazon(told({})))
        await client.call("getReports", reportTypes=["X"])

    async def second(_):
        with pytest.raises(RuntimeError, match=r"belongs to another event loop\. Next: have one `asyncio.run`"):
            await client.call("getReports", reportTypes=["X"])

    run(first, seed=1)
    run(second, seed=1)
