"""From a failed call to what is done next: one policy for the daemon's streams and for a client on its own. Pure.

A wait that is shorter than the operation's own period can only fail again, so each one is derived from it.
"""

from datetime import timedelta
from enum import StrEnum

from attrs import frozen

from entrepot.errors import (
    AuthError,
    ChannelError,
    CursorExpired,
    ForbiddenError,
    RateLimited,
    TransientError,
    UnknownOutcome,
)


class Next(StrEnum):
    AGAIN = "again"  # the same request
    BEGIN_ANEW = "begin_anew"  # the list, from its first page
    READ_BACK = "read_back"  # what the channel shows, before anything is sent again
    ASK_PERSON = "ask_person"  # nothing but a person's deed can change the answer
    GIVE_UP = "give_up"  # the same request would fail in the same way


@frozen
class Action:
    """`pause` is the least time until a further try makes sense: also a loop that never gives up waits so long."""

    next: Next
    pause: timedelta


@frozen
class Terms:
    """Of an operation: the time in which its scarcest token comes back, and whether it may be sent twice unseen."""

    period: timedelta
    repeatable: bool


@frozen
class Waits:
    """`first` to `longest` after failures, `first_check` to `longest_check` while credentials are refused."""

    first: timedelta = timedelta(seconds=2)
    longest: timedelta = timedelta(minutes=15)
    first_check: timedelta = timedelta(minutes=5)
    longest_check: timedelta = timedelta(hours=1)

    def divided(self, by: int) -> "Waits":
        return Waits(self.first / by, self.longest / by, self.first_check / by, self.longest_check / by)

    def after_failure(self, failures: int, period: timedelta, draw: float) -> timedelta:
        """Doubling from the larger of `first` and twice the period; `draw` (0 to 1) takes up to a half off."""
        shortest = max(self.first, 2 * period)
        return min(max(self.longest, shortest), shortest * (1 << min(failures - 1, 12))) * (1 - draw / 2)

    def after_refusal(self, refusals: int) -> timedelta:
        """Between two checks whether credentials are good again."""
        return min(self.longest_check, self.first_check * (1 << min(refusals - 1, 6)))


WAITS = Waits()


def decide(
    error: ChannelError,
    attempt: int,
    terms: Terms,
    draw: float,
    *,
    waits: Waits = WAITS,
) -> Action:
    """What follows the `attempt`-th failure in a row, the first being 1.

    `draw` is drawn by lot from 0 to 1, so that those who failed together do not come again together.
    """
    return Action(_reaction(error, terms), _pause(error, attempt, terms, draw, waits))


def _reaction(error: ChannelError, terms: Terms) -> Next:
    if isinstance(error, CursorExpired):
        return Next.BEGIN_ANEW
    if isinstance(error, UnknownOutcome):
        return Next.AGAIN if terms.repeatable else Next.READ_BACK
    if isinstance(error, RateLimited | TransientError):  # neither has had an effect
        return Next.AGAIN
    return Next.ASK_PERSON if isinstance(error, AuthError | ForbiddenError) else Next.GIVE_UP


def _pause(error: ChannelError, attempt: int, terms: Terms, draw: float, waits: Waits) -> timedelta:
    if isinstance(error, RateLimited):  # a token comes back in one period, however often the channel has refused
        return max(error.retry_after or timedelta(), terms.period * (1 + draw / 2))
    if isinstance(error, AuthError):
        return waits.after_refusal(attempt)
    return waits.after_failure(attempt, terms.period, draw)
