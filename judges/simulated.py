"""The seller whose day the clients live through, at our simulator of Amazon on a port."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from attrs import frozen

from entrepot.channel import Json, Secret, SimulatorConfig
from entrepot.model import Marketplace
from entrepot.runtime import SystemClock
from entrepot.simulation import stream
from entrepot.simulation.doubles.fault_script import FaultScript
from entrepot.simulation.doubles.inspector import INSPECTOR
from entrepot.simulation.doubles.serving import Served
from entrepot_amazon_sp import AMAZON
from entrepot_amazon_sp.places import PLACES
from entrepot_amazon_sp.settings import AmazonSettings
from entrepot_amazon_sp.simulator import AmazonDouble
from entrepot_amazon_sp.simulator.orders.searches import UNSETTLED
from judges.serving import served

CODE = "DE"
STORE = PLACES[CODE].id

TEA, CUP, POT = "TEA", "CUP", "POT"
"""Sent by the merchant, sent by Amazon, and not listed yet."""

SETTINGS = AmazonSettings(
    "A2JUDGE",
    "judge",
    Secret("of the judge"),
    Secret("refresh of the judge"),
    application_id="amzn1.sp.solution.judge",
    redirect_uri="https://judge.example/callback",
)

CLIENT = {"client_id": "judge", "client_secret": "of the judge"}
REFRESH = {"grant_type": "refresh_token", "refresh_token": "refresh of the judge"}
"""What is sent for an access token."""

BASKETS = ({TEA: 1}, {"MUG": 1}, {TEA: 2, "MUG": 1})
"""Of the orders that are paid and wait when the day begins."""


@frozen
class Account:
    """The simulator's address, and what really happened there."""

    url: str

    def truth(self, name: str) -> Json:
        return httpx.get(f"{self.url}{INSPECTOR}{name}").raise_for_status().json()

    def consent(self) -> str:
        """The code that the seller's browser brings back from Seller Central."""
        asked = {"application_id": SETTINGS.application_id, "state": "s1", "version": "beta"}
        answer = httpx.get(f"{self.url}/apps/authorize/consent", params=asked)
        return httpx.URL(answer.headers["location"]).params["spapi_oauth_code"]


@contextmanager
def simulated(time_scale: int) -> Iterator[Account]:
    """Its waits are `time_scale` times as short, its limits as fast."""
    config = SimulatorConfig("amazon", (CODE,), SETTINGS, {TEA: 10, "MUG": 5, CUP: 7}, time_scale)
    clock = SystemClock()
    amazon = AmazonDouble(AMAZON, config, clock, stream(1, "amazon"))
    amazon.inventory.send_by_amazon(CUP)
    amazon.granted = frozenset({"BUYER", "RECIPIENT"})
    place = PLACES[CODE]
    market = Marketplace(CODE, place.currency, place.time_zone, place.stock_pool)
    for basket in BASKETS:
        amazon.pay(amazon.place(basket, market).external_id, place.currency)
    time.sleep(UNSETTLED.total_seconds() / time_scale)  # until lists show the orders
    with served(Served(amazon, clock, FaultScript.read(""))) as url:
        yield Account(url)
