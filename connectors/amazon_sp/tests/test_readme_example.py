"""The example of the README does what it says."""

import re
from pathlib import Path

import httpx

from connectors.amazon_sp.tests.scripted import Amazon, told

README = Path(__file__).parents[1] / "README.md"


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
    [example] = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    exec(compile(example, str(README), "exec"), {})  # noqa: S102 - the page is ours
    assert capsys.readouterr().out == "028-1\n028-2\n"
    assert [request.url.params.get("paginationToken") for request in amazon.requests] == [None, None, "t2"]
    assert amazon.requests[1].url.params["marketplaceIds"] == "A1PA6795UKMFR9"
