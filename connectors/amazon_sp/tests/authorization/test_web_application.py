"""The examples of the page "Authorize Amazon", and the exchange of a code by the client on its own."""

import asyncio
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from attrs import evolve

from connectors.amazon_sp.tests.scripted import SETTINGS, Amazon, told
from entrepot.channel import AuthError, Secret
from entrepot.simulation import VirtualClock, run
from entrepot_amazon_sp import SellingPartner
from entrepot_amazon_sp.authorization import ConsentError, States, read_callback

PAGE = Path(__file__).parents[4] / "docs" / "how-to" / "authorize-amazon.md"
REDIRECT_URI = "https://example.com/amazon/callback"
WEB = evolve(SETTINGS, refresh_token=None, redirect_uri=REDIRECT_URI)


class Exchanging(Amazon):
    """Exchanges a code for `refresh-of-the-<code>`, or for nothing where `gives` is none."""

    def __init__(self):
        super().__init__(told({"payload": []}), latency=0)
        self.forms, self.gives = [], True

    def _token(self, request):
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        if form["grant_type"] != "authorization_code":
            return super()._token(request)
        self.forms.append(form)
        if self.secrets is not None and form["client_secret"] not in self.secrets:
            return httpx.Response(401, json={"error": "invalid_client"})
        refresh = {"refresh_token": f"refresh-of-the-{form['code']}"} if self.gives else {}
        return httpx.Response(200, json={"access_token": "of-the-exchange", "expires_in": 3600, **refresh})


def exchanging(amazon, main, settings=WEB, pause=0):
    """Run `main(client, consent)` with a consent that is `pause` seconds old."""

    async def connected(loop):
        clock = VirtualClock(loop)
        states = States(clock)
        url = f"/callback?state={states.begin('eu')}&selling_partner_id=A2SELLER&spapi_oauth_code=the-code"
        consent = read_callback(url, states, "eu")
        await asyncio.sleep(pause)
        async with SellingPartner(settings, region="EU", transport=amazon.network, clock=clock) as client:
            return await main(client, consent)

    return run(connected, seed=1)


def test_a_code_is_exchanged_and_the_client_goes_on_with_what_it_bought():
    amazon = Exchanging()

    async def main(client, consent):
        refresh_token = await client.authorize(consent)
        await client.call("getMarketplaceParticipations")
        return refresh_token

    assert exchanging(amazon, main).reveal() == "refresh-of-the-the-code"
    [form] = amazon.forms
    assert (form["code"], form["redirect_uri"], form["client_id"]) == ("the-code", REDIRECT_URI, "client-1")
    assert [one.headers["x-amz-access-token"] for one in amazon.requests] == ["refresh-of-the-the-code#1"]


def test_a_code_is_exchanged_until_its_five_minutes_are_over():
    amazon = Exchanging()
    exchanging(amazon, lambda client, consent: client.authorize(consent), pause=299)
    assert len(amazon.forms) == 1


def test_an_older_code_is_not_sent_at_all():
    amazon = Exchanging()
    with pytest.raises(ConsentError, match=r"The code of seller A2SELLER is older than five minutes\. Next: begin"):
        exchanging(amazon, lambda client, consent: client.authorize(consent), pause=300)
    assert amazon.forms == []


def test_an_answer_without_a_refresh_token_is_no_consent():
    amazon = Exchanging()
    amazon.gives = False
    with pytest.raises(ConsentError, match=r"Amazon gave no refresh token for seller A2SELLER\. Next: begin"):
        exchanging(amazon, lambda client, consent: client.authorize(consent))


@pytest.mark.parametrize(("taken", "sent"), [("old", 2), ("new", 1)])
def test_a_code_is_exchanged_by_whichever_secret_is_taken(taken, sent):
    amazon = Exchanging()
    amazon.secrets = {taken}
    settings = evolve(WEB, client_secret=Secret("new"), previous_client_secret=Secret("old"))
    exchanging(amazon, lambda client, consent: client.authorize(consent), settings=settings)
    assert len(amazon.forms) == sent


def test_a_client_without_a_consent_says_so():
    amazon, words = Exchanging(), r"A2SELLER: .* was not sent: .* no refresh token\. Next: pass .*refresh_token=Secret"
    with pytest.raises(AuthError, match=words) as failed:
        exchanging(amazon, lambda client, consent: client.call("getMarketplaceParticipations"))
    assert type(failed.value) is AuthError, "nothing was revoked"
    assert amazon.forms == []


def test_the_examples_of_the_page_do_what_they_say(monkeypatch):
    amazon, example = Exchanging(), {}
    monkeypatch.setattr(httpx, "AsyncHTTPTransport", lambda **_: amazon.network)
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL):
        exec(compile(block, str(PAGE), "exec"), example)  # noqa: S102 - the page is ours
    button = parse_qs(urlsplit(example["button"]("user-1")).query)
    url = f"{REDIRECT_URI}?state={button['state'][0]}&selling_partner_id=A7&spapi_oauth_code=bought"
    seller, token = asyncio.run(example["callback"]("user-1", url, "client-1", Secret("the client secret")))
    assert (seller, token.reveal()) == ("A7", "refresh-of-the-bought")
    launch = example["opened"](
        "/login?amazon_callback_uri=https://sellercentral.amazon.com/apps/authorize/confirm/1"
        "&amazon_state=theirs&selling_partner_id=A7"
    )
    back = urlsplit(example["signed_in"]("user-1", launch))
    assert (back.netloc, parse_qs(back.query)["amazon_state"]) == ("sellercentral.amazon.com", ["theirs"])
