"""The example of the README does what it says."""

import re
from pathlib import Path

import httpx
import pytest

from connectors.amazon_sp.tests.scripted import Amazon, told
from connectors.amazon_sp.tests.simulator.asking import SELLER, SETTINGS, ask
from connectors.amazon_sp.tests.simulator.feeds.feeding import patch_message
from entrepot_amazon_sp import SellingPartner
from entrepot_amazon_sp.simulator.faults import AmazonFault

LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
README = Path(__file__).parents[1] / "README.md"


def examples():
    return re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)


def test_the_example_prints_the_orders(monkeypatch, capsys):
    amazon = Amazon(
        told({"payload": [{"marketplace": {"id": "A1PA6795UKMFR9"}}]}),
        told({"orders": [{"orderId": "028-1"}], "pagination": {"nextToken": "t2"}}),
        told({"orders": [{"orderId": "028-2"}]}),
        latency=0,
    )
    monkeypatch.setattr(httpx, "AsyncHTTPTransport", lambda **_: amazon.network)
    for name in ("AMAZON_CLIENT_ID", "AMAZON_CLIENT_SECRET", "AMAZON_REFRESH_TOKEN"):
        monkeypatch.setenv(name, f"the {name}")
    exec(compile(examples()[0], str(README), "exec"), {})  # noqa: S102 - the page is ours
    assert capsys.readouterr().out == "028-1\n028-2\n"
    assert [request.url.params.get("paginationToken") for request in amazon.requests] == [None, None, "t2"]
    assert amazon.requests[1].url.params["marketplaceIds"] == "A1PA6795UKMFR9"


def with_documents(main, *faults):
    """Run `main(names, client, seller)` with the functions of the page, at the simulator."""
    names = {}
    [example] = [each for each in examples() if "amazon.upload" in each]
    exec(compile(example, str(README), "exec"), names)  # noqa: S102 - the page is ours

    async def connected(seller):
        for fault in faults:
            seller.amazon.faults.plan(fault)
        lent = {"transport": seller.network, "clock": seller.clock}
        async with SellingPartner(SETTINGS, region="EU", **lent) as client:
            return await main(names, client, seller)

    return ask(connected)


MESSAGES = [patch_message(1, "TEA", 3), patch_message(2, "MUG", -1)]


def test_the_example_of_a_feed_tells_what_became_of_each_message():
    async def main(names, client, seller):
        return await names["send_feed"](client, SELLER, MESSAGES)

    report = with_documents(main)
    assert (report["summary"]["messagesAccepted"], report["summary"]["messagesInvalid"]) == (1, 1)
    assert {issue["messageId"] for issue in report["issues"]} == {2}


def test_the_example_of_a_feed_tells_that_there_is_no_report():
    async def main(names, client, seller):
        with pytest.raises(RuntimeError, match="ended FATAL, without a report"):
            await names["send_feed"](client, SELLER, MESSAGES)

    with_documents(main, AmazonFault.FATAL_FEED)


def test_the_example_of_a_report_saves_it(tmp_path):
    async def main(names, client, seller):
        return await names["fetch_report"](client, LISTINGS, tmp_path / "report.tsv")

    charset = with_documents(main)
    assert "TEA" in (tmp_path / "report.tsv").read_text(charset)


@pytest.mark.parametrize(
    ("fault", "status"), [(AmazonFault.CANCELLED_REPORT, "CANCELLED"), (AmazonFault.FATAL_REPORT, "FATAL")]
)
def test_the_example_of_a_report_tells_that_there_is_none(tmp_path, fault, status):
    async def main(names, client, seller):
        with pytest.raises(RuntimeError, match=f"ended {status}"):
            await names["fetch_report"](client, LISTINGS, tmp_path / "report.tsv")

    with_documents(main, fault)
    assert list(tmp_path.iterdir()) == []
