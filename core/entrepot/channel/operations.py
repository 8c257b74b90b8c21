"""Requests and results of the operations that a connector implements.

Requests are frozen and grow only by fields whose default is the old behavior.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from attrs import field, frozen

from entrepot.channel.convert import Json
from entrepot.model import Marketplace, Window


@frozen
class Check:
    """Are the credentials accepted, and for what? Changes nothing."""


@frozen
class CredentialWarning:
    """What lets us in still does, and a person must act before it ends: a secret that grows old, a consent."""

    message: str
    next_action: str


@frozen
class Retirement:
    """The channel removes `operation`, which the plugin calls; `instead` is what it should call by then."""

    operation: str
    removed: date
    instead: str = ""


@frozen
class CheckReport:
    """`missing` names permissions that the channel's own pages name so. `retired`: however far off the day is."""

    missing: frozenset[str] = frozenset()
    retired: tuple[Retirement, ...] = ()
    warnings: tuple[CredentialWarning, ...] = ()


@frozen
class DescribeAccount:
    """Where does this account sell?"""


@frozen
class AccountDescription:
    """`scopes` are the sets of marketplace ids that one call can read; left out: all in one."""

    marketplaces: tuple[Marketplace, ...]
    scopes: tuple[tuple[str, ...], ...] = ()


@frozen
class FetchOrders:
    """One page of the orders changed in `window`.

    `cursor` is the `next_cursor` of the page before; for the first page the `resume` of the pass before, None without
    one. `without`: data sets that the channel refused lately, see `DataRefused`; others perhaps from page to page.
    """

    window: Window
    page_size: int
    cursor: str | None = None
    marketplaces: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@frozen
class FetchOrder:
    """The named orders as they are now. `without` as in `FetchOrders`."""

    ids: tuple[str, ...]
    without: tuple[str, ...] = ()


@frozen
class FetchStock:
    """What the channel shows for the named offers. One that it does not know is absent from the page."""

    offers: tuple[str, ...]
    cursor: str | None = None
    marketplaces: tuple[str, ...] = ()


@frozen
class RecordPage:
    """Records as the channel sent them, and how to go on.

    `kind` names the mapper. `complete_until` where the channel promises less than the window's end. `resume`, on the
    last page of orders: what the next pass must know of this one, such as the channel's token for "changed since".
    """

    kind: str
    records: Sequence[Json]
    next_cursor: str | None = None
    complete_until: datetime | None = None
    resume: str | None = None


@frozen
class StockItem:
    """An absolute quantity for an offer."""

    offer: str
    quantity: int


@frozen
class PushStock:
    """Quantities to show from now on. `attempt` is unique to this try and its repetitions."""

    items: tuple[StockItem, ...]
    attempt: str = ""
    marketplaces: tuple[str, ...] = ()


@frozen
class PushReport:
    """What became of each offer.

    None where the channel accepted it, else its reason. An offer that is absent has an unknown outcome.
    """

    results: Mapping[str, str | None]

    @classmethod
    def of(cls, request: PushStock, *, rejected: Mapping[str, str]) -> Self:
        """Everything in `request` was accepted but what `rejected` names."""
        return cls({item.offer: rejected.get(item.offer) for item in request.items})


@frozen
class SubmitBulk:
    """Many quantities in one job. `attempt` must be found again by `find_bulk`."""

    items: tuple[StockItem, ...]
    attempt: str
    marketplaces: tuple[str, ...] = ()


@frozen
class BulkTicket:
    """The channel's id of a job."""

    id: str


class BulkState(StrEnum):
    """`FAILED` may have applied a part."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@frozen
class PollBulk:
    id: str


@frozen
class BulkStatus:
    """`report` once the job has ended; an offer that it does not name has an unknown outcome."""

    state: BulkState
    report: PushReport = field(factory=lambda: PushReport({}))


@frozen
class FindBulk:
    """The job that this attempt started, if it started one: submitted at or after `since`."""

    since: datetime
    attempt: str


@frozen
class FoundBulk:
    ticket: BulkTicket | None
