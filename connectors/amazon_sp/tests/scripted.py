"""An Amazon that answers what it is told to, behind the core's real HTTP port, in virtual time."""

from collections import Counter
from urllib.parse import parse_qs

import httpx
from attrs import evolve

from entrepot.channel import Environment, Ports, Secret
from entrepot.http import grant
from entrepot.model import AccountId
from entrepot.quota import BucketKey, MemoryQuota
from entrepot.simulation import VirtualClock, run
from entrepot_amazon_sp import AMAZON
from entrepot_amazon_sp.places import PLACES
from entrepot_amazon_sp.settings import AmazonSettings
from tests.http.doubles import Network, account_http

SETTINGS = AmazonSettings("A2SELLER", "client-1", Secret("the client secret"), Secret("refresh-1"))

DE, NL, US, CA = (PLACES[code].id for code in ("DE", "NL", "US", "CA"))


class Amazon:
    """Answers in turn, and with the last answer for ever.

    A token is `<refresh token>#<number>`; those in `refused` are not taken. `secrets` are the client secrets that are
    taken; None takes any.
    """

    def __init__(self, *answers, latency=1.5):
        self.answers = list(answers)
        self.tokens = Counter()
        self.refused = set()
        self.secrets = None
        self.asked_for_tokens = []
        self.requests = []
        self.network = Network(self, latency)

    def __call__(self, request):
        if request.url.host == "api.amazon.com":
            return self._token(request)
        self.requests.append(request)
        if request.headers["x-amz-access-token"] in self.refused:
            return refusal(403, "Unauthorized", "Access to requested resource is denied.")
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def secrets_seen(self):
        return [parse_qs(request.content.decode())["client_secret"][0] for request in self.asked_for_tokens]

    def _token(self, request):
        self.asked_for_tokens.append(request)
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        if self.secrets is not None and form["client_secret"] not in self.secrets:
            return httpx.Response(401, json={"error": "invalid_client", "error_description": "no"})
        owner = form["refresh_token"]
        self.tokens[owner] += 1
        return httpx.Response(200, json={"access_token": f"{owner}#{self.tokens[owner]}", "expires_in": 3600})


class Account:
    """A connected account, whose operations are called as the core calls them."""

    def __init__(
        self,
        loop,
        amazon,
        *,
        marketplaces,
        environment=Environment.PRODUCTION,
        name="amazon-eu",
        owner=None,
        settings=SETTINGS,
    ):
        self.clock = VirtualClock(loop)
        self.http = account_http(loop, amazon.network, account=name, channel=AMAZON)
        settings = evolve(settings, refresh_token=Secret(owner)) if owner else settings
        self.vault = self.http.vault
        self.ports = Ports(AccountId(name), environment, marketplaces, self.clock, self.http, self.vault)
        self.connector = AMAZON.connect(settings, self.ports)
        self.quota = MemoryQuota(AMAZON.limits, self.clock)

    async def call(self, operation, request):
        facts = AMAZON.operations[operation]
        for limit, units in facts.spends.items():
            await self.quota.acquire(BucketKey(AccountId("any"), limit), units)
        with grant(operation, facts):
            return await getattr(self.connector, operation)(request)


def on_amazon(amazon, main, marketplaces=("DE", "NL"), **options):
    """Run `main(account)` on an account that talks to `amazon`."""

    async def connected(loop):
        account = Account(loop, amazon, marketplaces=marketplaces, **options)
        try:
            return await main(account)
        finally:
            await account.http.aclose()

    return run(connected, seed=1)


def told(body, status=200):
    return httpx.Response(status, json=body, headers={"x-amzn-RequestId": "r-1"})


def refusal(status, code="InvalidInput", message="Invalid Input", details=""):
    return told({"errors": [{"code": code, "message": message, "details": details}]}, status)
