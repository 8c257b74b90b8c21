"""Secrets and people that are recognized wherever they turn up, and an Amazon that tells of them wherever it can."""

import json
import traceback
from urllib.parse import quote

import attrs
import httpx

from connectors.amazon_sp.tests.sandbox_judge import FILLER
from entrepot.channel import Secret
from entrepot_amazon_sp import AmazonSettings

MARK = "x9" + "kanarie"
"""In each of them, and in no line of source that a traceback may quote."""

CLIENT_SECRET, REFRESH_TOKEN = f"amzn1.oa2-cs.v1.{MARK}/secret+1", f"Atzr|{MARK}-refresh"
ACCESS_TOKEN, RESTRICTED_TOKEN = f"Atza|{MARK}-access", f"Atz.sprdt|{MARK}-restricted"
SETTINGS = AmazonSettings("A2SELLER", "client-1", Secret(CLIENT_SECRET), Secret(REFRESH_TOKEN))

PERSON = {"buyerName": f"Jane {MARK}", "buyerEmail": f"{MARK}@example.com", "addressLine1": f"{MARK} Street 1"}
"""In answers alone: what a refusal says in its message is Amazon's word to the developer."""


def echo(*secrets):
    """What a careless server may say of a request."""
    return " ".join(
        [
            *secrets,
            *(quote(each, safe="") for each in secrets),
            *(json.dumps(each) for each in secrets),
            f"x-amz-access-token: {RESTRICTED_TOKEN}",
            f"https://storage.example/document?X-Amz-Security-Token={MARK}&X-Amz-Signature={MARK}",
            f"Authorization: Bearer {MARK}",
        ]
    )


ECHO = echo(CLIENT_SECRET, REFRESH_TOKEN, ACCESS_TOKEN)

HEADERS = {
    "x-amzn-RequestId": REFRESH_TOKEN,
    "x-amzn-ErrorType": CLIENT_SECRET,
    "retry-after": REFRESH_TOKEN,
    "x-amzn-RateLimit-Limit": REFRESH_TOKEN,
    "set-cookie": f"session={MARK}",
}


class TellingAmazon:
    """Answers operations as `tell(request)` does, and token requests as `grant(request)` does."""

    def __init__(self, tell, grant=None):
        self.tell, self.grant = tell, grant or granted
        self.asked = 0

    def __call__(self, request):
        if request.url.host == "api.amazon.com":
            return self.grant(request)
        self.asked += 1
        return self.tell(request)


def granted(_):
    return httpx.Response(200, json={"access_token": ACCESS_TOKEN, "refresh_token": REFRESH_TOKEN, "expires_in": 3600})


def people(_):
    return httpx.Response(200, json={"payload": PERSON, **PERSON}, headers=HEADERS)


def half_of_people(_):
    return httpx.Response(200, text=json.dumps([PERSON, ECHO])[:-5], headers=HEADERS)


def page(status, said=ECHO):
    return lambda _: httpx.Response(status, html=f"<html><p>{said}</p></html>", headers=HEADERS)


def refusal(status):
    error = {"code": ACCESS_TOKEN, "message": f"You sent {ECHO}", "details": ECHO}
    return lambda _: httpx.Response(status, json={"errors": [error], "payload": PERSON}, headers=HEADERS)


def broken(request):
    raise httpx.RemoteProtocolError(f"illegal header line: {ECHO}", request=request)


def unreachable(request):
    raise httpx.ConnectError(f"no route for {ECHO}", request=request)


# Before the first token is there, nobody can know it.

ASKED_WITH = echo(CLIENT_SECRET, REFRESH_TOKEN)


def no_token(_):
    return httpx.Response(200, json={"refresh_token": REFRESH_TOKEN, "access_token": [MARK]}, headers=HEADERS)


def no_grant(word, status=400):
    body = {"error": word, "error_description": ASKED_WITH}
    return lambda _: httpx.Response(status, json=body, headers=HEADERS)


def broken_grant(request):
    raise httpx.RemoteProtocolError(f"illegal header line: {ASKED_WITH}", request=request)


TOLD = {
    "people": TellingAmazon(people),
    "half a page of people": TellingAmazon(half_of_people),
    "a page in place of an answer": TellingAmazon(page(200)),
    "a gateway's page": TellingAmazon(page(503)),
    **{str(status): TellingAmazon(refusal(status)) for status in (400, 401, 403, 404, 429, 500, 503)},
    "a broken connection": TellingAmazon(broken),
    "no connection": TellingAmazon(unreachable),
    "no token": TellingAmazon(people, no_token),
    "a page in place of a token": TellingAmazon(people, page(400, ASKED_WITH)),
    "a refused token request": TellingAmazon(people, no_grant("invalid_grant")),
    "a token request refused in its own words": TellingAmazon(people, no_grant(REFRESH_TOKEN, 500)),
    "a broken token endpoint": TellingAmazon(people, broken_grant),
}


def arguments(operation):
    """Whatever its model takes."""
    given = {name: FILLER.get(each.type, "anything") for name, each in operation.parameters.items()}
    return given | ({} if operation.body is None else {"body": {}})


def told_by(error):
    """All that an error tells of itself, its fields, its causes and its traceback."""
    yield from traceback.format_exception(error)
    while error is not None:
        yield from (str(error), repr(error), repr(error.args), repr(vars(error)))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def reprs(thing, seen=None):
    """Of everything of ours that is reached from `thing` by its fields."""
    seen = {} if seen is None else seen
    if id(thing) in seen or not type(thing).__module__.startswith("entrepot"):
        return
    seen[id(thing)] = thing
    yield repr(thing)
    for value in fields(thing):
        several = value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list) else [value]
        for each in several:
            yield from reprs(each, seen)


def fields(thing):
    slots = attrs.fields(type(thing)) if attrs.has(type(thing)) else ()
    return [*vars(thing).values()] if hasattr(thing, "__dict__") else [getattr(thing, each.name) for each in slots]


def found(texts):
    """Where the mark stands, with what is around it."""
    return [text[max(0, place - 60) : place + 40] for text in texts if (place := text.find(MARK)) >= 0]
