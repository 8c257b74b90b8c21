"""What a channel's double may do in its own way: hosts, bodies, numbers, times, scripts."""

import asyncio
import re
from datetime import timedelta
from functools import partial
from typing import ClassVar
from urllib.parse import quote

import httpx
import pytest

from entrepot.channel import SimulatorConfig
from entrepot.model import Marketplace
from entrepot.simulation import (
    ANY_WRITE,
    UNMETERED,
    Answer,
    Refusal,
    Server,
    ShopDouble,
    SimTransport,
    VirtualClock,
    limits_of,
    route,
    run,
    stream,
)
from entrepot.simulation.markets.market import Market
from entrepot_mock_channel import MOCK

SHOP = Marketplace("SHOP", "EUR", "Europe/Berlin", "shop")


class OwnWay(ShopDouble):
    resolution: ClassVar[timedelta] = timedelta(seconds=1)

    @route("POST /token", spends=UNMETERED, public=True)
    def grant(self, call):
        return call.body

    @route("GET /things", spends="orders")
    def things(self, call):
        return call.limit

    @route("PUT /things", spends="orders")
    def set_things(self, call):
        return call.body

    def authorize(self, call):
        if "x-key" not in call.headers:
            raise Refusal(403)

    def word_refusal(self, call, refusal):
        return {"no": refusal.status, "limit": call.limit}

    def unknown_path(self, call):
        return Refusal(418)

    def answer_headers(self, call, status, refusal):
        return {"x-answer": f"{status} {refusal is not None}"}

    def order_number(self, marketplace, place):
        return f"#{place}"


class Part:
    """A second API of the same channel."""

    @route("PUT /files/{name}", spends="orders", raw=True)
    def put_file(self, call):
        return Answer(
            201, call.body, headers={"content-type": "text/plain", "x-name": f"{call.path['name']} {call.method}"}
        )

    @route("DELETE /files/{name}", spends="orders")
    def delete_file(self, call):
        return Answer(204)

    @route("POST /files", spends="stock")
    def make_file(self, call):
        return Answer(202, {"made": call.body})


def with_shop(scenario):
    async def world(loop):
        clock = VirtualClock(loop)
        config = SimulatorConfig("shop", (), None, {"TEA": 5, "MUG": 5})
        shop = OwnWay(MOCK, config, clock, stream(1, "shop"))
        network = SimTransport({"shop.example": Server(shop, clock)}, stream(1, "network"))
        return await scenario(shop, httpx.AsyncClient(transport=network, base_url="https://shop.example"))

    return run(world, 1)


KEY = {"x-key": "k"}


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "body", "told"),
    [
        ("GET", "/things", KEY, 200, "orders", "200 False"),
        ("GET", "/things", {}, 403, {"no": 403, "limit": "orders"}, "403 True"),
        ("GET", "/nothing", {}, 418, {"no": 418, "limit": ""}, "418 True"),
        ("DELETE", "/things", KEY, 418, {"no": 418, "limit": ""}, "418 True"),
        ("GET", "/things/", KEY, 418, {"no": 418, "limit": ""}, "418 True"),
    ],
)
def test_answers_and_refusals_are_the_channels_own(method, path, headers, status, body, told):
    answer = with_shop(lambda shop, client: client.request(method, path, headers=headers))
    assert (answer.status_code, answer.json(), answer.headers["x-answer"]) == (status, body, told)


def test_public_route_needs_no_key_and_reads_forms():
    answer = with_shop(lambda shop, client: client.post("/token", data={"grant": "a b", "empty": ""}))
    assert answer.json() == {"grant": "a b", "empty": ""}


@pytest.mark.parametrize("body", [{"units": 2**70}, {"5": "by number"}, {"name": "Käse", "weight": 1.5}])
def test_whatever_json_can_say_is_answered(body):
    said = {int(key) if key.isdigit() else key: value for key, value in body.items()}

    async def ask(shop, client):
        shop.script(Answer(200, said))
        return await client.get("/things", headers=KEY)

    assert with_shop(ask).json() == body


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_body_that_cannot_be_read_is_refused(kind):
    headers = {**KEY, "content-type": kind}
    answer = with_shop(lambda shop, client: client.put("/things", content=b"{%", headers=headers))
    assert (answer.status_code, answer.json()["no"]) == (400, 400)


def test_scripts_for_writes_leave_reads_alone_and_none_befalls_a_public_route():
    async def ask(shop, client):
        shop.script(Answer(500), route=ANY_WRITE)
        shop.script(Answer(503))
        answers = [
            await client.post("/token", data={"a": "b"}),
            await client.put("/things", headers=KEY, json=1),
            await client.get("/things", headers=KEY),
            await client.put("/things", headers=KEY, json=1),
        ]
        return [answer.status_code for answer in answers]

    assert with_shop(ask) == [200, 500, 503, 200]


def test_a_scripted_refusal_is_worded_by_the_channel_and_has_the_headers_of_its_script():
    async def ask(shop, client):
        shop.script(Answer(429, headers={"Retry-After": "40"}))
        return await client.get("/things", headers=KEY)

    answer = with_shop(ask)
    assert (answer.status_code, answer.json()["no"]) == (429, 429)
    assert (answer.headers["retry-after"], answer.headers["x-answer"]) == ("40", "429 True")


def test_orders_bear_the_channels_numbers_and_its_instants():
    async def sell(shop, client):
        await asyncio.sleep(1.7)
        order = shop.place({"TEA": 1}, SHOP)
        await asyncio.sleep(1)
        return order, shop.ship(order.external_id)

    placed, sent = with_shop(sell)
    assert placed.external_id == "#1"
    assert [order.changed_at.second for order in (placed, sent)] == [1, 2]
    assert {order.changed_at.microsecond for order in (placed, sent)} == {0}
    assert sent.packages[0].shipped_at == sent.changed_at


def test_list_keeps_what_it_is_asked_for():
    async def sell(shop, client):
        start = shop.now()
        for offer in ("TEA", "MUG", "TEA"):
            shop.place({offer: 1}, SHOP)
            await asyncio.sleep(60)
        found = shop.changed_between(
            start, shop.now(), after=None, size=1, keep=lambda order: order.lines[0].offer == "TEA"
        )
        rest = shop.changed_between(
            start, shop.now(), after=found.cursor, size=5, keep=lambda order: order.lines[0].offer == "TEA"
        )
        return [order.external_id for page in (found, rest) for order in page.orders], found.more, rest.more

    assert with_shop(sell) == (["#1", "#3"], True, False)


def test_deferred_actions_of_one_instant_happen_one_after_the_other():
    async def defer(shop, client):
        for quantity in (1, 2, 3):
            shop.later(timedelta(seconds=5), lambda quantity=quantity: shop.stock.update(TEA=quantity))
        await asyncio.sleep(5)
        return shop.stock["TEA"], [write.quantity for write in shop.stock.writes]

    assert with_shop(defer) == (3, [1, 2, 3])


class Unsuspecting(OwnWay):
    """Uses for its own ends whatever the base could have called the same."""

    def __init__(self, *args):
        super().__init__(*args)
        private = [name for owner in (self, Market, ShopDouble) for name in vars(owner) if name[:1] == "_" != name[-1:]]
        for name in private:
            setattr(self, "_" + re.sub(r"^_(Market|ShopDouble)__", "", name).lstrip("_"), "mine")
        assert {self._agenda, self._book, self._refuse} == {"mine"}


def test_private_names_of_a_double_do_not_meet_its_bases():
    async def scenario(_shop, _client):
        clock, config = VirtualClock(asyncio.get_running_loop()), SimulatorConfig("shop", (), None, {"TEA": 5})
        own = Unsuspecting(MOCK, config, clock, stream(1, "own"))
        own.later(timedelta(0), lambda: own.stock.update(TEA=4))
        assert own.place({"TEA": 4}, SHOP).external_id == "#1"
        assert list(own.orders) == ["#1"]

    with_shop(scenario)


@pytest.mark.parametrize("name", ["cancel", "orders", "calls"])
def test_a_route_with_a_name_of_the_doubles_own_is_refused(name):
    function = route("POST /orders/{id}")(lambda _shop, _call: None)
    with pytest.raises(TypeError, match=f"Clash.{name} is a route, but ShopDouble has its own {name}"):
        type("Clash", (ShopDouble,), {name: function})


def test_what_a_double_records_cannot_be_replaced():
    async def scenario(shop, _client):
        for name in ("orders", "sales", "calls"):
            with pytest.raises(AttributeError, match=name):
                setattr(shop, name, {})

    with_shop(scenario)


def test_routes_of_a_part_answer_with_their_own_status_bytes_and_headers():
    async def files(shop, client):
        shop.include(Part())
        return (
            await client.put("/files/a", content=b"{ no json", headers=KEY),
            await client.delete("/files/a", headers=KEY),
            await client.post("/files", json=1, headers=KEY),
            await client.get("/things", headers=KEY),
        )

    put, deleted, made, own = with_shop(files)
    assert (put.status_code, put.content, put.headers["x-name"]) == (201, b"{ no json", "a PUT")
    assert put.headers["content-type"] == "text/plain"
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert (made.status_code, made.json(), made.headers["x-answer"]) == (202, {"made": 1}, "202 False")
    assert own.json() == "orders"


@pytest.mark.parametrize("name", ["A/B 1", "50%", "100%25", "tea"])
def test_a_quoted_id_is_one_part_of_the_path(name):
    async def put(shop, client):
        shop.include(Part())
        return await client.put(f"/files/{quote(name, safe='')}", headers=KEY)

    assert with_shop(put).headers["x-name"] == f"{name} PUT"


def test_a_route_that_is_missing_is_named_as_it_would_be_written():
    async def ask(shop, client):
        shop.unknown_path = partial(ShopDouble.unknown_path, shop)
        shop.word_refusal = partial(ShopDouble.word_refusal, shop)
        return await client.put("/stock/A%2FB%201", headers=KEY)

    assert 'write @route("PUT /stock/{id}")' in with_shop(ask).json()["message"]


def test_limits_of_a_part_are_those_that_its_routes_name():
    assert set(limits_of([Part, OwnWay])) == {"orders", "stock"}


def test_trace_is_that_of_all_answers_and_their_instants():
    async def traced(shop, client):
        before = shop.trace
        await client.get("/things", headers=KEY)
        after = shop.trace
        await client.get("/nowhere")
        return before, after, shop.trace, dict(shop.truths())

    before, after, last, truths = with_shop(traced)
    assert len({before, after, last}) == 3
    assert with_shop(traced)[2] == last
    assert truths == {}
