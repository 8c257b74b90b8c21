"""What a client gets from a simulated channel at each fault point, and whether the channel did what was asked."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import httpx
import pytest

from entrepot.channel import SimulatorConfig
from entrepot.model import Marketplace
from entrepot.simulation import (
    EPOCH,
    SHOP_FAULTS,
    Server,
    ShopFault,
    SimTransport,
    VirtualClock,
    run,
    stream,
)
from entrepot.simulation.doubles.drift import NEW_KEY, NEW_WORD
from entrepot_mock_channel import MOCK
from entrepot_mock_channel.shop import MockShop

SHOP = Marketplace("SHOP", "EUR", "Europe/Berlin", "shop")
PAGE = {"from": EPOCH.isoformat(), "to": (EPOCH + timedelta(days=1)).isoformat(), "size": 10}


def with_shop(scenario):
    async def world(loop):
        clock = VirtualClock(loop)
        config = SimulatorConfig("shop", (), None, {"TEA": 50})
        shop = MockShop(MOCK, config, clock, stream(1, "shop"))
        network = SimTransport({"shop.example": Server(shop, clock)}, stream(1, "network"))
        client = httpx.AsyncClient(transport=network, base_url="https://shop.example", timeout=300)
        result = await scenario(shop, client)
        assert network.app_errors == []
        return result

    return run(world, 1)


async def put(client, quantity=7):
    return await client.put("/v1/stock", json={"TEA": quantity})


async def orders(client):
    return (await client.get("/v1/orders", params=PAGE)).json()["orders"]


def sold(shop, count=3):
    return [shop.pay(shop.place({"TEA": 1}, SHOP).external_id, "EUR").external_id for _ in range(count)]


def under(fault, times=1):
    """Status and content type of a write under the fault, or the error, and what the shop shows after it."""

    async def scenario(shop, client):
        shop.faults.plan(fault, times)
        try:
            answer = await put(client)
            told = (answer.status_code, answer.headers["content-type"].partition(";")[0])
        except httpx.TransportError as error:
            told = type(error).__name__
        assert shop.faults.happened == {fault: 1}
        return told, shop.stock["TEA"]

    return with_shop(scenario)


JSON, HTML = "application/json", "text/html"


@pytest.mark.parametrize(
    ("fault", "told", "shown"),
    [
        (ShopFault.STORM, (429, JSON), 50),
        (ShopFault.OUTAGE, (503, JSON), 50),
        (ShopFault.ERROR_BEFORE, (500, JSON), 50),
        (ShopFault.KEY_REFUSED, (401, JSON), 50),
        (ShopFault.HTML_ERROR, (503, HTML), 50),
        (ShopFault.ERROR_AFTER, (500, JSON), 7),
        (ShopFault.HTML_PAGE, (200, HTML), 7),
        (ShopFault.SLOW_ANSWER, (200, JSON), 7),
        (ShopFault.HALF_ANSWER, "RemoteProtocolError", 7),
        (ShopFault.DROPPED_ANSWER, "RemoteProtocolError", 7),
        (ShopFault.NEW_KEY, (200, JSON), 7),
    ],
)
def test_a_write_is_answered_so_and_done_or_not(fault, told, shown):
    assert under(fault) == (told, shown)


def test_a_slow_answer_takes_up_to_a_minute_more():
    async def scenario(shop, client):
        shop.faults.plan(ShopFault.SLOW_ANSWER)
        before = shop.now()
        await put(client)
        return (shop.now() - before).total_seconds()

    assert 1 < with_shop(scenario) < 62


def test_half_an_answer_has_half_of_its_body():
    async def scenario(shop, client):
        whole = len((await put(client)).content)
        shop.faults.plan(ShopFault.HALF_ANSWER)
        body = b""
        async with client.stream("PUT", "/v1/stock", json={"TEA": 1}) as answer:
            with suppress(httpx.RemoteProtocolError):
                async for piece in answer.aiter_bytes():
                    body += piece
        return whole, len(body)

    whole, came = with_shop(scenario)
    assert came == whole // 2


def test_a_stale_read_is_the_answer_of_the_time_before():
    async def scenario(shop, client):
        shop.faults.plan(ShopFault.STALE_READ)
        told = []
        for quantity in (9, 8):
            await put(client, quantity)
            told.append((await client.get("/v1/stock", params={"sku": "TEA"})).json()["stock"][0]["quantity"])
        return told

    assert with_shop(scenario) == [9, 9]


def test_a_hidden_order_and_a_late_change_come_to_lists_in_the_end():
    async def scenario(shop, client):
        told = []
        shop.faults.plan(ShopFault.HIDDEN_ORDER)
        [number] = sold(shop, 1)
        await asyncio.sleep(60)
        told.append(len(await orders(client)))
        await asyncio.sleep(3 * 3600)
        shop.faults.plan(ShopFault.LATE_ORDER)
        shop.ship(number)
        await asyncio.sleep(50)
        told += [order["status"] for order in await orders(client)]
        await asyncio.sleep(3700)
        return [*told, *(order["status"] for order in await orders(client))], shop.faults.victims, number

    told, victims, number = with_shop(scenario)
    assert told == [0, "paid", "sent"]
    assert victims == {ShopFault.HIDDEN_ORDER: {number}, ShopFault.LATE_ORDER: {number}}


def test_pages_are_empty_repeated_reversed_or_lead_nowhere():
    async def scenario(shop, client):
        sold(shop)
        await asyncio.sleep(60)
        proper = [order["number"] for order in await orders(client)]
        told = {}
        for fault in (ShopFault.EMPTY_PAGE, ShopFault.REVERSED_PAGE, ShopFault.REPEATED_PAGE):
            shop.faults.plan(fault)
            told[fault] = [order["number"] for order in await orders(client)]
        shop.faults.plan(ShopFault.EXPIRED_CURSOR)
        first = (await client.get("/v1/orders", params=PAGE | {"size": 1})).json()
        expired = await client.get("/v1/orders", params=PAGE | {"after": first["next"]})
        return proper, told, expired.status_code

    proper, told, expired = with_shop(scenario)
    assert len(proper) == 3
    assert told == {"empty_page": [], "reversed_page": proper[::-1], "repeated_page": proper[::-1]}
    assert expired == 410


@pytest.mark.parametrize("fault", [ShopFault.NEW_KEY, ShopFault.NEW_WORD, ShopFault.OTHER_TYPE])
def test_a_drifted_answer_differs_at_one_place_and_names_those_whom_it_concerns(fault):
    async def scenario(shop, client):
        [number] = sold(shop, 1)
        await asyncio.sleep(60)
        proper = await orders(client)
        shop.faults.plan(fault)
        drifted = (await client.get("/v1/orders", params=PAGE)).json()
        return proper, drifted, number in shop.faults.victims[fault]

    proper, drifted, named = with_shop(scenario)
    assert named
    if fault is ShopFault.NEW_KEY:
        assert f'"{NEW_KEY}"' in httpx.Response(200, json=drifted).text
    elif fault is ShopFault.NEW_WORD:
        assert [order["status"] for order in drifted["orders"]] == [NEW_WORD]
    else:
        assert drifted["orders"] != proper or drifted["next"] is not None


def test_a_storm_spares_what_no_limit_counts_and_ends():
    async def scenario(shop, client):
        shop.faults.plan(ShopFault.STORM)
        told = []
        for _ in range(3):
            told.append((await put(client)).status_code)
            await asyncio.sleep(65)
        return told, shop.throttled.total()

    assert with_shop(scenario) == ([429, 429, 200], 0)


def test_every_fault_has_its_point():
    assert {point.name for point in SHOP_FAULTS} == set(ShopFault)
