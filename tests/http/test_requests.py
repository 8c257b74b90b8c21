"""What is sent, and what it needs to be sent."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import httpx
import pytest

from entrepot.channel import AuthError, Json, Secret
from entrepot.http import UnreservedRequest, grant
from tests.http.doubles import ACME, URL, Network, always, virtually


def sent(operation, request, **options):
    """The one request that `request(port)` makes."""
    network = Network(always(json={}))

    async def main(http):
        with grant(operation, ACME.operations[operation]):
            await request(http(URL, **options))

    virtually(main, network)
    return network.requests[0]


def test_the_path_is_joined_below_the_base_url():
    request = sent("fetch_stock", lambda port: port.get("/v1/stock", into=Json))
    assert str(request.url) == "https://acme.example/api/v1/stock"
    assert request.headers["user-agent"] == "entrepot/test"
    assert request.headers["accept"] == "application/json"


@pytest.mark.parametrize("path", ["v1", "/v1?x=1", "/v1#a", "/v1/../admin", ""])
def test_a_path_that_would_lead_elsewhere_is_refused(path):
    with pytest.raises(ValueError, match="is no path"):
        sent("fetch_stock", lambda port: port.get(path, into=Json))


@pytest.mark.parametrize("url", ["acme.example", "ftp://acme.example", "https://", "https://a.example/?x=1", ""])
def test_a_base_url_that_names_no_server_is_refused(url):
    async def main(http):
        with pytest.raises(ValueError, match=r"URL"):
            http(url)

    virtually(main, Network(always()))


def test_query_parameters_have_one_notation_each():
    params = {
        "from": datetime(2026, 11, 1, 12, tzinfo=timezone(timedelta(hours=2))),
        "to": datetime(2026, 11, 1, 10, 0, 0, 123_456, tzinfo=UTC),
        "day": date(2026, 11, 1),
        "sku": ("b", "a"),
        "kind": frozenset({"z", "x", "y"}),
        "size": 100,
        "price": Decimal("1E+2"),
        "open": True,
        "all": False,
        "after": None,
        "text": "ä b&c",
        "none": [],
    }
    request = sent("fetch_stock", lambda port: port.get("/v1", into=Json, params=params))
    assert request.url.params.multi_items() == [
        ("from", "2026-11-01T10:00:00Z"),
        ("to", "2026-11-01T10:00:00.123Z"),
        ("day", "2026-11-01"),
        ("sku", "b"),
        ("sku", "a"),
        ("kind", "x"),
        ("kind", "y"),
        ("kind", "z"),
        ("size", "100"),
        ("price", "100"),
        ("open", "true"),
        ("all", "false"),
        ("text", "ä b&c"),
    ]


def test_a_naive_datetime_and_a_strange_value_are_refused():
    with pytest.raises(ValueError, match="no UTC offset"):
        sent("fetch_stock", lambda port: port.get("/v1", into=Json, params={"at": datetime(2026, 11, 1)}))  # noqa: DTZ001
    with pytest.raises(TypeError, match="cannot be a Secret"):
        sent("fetch_stock", lambda port: port.get("/v1", into=Json, params={"x": Secret("s")}))


def test_a_decimal_is_sent_as_a_number_with_its_digits():
    """Covers P7."""
    body = {
        "amount": Decimal("10.10"),
        "big": Decimal("12345678901234567890.01"),
        "at": datetime(2026, 11, 1, tzinfo=UTC),
    }
    request = sent("push_stock", lambda port: port.put("/v1", into=Json, json=body))
    assert request.content == b'{"amount":10.10,"big":12345678901234567890.01,"at":"2026-11-01T00:00:00Z"}'
    assert request.headers["content-type"] == "application/json"


@pytest.mark.parametrize("value", [Decimal("NaN"), Secret("s")])
def test_what_is_no_json_is_not_sent(value):
    with pytest.raises(TypeError, match="JSON"):
        sent("push_stock", lambda port: port.post("/v1", into=Json, json={"x": value}))


@pytest.mark.parametrize("method", ["post", "put", "patch"])
def test_every_method_sends_its_body(method):
    request = sent("push_stock", lambda port: getattr(port, method)("/v1", into=Json, json={"a": 1}, params={"b": 2}))
    assert (request.method, json.loads(request.content), request.url.query) == (method.upper(), {"a": 1}, b"b=2")


def test_a_bearer_token_is_sent_and_excludes_an_authorization():
    request = sent("fetch_stock", lambda port: port.get("/v1", into=Json), bearer=Secret("token-one"))
    assert request.headers["authorization"] == "Bearer token-one"
    with pytest.raises(ValueError, match="takes one of"):
        sent("fetch_stock", lambda port: port.get("/v1", into=Json), bearer=Secret("a"), authorization=object())


def test_a_redirect_is_not_followed():
    """Covers P9: the token would be sent to wherever it leads."""
    network = Network(always(302, headers={"location": "https://elsewhere.example/"}))

    async def main(http):
        with grant("fetch_stock", ACME.operations["fetch_stock"]), pytest.raises(Exception, match="302"):
            await http(URL).get("/v1", into=Json)

    virtually(main, network)
    assert len(network.requests) == 1


def test_a_key_goes_as_it_is_in_the_header_of_its_name():
    def ask(port):
        return port.get("/v1", into=Json)

    named = sent("fetch_stock", ask, key=Secret("key-one"), header="X-Shop-Key").headers
    assert named["x-shop-key"] == "key-one"
    assert "authorization" not in named
    assert sent("fetch_stock", ask, key=Secret("key-one")).headers["x-api-key"] == "key-one"
    with pytest.raises(ValueError, match="takes one of"):
        sent("fetch_stock", ask, key=Secret("a"), bearer=Secret("b"))


@pytest.mark.parametrize("ways", [{"key": Secret("key-one")}, {"bearer": Secret("key-one")}])
def test_a_key_that_the_channel_repeats_is_not_shown(ways):
    """Covers P9: not in an error, not in the port's own repr."""
    network = Network(always(401, json={"message": "key-one is not known here"}))

    async def main(http):
        port = http(URL, **ways)
        with grant("fetch_stock", ACME.operations["fetch_stock"]), pytest.raises(AuthError) as refused:
            await port.get("/v1", into=Json)
        return f"{refused.value} {port!r}"

    told = virtually(main, network)
    assert "*** is not known here" in told
    assert "key-one" not in told


@pytest.mark.parametrize("method", ["get", "post", "put", "patch"])
def test_a_request_has_headers_of_its_own(method):
    request = sent(
        "push_stock",
        lambda port: getattr(port, method)("/v1", into=Json, headers={"If-Match": '"7"', "Accept": "text/json"}),
        bearer=Secret("token-one"),
    )
    assert (request.headers["if-match"], request.headers["accept"]) == ('"7"', "text/json")
    assert request.headers["authorization"] == "Bearer token-one"


def test_a_request_cannot_hide_who_asks():
    with pytest.raises(ValueError, match="the port itself sends x-api-key"):
        sent("fetch_stock", lambda port: port.get("/v1", into=Json, headers={"X-API-Key": "x"}), key=Secret("key"))


def test_the_headers_of_an_answer_are_found_in_any_case():
    network = Network(always(headers={"ETag": '"7"'}, json={"quantity": 3}))

    async def main(http):
        with grant("fetch_stock", ACME.operations["fetch_stock"]):
            return await http(URL).request("DELETE", "/v1/stock", into=dict[str, int])

    reply = virtually(main, network)
    assert (reply.body, reply.headers["etag"], reply.headers.get("link")) == ({"quantity": 3}, '"7"', None)
    assert network.requests[0].method == "DELETE"


def test_environment_variables_have_no_say(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")  # who listens to it cannot begin

    async def main(http):
        assert type(http._client._transport._pool).__name__ == "AsyncConnectionPool"  # and no AsyncHTTPProxy

    virtually(main, None)


def refused(operation, facts, requests):
    async def main(http):
        with grant(operation, facts):
            await requests(http(URL))

    network = Network(always(json={}))
    with pytest.raises(UnreservedRequest) as error:
        virtually(main, network)
    return str(error.value), len(network.requests)


async def twice(port):
    await port.get("/v1", into=Json)
    await port.get("/v1", into=Json)


def test_one_request_more_than_reserved_is_refused_and_not_sent():
    """Covers P6."""
    message, made = refused("fetch_stock", ACME.operations["fetch_stock"], twice)
    assert message.startswith("fetch_stock made more requests from 'orders' than it declares. Next:")
    assert made == 1


@pytest.mark.parametrize(
    ("operation", "facts", "spend", "message"),
    [
        ("check", None, "", "check made a request, but declares none"),
        ("submit_bulk", ACME.operations["submit_bulk"], "", "did not say from which"),
        ("submit_bulk", ACME.operations["submit_bulk"], "feeds", "spends from 'feeds', but declares only"),
    ],
)
def test_a_request_that_the_facts_do_not_cover_is_refused(operation, facts, spend, message):
    """Covers P6."""
    said, made = refused(operation, facts, lambda port: port.get("/v1", into=Json, spend=spend))
    assert message in said
    assert made == 0


def test_a_request_outside_of_an_operation_is_refused():
    """Covers P6."""
    with pytest.raises(UnreservedRequest, match="outside of an operation"):
        virtually(lambda http: http(URL).get("/v1", into=Json), Network(always(json={})))


def test_the_grant_counts_requests_and_keeps_their_ids():
    network = Network(lambda request: httpx.Response(200, json={}, headers={"x-amzn-RequestId": request.url.path[-1]}))

    async def main(http):
        with grant("submit_bulk", ACME.operations["submit_bulk"]) as call:
            await http(URL).post("/1", into=Json, spend="other")
            await http(URL).post("/2", into=Json, spend="orders")
        return call

    call = virtually(main, network)
    assert (call.requests, call.request_ids, call.remaining) == (2, ["1", "2"], {"orders": 0, "other": 0})
    assert call.writes
    assert not call.extra


def test_closing_an_account_closes_its_connections():
    class Closing(Network):
        closed = False

        async def aclose(self):
            self.closed = True

    network = Closing(always())

    async def main(http):
        await http.aclose()

    virtually(main, network)
    assert network.closed
