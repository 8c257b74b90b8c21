"""A token endpoint as RFC 6749 has it, with what differs between channels: lifetimes, and refresh tokens used up."""

from urllib.parse import parse_qs

import httpx

from tests.http.doubles import Network

TOKEN_URL = "https://auth.example/token"


class Issuer:
    """Counts what it is asked. With `rotates` a refresh token is good for one use, and the answer brings the next.

    A refresh token is `owner.N`, an access token `owner:M`. `script` has answers that come first.
    """

    def __init__(self, *, expires_in=3600, rotates=False, latency=0.1):
        self.expires_in = expires_in
        self.rotates = rotates
        self.script = []
        self.forms = []
        self.issued = []
        self.refused = 0
        self.used_up = set()
        self.codes = set()
        self.network = Network(self, latency)

    def __call__(self, request):
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        self.forms.append(form)
        if self.script:
            return self.script.pop(0)
        if form["grant_type"] == "authorization_code":
            return self._exchange(form["code"])
        if form["grant_type"] == "client_credentials":
            return self._grant("application")
        return self._refresh(form["refresh_token"])

    def _exchange(self, code):
        if code not in self.codes:
            return self._refuse()
        self.codes.remove(code)
        return self._grant("owner", f"{code}.1")

    def _refresh(self, refresh):
        if refresh in self.used_up:
            return self._refuse()
        owner, _, number = refresh.rpartition(".")
        if not self.rotates:
            return self._grant(owner, refresh)
        self.used_up.add(refresh)
        return self._grant(owner, f"{owner}.{int(number) + 1}")

    def _grant(self, owner, refresh=None):
        token = f"{owner}:{len(self.issued) + 1}"
        self.issued.append(token)
        body = {"access_token": token, "token_type": "bearer", "expires_in": self.expires_in}
        return httpx.Response(200, json=body | ({"refresh_token": refresh} if refresh else {}))

    def _refuse(self):
        self.refused += 1
        return httpx.Response(400, json={"error": "invalid_grant"})
