"""`[schedule]`: when the work is done that comes back from time to time."""

import re
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from entrepot.config.convert import MisfitError, toml_converter
from entrepot.config.table import Table
from entrepot.model.schedule import Daily, Every, Schedule, Timetable

HOUR = "([01][0-9]|2[0-3]):[0-5][0-9]"
EVERY = "every [1-9][0-9]{0,5}[smhd]"


def read_schedule(root: Table, zone: ZoneInfo) -> Timetable:
    table = root.table("schedule")
    usual = Timetable(zone)
    timetable = Timetable(
        zone,
        order_audit=_read(table, "order_audit", usual.order_audit),
        drift_sweep=_read(table, "drift_sweep", usual.drift_sweep),
        purge=_read(table, "purge", usual.purge),
    )
    table.close()
    return timetable


def _read(table: Table, key: str, usual: Schedule) -> Schedule:
    told: Schedule | None = table.read(key, Every, None, converter=_SCHEDULES)  # or Daily: the hook decides
    return told or usual


def _schedule(value: Any, _: Any) -> Schedule:
    if isinstance(value, str) and re.fullmatch(HOUR, value):
        return Daily(time.fromisoformat(value))
    if isinstance(value, str) and re.fullmatch(EVERY, value):
        return Every(_SCHEDULES.structure(value.removeprefix("every "), timedelta))
    raise MisfitError(f"expected a schedule, found {value!r:.60}", 'write "04:15" for each day, or "every 30m"')


_SCHEDULES = toml_converter()
_SCHEDULES.register_structure_hook(Every, _schedule)
