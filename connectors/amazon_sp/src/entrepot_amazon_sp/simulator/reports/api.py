"""Reports API 2021-06-30: reports asked for once or by schedule, and their documents."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from attrs import evolve, frozen

from entrepot.channel import Json
from entrepot.simulation import Answer, Call, FaultPoints, route
from entrepot_amazon_sp.catalog import report_types
from entrepot_amazon_sp.simulator import parameters
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.faults import AmazonFault
from entrepot_amazon_sp.simulator.jobs import Ended, Job, Jobs, Names, Outcome
from entrepot_amazon_sp.simulator.orders.shipments import read_time
from entrepot_amazon_sp.simulator.refusals import AmazonRefusal, denied, invalid, not_simulated
from entrepot_amazon_sp.simulator.reports.data import Data
from entrepot_amazon_sp.simulator.reports.types import SIMULATED, ReportType
from entrepot_amazon_sp.simulator.storage import Storage
from entrepot_amazon_sp.simulator.times import instant

REPORTS = "/reports/2021-06-30/reports"
DOCUMENTS = "/reports/2021-06-30/documents"

KEPT = timedelta(days=90)
AGAIN = timedelta(hours=4)
MOST_STORES = 25

ROLES = frozenset({"BUYER", "RECIPIENT"})
"""Data sets of whose roles a report with personal data takes both."""

Window = tuple[datetime, datetime]


@frozen
class Rights:
    """`granted` are the personal data sets that the application has a role for.

    `opened` tells whether the token of a request is one for just what it asks.
    """

    granted: Callable[[], frozenset[str]]
    opened: Callable[[Call], bool]


class Reports:
    """`data` is what reports tell of; the stores and times of each are its own. `rights` open personal data."""

    def __init__(
        self, account: Account, storage: Storage, data: Data, faults: FaultPoints, ended: Ended, rights: Rights
    ) -> None:
        self._account = account
        self._market = account.market
        self._storage = storage
        self._data = data
        self._faults = faults
        self._rights = rights
        self._restricted: set[str] = set()
        self._jobs = Jobs(account, Names("report", "reportDocumentId"), KEPT, ended)

    @route(f"POST {REPORTS}", spends="createReport")
    def create_report(self, call: Call) -> Json:
        kind, stores = self.read(call.body)
        window = self._window(call.body)
        pause = SIMULATED[kind].pause
        too_soon = pause is not None and any(
            set(job.stores) == set(stores) and job.status != "CANCELLED" for job in self._jobs.since(kind, pause)
        )
        again = any(set(job.stores) == set(stores) for job in self._jobs.since(kind, AGAIN))
        refused = Outcome("CANCELLED", cause="too_soon") if too_soon else None
        if refused is None and again and self._faults.strikes(AmazonFault.FATAL_AGAIN):
            refused = Outcome("FATAL", cause="asked_again")
        return Answer(202, {"reportId": self.create(kind, stores, window, refused=refused).id})

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
        document = self._storage.kept(call.path["reportDocumentId"], KEPT)
        if document.id in self._restricted and not self._rights.opened(call):
            raise denied()
        return {"reportDocumentId": document.id} | self._storage.word_link(call, document)

    def causes(self) -> Mapping[str, str]:
        """Why each report that has ended did so: no API tells it."""
        return self._jobs.causes()

    # Reading requests

    def read(self, body: Json) -> tuple[str, tuple[str, ...]]:
        """Type and stores. Raises AmazonRefusal."""
        if not isinstance(body, Mapping):
            raise invalid("The body is missing.")
        kind, stores = str(body.get("reportType")), parameters.stores_of(body, MOST_STORES)
        if kind not in SIMULATED:
            raise not_simulated(f"Report type {kind}") if _can_be_requested(kind) else _not_allowed(kind)
        if SIMULATED[kind].restricted and not self._rights.granted().issuperset(ROLES):
            raise denied()
        if not _are_words(body.get("reportOptions", {})):
            raise invalid("reportOptions are words by name.")
        return kind, self._account.own(stores)

    def _window(self, body: Mapping[str, Any]) -> Window:
        """Both ends are now where they are left out, and neither lies in the future."""
        now = self._market.now()
        start, end = (now if name not in body else read_time(body[name]) for name in ("dataStartTime", "dataEndTime"))
        if not start <= end <= now:
            raise invalid("dataStartTime and dataEndTime follow each other, and not into the future.")
        return start, end

    # Making reports

    def create(
        self, kind: str, stores: tuple[str, ...], window: Window, *, refused: Outcome | None = None, schedule: str = ""
    ) -> Job:
        """`refused` is how it ends, whatever data there are."""
        start, end = window
        words = {"dataStartTime": instant(start), "dataEndTime": instant(end)}
        report = self._jobs.add(kind, stores, words | ({"reportScheduleId": schedule} if schedule else {}))
        data = evolve(self._data, stores=stores, start=start, end=end)
        stuck = self._faults.strikes(AmazonFault.STUCK_REPORT)
        self._jobs.run(report, lambda: refused or self._write(kind, data), stuck=stuck)
        return report

    def _write(self, kind: str, data: Data) -> Outcome:
        """No data is CANCELLED as well."""
        about = SIMULATED[kind]
        if about.longest is not None and data.end - data.start > about.longest:
            return self._explained(f"The report covers {about.longest.days} days at most.", "too_long")
        if self._faults.strikes(AmazonFault.FATAL_REPORT):
            return self._explained("The report could not be made. Please try again later.", "fault")
        text, rows = about.write(data)
        if not rows or self._faults.strikes(AmazonFault.CANCELLED_REPORT):
            return Outcome("CANCELLED", cause="fault" if rows else "no_data")
        return Outcome("DONE", self._kept(text, about), "written")

    def _kept(self, text: str, about: ReportType) -> str:
        """In the region's charset, or in UTF-8 where that lacks a character (a guess)."""
        charset = about.charsets.get(self._account.region, "UTF-8")
        try:
            content = text.encode(charset)
        except UnicodeEncodeError:
            charset, content = "UTF-8", text.encode()
        id_ = self._storage.keep(content, f"text/plain;charset={charset}").id
        self._restricted |= {id_} if about.restricted else set()
        return id_

    def _explained(self, why: str, cause: str) -> Outcome:
        """FATAL with a document that is no report."""
        content = json.dumps({"errorDetails": why}).encode()
        return Outcome("FATAL", self._storage.keep(content, "application/json").id, cause)


def _can_be_requested(kind: str) -> bool:
    known = next((each for each in report_types() if each.name == kind), None)
    return known is not None and known.requestable and known.removed is None


def _not_allowed(kind: str) -> AmazonRefusal:
    return invalid(f"reportType {kind:.60} is not allowed.")


def _are_words(options: Any) -> bool:
    return isinstance(options, Mapping) and all(isinstance(value, str) for value in options.values())
