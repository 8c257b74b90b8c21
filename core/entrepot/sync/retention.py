"""Records as the channels sent them are kept for a time, so that they can be mapped again, and then forgotten."""

from datetime import datetime, timedelta

import structlog

from entrepot.model.schedule import Timetable
from entrepot.store import Store

RAW_KEPT = timedelta(days=90)
AT_ONCE = 200
"""Records in one transaction: a few milliseconds, so that whoever else writes does not notice."""

log = structlog.get_logger()


async def purge(store: Store, times: Timetable, now: datetime) -> datetime:
    """Forget some records that are too old. Returns when to do so again: at once while there may be more."""
    forgotten = await store.write(lambda tx: tx.orders.purge_raw(now - RAW_KEPT, AT_ONCE))
    if forgotten:
        log.info("raw_records_purged", records=forgotten, older_than_days=RAW_KEPT.days)
    return now if forgotten == AT_ONCE else times.after(times.purge, now)
