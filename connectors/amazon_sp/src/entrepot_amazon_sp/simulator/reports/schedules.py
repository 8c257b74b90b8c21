"""Schedules of Reports API 2021-06-30: reports that are made again and again."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from attrs import define

from entrepot.channel import Json
from entrepot.simulation import Answer, Call, route
from entrepot_amazon_sp.catalog import report_types
from entrepot_amazon_sp.simulator import parameters
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.jobs import MOST_TYPES
from entrepot_amazon_sp.simulator.orders.shipments import read_time
from entrepot_amazon_sp.simulator.refusals import AmazonRefusal, invalid
from entrepot_amazon_sp.simulator.reports.api import Reports
from entrepot_amazon_sp.simulator.reports.types import SIMULATED
from entrepot_amazon_sp.simulator.times import instant

SCHEDULES = "/reports/2021-06-30/schedules"

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PERIODS: Mapping[str, timedelta] = {
    **{f"PT{minutes}M": minutes * MINUTE for minutes in (5, 15, 30)},
    **{f"PT{hours}H": hours * HOUR for hours in (1, 2, 4, 8, 12, 84)},
    **{f"P{days}D": days * DAY for days in (1, 2, 3, 7, 14, 15, 18, 30)},
    "P1M": 30 * DAY,
}
"""A month has thirty days here."""

AHEAD = 3653 * DAY
"""How far a first report may lie: a guess."""


@define
class Schedule:
    id: str
    kind: str
    stores: tuple[str, ...]
    period: str
    next_at: datetime
    options: Mapping[str, str]

    def word(self) -> Json:
        words = {
            "reportScheduleId": self.id,
            "reportType": self.kind,
            "marketplaceIds": [*self.stores],
            "period": self.period,
            "nextReportCreationTime": instant(self.next_at),
        }
        return words | ({"reportOptions": dict(self.options)} if self.options else {})


class ReportSchedules:
    """One for each type and set of stores: a new one takes the place of an older one."""

    def __init__(self, account: Account, reports: Reports) -> None:
        self._account = account
        self._market = account.market
        self._reports = reports
        self._schedules: dict[str, Schedule] = {}
        self._made = 0

    @route(f"POST {SCHEDULES}", spends="createReportSchedule")
    def create_report_schedule(self, call: Call) -> Json:
        schedule = self._read(call.body)
        for older in [*self._schedules.values()]:
            if (older.kind, {*older.stores}) == (schedule.kind, {*schedule.stores}):
                del self._schedules[older.id]
        self._schedules[schedule.id] = schedule
        self._plan(schedule)
        return Answer(201, {"reportScheduleId": schedule.id})

    @route(f"GET {SCHEDULES}", spends="getReportSchedules")
    def get_report_schedules(self, call: Call) -> Json:
        kinds = parameters.array(call, "reportTypes", most=MOST_TYPES)
        if not kinds or not set(kinds) <= {each.name for each in report_types()}:
            raise invalid("reportTypes is missing, or has an unknown value.")
        return {"reportSchedules": [each.word() for each in self._schedules.values() if each.kind in kinds]}

    @route(f"GET {SCHEDULES}/{{reportScheduleId}}", spends="getReportSchedule")
    def get_report_schedule(self, call: Call) -> Json:
        return self._find(call).word()

    @route(f"DELETE {SCHEDULES}/{{reportScheduleId}}", spends="cancelReportSchedule")
    def cancel_report_schedule(self, call: Call) -> Json:
        del self._schedules[self._find(call).id]
        return Answer(200, b"")

    def _read(self, body: Json) -> Schedule:
        """Raises AmazonRefusal."""
        kind, stores = self._reports.read(body)
        period, given, now = str(body.get("period")), body.get("nextReportCreationTime"), self._market.now()
        if period not in PERIODS or not SIMULATED[kind].scheduled:
            raise invalid(f"period {period:.20} is not valid for {kind}.")
        next_at = now + self._step(period) if given is None else max(now, read_time(given))
        if next_at - now > AHEAD:
            raise invalid("nextReportCreationTime lies more than ten years ahead.")
        self._made += 1
        number = str(50_000_000_000 + self._made)
        return Schedule(number, kind, stores, period, next_at, body.get("reportOptions", {}))

    def _find(self, call: Call) -> Schedule:
        id_ = call.path["reportScheduleId"]
        if id_ not in self._schedules:
            raise AmazonRefusal(404) if id_.isdecimal() else invalid("reportScheduleId is not valid.")
        return self._schedules[id_]

    def _step(self, period: str) -> timedelta:
        return PERIODS[period] / self._account.time_scale

    def _plan(self, schedule: Schedule) -> None:
        wait = (schedule.next_at - self._market.now()) * self._account.time_scale
        self._market.later(wait, partial(self._run, schedule))

    def _run(self, schedule: Schedule) -> None:
        """A report of the time since the one before."""
        if self._schedules.get(schedule.id) is not schedule:
            return
        now, step = self._market.now(), self._step(schedule.period)
        self._reports.create(schedule.kind, schedule.stores, (now - step, now), schedule=schedule.id)
        schedule.next_at = now + step
        self._plan(schedule)
