"""No secret, and nobody's name, stands in what the process writes: every operation, and all that can go wrong."""

import io
import logging

import pytest
import structlog

from connectors.amazon_sp.tests.canaries import MARK, SETTINGS, TOLD, arguments, found, reprs, told_by
from entrepot.channel import ChannelError, Secret
from entrepot.http.answer import Answer
from entrepot.http.client import Client, Request
from entrepot.http.refusal import Judge
from entrepot.secrets import Redactor
from entrepot.simulation import VirtualClock, run
from entrepot.simulation.seeds import EPOCH
from entrepot_amazon_sp import SellingPartner
from entrepot_amazon_sp.catalog import find, ids
from tests.http.doubles import Network

pytestmark = pytest.mark.filterwarnings("ignore::entrepot_amazon_sp.RetirementWarning")

DEADLINE = 5
"""Seconds, so that a refused call is repeated a few times, and not for minutes."""


@pytest.fixture
def written():
    """What the program logs by any library at any level, with nothing that would redact it."""
    text, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(text), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(text))
    yield text
    structlog.reset_defaults()
    root.removeHandler(handler)
    root.setLevel(level)


def asked(amazon, operations):
    """What is to be seen of `operations`, asked one after the other."""

    async def main(loop):
        network = Network(amazon, latency=0.05)
        async with SellingPartner(SETTINGS, region="EU", transport=network, clock=VirtualClock(loop)) as client:
            texts = [text for name in operations for text in await outcome(client, find(name))]
            return [*texts, *reprs(client)]

    return run(main, seed=1)


async def outcome(client, operation):
    try:
        await client.call(operation.id, deadline=DEADLINE, **arguments(operation))
    except ChannelError as error:
        return list(told_by(error))
    return []


@pytest.mark.parametrize("told", TOLD)
def test_no_operation_shows_a_secret_or_a_person(told, written, capsys):
    """Covers P9."""
    amazon = TOLD[told]
    before = amazon.asked
    texts = asked(amazon, ids())
    assert found([*texts, written.getvalue(), *capsys.readouterr()]) == []
    assert "attempt 1 failed: account A2SELLER: " in written.getvalue(), "the client's own log is looked at too"
    assert amazon.asked - before >= len(ids()) or "token" in told
    assert len(ids()) == 370


def messages_are_shown_as_they_are(patch):
    patch.setattr(Judge, "_shown", lambda self, text: text)


def request_ids_are_shown_as_they_are(patch):
    patch.setattr(Judge, "request_id", lambda self, answer: answer.request_id)


def nothing_is_known(patch):
    patch.setattr(Redactor, "remember", lambda self, secret: None)


def secrets_print_themselves(patch):
    patch.setattr(Secret, "__repr__", Secret.reveal)


def requests_are_logged(patch):
    send = Client.send

    async def sent(self, request):
        logging.getLogger("anybody").debug("%s", request.headers)
        return await send(self, request)

    patch.setattr(Client, "send", sent)


def answers_are_printed(patch):
    decode = Answer.json

    def printed(self):
        print(self.body)  # noqa: T201 - what somebody forgets to take out
        return decode(self)

    patch.setattr(Answer, "json", printed)


@pytest.mark.parametrize(
    ("told", "mutant"),
    [
        ("400", messages_are_shown_as_they_are),
        ("a broken connection", messages_are_shown_as_they_are),
        ("500", request_ids_are_shown_as_they_are),
        ("a page in place of an answer", request_ids_are_shown_as_they_are),
        ("a gateway's page", nothing_is_known),
        ("people", secrets_print_themselves),
        ("people", requests_are_logged),
        ("people", answers_are_printed),
    ],
)
def test_one_channel_that_is_not_redacted_is_found(told, mutant, written, capsys, monkeypatch):
    mutant(monkeypatch)
    texts = asked(TOLD[told], ids()[:3])
    assert found([*texts, written.getvalue(), *capsys.readouterr()]) != []


def test_a_request_and_an_answer_do_not_print_what_they_carry():
    """Covers P9."""
    request = Request("GET", "https://amazon.example", {"x-amz-access-token": MARK}, [("q", MARK)], MARK.encode())
    answer = Answer(200, {"set-cookie": MARK}, MARK.encode(), EPOCH, EPOCH)
    assert found([repr(request), repr(answer)]) == []
