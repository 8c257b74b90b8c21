"""Which Amazon the client on its own talks to, and that credentials never reach the wrong one."""

import asyncio

import pytest
from attrs import evolve

from connectors.amazon_sp.tests.scripted import SETTINGS, Amazon, told
from connectors.amazon_sp.tests.storage.bucket import serving
from entrepot.channel import Environment, Secret, SimulatorConfig, TransientError
from entrepot.errors import NothingListens
from entrepot.runtime import SystemClock, system_rng
from entrepot.simulation import VirtualClock, run
from entrepot_amazon_sp import AMAZON, SellingPartner
from tests.cli.served import Served

HERE = "http://127.0.0.1:8801"
REAL = evolve(SETTINGS, refresh_token=Secret("Atzr|IwEBI"))
REAL_SECRET = evolve(SETTINGS, client_secret=Secret("amzn1.oa2-cs.v1.abc"))


@pytest.mark.parametrize(
    ("environment", "host"),
    [
        (Environment.PRODUCTION, "sellingpartnerapi-na.amazon.com"),
        (Environment.SANDBOX, "sandbox.sellingpartnerapi-na.amazon.com"),
        ("sandbox", "sandbox.sellingpartnerapi-na.amazon.com"),
        (Environment.SIMULATOR, "sellingpartnerapi-na.amazon.com"),
    ],
)
def test_each_environment_has_its_host(environment, host):
    amazon = Amazon(told({"payload": []}))

    async def main(loop):
        options = {"environment": environment, "transport": amazon.network, "clock": VirtualClock(loop)}
        async with SellingPartner(SETTINGS, region="NA", **options) as client:
            await client.call("getMarketplaceParticipations")

    run(main, seed=1)
    assert [request.url.host for request in amazon.requests] == [host]


@pytest.mark.parametrize(
    ("settings", "environment", "simulator", "words"),
    [
        (REAL, Environment.PRODUCTION, HERE, "a simulator's address with environment production. Next: leave it out"),
        (REAL, Environment.SANDBOX, HERE, "a simulator's address with environment sandbox"),
        (REAL, Environment.SIMULATOR, HERE, "refresh_token is a credential of the real Amazon"),
        (REAL_SECRET, Environment.SIMULATOR, HERE, "client_secret is a credential of the real Amazon"),
        (SETTINGS, Environment.SIMULATOR, None, "no way to a simulator"),
        (SETTINGS, Environment.SIMULATOR, "https://sellingpartnerapi-eu.amazon.com", "no address on this machine"),
        (SETTINGS, Environment.SIMULATOR, "http://192.0.2.7:8801", "no address on this machine"),
        (SETTINGS, Environment.SIMULATOR, "http://127.0.0.1.evil.example:8801", "no address on this machine"),
        (SETTINGS, Environment.SIMULATOR, "http://127.0.0.1:8801/api", "no address on this machine"),
        (SETTINGS, Environment.SIMULATOR, "http://127.0.0.1", "no address on this machine"),
        (SETTINGS, "prodution", None, "is not a valid Environment"),
    ],
)
def test_what_would_lead_to_the_wrong_amazon_is_refused(settings, environment, simulator, words):
    with pytest.raises(ValueError, match=words) as refused:
        SellingPartner(settings, region="EU", environment=environment, simulator=simulator)
    assert "Atzr" not in str(refused.value)


class Listener:
    """Notes what reaches the port, and answers nothing."""

    def __init__(self):
        self.heads = []

    async def serve(self, reader, writer):
        self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.close()
        await writer.wait_closed()


def test_everything_goes_to_the_simulator_tokens_first():
    listener = Listener()

    async def main():
        async with serving(listener) as port:
            options = {"environment": Environment.SIMULATOR, "simulator": f"http://127.0.0.1:{port}"}
            async with SellingPartner(SETTINGS, region="EU", **options) as client:
                words = rf"token request to http://127\.0\.0\.1:{port} in place of https://api\.amazon\.com"
                with pytest.raises(TransientError, match=words):
                    await client.call("getMarketplaceParticipations", deadline=10)

    asyncio.run(main())
    assert len(listener.heads) == 1
    assert listener.heads[0].startswith("POST /auth/o2/token")
    assert "Host: api.amazon.com" in listener.heads[0]


def test_a_simulator_that_does_not_run_is_named_at_once():
    async def main():
        options = {"environment": Environment.SIMULATOR, "simulator": "http://127.0.0.1:9"}
        async with SellingPartner(SETTINGS, region="EU", **options) as client:
            async with asyncio.timeout(1.9):  # the policy's first wait may be no longer
                words = r"account A2SELLER: nothing .* simulator ACCOUNT --port 9, .*`entrepot init --channel amazon_sp"
                with pytest.raises(NothingListens, match=words):
                    await client.call("getMarketplaceParticipations")

    asyncio.run(main())


def test_a_simulator_on_a_port_answers_the_client():
    config = SimulatorConfig("amazon-eu", ("DE", "NL"), SETTINGS, {"MUG": 9})
    served = Served(AMAZON.simulator(config, SystemClock(), system_rng()))

    async def main():
        options = {"environment": Environment.SIMULATOR, "simulator": served.url}
        async with SellingPartner(SETTINGS, region="EU", **options) as client:
            return await client.call("getMarketplaceParticipations")

    try:
        stores = [each["marketplace"]["countryCode"] for each in asyncio.run(main())["payload"]]
    finally:
        served.close()
    assert stores[:2] == ["DE", "NL"]
