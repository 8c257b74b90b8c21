"""A shop that serves pages of mock orders, made beforehand, from a process of its own: `python -m benchmarks.pages`."""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from random import Random
from urllib.parse import parse_qs

import orjson
import uvicorn
from attrs import define

from entrepot.channel import Json
from entrepot.model import Marketplace
from entrepot.simulation.doubles.serving import listen
from entrepot.simulation.markets.buyers import LARGEST_BASKET, SHARED
from entrepot.simulation.markets.market import Market
from entrepot.simulation.seeds import EPOCH
from entrepot_mock_channel.shop import word_order

PAGE_SIZE = 100
MADE = 10_000  # orders that are really different; after them the same ones come again under other numbers
SKUS = tuple(f"SKU-{number:04d}" for number in range(100))
SHOWN = 1_000_000  # units of each on the channel: nothing sells out
ACCOUNT = {"permissions": ["orders", "stock"], "currency": "EUR", "time_zone": "Europe/Berlin"}
UNREAD = {
    "links": {name: f"https://shop.example/api/v1/orders/{name}" for name in ("self", "invoice", "parcels", "history")},
    "tags": ["newsletter", "returning", "gift"],
    "delivery": {
        "method": "parcel",
        "carrier": "DHL",
        "promise": {"from": "2030-01-02", "to": "2030-01-04"},
        "warehouse": "Hamburg-Veddel",
        "weight": {"value": "1.250", "unit": "kg"},
        "note": "Please ring at the shop next door if nobody is in; the yard is open until six in the evening.",
    },
    "payment": {"method": "invoice", "state": "settled", "due": "2030-01-31", "reference": "RF18539007547034"},
    "history": [{"at": f"2030-01-01T0{hour}:00:00Z", "event": "status", "by": "system"} for hour in range(10)],
    "channel": {"id": "web", "campaign": "winter-sale-newsletter", "device": "mobile", "language": "de-DE"},
}
"""What shops send besides: with it an order is as long as one of Amazon's, about 1.8 kB."""
SEARCH_ORDERS = "/orders/2026-01-01/orders"
"""Amazon's path: its client is measured with the same bytes."""

PLACE = Marketplace("MOCK", "EUR", "Europe/Berlin", stock_pool="mock")


@define
class Steps:
    """A clock that goes on by a second with each look."""

    instant: datetime = EPOCH - timedelta(days=30)

    def now(self) -> datetime:
        self.instant += timedelta(seconds=1)
        return self.instant


def make_orders(count: int) -> list[Json]:
    """Paid orders as the simulated buyers place them: one of five has a second line. Every third is sent."""
    rng = Random("benchmark")
    market = Market(dict.fromkeys(SKUS, 10**9), Steps(), rng)
    for place in range(count):
        offers = rng.sample(SKUS, 2 if rng.random() < SHARED else 1)
        number = market.place({offer: rng.randint(1, LARGEST_BASKET) for offer in offers}, PLACE).external_id
        market.pay(number, "EUR")
        if place % 3 == 0:
            market.ship(number)
    return [word_order(order) | UNREAD for order in market.orders.values()]


def make_pages(orders: int) -> list[bytes]:
    """Answers to one pass over `orders` orders; each `next` is the number of the page behind it."""
    made = make_orders(min(orders, MADE))
    parts = [made[start : start + PAGE_SIZE] for start in range(0, len(made), PAGE_SIZE)]
    count = orders // PAGE_SIZE
    return [_page(parts[page % len(parts)], page // len(parts), page + 1, count) for page in range(count)]


def _page(part: list[Json], turn: int, following: int, count: int) -> bytes:
    orders = [order | {"number": f"{turn}-{order['number']}"} for order in part]
    return orjson.dumps({"orders": orders, "next": str(following) if following < count else None})


async def serve(pages: list[bytes], scope: Json, receive: Json, send: Json) -> None:
    query = parse_qs(scope["query_string"].decode())
    if scope["path"] in {"/v1/orders", SEARCH_ORDERS}:
        body = pages[int(query.get("after", ["0"])[0])]
    elif scope["path"] == "/v1/stock":
        body = orjson.dumps({"stock": [{"sku": sku, "quantity": SHOWN} for sku in query["sku"]]})
    elif scope["path"] == "/auth/o2/token":
        body = orjson.dumps({"access_token": "Atza|benchmark", "token_type": "bearer", "expires_in": 3600})
    else:
        body = orjson.dumps(ACCOUNT)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def page_server(orders: int) -> Iterator[str]:
    """The URL of a server of `orders` orders."""
    command = [sys.executable, "-m", "benchmarks.pages", str(orders)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"  # it tells the port once its pages are made
        finally:
            process.terminate()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("orders", type=int)
    pages = make_pages(parser.parse_args().orders)
    listener = listen(0)
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(partial(serve, pages), interface="asgi3", log_level="warning", lifespan="off")
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
