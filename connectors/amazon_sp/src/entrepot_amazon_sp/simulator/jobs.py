"""Work that takes Amazon a while: feeds and reports, queued, in progress, ended, and listed."""

import base64
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

from attrs import define, field, frozen

from entrepot.channel import Json
from entrepot.simulation import Call
from entrepot_amazon_sp.simulator import parameters
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.refusals import AmazonRefusal, invalid
from entrepot_amazon_sp.simulator.times import instant

QUEUED_SECONDS, WORKING_SECONDS = (5.0, 60.0), (20.0, 180.0)
"""Guesses: Amazon says minutes to hours."""

STUCK = timedelta(days=1)

STATUSES = frozenset({"CANCELLED", "DONE", "FATAL", "IN_PROGRESS", "IN_QUEUE"})

USUAL_PAGE, LARGEST_PAGE = 10, 100
MOST_TYPES = 10
LISTED = timedelta(days=90)
"""How far lists reach back."""


@frozen
class Outcome:
    """How a job ends. `document` is the id of what it leaves, if anything. `cause` is the truth that no API tells."""

    status: str
    document: str | None = None
    cause: str = ""


@define
class Job:
    """A feed or a report. `more` are further words of its own API."""

    id: str
    kind: str
    stores: tuple[str, ...]
    created_at: datetime
    more: Mapping[str, Json] = field(factory=dict)
    status: str = "IN_QUEUE"
    started_at: datetime | None = None
    ended_at: datetime | None = None
    document: str | None = None
    cause: str = ""


@frozen
class Names:
    """How an API calls its jobs: `noun` is "feed" or "report", `document` the key of what one leaves."""

    noun: str
    document: str

    def word(self, job: Job) -> Json:
        times = {"processingStartTime": job.started_at, "processingEndTime": job.ended_at}
        return {
            f"{self.noun}Id": job.id,
            f"{self.noun}Type": job.kind,
            "marketplaceIds": [*job.stores],
            "createdTime": instant(job.created_at),
            "processingStatus": job.status,
            **job.more,
            **{name: instant(moment) for name, moment in times.items() if moment is not None},
            **({self.document: job.document} if job.document else {}),
        }


Ended = Callable[[Job, Names], object]


class Jobs:
    """Those of one account and API, oldest first. They are gone after `kept`; `ended` is told of each that ends."""

    def __init__(self, account: Account, names: Names, kept: timedelta, ended: Ended) -> None:
        self._account = account
        self._market = account.market
        self.names = names
        self._kept = kept
        self._ended = ended
        self._jobs: dict[str, Job] = {}

    def add(self, kind: str, stores: tuple[str, ...], more: Mapping[str, Json]) -> Job:
        number = str(50_000_000_001 + len(self._jobs))
        self._jobs[number] = Job(number, kind, stores, self._market.now(), more)
        return self._jobs[number]

    def since(self, kind: str, span: timedelta) -> list[Job]:
        """Those of a kind that were created within so long."""
        start = self._market.now() - span / self._account.time_scale
        return [job for job in self._jobs.values() if job.kind == kind and job.created_at > start]

    def causes(self) -> dict[str, str]:
        """Of those that have ended by themselves, why so, by id."""
        return {job.id: job.cause for job in self._jobs.values() if job.cause}

    def find(self, id_: str) -> Job:
        """Raises AmazonRefusal."""
        if not id_.isdecimal():
            raise invalid(f"{self.names.noun}Id {id_:.40} is not valid.")
        job = self._jobs.get(id_)
        if job is None or self._market.now() - job.created_at > self._kept:
            raise AmazonRefusal(404)
        return job

    def cancel(self, job: Job) -> None:
        """Raises AmazonRefusal as soon as it is in progress."""
        if job.status != "IN_QUEUE":
            raise invalid(f"The {self.names.noun} is {job.status}: only one that is IN_QUEUE can be cancelled.")
        job.status, job.ended_at = "CANCELLED", self._market.now()
        self._ended(job, self.names)

    def run(self, job: Job, work: Callable[[], Outcome], *, stuck: bool = False) -> None:
        """`work` is done at the end of the progress."""
        working = self._account.wait(WORKING_SECONDS) + (STUCK if stuck else timedelta())
        self._market.later(self._account.wait(QUEUED_SECONDS), partial(self._start, job, work, working))

    def page(self, call: Call) -> Json:
        """Newest first. `nextToken` goes alone. Raises AmazonRefusal."""
        call, start, until = self._asked(call)
        size = parameters.number(call, "pageSize", USUAL_PAGE, LARGEST_PAGE)
        found = self._matching(call, until)
        page = [self.names.word(job) for job in found[start : start + size]]
        more = {"nextToken": _token(call, start + size, until)} if len(found) > start + size else {}
        return {f"{self.names.noun}s": page} | more

    def _matching(self, call: Call, until: datetime) -> list[Job]:
        kinds = parameters.array(call, f"{self.names.noun}Types", most=MOST_TYPES)
        if not kinds:
            raise invalid(f"{self.names.noun}Types is missing.")
        statuses = parameters.array(call, "processingStatuses", allowed=STATUSES) or STATUSES
        stores = set(parameters.array(call, "marketplaceIds", most=MOST_TYPES))
        since = parameters.time(call, "createdSince") or until - LISTED
        if since < until - LISTED:
            raise invalid("createdSince lies more than 90 days back.")
        since = max(since, self._market.now() - self._kept)
        until = parameters.time(call, "createdUntil") or until
        return [
            job
            for job in reversed(self._jobs.values())
            if job.kind in kinds
            and job.status in statuses
            and (not stores or stores & set(job.stores))
            and since <= job.created_at <= until
        ]

    def _asked(self, call: Call) -> tuple[Call, int, datetime]:
        """What the list is about, from the token where one is given, and at which place and time it stands."""
        text = parameters.single(call, "nextToken")
        if text is None:
            return call, 0, self._market.now()
        if len(call.query) > 1:
            raise invalid("nextToken must be the only parameter.")
        try:
            query, start, until = json.loads(base64.b64decode(text, validate=True))
        except (TypeError, ValueError):
            raise invalid("nextToken was never given.") from None
        return Call(call.path, query, call.headers, None), start, datetime.fromisoformat(until)

    def _start(self, job: Job, work: Callable[[], Outcome], working: timedelta) -> None:
        if job.status == "IN_QUEUE":
            job.status, job.started_at = "IN_PROGRESS", self._market.now()
            self._market.later(working, partial(self._end, job, work))

    def _end(self, job: Job, work: Callable[[], Outcome]) -> None:
        outcome = work()
        job.status, job.document, job.ended_at = outcome.status, outcome.document, self._market.now()
        job.cause = outcome.cause
        self._ended(job, self.names)


def _token(call: Call, start: int, until: datetime) -> str:
    asked = {name: values for name, values in call.query.items() if name != "nextToken"}
    return base64.b64encode(json.dumps([asked, start, until.isoformat()]).encode()).decode()
