"""A client secret is replaced while work goes on: Amazon takes one, the other, or both."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from connectors.amazon_sp.tests.scripted import SETTINGS, Amazon, on_amazon, told
from entrepot.channel import ApplicationRefused, AuthError, Check, Secret, TransientError
from entrepot_amazon_sp.authorization.overlap import SecretOverlap

ROTATED = evolve(SETTINGS, client_secret=Secret("new-secret"), previous_client_secret=Secret("old-secret"))
PARTS = told({"payload": []})

OLD, NEW = "old-secret", "new-secret"
HOUR = 3600


def taking(*secrets):
    amazon = Amazon(PARTS)
    amazon.secrets = set(secrets)
    return amazon


def checking(amazon, main, settings=ROTATED):
    return on_amazon(amazon, main, settings=settings)


async def check(account):
    return await account.call("check", Check())


def test_a_rotation_stops_nothing_while_amazon_does_not_take_the_new_secret_yet():
    """Covers R21: half an hour and more, in which only the old one is taken; then only the new one is."""
    amazon, refused = taking(OLD), []

    async def main(account):
        for minute in range(0, 300, 20):
            if minute == 120:
                amazon.secrets = {NEW}
            try:
                await check(account)
            except AuthError as error:
                refused.append((minute, str(error)))
            await asyncio.sleep(20 * 60)

    checking(amazon, main)
    assert refused == []
    assert len(amazon.requests) == 15
    assert amazon.secrets_seen[-1] == NEW


def test_the_secret_that_is_taken_is_remembered():
    """One refused token request in an hour, and not one with each token."""
    amazon = taking(OLD)

    async def main(account):
        for _ in range(30):
            await check(account)
            await asyncio.sleep(120)

    checking(amazon, main)
    assert amazon.secrets_seen == [NEW, OLD]


def test_an_account_without_a_previous_secret_asks_once_and_is_told_why():
    amazon = taking("another")

    async def main(account):
        with pytest.raises(ApplicationRefused, match=r"account amazon-eu: .*invalid_client: the application's own id"):
            await check(account)

    checking(amazon, main, settings=SETTINGS)
    assert len(amazon.asked_for_tokens) == 1


def test_two_refused_secrets_are_an_authorization_error():
    amazon = taking("another")

    async def main(account):
        with pytest.raises(ApplicationRefused, match="invalid_client"):
            await check(account)

    checking(amazon, main)
    assert amazon.secrets_seen == [NEW, OLD]


def test_a_refused_token_is_renewed_by_the_secret_that_is_taken():
    amazon = taking(OLD)
    amazon.refused = {"refresh-1#1"}
    checking(amazon, check)
    assert [request.headers["x-amz-access-token"] for request in amazon.requests] == ["refresh-1#1", "refresh-1#2"]


def test_a_check_warns_while_the_present_secret_is_refused():
    """Covers R21: a new secret that is mistyped is told before the old one ends."""
    amazon = taking(OLD)

    async def main(account):
        first = await check(account)
        amazon.secrets = {OLD, NEW}
        await asyncio.sleep(2 * HOUR)
        return first.warnings, (await check(account)).warnings

    [warning], after = checking(amazon, main)
    assert warning.message == "Amazon refuses the present client secret and takes the previous one"
    assert warning.next_action.startswith("compare client_secret with the developer portal")
    assert after == ()


class Source:
    """Tokens by one secret, which Amazon takes, refuses, or cannot judge just now."""

    def __init__(self, name):
        self.name, self.state, self.asked = name, "taken", 0

    async def headers(self):
        self.asked += 1
        if self.state == "refused":
            raise ApplicationRefused(f"{self.name} is refused", code="invalid_client")
        if self.state == "down":
            raise TransientError("no answer")
        return {"token": self.name}

    async def renew(self, refused):
        await self.headers()


class Hand:
    def __init__(self):
        self.time = datetime(2026, 11, 29, tzinfo=UTC)

    def now(self):
        return self.time


STATES = st.sampled_from(["taken", "refused"])


@given(st.lists(st.tuples(STATES, STATES, st.integers(0, 7200), st.sampled_from(["headers", "renew"])), max_size=25))
def test_work_goes_on_as_long_as_either_secret_is_taken(steps):
    """Covers R21: in any order of rotations, and without asking on and on."""
    present, previous, clock = Source("present"), Source("previous"), Hand()
    overlap = SecretOverlap(present, previous, clock)
    for now_present, now_previous, pause, what in steps:
        present.state, previous.state = now_present, now_previous
        clock.time += timedelta(seconds=pause)
        before = present.asked + previous.asked
        work = overlap.headers() if what == "headers" else overlap.renew({})
        assert works(work) == ("taken" in (now_present, now_previous))
        assert present.asked + previous.asked - before <= 3


def test_a_failure_that_is_no_refusal_asks_with_no_other_secret():
    present, previous = Source("present"), Source("previous")
    present.state = "down"
    with pytest.raises(TransientError):
        drive(SecretOverlap(present, previous, Hand()).headers())
    assert previous.asked == 0


def works(work):
    try:
        drive(work)
    except AuthError:
        return False
    return True


def drive(work):
    """Run a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waits")
