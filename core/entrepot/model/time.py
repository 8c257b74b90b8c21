"""Instants are aware and in UTC; a business date is what a calendar on the marketplace's wall shows."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from attrs import field, frozen


def utc(instant: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError for a naive datetime, whose instant nobody knows."""
    if instant.tzinfo is None:
        msg = f"{instant.isoformat()} has no UTC offset"
        raise ValueError(msg)
    return instant if instant.tzinfo is UTC else instant.astimezone(UTC)


def business_date(instant: datetime, time_zone: str) -> date:
    """The day to which `instant` belongs where the clocks of `time_zone` (an IANA name) hang."""
    return utc(instant).astimezone(ZoneInfo(time_zone)).date()


@frozen
class Window:
    """A span of channel time, from `start` up to and without `end`."""

    start: datetime = field(converter=utc)
    end: datetime = field(converter=utc)

    def __attrs_post_init__(self) -> None:
        if self.end < self.start:
            msg = f"a window cannot end ({self.end}) before it starts ({self.start})"
            raise ValueError(msg)
