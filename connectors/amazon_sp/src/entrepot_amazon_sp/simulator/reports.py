"""Reports API 2021-06-30: reports asked for once or by schedule, and their documents."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from attrs import define, evolve

from entrepot.channel import Json
from entrepot.simulation import Answer, Call, route
from entrepot_amazon_sp.simulator import parameters
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.faults import AmazonFault, Faults
from entrepot_amazon_sp.simulator.jobs import MOST_TYPES, Job, Jobs, Names, Outcome
from entrepot_amazon_sp.simulator.refusals import AmazonRefusal, invalid, not_simulated
from entrepot_amazon_sp.simulator.report_types import OTHERS, REFUSED, SIMULATED, Data, ReportType
from entrepot_amazon_sp.simulator.shipments import read_time
from entrepot_amazon_sp.simulator.storage import ID_PREFIX, Storage
from entrepot_amazon_sp.simulator.times import instant

REPORTS = "/reports/2021-06-30/reports"
SCHEDULES = "/reports/2021-06-30/schedules"
DOCUMENTS = "/reports/2021-06-30/documents"

KEPT = timedelta(days=90)
MOST_STORES = 25

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PERIODS: Mapping[str, timedelta] = {
    **{f"PT{minutes}M": minutes * MINUTE for minutes in (5, 15, 30)},
    **{f"PT{hours}H": hours * HOUR for hours in (1, 2, 4, 8, 12, 84)},
    **{f"P{days}D": days * DAY for days in (1, 2, 3, 7, 14, 15, 18, 30)},
    "P1M": 30 * DAY,
}
"""A month has thirty days here."""

Window = tuple[datetime, datetime]


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


class Reports:
    """`data` is what reports tell of; the stores and times of each are its own."""

    def __init__(self, account: Account, storage: Storage, data: Data, faults: Faults) -> None:
        self._account = account
        self._market = account.market
        self._storage = storage
        self._data = data
        self._faults = faults
        self._jobs = Jobs(account, Names("report", "reportDocumentId"), KEPT)
        self._schedules: dict[str, Schedule] = {}
        self._scheduled = 0

    @route(f"POST {REPORTS}", spends="createReport")
    def create_report(self, call: Call) -> Json:
        kind, stores = self._read(call.body)
        window = self._window(call.body)
        pause = SIMULATED[kind].pause
        too_soon = pause is not None and any(
            set(job.stores) == set(stores) and job.status != "CANCELLED" for job in self._jobs.since(kind, pause)
        )
        return Answer(202, {"reportId": self._create(kind, stores, window, too_soon=too_soon).id})

    @route(f"GET {REPORTS}", spends="getReports")
    def get_reports(self, call: Call) -> Json:
        return self._jobs.page(call)

    @route(f"GET {REPORTS}/{{reportId}}", spends="getReport")
    def get_report(self, call: Call) -> Json:
        return self._jobs.names.word(self._jobs.find(call.path["reportId"]))

    @route(f"DELETE {REPORTS}/{{reportId}}", spends="cancelReport")
    def cancel_report(self, call: Call) -> Json:
        self._jobs.cancel(self._jobs.find(call.path["reportId"]))
        return Answer(200, b"")

    @route(f"GET {DOCUMENTS}/{{reportDocumentId}}", spends="getReportDocument")
    def get_report_document(self, call: Call) -> Json:
        id_ = call.path["reportDocumentId"]
        document = self._storage.find(id_)
        if document is None or self._market.now() - document.created_at > KEPT:
            raise AmazonRefusal(404) if id_.startswith(ID_PREFIX) else invalid("reportDocumentId is not valid.")
        encoded = parameters.single(call, "enableContentEncodingUrlHeader") == "true"
        words = {"reportDocumentId": id_, "url": self._storage.download_link(call, document, encoded=encoded)}
        return words | ({"compressionAlgorithm": "GZIP"} if document.compressed else {})

    @route(f"POST {SCHEDULES}", spends="createReportSchedule")
    def create_report_schedule(self, call: Call) -> Json:
        """One for each type and set of stores: a new one takes the place of an older one."""
        kind, stores = self._read(call.body)
        period = call.body.get("period")
        if period not in PERIODS or not SIMULATED[kind].scheduled:
            raise invalid(f"period {period!r:.20} is not valid for {kind}.")
        now, step = self._market.now(), PERIODS[period] / self._account.time_scale
        given = call.body.get("nextReportCreationTime")
        next_at = now + step if given is None else max(now, read_time(given))
        self._scheduled += 1
        schedule = Schedule(
            str(50_000_000_000 + self._scheduled), kind, stores, period, next_at, call.body.get("reportOptions") or {}
        )
        for older in [old.id for old in self._schedules.values() if (old.kind, {*old.stores}) == (kind, {*stores})]:
            del self._schedules[older]
        self._schedules[schedule.id] = schedule
        self._plan(schedule)
        return Answer(201, {"reportScheduleId": schedule.id})

    @route(f"GET {SCHEDULES}", spends="getReportSchedules")
    def get_report_schedules(self, call: Call) -> Json:
        kinds = parameters.array(call, "reportTypes", most=MOST_TYPES)
        if not kinds or not set(kinds) <= OTHERS | REFUSED | SIMULATED.keys():
            raise invalid("reportTypes is missing, or has an unknown value.")
        return {"reportSchedules": [each.word() for each in self._schedules.values() if each.kind in kinds]}

    @route(f"GET {SCHEDULES}/{{reportScheduleId}}", spends="getReportSchedule")
    def get_report_schedule(self, call: Call) -> Json:
        return self._schedule(call).word()

    @route(f"DELETE {SCHEDULES}/{{reportScheduleId}}", spends="cancelReportSchedule")
    def cancel_report_schedule(self, call: Call) -> Json:
        del self._schedules[self._schedule(call).id]
        return Answer(200, b"")

    # Reading requests

    def _read(self, body: Json) -> tuple[str, tuple[str, ...]]:
        """Type and stores. Raises AmazonRefusal."""
        if not isinstance(body, Mapping):
            raise invalid("The body is missing.")
        kind, stores = body.get("reportType"), body.get("marketplaceIds")
        if not isinstance(stores, list) or not 1 <= len(stores) <= MOST_STORES:
            raise invalid(f"marketplaceIds has 1 to {MOST_STORES} values.")
        if kind in OTHERS:
            raise not_simulated(f"Report type {kind}")
        if not isinstance(kind, str) or kind not in SIMULATED:
            raise invalid(f"reportType {kind!r:.60} is not allowed.")
        own = self._account.stores(stores, invalid)
        if not own:
            raise invalid("The seller does not take part in these marketplaces (a guess).")
        return kind, tuple(place.id for place in own)

    def _window(self, body: Mapping[str, Any]) -> Window:
        """Both ends are now where they are left out, and neither lies in the future."""
        now = self._market.now()
        start, end = (now if name not in body else read_time(body[name]) for name in ("dataStartTime", "dataEndTime"))
        if not start <= end <= now:
            raise invalid("dataStartTime and dataEndTime follow each other, and not into the future.")
        return start, end

    def _schedule(self, call: Call) -> Schedule:
        id_ = call.path["reportScheduleId"]
        if id_ not in self._schedules:
            raise AmazonRefusal(404) if id_.isdecimal() else invalid("reportScheduleId is not valid.")
        return self._schedules[id_]

    # Making reports

    def _create(
        self, kind: str, stores: tuple[str, ...], window: Window, *, too_soon: bool = False, schedule: str = ""
    ) -> Job:
        start, end = window
        words = {"dataStartTime": instant(start), "dataEndTime": instant(end)}
        report = self._jobs.add(kind, stores, words | ({"reportScheduleId": schedule} if schedule else {}))
        data = evolve(self._data, stores=stores, start=start, end=end)
        stuck = self._faults.strikes(AmazonFault.STUCK_REPORT)
        self._jobs.run(report, lambda: Outcome("CANCELLED") if too_soon else self._write(kind, data), stuck=stuck)
        return report

    def _write(self, kind: str, data: Data) -> Outcome:
        """No data is CANCELLED as well."""
        about = SIMULATED[kind]
        if about.longest is not None and data.end - data.start > about.longest:
            return self._explained(f"The report covers {about.longest.days} days at most.")
        if self._faults.strikes(AmazonFault.FATAL_REPORT):
            return self._explained("The report could not be made. Please try again later.")
        text, rows = about.write(data)
        if not rows or self._faults.strikes(AmazonFault.CANCELLED_REPORT):
            return Outcome("CANCELLED")
        return Outcome("DONE", self._kept(text, about))

    def _kept(self, text: str, about: ReportType) -> str:
        charset = about.charsets.get(self._account.region, "UTF-8")
        return self._storage.keep(text.encode(charset, "replace"), f"text/plain;charset={charset}").id

    def _explained(self, why: str) -> Outcome:
        """FATAL with a document that is no report."""
        content = json.dumps({"errorDetails": why}).encode()
        return Outcome("FATAL", self._storage.keep(content, "application/json").id)

    # Schedules

    def _plan(self, schedule: Schedule) -> None:
        wait = (schedule.next_at - self._market.now()) * self._account.time_scale
        self._market.later(wait, partial(self._run_schedule, schedule))

    def _run_schedule(self, schedule: Schedule) -> None:
        if self._schedules.get(schedule.id) is not schedule:
            return
        now, step = self._market.now(), PERIODS[schedule.period] / self._account.time_scale
        self._create(schedule.kind, schedule.stores, (now - step, now), schedule=schedule.id)
        schedule.next_at = now + step
        self._plan(schedule)
