"""Calls of Amazon's client on its own beside bare httpx: the same bytes, JSON decoded on both sides, no limit binds."""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

import httpx
from attrs import evolve
from httpx_aiohttp import AiohttpTransport

from entrepot.channel import Limit, Secret
from entrepot_amazon_sp import AmazonSettings, SellingPartner, environments, selling_partner
from entrepot_amazon_sp.catalog import Operation, find
from entrepot_amazon_sp.places import Region

CALLS = 200
IN_FLIGHT = (1, 8)
SETTINGS = AmazonSettings("A2BENCH", "client-1", Secret("client secret"), Secret("refresh token"))
MARKETPLACE = "A1PA6795UKMFR9"
PEERS = Path(__file__).parents[1] / ".judges" / "bin" / "python"
PEER = Path(__file__).with_name("peer.py")

Call = Callable[[], Awaitable[object]]


def unlimited(name: str) -> Operation:
    return evolve(find(name), limit=Limit(per_second=1e6, burst=10_000_000))


async def rate(call: Call, in_flight: int) -> float:
    """Calls a second."""
    left = iter(range(CALLS))

    async def work() -> None:
        for _ in left:
            await call()

    await call()
    start = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(in_flight):
            group.create_task(work())
    return CALLS / (time.perf_counter() - start)


class ToServer(httpx.AsyncBaseTransport):
    """Every request goes to `url`, whichever host of Amazon's it names."""

    def __init__(self, url: str, network: httpx.AsyncBaseTransport) -> None:
        self._url = httpx.URL(url)
        self._network = network

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.port != self._url.port:
            request.url = request.url.copy_with(scheme="http", host=self._url.host, port=self._url.port)
        return await self._network.handle_async_request(request)

    async def aclose(self) -> None:
        await self._network.aclose()


async def ours(url: str, in_flight: int, network: httpx.AsyncBaseTransport | None = None) -> float:
    transport = ToServer(url, network or httpx.AsyncHTTPTransport(trust_env=False))
    here = {"EU": Region("EU", endpoint=url, sandbox=url)}
    with patch.object(selling_partner, "find", unlimited), patch.dict(environments.REGIONS, here):
        async with SellingPartner(SETTINGS, region="EU", transport=transport) as client:
            return await rate(lambda: client.call("searchOrders", marketplaceIds=[MARKETPLACE]), in_flight)


async def bare(url: str, in_flight: int) -> float:
    headers = {"x-amz-access-token": "Atza|benchmark", "x-amz-date": "20261101T000000Z", "accept": "application/json"}
    async with httpx.AsyncClient(trust_env=False, timeout=30, headers=headers) as client:

        async def call() -> object:
            answer = await client.get(f"{url}/orders/2026-01-01/orders", params={"marketplaceIds": MARKETPLACE})
            answer.raise_for_status()
            return json.loads(answer.content, parse_float=Decimal)

        return await rate(call, in_flight)


def peer(url: str) -> float:
    """Calls a second of python-amazon-sp-api, one after the other, in its own environment (`make judges` makes it)."""
    return _told([str(PEERS), str(PEER), url, str(CALLS)])


def alone(url: str, transport: str) -> float:
    """As `ours` with one in flight, in a process of its own, as the peer has."""
    return _told([sys.executable, "-m", "benchmarks.client", url, transport])


def _told(command: list[str]) -> float:
    return float(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("transport", choices=("httpx", "aiohttp"))
    asked = parser.parse_args()
    print(asyncio.run(ours(asked.url, 1, AiohttpTransport() if asked.transport == "aiohttp" else None)))


if __name__ == "__main__":
    main()
