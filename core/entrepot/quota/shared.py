"""Buckets in the store: shared by every daemon on it, and still there after a restart. Nobody waits here.

One whose bucket is empty gets a place in its line and an instant at which to ask again. What others are granted in the
meantime leaves the tokens that it will need then.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import attrs
from attrs import evolve, frozen

from entrepot.channel import ChannelType
from entrepot.errors import ChannelError, RateLimited
from entrepot.http.grant import CallGrant
from entrepot.model import AccountId
from entrepot.quota.bucket import At, Granted, Level, in_force, reserve
from entrepot.quota.buckets import Bucket, buckets_of
from entrepot.quota.learning import settled
from entrepot.quota.line import Place, Waiting, ahead_of, is_expected
from entrepot.quota.observed import Observed
from entrepot.quota.priority import Priority
from entrepot.store.protocol import Quota
from entrepot.store.records import BucketRow, WaitingRow

NOBODY = -1
"""No stream: somebody who does not come again."""


@frozen
class Spender:
    """Whose calls are reserved: an account's, made through an application.

    `learns` is False in a sandbox: the rates that it tells are not those of production.
    """

    account: AccountId
    application: str
    channel: ChannelType
    time_scale: int = 1
    learns: bool = True

    def spends(self, operation: str) -> Mapping[str, int]:
        """Units by limit; none where the channel declares nothing of the operation."""
        facts = self.channel.operations.get(operation)
        return facts.spends if facts else {}

    def buckets(self, limits: Iterable[str]) -> Iterator[Bucket]:
        """Those that requests of these limits spend from."""
        for name in limits:
            yield from buckets_of(name, self.channel.limits[name], self.account, self.application)


@frozen
class Asking:
    """Who wants to be called: a stream of this priority, or None for somebody who does not come again."""

    priority: Priority
    stream: int | None = None


def reserve_call(
    quota: Quota, spender: Spender, operation: str, asking: Asking, now: datetime, deadline: datetime, *, day: date
) -> datetime | None:
    """Reserve all that a call of `operation` spends. Returns None, or when to ask again; then nothing was taken.

    `day`: the one that the call counts in.
    """
    spends = spender.spends(operation)
    at = _take(quota, spender, spends, asking, now, deadline)
    if at is not None:
        # never the present instant: a stream that is due at once without a token would spin
        return max(at, now + timedelta(milliseconds=1))
    if asking.stream is not None:
        quota.wait_no_more(asking.stream)
    quota.count(spender.account, operation, day, made=sum(spends.values()))
    return None


def granted_at(quota: Quota, spender: Spender, operation: str, at: datetime, deadline: datetime) -> datetime:
    """When a call of `operation` that is wanted `at` an instant could be granted, as far as is known. Takes nothing."""
    looks = _looks(quota, spender, spender.spends(operation))
    return max(at, _latest(_decide(look, spender, None, at, deadline) for look in looks) or at)


def reserve_one_more(quota: Quota, spender: Spender, name: str, now: datetime, deadline: datetime) -> bool:
    """Reserve one unit of a limit for the call that runs. False where there is none now; then nothing was taken."""
    return _take(quota, spender, {name: 1}, None, now, deadline) is None


def settle_call(
    quota: Quota,
    spender: Spender,
    granted: CallGrant,
    error: ChannelError | None,
    now: datetime,
    *,
    day: date,
    records: int = 0,
) -> None:
    """Note that a call has ended, what its answers said of the limits, and how much it brought."""
    answers = [*granted.observed, *_refused_by_the_connector(spender, granted, error, now)]
    for bucket in spender.buckets(spender.spends(granted.operation)):
        level = level_of(quota, bucket)
        if level is not None:
            of_limit = [_at_real_speed(each, spender.time_scale) for each in answers if each.limit == bucket.spent]
            _save(quota, bucket, settled(bucket, level, of_limit, now, learns=spender.learns))
    quota.count(
        spender.account,
        granted.operation,
        day,
        made=sum(granted.extra.values()),
        throttled=int(isinstance(error, RateLimited)),
        gets=granted.gets,
        records=records,
    )


def _at_real_speed(answer: Observed, time_scale: int) -> Observed:
    """A simulator tells the rate that it keeps; what is stored is good for any scale."""
    return answer if answer.rate is None else evolve(answer, rate=answer.rate / time_scale)


def _refused_by_the_connector(
    spender: Spender, granted: CallGrant, error: ChannelError | None, now: datetime
) -> Iterator[Observed]:
    """Some channels refuse in the body of a success. Before any request, it was a token that was refused."""
    if isinstance(error, RateLimited) and granted.requests and not any(answer.refused for answer in granted.observed):
        for limit in spender.spends(granted.operation):
            yield Observed(limit, now, refused=True, retry_after=error.retry_after)


def level_of(quota: Quota, bucket: Bucket) -> Level | None:
    """None while the bucket was never used."""
    row = quota.level(bucket.owner, bucket.name)
    return None if row is None else Level(**_values(row))


def line_of(quota: Quota, bucket: Bucket) -> list[Waiting]:
    """Those who wait for it, the first of them first."""
    return [Waiting(Place(row.place, row.stream), row.units, row.due) for row in quota.line(bucket.owner, bucket.name)]


@frozen
class _Look:
    """A bucket as it is found by a call that spends `units` of it."""

    bucket: Bucket
    units: int
    level: Level | None
    line: list[Waiting]


def _take(
    quota: Quota, spender: Spender, spends: Mapping[str, int], asking: Asking | None, now: datetime, deadline: datetime
) -> datetime | None:
    """From all buckets or from none; then a stream gets a place in the line of each. None asking: past the lines."""
    looks = _looks(quota, spender, spends)
    place = _place(asking, looks, spender, now) if asking and looks else None
    decisions = [_decide(look, spender, place, now, deadline) for look in looks]
    at = _latest(decisions)
    for look, decision in zip(looks, decisions, strict=True):
        if at is None and isinstance(decision, Granted):
            _save(quota, look.bucket, decision.level)
        elif at is not None and place is not None and place.stream != NOBODY:
            row = WaitingRow(place.stream, place.at, look.units, at)
            quota.wait(look.bucket.owner, look.bucket.name, row)
    return at


def _looks(quota: Quota, spender: Spender, spends: Mapping[str, int]) -> list[_Look]:
    return [
        _Look(bucket, units, level_of(quota, bucket), line_of(quota, bucket))
        for limit, units in spends.items()
        for bucket in spender.buckets([limit])
    ]


def _latest(decisions: Iterable[Granted | At]) -> datetime | None:
    """None where all are granted."""
    return max((decision.instant for decision in decisions if isinstance(decision, At)), default=None)


def _decide(look: _Look, spender: Spender, place: Place | None, now: datetime, deadline: datetime) -> Granted | At:
    return reserve(
        look.level,
        in_force(look.bucket.plan, look.level, look.units, time_scale=spender.time_scale),
        look.units,
        now,
        call_deadline=deadline - now,
        ahead=ahead_of(place, look.line, now) if place else (),
    )


def _place(asking: Asking, looks: Iterable[_Look], spender: Spender, now: datetime) -> Place:
    """The one that it has, if it comes when it was told to; else a new one."""
    stream = NOBODY if asking.stream is None else asking.stream
    for look in looks:
        for waiting in look.line:
            if waiting.place.stream == stream and is_expected(waiting, now):
                return waiting.place
    period = max(look.bucket.plan.period for look in looks) / spender.time_scale
    return Place.of(asking.priority, now, period, stream)


def _save(quota: Quota, bucket: Bucket, level: Level) -> None:
    quota.save(bucket.owner, bucket.name, BucketRow(**_values(level)))


def _values(row: Level | BucketRow) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in attrs.fields(type(row))}
