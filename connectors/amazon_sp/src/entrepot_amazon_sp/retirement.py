"""What Amazon removes: a warning in time, and no request for what is gone.

Amazon moves its dates now and then. An operation whose day has come is still called, for Amazon's own answer costs
nothing. A feed of a removed type would be accepted, and fail hours later.
"""

import warnings
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta

from entrepot.channel import Json, Retirement
from entrepot_amazon_sp.catalog import DocumentType, Operation, feed_type, find, report_type

NOTICE = timedelta(days=180)
"""So long before its end a use is told."""

CREATED: Mapping[str, tuple[str, Callable[[str], DocumentType]]] = {
    "feeds_2021-06-30.createFeed": ("feedType", feed_type),
    "reports_2021-06-30.createReport": ("reportType", report_type),
    "reports_2021-06-30.createReportSchedule": ("reportType", report_type),
}
"""By operation, the field of its body that names a type, and where to look it up."""


class RetirementWarning(FutureWarning):
    """Amazon removes what was used within 180 days, or has removed it.

    No DeprecationWarning, which Python shows to nobody: this one concerns who runs the program.
    """


def retired_operations(ids: Iterable[str]) -> tuple[Retirement, ...]:
    """Those that end some day."""
    found = map(find, ids)
    return tuple(Retirement(each.id, each.removed, each.instead) for each in found if each.removed is not None)


def check_dates(operation: Operation, body: Json, today: date) -> None:
    """Warns of what ends within 180 days. Raises ValueError for a type that cannot be created any more."""
    ends = [(operation.id, operation.removed, operation.instead)]
    if operation.id in CREATED and isinstance(body, dict):
        field, look_up = CREATED[operation.id]
        wanted = look_up(str(body.get(field)))
        _refuse_what_is_gone(wanted, today)
        ends.append((wanted.name, wanted.removed, wanted.instead))
    for name, removed, instead in ends:
        if removed is not None and removed - today <= NOTICE:
            text = f"{name} is removed by Amazon on {removed}. Next: use {instead}"
            warnings.warn(text, RetirementWarning, stacklevel=4)  # the line that has the client's `call`


def _refuse_what_is_gone(wanted: DocumentType, today: date) -> None:
    if wanted.removed is not None and wanted.removed <= today:
        raise ValueError(f"Amazon removed {wanted.name} on {wanted.removed}. Next: use {wanted.instead}")
    if not wanted.requestable:
        raise ValueError(f"{wanted.name} cannot be asked for. Next: use {wanted.instead}")
