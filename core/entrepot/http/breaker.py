"""A breaker: closed while calls succeed, open once several in a row fail as in an incident, then tried by one of them.

Pure; where a circuit is kept is the caller's business: in the store for daemons, in memory for a client on its own.
"""

from datetime import datetime, timedelta

from attrs import evolve, frozen

from entrepot.errors import ChannelError, CursorExpired, ForbiddenError, RejectedError, TransientError, UnknownOutcome

OPENS_AFTER = 3
"""Failures in a row."""


@frozen
class Circuit:
    """`failures` in a row, `since` when it is open, and when the next call may try (`probe_at`). `worked`: ever."""

    worked: bool = False
    failures: int = 0
    since: datetime | None = None
    probe_at: datetime | None = None

    def barred_until(self, now: datetime) -> datetime | None:
        """None where a call may be made: of an open circuit, the one that tries it."""
        return self.probe_at if self.probe_at is not None and now < self.probe_at else None

    def tried(self, deadline: datetime) -> "Circuit":
        """A call is on its way; nobody else tries an open circuit before its deadline."""
        return self if self.since is None else evolve(self, probe_at=deadline)

    def failed(self, now: datetime, pause: timedelta, *, opens_after: int = OPENS_AFTER) -> "Circuit":
        """After one more failure: open if there were enough, to be tried again after `pause`."""
        failures = self.failures + 1
        if failures < opens_after:
            return evolve(self, failures=failures)
        return evolve(self, failures=failures, since=self.since or now, probe_at=now + pause)

    def succeeded(self) -> "Circuit":
        return Circuit(worked=True)


def is_incident(error: ChannelError, circuit: Circuit, *, unchanged: bool) -> bool:
    """Does it look like trouble of the channel's, rather than of one request?

    `unchanged`: the request differs from those that worked before only in its span of time and its page. To refuse it
    is the channel's change, and not ours.
    """
    if isinstance(error, TransientError | UnknownOutcome):
        return not isinstance(error, CursorExpired)
    return unchanged and circuit.worked and isinstance(error, RejectedError | ForbiddenError)
