"""The server that waits for Amazon's answer, on a real port of this machine."""

import asyncio
import socket
from urllib.parse import urlencode

import pytest

from connectors.amazon_sp.tests.authorization.test_consent import Hand, states
from entrepot_amazon_sp.authorization import ConsentError, read_callback
from entrepot_amazon_sp.commands import callback_server
from entrepot_amazon_sp.commands.callback_server import Address, address_of, receive

PATH = "/amazon/callback"


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Waiting:
    """A server that waits for the consent of `eu`. `ask` sends what a browser would; answers are (status, page)."""

    def __init__(self):
        self.address = Address(free_port(), PATH)
        self.states = states(Hand())
        self.good = {
            "state": self.states.begin("eu"),
            "selling_partner_id": "A2SELLER",
            "spapi_oauth_code": "the-code",
        }
        self.open = asyncio.Event()

    async def consent(self):
        return await receive(
            self.address, lambda url: read_callback(url, self.states, "eu", seller_id="A2SELLER"), self.open.set
        )

    def target(self, path=PATH, **changes):
        return f"{path}?{urlencode(self.good | changes)}"

    async def ask(self, target, method="GET"):
        return await self.send(f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())

    async def send(self, request):
        await self.open.wait()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.address.port)
        writer.write(request)
        answer = (await reader.read()).decode()
        writer.close()
        return (int(answer.split()[1]), answer) if answer else (None, "")


def waiting(scenario):
    """Run `scenario(server)` beside the server; its result, and the consent or why there is none."""

    async def run():
        server = Waiting()
        consenting = asyncio.create_task(server.consent())
        told = await scenario(server)
        [outcome] = await asyncio.gather(consenting, return_exceptions=True)
        return told, outcome

    return asyncio.run(run())


def test_an_answer_is_taken_and_its_page_holds_nothing_of_it():
    """Covers P9."""
    (status, page), consent = waiting(lambda server: server.ask(server.target()))
    assert status == 200
    assert (consent.seller_id, consent.code.reveal()) == ("A2SELLER", "the-code")
    head = page.lower()
    assert "referrer-policy: no-referrer" in head
    assert "cache-control: no-store" in head
    assert "content-security-policy: default-src 'none'" in head
    assert not any(value in page for value in ("the-code", "A2SELLER", "state-"))


def test_a_forged_answer_does_not_end_the_wait():
    async def scenario(server):
        forged = await server.ask(server.target(state="forged"))
        doubled = await server.ask(server.target() + "&state=forged")
        return forged[0], doubled[0], (await server.ask(server.target()))[0]

    statuses, consent = waiting(scenario)
    assert statuses == (400, 400, 200)
    assert consent.seller_id == "A2SELLER"


def test_a_refusal_of_the_seller_ends_it():
    (status, page), refused = waiting(lambda server: server.ask(server.target(error="access_denied")))
    assert isinstance(refused, ConsentError)
    assert "the seller did not consent" in str(refused)
    assert (status, "access_denied" in page) == (200, False)


def test_only_one_path_is_answered_and_only_to_get():
    async def scenario(server):
        others = [
            await server.ask(server.target("/favicon.ico")),
            await server.ask(server.target(PATH + "/")),
            await server.ask(server.target(), method="POST"),
        ]
        await server.ask(server.target())
        return [status for status, _ in others]

    assert waiting(scenario)[0] == [404, 404, 404]


@pytest.mark.parametrize("request_", [b"", b"GET\r\n\r\n", b"\xff\xfe\r\n\r\n", b"G" * 100_000])
def test_what_is_no_request_disturbs_nobody(request_, monkeypatch, caplog, capfd):
    monkeypatch.setattr(callback_server, "REQUEST_TIME", 0.05)

    async def scenario(server):
        odd = await server.send(request_)
        return odd[0], (await server.ask(server.target()))[0]

    (odd, good), consent = waiting(scenario)
    assert odd in {None, 404}
    assert (good, consent.seller_id) == (200, "A2SELLER")
    assert caplog.text + "".join(capfd.readouterr()) == ""


def test_a_browser_that_opens_a_connection_in_advance_does_not_hold_the_others_up():
    async def scenario(server):
        await server.open.wait()
        _, idle = await asyncio.open_connection("127.0.0.1", server.address.port)
        status, _ = await server.ask(server.target())
        idle.close()
        return status

    assert waiting(scenario)[0] == 200


def test_the_wait_ends(monkeypatch):
    monkeypatch.setattr(callback_server, "LIFETIME", callback_server.LIFETIME / 10_000)
    _, late = waiting(lambda server: server.open.wait())
    assert isinstance(late, ConsentError)
    assert "within ten minutes. Next: begin the authorization anew" in str(late)


def test_it_listens_on_the_loopback_address_only(monkeypatch):
    bound = []
    start = asyncio.start_server

    async def noted(serve, host, port, **options):
        server = await start(serve, host, port, **options)
        bound.extend(socket.getsockname()[0] for socket in server.sockets)
        return server

    monkeypatch.setattr(asyncio, "start_server", noted)
    waiting(lambda server: server.ask(server.target()))
    assert bound == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("redirect_uri", "port", "address"),
    [
        ("http://127.0.0.1:8799/amazon/callback", None, Address(8799, "/amazon/callback")),
        ("http://localhost:8799", None, Address(8799, "/")),
        ("http://127.0.0.1:8799/a", 9000, Address(9000, "/a")),
        ("https://app.example/a/b", 9000, Address(9000, "/a/b")),
        ("https://app.example/a/b", None, None),
        ("https://localhost:8799/a", None, None),
        ("http://app.example:8799/a", None, None),
    ],
)
def test_where_it_listens(redirect_uri, port, address):
    assert address_of(redirect_uri, port) == address
