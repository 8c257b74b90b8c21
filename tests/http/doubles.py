"""A scripted network and a channel to call through it, in virtual time."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import httpx

from entrepot.channel import STANDARD_ERRORS, ChannelType, Limit, RateLimited, Reads, TransientError, Writes
from entrepot.http import AccountHttp
from entrepot.model import AccountId
from entrepot.secrets import Redactor
from entrepot.simulation import VirtualClock, run

ACME = ChannelType(
    id="acme",
    api="1.0",
    settings=object,
    connect=lambda settings, ports: None,
    maps={},
    revision={},
    pii_paths={},
    limits={"orders": Limit(per_second=2, burst=10), "other": Limit(per_second=5, burst=5)},
    operations={
        "fetch_stock": Reads(spends={"orders": 1}, page_size=10),
        "fetch_orders": Reads(
            spends={"orders": 9},
            page_size=10,
            cursor_lifetime=None,
            settle_lag=timedelta(0),
            restatement_horizon=timedelta(0),
            history_horizon=timedelta(0),
        ),
        "push_stock": Writes(spends={"orders": 1}, batch_size=10, idempotent=True),
        "submit_bulk": Writes(spends={"orders": 1, "other": 1}, batch_size=10, idempotent=False),
    },
    errors=STANDARD_ERRORS | {(409, "busy"): TransientError, (503, "throttled"): RateLimited},
)

URL = "https://acme.example/api/"

Answering = Callable[[httpx.Request], httpx.Response]


class Network(httpx.AsyncBaseTransport):
    """Answers with `answer`, after `latency` virtual seconds; keeps the requests. What `answer` raises is raised."""

    def __init__(self, answer: Answering, latency: float = 0.1) -> None:
        self.answer = answer
        self.latency = latency
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request):
        self.requests.append(request)
        await asyncio.sleep(self.latency)
        return self.answer(request)


class StalledNetwork(httpx.AsyncBaseTransport):
    """Takes the request and never answers: only the client's own patience ends it."""

    async def handle_async_request(self, request):
        patience = request.extensions["timeout"]["read"]
        await asyncio.sleep(10**9 if patience is None else patience)
        raise httpx.ReadTimeout("", request=request)


def always(status=200, **response):
    return lambda request: httpx.Response(status, **response)


def account_http(loop, network, account="webshop", channel=ACME, redactor=None, kept=None):
    return AccountHttp(
        channel,
        network,
        VirtualClock(loop),
        AccountId(account),
        user_agent="entrepot/test",
        redactor=redactor or Redactor(),
        kept=kept,
    )


def virtually(main, network, **options):
    """Run `main(http)` with the account's HTTP over `network`."""

    async def with_http(loop):
        http = account_http(loop, network, **options)
        try:
            return await main(http)
        finally:
            await http.aclose()

    return run(with_http, seed=1)
