"""Every fault that a call can meet, lived through by the real client, and what it did."""

import json
from collections import Counter

import pytest
from attrs import frozen

from entrepot.channel import ChannelError, Secret
from entrepot.http import client
from entrepot.simulation import VirtualClock, run, stream
from entrepot_amazon_sp import AmazonSettings, SellingPartner
from tests.faults.wire import AT_ONCE, CUT, LATE, LOST, REFUSED, SILENT, TRICKLING, Answer, transport

SETTINGS = AmazonSettings("A2SELLER", "client-1", Secret("the client secret"), Secret("refresh-1"))
LOGIN = "api.amazon.com"
TOKEN = Answer(body=json.dumps({"access_token": "token-1", "expires_in": 3600}).encode())

ITEM = {"sellerId": "A2SELLER", "sku": "MUG", "marketplaceIds": "A1PA6795UKMFR9"}
CALLS = {
    "read": ("getListingsItem", ITEM, None),
    "idempotent write": ("deleteListingsItem", ITEM, None),
    "other write": ("notifications.createSubscription", {"notificationType": "ORDER_CHANGE"}, {}),
}

GOOD = b'{"sku": "MUG", "payload": {}}'
SHORT = 1000
"""Bytes; longer ones are too long here."""

BODIES = {
    "as documented": GOOD,
    "an error list": b'{"errors": [{"code": "Code", "message": "message", "details": "details"}]}',
    "a web page": b"<html><body>Bad Gateway</body></html>",
    "empty": b"",
    "a bare message": b'{"message": "Forbidden"}',
    "cut JSON": b'{"sku": "MU',
    "another type": b'"text"',
    "too long": b'{"sku": "' + b"x" * SHORT + b'"}',
}
STATUSES = (200, 302, 400, 401, 403, 404, 409, 413, 414, 415, 429, 431, 500, 501, 502, 503, 504)


@frozen
class Fault:
    """Once; then the server is well."""

    name: str
    body: str
    answer: Answer


def faults():
    for moment in (REFUSED, LOST, CUT, SILENT, TRICKLING, LATE):
        yield Fault(moment, "as documented", Answer(body=GOOD, moment=moment))
    for status in STATUSES:
        for body, content in BODIES.items():
            kind = "text/html" if body == "a web page" else "application/json"
            yield Fault(str(status), body, Answer(status, content, kind, AT_ONCE))
    yield Fault("200", "as documented, called text/html", Answer(200, GOOD, "text/html"))


class Server:
    """Login is always well. `requests` are those of the API that arrived."""

    def __init__(self, fault):
        self.fault = fault
        self.refused = 0
        self.requests = 0
        self.tokens = 0

    def take(self, host):
        if host == LOGIN:
            self.tokens += 1
            return TOKEN
        self.requests += 1
        return self.fault.answer if self.requests + self.refused == 1 else Answer(body=GOOD)

    def refuses(self, host):
        if host == LOGIN or self.fault.answer.moment != REFUSED or self.refused:
            return False
        self.refused += 1
        return True


def reaction(fault, kind):
    """In words: what the caller sees, and whether the request was sent again."""
    operation, parameters, body = CALLS[kind]
    server = Server(fault)

    async def main(loop):
        lent = {"transport": transport(server.take, server.refuses), "clock": VirtualClock(loop)}
        async with SellingPartner(SETTINGS, region="EU", rng=stream(1, "client"), **lent) as amazon:
            try:
                await amazon.call(operation, body=body, **parameters)
            except ChannelError as error:
                return type(error).__name__
            return "answer"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "LONGEST", SHORT)
        seen = run(main, seed=1)
    return _words(seen, server)


def _words(seen, server):
    attempts = server.requests + server.refused
    if server.tokens > 1:
        return f"token renewed, then {seen}"
    if attempts > 1:
        return f"sent again, then {seen}"
    return seen


def table():
    """Rows: what happens, the body, and a reaction for each kind of call. Bodies that change nothing are one row."""
    lived = {fault: tuple(reaction(fault, kind) for kind in CALLS) for fault in faults()}
    rows = []
    for name in dict.fromkeys(fault.name for fault in lived):
        of_name = {fault.body: reactions for fault, reactions in lived.items() if fault.name == name}
        common, count = Counter(of_name.values()).most_common(1)[0]
        others = [(name, body, *reactions) for body, reactions in of_name.items() if reactions != common]
        rows.append((name, _body(name, of_name, others, count), *common))
        rows += others
    return rows


def _body(name, of_name, others, count):
    if len(of_name) == 1:
        return "as documented"
    return "any" if count == len(of_name) else "any other"
