"""Buckets in the store: shared by every daemon on it, and still there after a restart. Nobody waits here."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from entrepot.channel import ChannelType
from entrepot.model import AccountId
from entrepot.quota.bucket import At, Level, answered, charged, reserve, scaled
from entrepot.store.protocol import Quota
from entrepot.store.records import BucketRow


def reserve_call(
    quota: Quota,
    account: AccountId,
    channel: ChannelType,
    operation: str,
    time_scale: int,
    now: datetime,
    deadline: datetime,
) -> datetime | None:
    """Reserve all that a call of `operation` spends. Returns None, or when to ask again; then nothing was taken."""
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
    quota.count(account, operation, now, made=sum(facts.spends.values()) if facts else 0, throttled=0)
    return None


def settle_call(
    quota: Quota,
    account: AccountId,
    channel: ChannelType,
    operation: str,
    time_scale: int,
    now: datetime,
    *,
    extra: Mapping[str, int],
    throttled: bool,
) -> None:
    """Note the answer. `extra`: units per limit beyond the reserved ones (a repetition with a renewed token)."""
    facts = channel.operations.get(operation)
    for name in facts.spends if facts else ():
        level = _level(quota, account, name)
        if level is None:
            continue
        limit = scaled(channel.limits[name], time_scale)
        settled = charged(level, limit, extra[name], now) if extra.get(name) else level
        if throttled:
            settled = Level(0.0, now)  # the channel's bucket is empty, whatever ours said
        _save(quota, account, name, answered(settled, now))
    if extra or throttled:
        quota.count(account, operation, now, made=sum(extra.values()), throttled=int(throttled))


def _level(quota: Quota, account: AccountId, name: str) -> Level | None:
    row = quota.level(account, name)
    return None if row is None else Level(row.tokens, row.updated_at, row.answered_at)


def _save(quota: Quota, account: AccountId, name: str, level: Level) -> None:
    quota.save(account, name, BucketRow(level.tokens, level.updated_at, level.answered_at))
