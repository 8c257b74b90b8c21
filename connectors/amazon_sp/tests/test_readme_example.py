"""The example of the README does what it says."""

import re
from pathlib import Path

import httpx

from connectors.amazon_sp.tests.scripted import Amazon, told
from connectors.amazon_sp.tests.storage.world import in_world

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


def test_the_example_of_documents_sends_a_feed_and_fetches_a_report(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    [example] = [each for each in examples() if "amazon.upload" in each]
    exec(compile(example, str(README), "exec"), names)  # noqa: S102 - the page is ours
    Path("feed.json").write_text('{"messages": []}')

    async def main(client, world):
        await names["send_feed"](client, ["A1PA6795UKMFR9"])
        assert world.bucket.objects == {"/doc-1": b'{"messages": []}'}
        assert b'"inputFeedDocumentId":"doc-1"' in world.asked[1].content
        world.bucket.put("/r1", b"sku\n")
        assert await names["fetch_report"](client, "r1") == "utf-8"

    in_world(main)
    assert Path("report.tsv").read_bytes() == b"sku\n"
