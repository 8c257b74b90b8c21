"""Who waits for a bucket, and who of them goes first. Nobody sleeps in the line: each knows when to ask again."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from attrs import frozen

from entrepot.quota.priority import Priority

GRACE = timedelta(seconds=5)
"""One who is later than this is passed over: its daemon died, or its account rests."""


@frozen(order=True)
class Place:
    """The smaller goes first. `number`: units that were served when it came, and its head start."""

    number: int
    since: datetime
    stream: int

    @classmethod
    def of(cls, priority: Priority, served: int, now: datetime, stream: int) -> "Place":
        """At the end of the line, but for those whose head start is longer."""
        return cls(served + priority.head_start, now, stream)


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
