import httpx

from entrepot.http import Signed
from entrepot.simulation import run
from tests.http.doubles import Network, always


class Initials:
    async def sign(self, method, url, body):
        return {"authorization": f"{method} {url} {body.decode()}"}


def test_what_goes_to_the_host_is_signed_and_nothing_else():
    network = Network(always())

    async def main(_):
        signed = Signed(network, Initials(), "acme.example")
        for url in ("https://acme.example/a?b=1", "https://tokens.acme.example/a"):
            await signed.handle_async_request(httpx.Request("PUT", url, content=b"body"))

    run(main, seed=1)
    first, second = network.requests
    assert first.headers["authorization"] == "PUT https://acme.example/a?b=1 body"
    assert "authorization" not in second.headers
