"""What lets a call out or holds it back: counts, buckets, queues, breakers and refused tokens."""

from datetime import datetime

from attrs import frozen

from entrepot.model import AccountId


@frozen
class CallCount:
    """Calls of one operation on one day of `[entrepot] time_zone`.

    `gets`: requests that only read, among others. `records`: what the calls brought or took, in records or offers.
    """

    account: AccountId
    operation: str
    day: str
    made: int
    throttled: int
    gets: int = 0
    records: int = 0


@frozen
class BucketRow:
    """A token bucket as last written, with what answers taught of it: see `quota.Level`."""

    tokens: float
    updated_at: datetime
    answered_at: datetime | None = None
    told: float | None = None
    share: float = 1.0
    cut_at: datetime | None = None
    closed_until: datetime | None = None


@frozen
class WaitingRow:
    """A stream that waits for `units` of a bucket and asks again at `due`. The smaller `place` goes first."""

    stream: int
    place: datetime
    units: int
    due: datetime


@frozen
class BreakerRow:
    """See `entrepot.http.breaker.Circuit`."""

    worked: bool
    failures: int
    since: datetime | None
    probe_at: datetime | None


@frozen
class Suspect:
    """An account whose token was refused. `alone`: another account of its application was let in since."""

    account: AccountId
    since: datetime
    alone: bool
