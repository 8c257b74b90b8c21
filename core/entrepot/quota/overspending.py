"""What a channel declares that could never be called, found before anything is."""

from collections.abc import Iterator

from attrs import frozen

from entrepot.channel import ChannelType, Limit
from entrepot.quota.bucket import scaled, usable_burst
from entrepot.quota.buckets import buckets_of


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
            for bucket in buckets_of(limit, channel.limits[limit], "", "") if limit in channel.limits else ():
                usable = usable_burst(scaled(bucket.plan, time_scale)) if _allows(bucket.plan) else units
                if units > usable:
                    yield Overspending(name, bucket.name, units, usable)


def _allows(limit: Limit) -> bool:
    return limit.per_second > 0 and limit.burst >= 1
