"""Several sellers of one application in one simulator: each sees its own, whichever region it is of."""

import asyncio
import json

import httpx
import pytest

from connectors.amazon_sp.tests.simulator.asking import EU, FORM, LWA, NA, ORDERS, SETTINGS, SKUS, error, market_of
from connectors.amazon_sp.tests.simulator.authorization.test_tokens import ACCOUNT, ROTATE, ROTATION
from connectors.amazon_sp.tests.simulator.notifications.notified import (
    DESTINATIONS,
    QUEUE,
    SCOPE,
    SUBSCRIPTIONS,
    TO_QUEUE,
)
from entrepot.channel import SimulatorConfig
from entrepot.simulation import Sellers, Server, SimTransport, VirtualClock, run, stream
from entrepot.simulation.network.transport import EveryHost
from entrepot_amazon_sp import AMAZON
from entrepot_amazon_sp.places import PLACES
from entrepot_amazon_sp.simulator import AmazonDouble

FE = "https://sellingpartnerapi-fe.amazon.com"
OPEN = {"lastUpdatedAfter": "2029-12-31T00:00:00Z"}


class Application:
    """A client of all its sellers. `ask` speaks for one of them, by the name of its account."""

    def __init__(self, loop, count, seed):
        self.clock = VirtualClock(loop)
        config = SimulatorConfig("amazon", ("DE", "NL"), SETTINGS, SKUS, sellers=count)
        self.amazon = AMAZON.simulator(config, self.clock, stream(seed, "amazon"))
        network = SimTransport(EveryHost(Server(self.amazon, self.clock)), stream(seed, "network"))
        self.client = httpx.AsyncClient(transport=network)
        self.tokens = {}

    def shop(self, name):
        return self.amazon.accounts[name].shop

    async def grant(self, **changes):
        return (await self.client.post(LWA, data=FORM | changes)).json()

    async def token(self, name):
        if name not in self.tokens:
            settings = self.amazon.accounts[name].config.settings
            granted = await self.grant(refresh_token=settings.refresh_token.reveal())
            self.tokens[name] = granted["access_token"]
        return self.tokens[name]

    async def ask(self, name, path, host=None, method="GET", **query):
        place = PLACES[self.amazon.accounts[name].config.marketplaces[0]]
        url = (host or {"EU": EU, "NA": NA, "FE": FE}[place.region]) + path
        headers = {"x-amz-access-token": await self.token(name)}
        return await self.client.request(method, url, params=query or None, headers=headers)

    async def sell(self, name, units):
        place = market_of(self.amazon.accounts[name].config.marketplaces[0])
        order = self.shop(name).place(units, place)
        await asyncio.sleep(1)
        return self.shop(name).pay(order.external_id, place.currency).external_id


def with_sellers(scenario, count=4, seed=1):
    async def world(loop):
        return await scenario(Application(loop, count, seed))

    return run(world, seed)


def test_further_sellers_are_of_the_other_regions_and_of_the_own_by_turns():
    async def look(application):
        return {name: seller.config.marketplaces for name, seller in application.amazon.accounts.items()}

    assert with_sellers(look) == {
        "amazon": ("DE", "NL"),
        "amazon-2": ("US", "CA"),
        "amazon-3": ("JP", "AU"),
        "amazon-4": ("DE", "NL"),
    }


def test_one_seller_is_what_it_was():
    async def look(application):
        return application.amazon

    assert isinstance(with_sellers(look, count=1), AmazonDouble)
    assert isinstance(with_sellers(look, count=2), Sellers)


@pytest.mark.parametrize("seed", [1, 2])
def test_same_seed_invents_the_same_sellers(seed):
    async def look(application):
        return [(s.config, dict(s.shop.stock)) for s in application.amazon.accounts.values()]

    first, again = with_sellers(look, seed=seed), with_sellers(look, seed=seed)
    assert first == again
    sellers = {config.settings.seller_id for config, _ in first}
    tokens = {config.settings.refresh_token.reveal() for config, _ in first}
    assert len(sellers) == len(tokens) == 4
    assert first != with_sellers(look, seed=seed + 10)


def test_each_token_opens_its_sellers_account_and_no_other():
    async def search(application):
        names = list(application.amazon.accounts)
        placed = {name: [await application.sell(name, {"TEA": 1})] for name in names}
        await asyncio.sleep(180)
        found = {name: (await application.ask(name, ORDERS, **OPEN)).json()["orders"] for name in names}
        others = await application.ask("amazon-4", f"{ORDERS}/{placed['amazon'][0]}")
        return placed, {name: [order["orderId"] for order in orders] for name, orders in found.items()}, others

    placed, found, others = with_sellers(search)
    assert found == placed
    assert len({number for [number] in placed.values()}) == 4
    assert others.status_code == 404


def test_account_tells_the_stores_of_the_seller():
    async def look(application):
        answer = await application.ask("amazon-2", ACCOUNT)
        return [each["marketplace"]["countryCode"] for each in answer.json()["payload"]]

    assert with_sellers(look)[:2] == ["US", "CA"]


def test_host_of_another_region_is_denied_to_a_seller():
    """FACTS 4."""

    async def wrong(application):
        return [await application.ask(name, ACCOUNT, host=NA) for name in ("amazon", "amazon-2")]

    denied, answered = with_sellers(wrong)
    assert (denied.status_code, error(denied)["code"], answered.status_code) == (403, "Unauthorized", 200)


@pytest.mark.parametrize("token", [None, "Atza|nobodys"])
def test_request_that_is_nobodys_is_denied(token):
    async def ask(application):
        headers = {"x-amz-access-token": token} if token else {}
        return [await application.client.get(host + ACCOUNT, headers=headers) for host in (EU, NA, FE)]

    assert [answer.status_code for answer in with_sellers(ask)] == [403, 403, 403]


def test_consent_that_one_takes_back_leaves_the_others():
    async def revoke(application):
        application.shop("amazon-2").revoke()
        return [await application.grant(refresh_token=_refresh(application, name)) for name in ("amazon-2", "amazon-4")]

    revoked, granted = with_sellers(revoke)
    assert (revoked["error"], granted["token_type"]) == ("invalid_grant", "bearer")


def _refresh(application, name):
    return application.amazon.accounts[name].config.settings.refresh_token.reveal()


def test_secret_that_is_rotated_is_that_of_all():
    async def rotate(application):
        changes = {"grant_type": "client_credentials", "scope": ROTATION}
        token = (await application.grant(**changes))["access_token"]
        answer = await application.client.post(NA + ROTATE, headers={"x-amz-access-token": token})
        [told] = application.shop("amazon").application.new_secrets
        secret = told["applicationOAuthClientNewSecret"]["newClientSecret"]
        await asyncio.sleep(8 * 86_400)
        both = [{"refresh_token": _refresh(application, "amazon-3")}, {"client_secret": secret}]
        return answer.status_code, [await application.grant(**changes) for changes in both]

    status, [old, new] = with_sellers(rotate)
    assert (status, old["error"], new["token_type"]) == (204, "invalid_client", "bearer")


def test_document_of_each_is_reached_by_its_link():
    async def report(application):
        texts = []
        for name in ("amazon", "amazon-4"):
            shop = application.shop(name)
            headers = {"x-amz-access-token": await application.token(name)}
            body = {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "marketplaceIds": [PLACES["DE"].id]}
            url = f"{EU}/reports/2021-06-30/reports"
            id_ = (await application.client.post(url, json=body, headers=headers)).json()["reportId"]
            await asyncio.sleep(600)
            document = (await application.client.get(f"{url}/{id_}", headers=headers)).json()["reportDocumentId"]
            found = await application.client.get(f"{EU}/reports/2021-06-30/documents/{document}", headers=headers)
            content = await application.client.get(found.json()["url"])
            texts.append((content.status_code, content.text.splitlines()[1:], shop.stock["TEA"]))
        return texts

    for status, rows, left in with_sellers(report):
        assert status == 200
        assert any(f"\t{left}\t" in row for row in rows if "TEA" in row)


def test_buckets_of_a_pair_are_each_sellers_own():
    """FACTS 5 (a): what one seller uses up is there for the others."""

    async def exhaust(application):
        for _ in range(16):
            last = await application.ask("amazon", ACCOUNT)
        return last, await application.ask("amazon-4", ACCOUNT)

    refused, answered = with_sellers(exhaust)
    assert (refused.status_code, answered.status_code) == (429, 200)


def test_sellers_share_a_destination_and_one_queue_holds_what_happens_to_each():
    """FACTS 17: a destination is the application's, a subscription the seller's; consumers look at SellerId."""

    async def subscribe(application):
        granted = await application.grant(grant_type="client_credentials", scope=SCOPE)
        own = {"x-amz-access-token": granted["access_token"]}
        body = {"name": "to us", "resourceSpecification": TO_QUEUE}
        made = (await application.client.post(EU + DESTINATIONS, json=body, headers=own)).json()["payload"]
        for name in ("amazon", "amazon-4"):
            headers = {"x-amz-access-token": await application.token(name)}
            body = {"payloadVersion": "1.0", "destinationId": made["destinationId"]}
            answer = await application.client.post(f"{EU}{SUBSCRIPTIONS}/ORDER_CHANGE", json=body, headers=headers)
            assert answer.status_code == 200
            await application.sell(name, {"TEA": 1})
        await application.sell("amazon-2", {"TEA": 1})
        await asyncio.sleep(3600)
        for name in ("amazon", "amazon-4"):
            application.shop(name).catch_up()
        queue = application.shop("amazon").queues
        messages = queue.receive_message(QueueUrl=QUEUE, MaxNumberOfMessages=10)["Messages"]
        told = [json.loads(each["Body"])["Payload"]["OrderChangeNotification"]["SellerId"] for each in messages]
        ids = [application.amazon.accounts[name].config.settings.seller_id for name in ("amazon", "amazon-4")]
        return set(told), set(ids)

    told, ids = with_sellers(subscribe)
    assert told == ids
