"""A list that takes longer to read than a token lives."""

import asyncio

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.channel import ChannelError, Secret
from entrepot.http import grant
from tests.http.doubles import ACME, URL, Network, virtually
from tests.http.issuer import TOKEN_URL, Issuer

PAGES = 150


class Shop:
    """Page by page, as long as the token is of the last hour and was not revoked; `revoke` lists pages that it hits."""

    def __init__(self, refusal, revoke):
        self.issuer = Issuer()
        self.refusal = refusal
        self.revoke = set(revoke)
        self.network = Network(self)
        self.at = {}
        self.now = None
        self.pages = []

    def __call__(self, request):
        if request.url.host == "auth.example":
            answer = self.issuer(request)
            self.at[self.issuer.issued[-1]] = self.now()
            return answer
        page, token = int(request.url.params["page"]), request.headers["authorization"].removeprefix("Bearer ")
        if page in self.revoke:
            self.revoke.remove(page)
            self.at[token] = float("-inf")
        if self.now() - self.at[token] >= 3600:
            return httpx.Response(self.refusal, json={"code": "Unauthorized"})
        self.pages.append(page)
        return httpx.Response(200, json={"next": page + 1})


def read_all(shop):
    """What stopped it, if anything did."""

    async def main(http):
        shop.now = asyncio.get_running_loop().time
        source = http.refresh_token(TOKEN_URL, client_id="app", client_secret=Secret("s"), refresh_token=Secret("o.1"))
        port, page = http(URL, authorization=source), 0
        while page < PAGES:
            try:
                with grant("fetch_stock", ACME.operations["fetch_stock"]):
                    page = (await port.get("/v1", into=dict[str, int], params={"page": page}))["next"]
            except ChannelError as error:
                return error
            await asyncio.sleep(60)
        return None

    return virtually(main, shop.network)


@pytest.mark.parametrize("refusal", [401, 403])
def test_a_list_that_outlives_its_token_is_read_to_its_end(refusal):
    """Covers R15: renewed before it ends; where it is refused all the same, once, and the same page again."""
    shop = Shop(refusal, revoke={30, 77})
    assert read_all(shop) is None
    assert shop.pages == list(range(PAGES))
    assert len(shop.issuer.issued) == 4, "at the start, after each of two revocations, and as the third one ends"


@settings(max_examples=20)
@given(st.sets(st.integers(0, PAGES - 1), max_size=5), st.sampled_from([401, 403]))
def test_no_page_is_lost_or_read_twice_whenever_a_token_is_revoked(revoked, refusal):
    """Covers R15."""
    shop = Shop(refusal, revoked)
    assert read_all(shop) is None
    assert shop.pages == list(range(PAGES))
