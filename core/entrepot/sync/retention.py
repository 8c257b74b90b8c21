"""What is forgotten in time: records as the channels sent them, once nobody maps them again, and expired secrets."""

from datetime import datetime, timedelta

import structlog

from entrepot.model.schedule import Timetable
from entrepot.store import Store

RAW_KEPT = timedelta(days=90)
AT_ONCE = 200
"""Records in one transaction: a few milliseconds, so that whoever else writes does not notice."""

log = structlog.get_logger()


async def purge(store: Store, times: Timetable, now: datetime) -> datetime:
    """Forget some of what is too old. Returns when to do so again: at once while there may be more."""
    forgotten, expired = await store.write(
        lambda tx: (tx.orders.purge_raw(now - RAW_KEPT, AT_ONCE), tx.vault.purge(now, AT_ONCE))
    )
    if forgotten:
        log.info("raw_records_purged", records=forgotten, older_than_days=RAW_KEPT.days)
    return now if AT_ONCE in {forgotten, expired} else times.after(times.purge, now)
