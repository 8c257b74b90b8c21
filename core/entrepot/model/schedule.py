"""When work that comes back comes back. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from attrs import evolve, field, frozen

from entrepot.model.time import business_date, utc

DAY = timedelta(days=1)


@frozen
class Every:
    """Again and again, with this pause between."""

    period: timedelta


@frozen
class Daily:
    """Once on each day, at this hour of the wall clock."""

    at: time


Schedule = Every | Daily


def next_due(schedule: Schedule, after: datetime, zone: ZoneInfo) -> datetime:
    """The first instant later than `after`, in UTC.

    On a day that skips the hour it comes as much later as the clocks go forward; where an hour occurs twice, it comes
    at the first.
    """
    if isinstance(schedule, Every):
        return utc(after) + schedule.period
    today = after.astimezone(zone).date()
    days = (today + n * DAY for n in (-1, 0, 1, 2))
    told = (datetime.combine(day, schedule.at, zone).astimezone(UTC) for day in days)  # fold 0: see above
    return min(at for at in told if at > after)


@frozen
class Timetable:
    """What `[schedule]` says, and the zone of its hours and of our own days."""

    zone: ZoneInfo = field(factory=lambda: ZoneInfo("UTC"))
    order_audit: Schedule = Every(timedelta(hours=6))
    drift_sweep: Schedule = Every(timedelta(hours=6))
    purge: Schedule = Every(DAY)

    def scaled(self, time_scale: int) -> "Timetable":
        """Of a simulator whose time runs faster: its days are so many times as short, and have no hours of ours."""
        if time_scale == 1:
            return self
        audit, sweep = (_divided(one, time_scale) for one in (self.order_audit, self.drift_sweep))
        return evolve(self, order_audit=audit, drift_sweep=sweep)

    def after(self, schedule: Schedule, instant: datetime) -> datetime:
        return next_due(schedule, instant, self.zone)

    def today(self, now: datetime) -> date:
        """Our own day: of calls, for example. An order has the day of its marketplace."""
        return business_date(now, self.zone.key)

    def next_month(self, now: datetime) -> datetime:
        """The first instant of our own next month, in UTC."""
        first = (self.today(now).replace(day=1) + 31 * DAY).replace(day=1)
        return datetime.combine(first, time(), self.zone).astimezone(UTC)

    def at_start(self, schedule: Schedule, now: datetime) -> datetime:
        """What comes back after a pause comes at each start too; what has its hour waits for it."""
        return now if isinstance(schedule, Every) else self.after(schedule, now)


def _divided(schedule: Schedule, time_scale: int) -> Every:
    period = schedule.period if isinstance(schedule, Every) else DAY
    return Every(period / time_scale)
