"""A token endpoint and an API behind it, and how its tokens are asked for."""

from collections import Counter
from urllib.parse import parse_qs

import httpx

from entrepot.channel import Secret
from entrepot.http import grant
from tests.http.doubles import ACME, URL, Network

TOKEN_URL = "https://auth.example/token"


class Channel:
    """A token endpoint and an API behind it. A token is `<refresh token>#<number>`; `refuse` lists those it refuses."""

    def __init__(self, expires_in=3600, refusal=401):
        self.expires_in = expires_in
        self.refusal = refusal
        self.refuse = set()
        self.issued = Counter()
        self.used = []
        self.forms = []
        self.fail_next = []
        self.network = Network(self)

    def __call__(self, request):
        if request.url.host == "auth.example":
            return self.fail_next.pop(0) if self.fail_next else self.issue(request)
        token = (
            request.headers.get("authorization", "").removeprefix("Bearer ") or request.headers["x-amz-access-token"]
        )
        self.used.append(token)
        refused = token in self.refuse or "all" in self.refuse
        return httpx.Response(self.refusal if refused else 200, json={"token": token})

    def issue(self, request):
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        self.forms.append(form)
        owner = form.get("refresh_token", "application")
        self.issued[owner] += 1
        return httpx.Response(
            200, json={"access_token": f"{owner}#{self.issued[owner]}", "expires_in": self.expires_in, "more": True}
        )


def refresh(http, owner="owner-1", **options):
    return http.refresh_token(
        TOKEN_URL, client_id="app", client_secret=Secret("app secret&"), refresh_token=Secret(owner), **options
    )


async def fetch(http, authorization):
    with grant("fetch_orders", ACME.operations["fetch_orders"]) as call:
        answer = await http(URL, authorization=authorization).get("/v1", into=dict[str, str])
    return answer["token"], call
