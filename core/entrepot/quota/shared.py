"""Buckets in the store: shared by every daemon on it, and still there after a restart. Nobody waits here."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from attrs import frozen

from entrepot.channel import ChannelType, Limit
from entrepot.model import AccountId
from entrepot.quota.bucket import At, Level, answered, reserve, scaled, usable_burst
from entrepot.store.protocol import Quota
from entrepot.store.records import BucketRow


@frozen
class Overspending:
    """An operation that spends more at once than is ever usable of a limit's burst: it would never be called."""

    operation: str
    limit: str
    units: int
    usable: int

    def __str__(self) -> str:
        return (
            f"{self.operation} spends {self.units} of {self.limit!r}, of whose burst {self.usable} can be used at once"
        )


def overspending(channel: ChannelType, time_scale: int = 1) -> Iterator[Overspending]:
    """The faster a limit refills, the more of its burst is kept back for requests that overtake each other."""
    for name, facts in channel.operations.items():
        for limit, units in facts.spends.items():
            bucket = channel.limits.get(limit)
            if bucket is not None and _allows(bucket) and units > (usable := usable_burst(scaled(bucket, time_scale))):
                yield Overspending(name, limit, units, usable)


def reserve_call(
    quota: Quota,
    account: AccountId,
    channel: ChannelType,
    operation: str,
    time_scale: int,
    now: datetime,
    deadline: datetime,
    *,
    day: date,
) -> datetime | None:
    """Reserve all that a call of `operation` spends. Returns None, or when to ask again; then nothing was taken.

    `day`: the one that the call counts in.
    """
    facts = channel.operations.get(operation)
    granted: dict[str, Level] = {}
    for name, units in facts.spends.items() if facts else ():
        limit = scaled(channel.limits[name], time_scale)
        decision = reserve(_level(quota, account, name), limit, units, now, call_deadline=deadline - now)
        if isinstance(decision, At):
            # never the present instant: a stream that is due at once without a token would spin
            return max(decision.instant, now + timedelta(milliseconds=1))
        granted[name] = decision.level
    for name, level in granted.items():
        _save(quota, account, name, level)
    quota.count(account, operation, day, made=sum(facts.spends.values()) if facts else 0, throttled=0)
    return None


def reserve_one_more(
    quota: Quota,
    account: AccountId,
    channel: ChannelType,
    name: str,
    time_scale: int,
    now: datetime,
    deadline: datetime,
) -> bool:
    """Reserve one unit of a limit for the call that runs. False where there is none now; then nothing was taken."""
    limit = scaled(channel.limits[name], time_scale)
    decision = reserve(_level(quota, account, name), limit, 1, now, call_deadline=deadline - now)
    if isinstance(decision, At):
        return False
    _save(quota, account, name, decision.level)
    return True


def settle_call(
    quota: Quota,
    account: AccountId,
    channel: ChannelType,
    operation: str,
    now: datetime,
    *,
    day: date,
    extra: Mapping[str, int],
    throttled: bool,
) -> None:
    """Note the answer. `extra`: units per limit that were reserved while it ran (a repetition with a renewed token)."""
    facts = channel.operations.get(operation)
    for name in facts.spends if facts else ():
        level = _level(quota, account, name)
        if level is None:
            continue
        # after a refusal the channel's bucket is empty, whatever ours says
        _save(quota, account, name, answered(Level(0.0, now) if throttled else level, now))
    if extra or throttled:
        quota.count(account, operation, day, made=sum(extra.values()), throttled=int(throttled))


def _allows(limit: Limit) -> bool:
    return limit.per_second > 0 and limit.burst >= 1


def _level(quota: Quota, account: AccountId, name: str) -> Level | None:
    row = quota.level(account, name)
    return None if row is None else Level(row.tokens, row.updated_at, row.answered_at)


def _save(quota: Quota, account: AccountId, name: str, level: Level) -> None:
    quota.save(account, name, BucketRow(level.tokens, level.updated_at, level.answered_at))
