"""One policy for failures: what follows, and not before when."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.channel import (
    ApplicationRefused,
    AuthError,
    ConsentRevoked,
    CursorExpired,
    DataRefused,
    ForbiddenError,
    RateLimited,
    RejectedError,
    TransientError,
    UnknownOutcome,
)
from entrepot.http.policy import WAITS, Next, Terms, decide

READ, WRITE = Terms(timedelta(seconds=10), repeatable=True), Terms(timedelta(seconds=10), repeatable=False)

errors = st.sampled_from(
    [
        *(kind("no") for kind in (TransientError, UnknownOutcome, RejectedError, ForbiddenError, AuthError)),
        *(kind("no") for kind in (ConsentRevoked, ApplicationRefused, CursorExpired)),
        DataRefused(ForbiddenError("no"), ("TAX",)),
        RateLimited("no"),
        RateLimited("no", retry_after=timedelta(minutes=7)),
    ]
)
seconds = st.integers(0, 3600).map(lambda number: timedelta(seconds=number))


@pytest.mark.parametrize(
    ("error", "read", "write"),
    [
        (TransientError, Next.AGAIN, Next.AGAIN),
        (RateLimited, Next.AGAIN, Next.AGAIN),
        (UnknownOutcome, Next.AGAIN, Next.READ_BACK),
        (CursorExpired, Next.BEGIN_ANEW, Next.BEGIN_ANEW),
        (AuthError, Next.ASK_PERSON, Next.ASK_PERSON),
        (ConsentRevoked, Next.ASK_PERSON, Next.ASK_PERSON),
        (ForbiddenError, Next.ASK_PERSON, Next.ASK_PERSON),
        (RejectedError, Next.GIVE_UP, Next.GIVE_UP),
    ],
)
def test_what_follows_a_failure(error, read, write):
    """Covers P5: what may have been applied is never repeated unseen."""
    assert decide(error("no"), 1, READ, 0.5).next is read
    assert decide(error("no"), 1, WRITE, 0.5).next is write


@given(errors, st.integers(1, 60), seconds, st.floats(0, 1), st.booleans())
def test_no_repetition_is_sooner_than_the_operations_period(error, attempt, period, draw, repeatable):
    """Covers P6, P8."""
    action = decide(error, attempt, Terms(period, repeatable), draw)
    assert action.pause >= min(period, WAITS.first_check)
    assert action.pause >= (getattr(error, "retry_after", None) or timedelta())
    assert action.pause <= max(WAITS.longest_check, 2 * period)


@given(st.integers(1, 20), st.floats(0, 1), st.floats(0, 1))
def test_later_failures_never_wait_for_less_than_half_of_earlier_ones(attempt, draw, other):
    first = decide(TransientError("no"), attempt, READ, draw).pause
    assert decide(TransientError("no"), attempt + 1, READ, other).pause >= first / 2


def test_those_who_failed_together_do_not_come_again_together():
    pauses = {decide(TransientError("no"), 3, READ, draw / 10).pause for draw in range(10)}
    assert len(pauses) == 10
