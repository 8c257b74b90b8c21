"""Requests to the simulator as any HTTP client makes them, in virtual time. Knows nothing of the connector."""

import asyncio
import gzip
from datetime import timedelta
from urllib.parse import quote

import httpx

from entrepot.channel import Secret, SimulatorConfig
from entrepot.model import Marketplace
from entrepot.simulation import Server, SimTransport, VirtualClock, run, stream
from entrepot.simulation.network.transport import EveryHost
from entrepot_amazon_sp import AMAZON
from entrepot_amazon_sp.places import PLACES
from entrepot_amazon_sp.settings import AmazonSettings
from entrepot_amazon_sp.simulator import AmazonDouble

SELLER = "A2SELLER"
SETTINGS = AmazonSettings(SELLER, "client-1", Secret("the client secret"), Secret("refresh-1"))
FORM = {
    "grant_type": "refresh_token",
    "client_id": "client-1",
    "client_secret": "the client secret",
    "refresh_token": "refresh-1",
}
LWA = "https://api.amazon.com/auth/o2/token"
NA, EU, FE = (f"https://sellingpartnerapi-{region}.amazon.com" for region in ("na", "eu", "fe"))
HOSTS = {"NA": NA, "EU": EU, "FE": FE}
ORDERS = "/orders/2026-01-01/orders"
ITEMS = f"/listings/2021-08-01/items/{SELLER}"
TOO_MANY = 429
SKUS = {"TEA": 10, "MUG": 5, "A/B C": 1}
ALL_GROUPS = (
    "BUYER,RECIPIENT,PROCEEDS,EXPENSE,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES,TAX,PAYMENT,FULFILLMENT_ORDERS"
)

DE, NL, US, JP = (PLACES[code].id for code in ("DE", "NL", "US", "JP"))


def market_of(code):
    place = PLACES[code]
    return Marketplace(code, place.currency, place.time_zone, place.stock_pool)


class Seller:
    """One account and a client for it. `get` and `patch` ask with a living token unless told otherwise.

    A `patient` one repeats what is refused for frequency.
    """

    patient = False

    def __init__(self, loop, codes, skus, time_scale, seed, **facts):
        self.clock = VirtualClock(loop)
        config = SimulatorConfig("amazon", codes, SETTINGS, skus, time_scale, **facts)
        self.amazon = AmazonDouble(AMAZON, config, self.clock, stream(seed, "amazon"))
        self.code, self.stores = codes[0], [PLACES[code].id for code in codes]
        self.host = HOSTS[PLACES[codes[0]].region]
        self.network = SimTransport(EveryHost(Server(self.amazon, self.clock)), stream(seed, "network"))
        self._client = httpx.AsyncClient(transport=self.network)
        self._token, self._token_until = None, None

    async def grant(self, url=LWA, **changes):
        form = {name: text for name, text in (FORM | changes).items() if text is not None}
        return await self._client.post(url, data=form)

    async def grantless(self, scope):
        """A token of the application's own."""
        changes = {"grant_type": "client_credentials", "refresh_token": None, "scope": scope}
        return (await self.grant(**changes)).json()["access_token"]

    async def token(self):
        if self._token is None or self.clock.now() > self._token_until:
            self._token = (await self.grant()).json()["access_token"]
            self._token_until = self.clock.now() + timedelta(minutes=50)
        return self._token

    async def get(self, path, *, host=None, token="", **query):
        return await self._ask("GET", path, host, token, query)

    async def patch(self, path, body, *, token="", **query):
        return await self._ask("PATCH", path, None, token, query, json=body)

    async def put(self, path, body, **query):
        return await self._ask("PUT", path, None, "", query, json=body)

    async def post(self, path, body, *, token="", **query):
        return await self._ask("POST", path, None, token, query, json=body)

    async def delete(self, path, *, token="", **query):
        return await self._ask("DELETE", path, None, token, query)

    async def _ask(self, method, path, host, token, query, **content):
        token = await self.token() if token == "" else token
        headers = {} if token is None else {"x-amz-access-token": token}
        url = (host or self.host) + path
        while True:
            answer = await self._client.request(method, url, params=query or None, headers=headers, **content)
            if answer.status_code != TOO_MANY or not self.patient:
                return answer
            await asyncio.sleep(1)

    async def post_raw(self, url, body, content_type):
        return await self._client.post(url, content=body, headers={"content-type": content_type})

    async def store(self, method, url, content=None, **headers):
        """What a presigned link leads to: no token, no header but those that are given."""
        headers = {name.replace("_", "-"): text for name, text in headers.items()}
        return await self._client.request(method, url, content=content, headers=headers)

    async def download(self, document, **query):
        """The content behind the path of a document, and the answers that led to it."""
        told = await self.get(document, **query)
        answer = await self.store("GET", told.json()["url"])
        packed = told.json().get("compressionAlgorithm") == "GZIP" and "content-encoding" not in answer.headers
        return gzip.decompress(answer.content) if packed else answer.content, told, answer

    def item(self, sku):
        return f"{ITEMS}/{quote(sku, safe='')}"

    async def sell(self, units, code=None, count=1, pause=1.0):
        """So many orders, paid at once, a second apart."""
        place = market_of(code or self.code)
        placed = []
        for _ in range(count):
            await asyncio.sleep(pause)
            order = self.amazon.place(units, place)
            placed.append(self.amazon.pay(order.external_id, place.currency))
        return placed


def ask(scenario, codes=("DE", "NL"), skus=SKUS, time_scale=1, seed=1, **facts):
    """Run `scenario(seller)` and return its result. `facts` are further ones of the simulator's configuration."""

    async def world(loop):
        return await scenario(Seller(loop, codes, skus, time_scale, seed, **facts))

    return run(world, seed)


def error(answer):
    [only] = answer.json()["errors"]
    return only


def instant(moment):
    return moment.isoformat().replace("+00:00", "Z")
