"""`entrepot amazon`, from the consent in a browser to orders, against the simulator on a port of this machine."""

import asyncio
import json
import logging
import threading
from types import MappingProxyType
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

import httpx
import pytest
import structlog
from attrs import evolve
from click.testing import CliRunner

from connectors.amazon_sp.tests.authorization.test_callback_server import free_port
from entrepot.channel import Secret, SimulatorConfig
from entrepot.cli import asking, main, simulators
from entrepot.cli.context import Home
from entrepot.model import AccountId
from entrepot.runtime import SystemClock, system_rng
from entrepot.simulation.doubles.serving import marketplaces
from entrepot.vault.keys import new_key
from entrepot_amazon_sp import AMAZON
from entrepot_amazon_sp.commands import authorizing
from entrepot_amazon_sp.settings import AmazonSettings
from tests.cli.served import Served

SETTINGS = AmazonSettings("A2SELLER", "client-1", Secret("client-secret"), application_id="amzn1.sp.solution.1")

TOML = """
[entrepot]
store = "sqlite:shop.db"
key = "file:key"
[plugins]
amazon_sp = "*"
[accounts.amazon-eu]
channel = "amazon_sp"
marketplaces = ["DE", "NL"]
environment = "simulator"
simulator = "{url}"
[accounts.amazon-eu.settings]
seller_id = "A2SELLER"
client_id = "client-1"
client_secret = "client-secret"
application_id = "amzn1.sp.solution.1"
redirect_uri = "{redirect_uri}"
"""


class Stays(HTTPRedirectHandler):
    """A browser that shows where it is sent, and does not go there."""

    def redirect_request(self, *_):
        return None


def sent_to(url):
    try:
        build_opener(Stays).open(url)
    except HTTPError as answer:
        return answer.headers["Location"]
    raise AssertionError(f"{url} sent nobody anywhere")


class Seller:
    """A folder with a plugins.toml, and a simulated Amazon that has no consent yet."""

    def __init__(self, folder):
        self.folder = folder
        self.redirect_uri = f"http://127.0.0.1:{free_port()}/amazon/callback"
        settings = evolve(SETTINGS, redirect_uri=self.redirect_uri)
        config = SimulatorConfig("amazon-eu", ("DE", "NL"), settings, {"TEA": 9})
        self.served = Served(AMAZON.simulator(config, SystemClock(), system_rng()))
        (folder / "key").write_text(new_key())
        self.write(TOML.format(url=self.served.url, redirect_uri=self.redirect_uri))

    def write(self, text):
        self.text = text
        (self.folder / "plugins.toml").write_text(text)

    def run(self, *words, code=0, **options):
        result = CliRunner().invoke(
            main, ["--config", str(self.folder / "plugins.toml"), *words], catch_exceptions=False, **options
        )
        assert result.exit_code == code, result.output
        return result

    def codes(self):
        found = CliRunner().invoke(
            main, ["--config", str(self.folder / "plugins.toml"), "doctor", "amazon-eu", "--format", "json"]
        )
        return {one["code"]: one for one in json.loads(found.stdout) if one["code"]}


@pytest.fixture
def seller(tmp_path):
    root = logging.getLogger()
    logged = list(root.handlers), root.level
    made = Seller(tmp_path)
    yield made
    made.served.close()
    root.handlers[:], root.level = logged
    structlog.reset_defaults()


@pytest.fixture
def browser(monkeypatch):
    """Opens what the command shows, as soon as the command listens; `pages` are what it saw at the end."""
    seen = type("Browser", (), {"pages": [], "change": staticmethod(lambda url: url)})()

    def open_(url):
        seen.url = url
        return True

    def look():
        with build_opener().open(seen.change(sent_to(seen.url))) as page:
            seen.pages.append(page.read().decode())

    receive = authorizing.receive

    async def receiving(address, read, listening):
        thread = threading.Thread(target=look)

        def open_now():
            listening()
            thread.start()

        consent = await receive(address, read, open_now)
        thread.join()
        return consent

    monkeypatch.setattr(authorizing.webbrowser, "open", open_)
    monkeypatch.setattr(authorizing, "receive", receiving)
    return seen


def test_from_the_consent_in_a_browser_to_orders(seller, browser):
    """Covers P9: what is kept is readable neither in the database nor in what was shown."""
    assert "no refresh_token is kept" in seller.codes()["D014"]["message"]
    shown = seller.run("amazon", "authorize", "amazon-eu", "--browser")
    assert f"\n{browser.url}\n" in shown.stdout
    assert browser.url.startswith(
        f"{seller.served.url}/apps/authorize/consent?application_id=amzn1.sp.solution.1&state="
    )
    assert "The consent of A2SELLER for region EU is kept.\nNext: entrepot doctor amazon-eu\n" in shown.stdout
    assert "Amazon's answer has arrived" in browser.pages[0]
    assert not {"D011", "D012", "D013", "D014", "D018"} & seller.codes().keys()
    assert "GET /orders/2026-01-01/orders" in seller.served.methods
    [refresh_token] = seller.served.app._tokens._consents
    files = [file.read_bytes() for file in seller.folder.glob("shop.db*")]
    assert files
    assert not any(refresh_token.encode() in content for content in files)
    assert refresh_token not in shown.output


def test_a_consent_is_pasted_where_the_browser_is_on_another_machine(seller, monkeypatch):
    asked = []

    def prompt(text, *, hide_input):
        asked.append((text, hide_input))
        url = next(line for line in authorized if line.startswith("http"))
        return f"  {sent_to(url)}\n"

    authorized = []
    echo = authorizing.click.echo
    monkeypatch.setattr(authorizing.click, "prompt", prompt)
    monkeypatch.setattr(
        authorizing.click, "echo", lambda text, **options: (authorized.extend(text.split("\n")), echo(text, **options))
    )
    seller.run("amazon", "authorize", "amazon-eu", "--paste")
    [(text, hidden)] = asked
    assert (text.startswith("Paste the whole address"), hidden) == (True, True)
    assert "D014" not in seller.codes()


class Trade:
    """Buyers who only look where the account sells."""

    demand = MappingProxyType({"TEA": 1})

    async def go_on(self, served, runtime, clock):
        self.places = [place.id for place in await marketplaces(runtime)]


def test_the_simulators_buyers_wait_for_the_consent(seller, browser, monkeypatch):
    monkeypatch.setattr(simulators, "LOOK", 0.05)
    home, trade = Home(seller.folder / "plugins.toml"), Trade()

    async def authorized_meanwhile():
        trading = asyncio.create_task(
            simulators._trade(home, home.account("amazon-eu"), None, trade, seller.served.url)
        )
        await asyncio.to_thread(seller.run, "amazon", "authorize", "amazon-eu", "--browser")
        await trading

    asyncio.run(authorized_meanwhile())
    assert trade.places == ["DE", "NL"]


def test_somebody_elses_consent_is_not_kept(seller, browser):
    browser.change = lambda url: url.replace("A2SELLER", "A9OTHER")
    told = seller.run("amazon", "authorize", "amazon-eu", "--browser", code=3).stderr
    assert "amazon-eu: A9OTHER consented, and the account is of seller A2SELLER. Next: sign in" in told
    assert "D014" in seller.codes()


def test_nobody_is_sent_to_amazon_for_a_consent_that_could_not_be_kept(seller):
    seller.write(seller.text.replace('key = "file:key"\n', ""))
    told = seller.run("amazon", "authorize", "amazon-eu", code=3)
    assert "there is no key to encrypt secrets with. Next: entrepot key new" in told.stderr
    assert "/apps/authorize" not in told.output


def test_all_that_is_missing_in_the_settings_is_told_together(seller):
    text = seller.text.replace('application_id = "amzn1.sp.solution.1"\n', "")
    text = "\n".join(line for line in text.splitlines() if not line.startswith("redirect_uri"))
    seller.write(text + '\nrefresh_token = "simulated"\n')
    told = seller.run("amazon", "authorize", "amazon-eu", code=78).stderr
    places = [line.split()[1] for line in told.splitlines() if line.startswith("E114")]
    assert places == [
        f"accounts.amazon-eu.settings.{name}" for name in ("application_id", "redirect_uri", "refresh_token")
    ]
    assert "take it out, then: entrepot amazon authorize amazon-eu" in " ".join(told.split())


def test_a_port_that_is_taken_is_named(seller):
    port = urlsplit(seller.served.url).port
    told = seller.run("amazon", "authorize", "amazon-eu", "--port", str(port), code=2).stderr
    assert f"port {port} cannot be used" in told
    assert "use --port or --paste" in told


def test_an_account_of_another_channel_is_refused(seller):
    text = seller.text.replace('amazon_sp = "*"', 'amazon_sp = "*"\nmock_channel = "*"')
    seller.write(
        text + '[accounts.webshop]\nchannel = "mock"\nenvironment = "simulator"\n'
        '[accounts.webshop.settings]\nurl = "http://webshop.example"\ntoken = "a-token"\n'
    )
    told = seller.run("amazon", "authorize", "webshop", code=2).stderr
    assert "webshop is an account of channel mock. Next: choose from amazon-eu" in told
    assert "there is no account amazon" in seller.run("amazon", "authorize", "amazon-e", code=2).stderr


class Rotating:
    """Amazon's answer to a rotation, and what it was asked with."""

    def __init__(self, status=204):
        self.status, self.requests = status, []

    def __call__(self, request):
        self.requests.append(request)
        if request.url.host == "api.amazon.com":
            return httpx.Response(200, json={"access_token": "of-the-application", "expires_in": 3600})
        return httpx.Response(self.status)


@pytest.fixture
def rotation(monkeypatch):
    amazon = Rotating()
    monkeypatch.setattr(asking, "transports", lambda *_: {AccountId("amazon-eu"): httpx.MockTransport(amazon)})
    return amazon


def test_a_rotation_is_asked_for_once_by_the_application_and_what_follows_is_told(seller, rotation):
    """Covers R20."""
    shown = seller.run("amazon", "rotate-secret", "amazon-eu", "--yes").stdout
    token, rotated = rotation.requests
    form = token.content.decode()
    assert "grant_type=client_credentials" in form
    assert "scope=sellingpartnerapi%3A%3Aclient_credential%3Arotation" in form
    assert (rotated.method, rotated.url.path) == ("POST", "/applications/2023-11-30/clientSecret")
    assert rotated.headers["x-amz-access-token"] == "of-the-application"
    for word in ("APPLICATION_OAUTH_CLIENT_NEW_SECRET", "previous_client_secret", "client_secret_created", "reload"):
        assert word in shown
    told = seller.run("amazon", "rotate-secret", "amazon-eu", "--yes", code=3).stderr
    assert "the allowance of rotate_secret is used up" in told
    assert len(rotation.requests) == 2


def test_the_simulator_makes_a_secret_when_asked(seller):
    seller.run("amazon", "rotate-secret", "amazon-eu", "--yes")
    [told] = seller.served.app.application.new_secrets
    assert told["applicationOAuthClientNewSecret"]["clientId"] == "client-1"


def test_a_rotation_asks_first_and_names_an_unknown_outcome(seller, rotation):
    seller.run("amazon", "rotate-secret", "amazon-eu", code=130, input="n\n")
    assert rotation.requests == []
    rotation.status = 500
    told = seller.run("amazon", "rotate-secret", "amazon-eu", "--yes", code=3)
    assert "account amazon-eu: POST /applications/2023-11-30/clientSecret" in told.stderr
    assert "makes a new client secret" not in told.stdout


def test_the_sandbox_has_no_rotation(seller, rotation):
    seller.write(
        seller.text.replace('"simulator"\n', '"sandbox"\n').replace(f'simulator = "{seller.served.url}"\n', "")
    )
    text = seller.text.replace('client_secret = "client-secret"', 'client_secret = "file:key"')
    seller.write(text)
    assert "is of the sandbox" in seller.run("amazon", "rotate-secret", "amazon-eu", "--yes", code=2).stderr
    assert rotation.requests == []


def test_help_tells_of_the_commands(seller):
    assert "amazon" in seller.run("--help").stdout
    shown = seller.run("amazon", "--help").stdout
    assert "authorize" in shown
    assert "rotate-secret" in shown
