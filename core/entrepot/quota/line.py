"""Who waits for a bucket, and who of them goes first. Nobody sleeps in the line: each knows when to ask again."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from attrs import frozen

from entrepot.quota.priority import Priority

GRACE = timedelta(seconds=5)
"""One who is later than this is passed over: its daemon died, or its account rests."""


@frozen(order=True)
class Place:
    """The smaller goes first. `at`: when it came, and its head start.

    One place in the lines of all the buckets that a call spends from: of two that each stood first in one of them,
    neither would ever go.
    """

    at: datetime
    stream: int

    @classmethod
    def of(cls, priority: Priority, now: datetime, period: timedelta, stream: int) -> "Place":
        """At the end of the line, but for those whose head start is longer. `period`: in which one unit comes back."""
        return cls(now + priority.head_start * period, stream)


@frozen
class Waiting:
    """`due`: when it asks again for its `units`."""

    place: Place
    units: int
    due: datetime


def ahead_of(place: Place, line: Iterable[Waiting], now: datetime) -> list[Waiting]:
    """Those in the line who go first and are to be reckoned with."""
    return [waiting for waiting in line if waiting.place < place and is_expected(waiting, now)]


def is_expected(waiting: Waiting, now: datetime) -> bool:
    return now <= waiting.due + GRACE
